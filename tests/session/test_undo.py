"""What a user may regret is taken back and done again, each kind of it; what is not says why it needs none."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from inspector.formats.marks import FIELDS, Mark
from inspector.formats.point_conventions import Convention
from inspector.session import intents as do
from inspector.session.gallery import GalleryState, NumberRange, gallery_of
from inspector.session.history import History, applied, redone, undone
from inspector.session.reduce import chosen_run, reduce
from inspector.session.triage import (
    SamplesFlagged,
    SamplesNoted,
    SamplesRejected,
    SamplesSeen,
    SamplesTagged,
    TriageRead,
)
from inspector.session.values import PointStyle, StagedEdit, State, ViewState
from inspector.session.view_settings import GALLERY_SETTINGS, SETTINGS

LR = StagedEdit(path="optim.lr", old=1e-3, new=1e-4, finding="one")
OTHER = StagedEdit(path="optim.lr", old=1e-3, new=1e-5, finding="other")
DUMP = "/run/step_7.h5"


def _start() -> State:
    """Three runs, of which the last is shown with one value staged and another contested."""
    state = State()
    before: tuple[Any, ...] = (
        do.RunOpened("/runs/lost", ("/runs/lost",)),
        do.RunLost("/runs/lost"),
        do.RunOpened("/runs/a", ("/runs/a",)),
        do.RunOpened("/runs/b", ("/runs/b",)),
        do.RunOpened("/runs/c", ("/runs/c",)),
        do.EditsStaged((LR, OTHER)),
        do.EditsStaged((StagedEdit(path="schedule.warmup", old=0, new=5),)),
        do.FindingDismissed("dead-channels", note="known"),
        do.ViewChanged({"hidden_slots": (2,), "finding": "overwritten-rate"}),
        do.GalleryChanged("points", {"filter": "flagged"}),
        do.FilterSaved("points", "mine"),
        SamplesTagged(DUMP, (1,), "hard", True, 5.0),
        SamplesFlagged(DUMP, (1,), True, 5.0),
    )
    for intent in before:
        state = reduce(state, intent)
    return state


UNDOABLE: tuple[tuple[do.Intent, str], ...] = (
    (do.RunClosed("/runs/b"), "closing b"),
    (do.RunClosed("/runs/c"), "closing c"),
    (do.LostForgotten(), "forgetting runs that were not there"),
    (do.PathsJoined("/runs/a", ("/x.pt",), "a"), "joining files to a"),
    (do.RunsJoined("/runs/a", "/runs/b", "a"), "joining files to a"),
    (do.SessionReopened(reduce(State(tab="log"), do.RunOpened("/z", ("/z",)))), "opening the last session"),
    (do.RunCompared("/runs/a", shown=True), "comparing with a"),
    (do.RunsCompared(("/runs/a", "/runs/b")), "comparing 2 runs"),
    (do.EditsStaged((StagedEdit(path="x", old=1, new=2),)), "staging x"),
    (do.EditChosen("optim.lr", "other"), "choosing a value for optim.lr"),
    (do.EditUnstaged("schedule.warmup"), "taking back the edit of schedule.warmup"),
    (do.EditUnstaged(None), "clearing staged edits"),
    (do.FindingDismissed("overwritten-rate", note="so"), "dismissing a finding"),
    (do.FindingDismissed("dead-channels", dismissed=False), "taking up a finding"),
    (do.RoleCorrected("step_*.h5", "x", "attention", "NKP"), "saying what x holds"),
    (do.ConventionsChosen("step_*.h5", {"points": Convention(is_yx=True)}), "choosing how points are read"),
    (do.FilterSaved("points", "other"), "saving the filter “other”"),
    (do.FilterDeleted("points", "mine"), "deleting the filter “mine”"),
    (do.TagDeleted("hard"), "deleting the tag “hard”"),
    (do.TagsNamed(("new", "other")), "naming tags of your own"),
    (SamplesFlagged(DUMP, (3,), True, 9.0), "flagging sample 4"),
    (SamplesFlagged(DUMP, (1,), False, 9.0), "unflagging sample 2"),
    (SamplesRejected(DUMP, (3, 4), True, 9.0), "rejecting 2 samples"),
    (SamplesTagged(DUMP, (3,), "blurred", True, 9.0), "tagging sample 4 “blurred”"),
    (SamplesNoted(DUMP, (3,), "why", 9.0), "the note on sample 4"),
    (do.ViewChanged({"y_scale": "log"}), "changing the scale of y"),
    (do.ViewChanged({"hidden_slots": (2, 3)}), "changing hidden slots"),
    (do.ViewChanged({"hidden_series": {"loss": ("val/loss",)}}), "changing hidden curves"),
    (do.ViewChanged({"series_filter": "val", "curves_page": "table"}), "changing the filter of curves"),
    (do.ViewChanged({"mask_threshold": 0.7}), "changing the threshold of masks"),
    (do.GalleryChanged("points", {"filter": "", "ranges": (NumberRange("err_px", 0, 9),)}),
     "changing the range of samples, the filter of samples"),
    (do.GalleryChanged("slots", {"filter": "flagged"}), "changing the filter of samples"),
)  # fmt: skip

NEEDS_NONE: dict[type, tuple[do.Intent, str]] = {
    do.RunOpened: (
        do.RunOpened("/d", ("/d",)),
        "it is closed by a key, and nothing is lost with it",
    ),
    do.RunLost: (do.RunLost("/runs/b"), "nobody did it, and opened again it would only be lost again"),
    do.RunChosen: (do.RunChosen("/runs/a"), "looking at another run"),
    do.TabChosen: (do.TabChosen("curves"), "looking at another view"),
    do.FleetShown: (do.FleetShown("/runs"), "looking at another page"),
    do.CursorMoved: (do.CursorMoved(3.0), "looking at another step"),
    do.ViewChanged: (do.ViewChanged({"sample": 3, "layer": "conv1"}), "looking at another sample"),
    do.GalleryChanged: (do.GalleryChanged("points", {"order": "iou", "wanted": (1,)}), "sorted, it holds the same"),
    do.DismissalsRead: (do.DismissalsRead("/runs/c", {"f": True}), "another window said it, and can take it back"),
    TriageRead: (TriageRead({DUMP: {8: Mark(flagged=True, flagged_s=9.0)}}), "another window said it"),
    SamplesSeen: (SamplesSeen(DUMP, (5,)), "what was seen stays seen"),
    do.PreferencesChanged: (
        do.PreferencesChanged({"theme": "light"}),
        "it holds in every window, and is taken back where it was chosen",
    ),
}


def _plain(state: State) -> dict[str, Any]:
    """A state without when its marks were said: what is said again, is said later."""
    marks = {
        (path, sample): said
        for path, marks in state.triage.items()
        for sample, mark in marks.items()
        if any(said := tuple(getattr(mark, field) for field in FIELDS))
    }
    return {name: getattr(state, name) for name in State.__struct_fields__ if name != "triage"} | {"marks": marks}


@pytest.mark.parametrize(("intent", "what"), UNDOABLE, ids=lambda one: type(one).__name__)
def test_it_is_taken_back_and_done_again(intent: do.Intent, what: str) -> None:
    history = applied(History(_start()), intent)
    assert _plain(history.present) != _plain(_start())
    assert [step.what for step in history.past] == [what]
    back = undone(history)
    assert _plain(back.present) == _plain(_start())
    again = redone(back)
    assert _plain(again.present) == _plain(history.present)
    assert _plain(undone(again).present) == _plain(_start())


def test_every_intent_is_undone_or_says_why_it_needs_no_undo() -> None:
    every = {one for kind in get_args(do.Intent) for one in get_args(kind) or (kind,)}
    assert {type(intent) for intent, _what in UNDOABLE} | NEEDS_NONE.keys() == every
    both = {type(intent) for intent, _what in UNDOABLE} & NEEDS_NONE.keys()
    assert both == {do.ViewChanged, do.GalleryChanged}, "which of their fields are settings, a table says"


@pytest.mark.parametrize("kind", NEEDS_NONE, ids=lambda kind: kind.__name__)
def test_what_needs_no_undo_stays_while_a_step_before_it_is_taken_back(kind: type) -> None:
    intent, _because = NEEDS_NONE[kind]
    staged = applied(History(_start()), do.EditsStaged((StagedEdit(path="x", old=1, new=2),)))
    history = applied(staged, intent)
    assert len(history.past) == 1
    alone = applied(History(_start()), intent).present
    back = undone(history).present
    if kind in (do.RunChosen, do.RunOpened):  # the run whose edit is taken back comes to be seen
        assert back.chosen == "/runs/c"
        back = msgspec.structs.replace(back, chosen=alone.chosen)
    assert _plain(back) == _plain(alone)


def test_runs_that_were_lost_or_found_since_stay_so_while_the_forgotten_come_back() -> None:
    forgotten = applied(History(_start()), do.LostForgotten())
    since = undone(applied(forgotten, do.RunLost("/runs/b"))).present
    assert [run.key for run in since.lost] == ["/runs/lost", "/runs/b"]
    found = undone(applied(forgotten, do.RunOpened("/runs/lost", ("/runs/lost",)))).present
    assert (found.lost, "/runs/lost" in {run.key for run in found.runs}) == ((), True)


LOOKED_AT = {
    "curves_page", "sample", "after_sample", "iteration", "frame", "mask_source", "mask_dataset", "mask_layer",
    "mask_head", "token_dataset", "token_at", "solo_slot", "layer", "features_page", "channel", "point_layout",
    "zoom_error", "tensor", "weights_page", "kernel_input", "generous_file", "log_first", "log_search", "log_line",
    "log_tag", "log_step", "media_tag", "finding", "show_dismissed",
}  # fmt: skip
"""Fields of views that say what is looked at; their own control, or its key pressed again, leads back."""


def test_every_field_of_the_views_is_a_setting_or_what_is_looked_at() -> None:
    assert SETTINGS.keys() | LOOKED_AT | {"galleries"} == set(ViewState.__struct_fields__)
    assert not SETTINGS.keys() & LOOKED_AT
    apart = {"viewer", "order", "descending", "histogram", "wanted"}
    assert GALLERY_SETTINGS.keys() | apart == set(GalleryState.__struct_fields__)


def test_a_slider_that_is_drawn_or_a_text_that_is_typed_is_one_step() -> None:
    history = History(State())
    for share in (0.2, 0.4, 0.9):
        history = applied(history, do.ViewChanged({"opacity": share}))
    for text in ("l", "lo", "loss", "los"):
        history = applied(history, do.ViewChanged({"series_filter": text}))
    history = applied(history, do.ViewChanged({"series_filter": "val"}))
    for reach in (3.0, 5.0):
        history = applied(history, do.GalleryChanged("points", {"ranges": (NumberRange("err_px", 0, reach),)}))
        history = applied(history, do.ViewChanged({"point_styles": (PointStyle(kind="gt", size=reach),)}))
    assert [step.what for step in history.past] == [
        "changing the opacity of masks",
        "changing the filter of curves",
        "changing the filter of curves",
        *("changing the range of samples", "changing how points are drawn") * 2,
    ]
    filters = []
    while history.past:
        history = undone(history)
        filters.append(history.present.view.series_filter)
    assert filters[-3:] == ["los", "", ""]
    assert history.present == State()


def test_a_slider_that_is_drawn_there_and_back_is_no_step() -> None:
    history = History(State())
    for share in (0.2, 0.4, 0.6):
        history = applied(history, do.ViewChanged({"opacity": share}))
    assert history == History(State())


def test_two_switches_of_the_same_kind_are_two_steps() -> None:
    history = History(State())
    for hidden in ((1,), (1, 2)):
        history = applied(history, do.ViewChanged({"hidden_slots": hidden}))
    assert undone(history).present.view.hidden_slots == (1,)


def test_a_run_that_was_opened_since_stays_open_and_where_the_user_looks_stays() -> None:
    staged = do.EditsStaged((StagedEdit(path="x", old=1, new=2),))
    history = applied(History(reduce(State(), do.RunOpened("a", ("a",)))), staged)
    for intent in (do.CursorMoved(7.0), do.RunOpened("b", ("b",)), do.ViewChanged({"sample": 4})):
        history = applied(history, intent)
    back = undone(history).present
    assert [(run.key, run.cursor_step, run.staged) for run in back.runs] == [("a", 7.0, ()), ("b", None, ())]
    assert (back.chosen, back.view.sample) == ("a", 4), "the run whose edit was taken back is shown"
    again = redone(undone(history)).present
    assert chosen_run(again).staged[0].path == "x"  # type: ignore[union-attr]  # it is chosen
    of_view = applied(history, do.ViewChanged({"y_scale": "log"}))
    assert undone(applied(of_view, do.RunChosen("a"))).present.chosen == "a"
    assert gallery_of(back.view.galleries, "points") == gallery_of((), "points")
