"""What two windows say of samples is merged without a loss, in whichever order they write."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.formats.marks import SEEN, Mark, changed, marks_from, merged, merged_mark, news_of
from inspector.formats.triage import (
    Dismissal,
    MarkedDump,
    Triage,
    decoded,
    encoded,
    merged_triage,
    samples_in,
    spans_text,
)

times = st.sampled_from((0.0, 1.5, 2.0))
marks = st.builds(
    Mark,
    flagged=st.booleans(),
    flagged_s=times,
    tags=st.sampled_from(((), ("a",), ("a", "b"))),
    tags_s=times,
    note=st.sampled_from(("", "x", "y")),
    note_s=times,
    rejected=st.booleans(),
    rejected_s=times,
    seen=st.booleans(),
)
files = st.dictionaries(st.sampled_from(("a.h5", "dumps/b.h5")), st.dictionaries(st.integers(0, 3), marks, max_size=3))


def test_a_file_says_what_the_format_says() -> None:
    said = {"dumps/a.h5": {7: Mark(flagged=True, flagged_s=2.0), 3: Mark(note="é", note_s=1.0)}}
    content = json.loads(encoded(Triage(files=said)))
    assert content == {
        "schema": "ri-triage/3",
        "files": {"dumps/a.h5": {"3": {"note": "é", "note_s": 1.0}, "7": {"flagged": True, "flagged_s": 2.0}}},
    }


@given(files)
@settings(max_examples=30)
def test_what_is_written_is_read_again(some: dict[str, dict[int, Mark]]) -> None:
    told = {name: {sample: mark for sample, mark in known.items() if mark.told} for name, known in some.items()}
    assert decoded(encoded(Triage(files=some))).files == {name: known for name, known in told.items() if known}


def test_dumps_and_findings_are_in_it_and_what_a_later_version_adds_stays() -> None:
    said = Triage(
        files={"a.h5": {1: Mark(note="n", note_s=1.0)}},
        dumps={"a.h5": MarkedDump(345_678, 2.0)},
        dismissed={"dead-channels": Dismissal(dismissed=True, at_s=3.0)},
    )
    content = json.loads(encoded(said))
    assert content["dumps"] == {"a.h5": {"bytes": 345_678, "at_s": 2.0}}
    assert content["dismissed"] == {"dead-channels": {"dismissed": True, "at_s": 3.0}}
    content["seen"] = {"by": ["someone"]}
    read = decoded(json.dumps(content).encode())
    assert (read.files, read.dumps, read.dismissed) == (said.files, said.dumps, said.dismissed)
    more = merged_triage(read, Triage(files={"b.h5": said.files["a.h5"]}))
    assert json.loads(encoded(more))["seen"] == content["seen"]


def test_of_two_windows_a_finding_keeps_its_later_dismissal() -> None:
    early, late = (Triage(dismissed={"x": Dismissal(gone, when)}) for gone, when in ((True, 1.0), (False, 2.0)))
    other = Triage(dismissed={"y": Dismissal(dismissed=True, at_s=1.0)}, dumps={"a": MarkedDump(5, 1.0)})
    assert merged_triage(early, late) == merged_triage(late, early) == late
    assert merged_triage(late, early) is late
    both = merged_triage(late, other)
    assert both == merged_triage(other, late)
    assert both.dismissed == {**late.dismissed, **other.dismissed}


@given(marks, marks, marks)
@settings(max_examples=60)
def test_marks_merge_alike_in_every_order(one: Mark, two: Mark, three: Mark) -> None:
    assert merged_mark(one, two) == merged_mark(two, one)
    assert merged_mark(merged_mark(one, two), three) == merged_mark(one, merged_mark(two, three))
    assert merged_mark(one, one) == one


def test_of_two_windows_each_field_keeps_its_later_change() -> None:
    one = Mark(flagged=True, flagged_s=5.0, note="old", note_s=1.0)
    other = Mark(flagged=False, flagged_s=3.0, note="new", note_s=2.0, tags=("hard",), tags_s=2.0)
    assert merged_mark(one, other) == Mark(
        flagged=True, flagged_s=5.0, note="new", note_s=2.0, tags=("hard",), tags_s=2.0
    )


def test_a_flag_that_was_taken_back_does_not_come_back() -> None:
    assert merged_mark(Mark(flagged=True, flagged_s=1.0), Mark(flagged=False, flagged_s=2.0)) == Mark(flagged_s=2.0)


def test_only_what_is_later_is_news_and_nothing_new_is_the_same_object() -> None:
    known = {"a.h5": {1: Mark(flagged=True, flagged_s=2.0), 2: Mark(note="n", note_s=1.0)}}
    assert news_of(known, {"a.h5": {1: Mark(flagged_s=1.0)}}) == {}
    assert merged(known, {"a.h5": {1: Mark(flagged_s=1.0)}}) is known
    other = {"a.h5": {2: Mark(note="m", note_s=3.0)}, "b.h5": {0: Mark(tags=("t",), tags_s=1.0)}}
    assert merged(known, other) == {
        "a.h5": {1: Mark(flagged=True, flagged_s=2.0), 2: Mark(note="m", note_s=3.0)},
        "b.h5": {0: Mark(tags=("t",), tags_s=1.0)},
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "truncated"),
        (b"[1]", "object"),
        (b'{"schema": "ri-triage/9"}', "ri-triage/9"),
        (b'{"schema": "ri-triage/1", "files": {"a": {"x": {}}}}', "'x' in place of numbers"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"-1": {}}}}', "'-1' in place of numbers"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"7-3": {}}}}', "'7-3' in place of at most"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"0-0": {}}}}', "'0-0' in place of numbers"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"1-2-3": {}}}}', "'1-2-3' in place of numbers"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"": {}}}}', "'' in place of numbers"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"99999999999999999999": {}}}}', "in place of numbers"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"0-9": {}, "4": {"note": "n"}}}}', "sample 4 twice"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"0-999999999999999": {}}}}', "at most 2,000,000"),
        (b'{"schema": "ri-triage/2", "files": {"a": {"0-1999999": {"note": "n"}}, "b": {"0": {}}}}', "at most 0"),
        (b'{"schema": "ri-triage/1", "files": {"a": {"1": {"flagged": "yes"}}}}', "bool"),
        (b'{"schema": "ri-triage/2", "dismissed": {"a": true}}', "object"),
        (b"[" * 100_000, "object"),
    ],
    ids=[
        "empty",
        "a list",
        "a later version",
        "no number",
        "below zero",
        "backwards",
        "to zero",
        "two ends",
        "no name",
        "beyond any",
        "twice",
        "too many",
        "too many of two",
        "no truth value",
        "no dismissal",
        "deep",
    ],
)
def test_what_is_no_triage_file_is_refused_with_words(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decoded(content)


def test_files_of_earlier_versions_are_read() -> None:
    first = b'{"schema": "ri-triage/1", "files": {"a": {"12": {"flagged": true, "flagged_s": 2.0}}}}'
    assert decoded(first).files == {"a": {12: Mark(flagged=True, flagged_s=2.0)}}
    second = b'{"schema": "ri-triage/2", "files": {"a": {"3,7-8": {"tags": ["t"], "tags_s": 2.0}}}}'
    assert decoded(second).files == {"a": dict.fromkeys((3, 7, 8), Mark(tags=("t",), tags_s=2.0))}


def test_what_was_seen_stays_so_whatever_another_window_says_and_is_one_line_in_the_file() -> None:
    seen = {"a": changed(marks_from({}), np.arange(50_000), lambda _before: SEEN)}
    assert list(json.loads(encoded(Triage(files=seen)))["files"]["a"]) == ["0-49999"]
    later = {"a": {7: Mark(flagged=True, flagged_s=9.0)}}
    assert merged(seen, later)["a"][7] == merged(later, seen)["a"][7] == Mark(flagged=True, flagged_s=9.0, seen=True)


@given(st.sets(st.integers(0, 60), min_size=1))
@settings(max_examples=60)
def test_numbers_are_written_as_spans_and_read_again(some: set[int]) -> None:
    samples = np.array(sorted(some), np.int64)
    text = spans_text(samples)
    written = [part.split("-") for part in text.split(",")]
    assert [n for part in written for n in range(int(part[0]), int(part[-1]) + 1)] == samples.tolist()
    assert samples_in(text, 61).tolist() == samples.tolist()


def test_many_samples_of_one_mark_are_a_line_in_the_file_and_changed_by_one_call() -> None:
    samples = np.arange(100_000)
    calls = []

    def flag(before: Mark) -> Mark:
        calls.append(before)
        return msgspec.structs.replace(before, flagged=True, flagged_s=5.0)

    known = marks_from({7: Mark(note="n", note_s=1.0)})
    flagged = changed(known, samples, flag)
    assert len(flagged) == 100_000
    assert (flagged[7], flagged[8]) == (Mark(True, 5.0, note="n", note_s=1.0), Mark(True, 5.0))
    assert len(calls) == 2
    content = json.loads(encoded(Triage(files={"a": flagged})))["files"]["a"]
    assert sorted(content) == ["0-6,8-99999", "7"]
    assert changed(flagged, samples, lambda before: before) is flagged


@given(st.dictionaries(st.integers(0, 9), marks), st.dictionaries(st.integers(0, 9), marks))
@settings(max_examples=60)
def test_marks_are_merged_as_each_pair_of_them_is(one: dict[int, Mark], other: dict[int, Mark]) -> None:
    expected = {s: merged_mark(one.get(s, Mark()), other.get(s, Mark())) for s in one.keys() | other.keys()}
    assert merged({"a": marks_from(one)}, {"a": other})["a"] == {s: mark for s, mark in expected.items() if mark.told}
    known = marks_from(one)
    assert known == {sample: mark for sample, mark in one.items() if mark.told}
    assert known.where(lambda mark: mark.flagged).tolist() == sorted(s for s, mark in one.items() if mark.flagged)


def test_marks_of_very_many_samples_are_small_and_share_their_numbers_with_those_before() -> None:
    every = changed(marks_from({}), np.arange(50_000), lambda _before: SEEN)
    states = [every]
    for sample in range(200):
        states.append(changed(states[-1], np.array([sample]), lambda mark: Mark(True, 1.0, seen=mark.seen)))
    assert all(marks.samples is every.samples for marks in states)
    assert sum(marks.places.nbytes for marks in states) < 11_000_000
    assert sum(mark.flagged for mark in states[-1].values()) == 200


def test_hundreds_of_different_marks_are_told_apart() -> None:
    notes = {sample: Mark(note=str(sample), note_s=1.0) for sample in range(300)}
    known = marks_from({})
    for sample, mark in notes.items():
        known = changed(known, np.array([sample]), lambda _before, mark=mark: mark)
    assert known == notes
    assert {mark.note: some.tolist() for mark, some in known.by_kind()} == {str(n): [n] for n in range(300)}
    assert merged({"a": known}, {"a": {255: Mark(note="later", note_s=2.0)}})["a"][255].note == "later"
