"""What two windows say of samples is merged without a loss, in whichever order they write."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.formats.triage import SCHEMA, Mark, decoded, encoded, merged, merged_mark, news_of

times = st.sampled_from((0.0, 1.5, 2.0))
marks = st.builds(
    Mark,
    flagged=st.booleans(),
    flagged_s=times,
    tags=st.sampled_from(((), ("a",), ("a", "b"))),
    tags_s=times,
    note=st.sampled_from(("", "x", "y")),
    note_s=times,
)
files = st.dictionaries(st.sampled_from(("a.h5", "dumps/b.h5")), st.dictionaries(st.integers(0, 3), marks, max_size=3))


def test_a_file_says_what_the_format_says() -> None:
    content = json.loads(encoded({"dumps/a.h5": {7: Mark(flagged=True, flagged_s=2.0), 3: Mark(note="é", note_s=1.0)}}))
    assert content == {
        "schema": "ri-triage/1",
        "files": {"dumps/a.h5": {"3": {"note": "é", "note_s": 1.0}, "7": {"flagged": True, "flagged_s": 2.0}}},
    }


@given(files)
@settings(max_examples=30)
def test_what_is_written_is_read_again(some: dict[str, dict[int, Mark]]) -> None:
    assert decoded(encoded(some)) == {name: known for name, known in some.items() if known}


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
        (b'{"schema": "ri-triage/1", "files": {"a": {"x": {}}}}', "int"),
        (b'{"schema": "ri-triage/1", "files": {"a": {"1": {"flagged": "yes"}}}}', "bool"),
        (b"[" * 100_000, "object"),
    ],
    ids=["empty", "a list", "a later version", "no number", "no truth value", "deep"],
)
def test_what_is_no_triage_file_is_refused_with_words(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decoded(content)


def test_numbers_below_zero_are_no_samples() -> None:
    content = json.dumps({"schema": SCHEMA, "files": {"a": {"-1": {"flagged": True}, "2": {"flagged": True}}}})
    assert decoded(content.encode()) == {"a": {2: Mark(flagged=True)}}
