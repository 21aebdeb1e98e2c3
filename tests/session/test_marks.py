"""Samples are flagged, tagged and noted, and that is undone without touching what another window said."""

from __future__ import annotations

import msgspec

from inspector.formats.marks import Mark
from inspector.session.gallery import GalleryState, NumberRange, gallery_of, with_range
from inspector.session.history import History, applied, redone, undone
from inspector.session.intents import GalleryChanged, ViewChanged
from inspector.session.reduce import reduce
from inspector.session.triage import (
    SamplesFlagged,
    SamplesNoted,
    SamplesRejected,
    SamplesSeen,
    SamplesTagged,
    TriageRead,
    tags_of,
)
from inspector.session.values import State

PATH = "/runs/a/dumps/step_10.h5"


def said(state: State) -> dict[int, tuple[bool, tuple[str, ...], str]]:
    return {sample: (mark.flagged, mark.tags, mark.note) for sample, mark in state.triage.get(PATH, {}).items()}


def after(*intents: object) -> History:
    history = History(State())
    for intent in intents:
        history = applied(history, intent)  # type: ignore[arg-type]  # any intent
    return history


def test_several_samples_are_marked_at_once() -> None:
    state = after(
        SamplesFlagged(PATH, (3, 4), True, 10.0),
        SamplesTagged(PATH, (4,), "hard", True, 11.0),
        SamplesTagged(PATH, (4,), "blurred", True, 12.0),
        SamplesNoted(PATH, (5,), "two objects touch", 13.0),
    ).present
    assert said(state) == {
        3: (True, (), ""),
        4: (True, ("blurred", "hard"), ""),
        5: (False, (), "two objects touch"),
    }
    assert tags_of(state.triage) == ("blurred", "hard")
    assert state.triage[PATH][4].flagged_s == 10.0
    assert state.triage[PATH][4].tags_s == 12.0


def test_saying_it_again_changes_nothing() -> None:
    state = reduce(State(), SamplesFlagged(PATH, (3,), True, 10.0))
    assert reduce(state, SamplesFlagged(PATH, (3,), True, 20.0)) is state
    assert reduce(state, SamplesTagged(PATH, (3,), "hard", False, 20.0)) is state


def test_marks_are_undone_and_done_again_each_time_as_a_later_change() -> None:
    history = after(SamplesFlagged(PATH, (3,), True, 10.0), SamplesNoted(PATH, (3,), "n", 11.0))
    once = undone(history)
    assert said(once.present) == {3: (True, (), "")}
    assert once.present.triage[PATH][3].note_s > 11.0
    twice = undone(once)
    assert said(twice.present) == {3: (False, (), "")}
    again = redone(redone(twice))
    assert said(again.present) == {3: (True, (), "n")}
    assert again.present.triage[PATH][3].flagged_s > twice.present.triage[PATH][3].flagged_s > 10.0


def test_a_rejection_is_undone_alone_and_what_was_seen_meanwhile_stays_seen() -> None:
    history = after(
        SamplesFlagged(PATH, (3,), True, 10.0), SamplesRejected(PATH, (3, 4), True, 11.0), SamplesSeen(PATH, (3, 5))
    )
    assert len(history.past) == 2, "looking at samples is no step of its own"
    marks = undone(history).present.triage[PATH]
    assert {sample: (mark.flagged, mark.rejected, mark.seen) for sample, mark in marks.items()} == {
        3: (True, False, True),
        4: (False, False, False),
        5: (False, False, True),
    }
    again = redone(undone(history)).present.triage[PATH]
    assert (again[3].rejected, again[4].rejected, again[5].seen) == (True, True, True)


def test_what_another_window_said_survives_undo() -> None:
    history = after(
        SamplesFlagged(PATH, (3,), True, 10.0),
        TriageRead({PATH: {3: Mark(note="theirs", note_s=12.0), 8: Mark(flagged=True, flagged_s=12.0)}}),
    )
    assert said(undone(history).present) == {3: (False, (), "theirs"), 8: (True, (), "")}


def test_a_clock_set_back_does_not_lose_a_change() -> None:
    state = reduce(State(), SamplesFlagged(PATH, (3,), True, 1000.0))
    back = reduce(state, SamplesFlagged(PATH, (3,), False, 10.0))
    assert back.triage[PATH][3].flagged_s > 1000.0


def test_sorting_a_gallery_is_not_undone_and_each_viewer_has_its_own() -> None:
    history = after(
        GalleryChanged("slots", {"order": "ari", "ranges": (NumberRange("ari", 0.0, 0.5),)}),
        GalleryChanged("points", {"filter": "flagged"}),
        ViewChanged({"sample": 4}),
    )
    assert [step.what for step in history.past] == ["changing the range of samples", "changing the filter of samples"]
    galleries = history.present.view.galleries
    assert gallery_of(galleries, "slots") == GalleryState(
        viewer="slots", order="ari", ranges=(NumberRange("ari", 0.0, 0.5),)
    )
    assert gallery_of(galleries, "points") == GalleryState(
        viewer="points", order="err_px", descending=True, filter="flagged"
    )
    assert gallery_of(galleries, "features").order == ""
    same = GalleryChanged("points", {"filter": "flagged"})
    assert reduce(history.present, same) is history.present


def test_a_column_has_one_range_at_most() -> None:
    ranges = with_range(with_range((), "ari", (0.0, 1.0)), "miou", (0.2, 0.4))
    ranges = with_range(ranges, "ari", (0.1, 0.2))
    assert ranges == (NumberRange("miou", 0.2, 0.4), NumberRange("ari", 0.1, 0.2))
    assert with_range(ranges, "miou", None) == (NumberRange("ari", 0.1, 0.2),)


def test_the_state_is_kept_without_its_marks() -> None:
    from inspector.session.store import load_session, save_session

    state = after(SamplesFlagged(PATH, (3,), True, 10.0), GalleryChanged("slots", {"order": "ari"})).present
    save_session(state)
    assert load_session() == msgspec.structs.replace(state, triage={})
