"""Undo and redo of what the user staged, dismissed, marked, set, named, joined or closed, and not of looking around.

A step back changes what its step forward changed, and leaves all else as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from inspector.formats.marks import FileMarks, news_of
from inspector.session.intents import DismissalsRead, Intent
from inspector.session.reduce import reduce, with_new_run
from inspector.session.told import told
from inspector.session.triage import TriageRead, restored, with_news
from inspector.session.values import RunState, State
from inspector.session.view_settings import changed_settings, slides, with_difference

DEPTH = 200

_APART = frozenset(("runs", "lost", "view", "triage", "chosen"))
"""Fields of the state whose differences are carried over part by part."""


class Step(msgspec.Struct, frozen=True):
    """What the user did, in a few words, and the states before and after it."""

    what: str
    before: State
    after: State


class History(msgspec.Struct, frozen=True):
    """The present state, and what led to it.

    Attributes:
        past, future: steps to take back and to do again, nearest last.
    """

    present: State
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()


def applied(history: History, intent: Intent) -> History:
    """The history after an intent."""
    before = history.present
    after = reduce(before, intent)
    if after is before or after == before:
        return history
    if isinstance(intent, TriageRead):  # what others said is not taken back with what was done here
        return _everywhere(history, after, _reading_marks(news_of(before.triage, intent.files)))
    if isinstance(intent, DismissalsRead):
        news = _new_dismissals(before, intent)
        return _everywhere(history, after, lambda state: reduce(state, news))
    what = told(intent, before, after)
    if not what:
        return msgspec.structs.replace(history, present=after)
    last = history.past[-1] if history.past else None
    if last is not None and last.after is before and last.what == what and _goes_on(before, after):
        past = history.past[:-1]
        return History(after, past if last.before == after else (*past, Step(what, last.before, after)))
    return History(after, (*history.past, Step(what, before, after))[-DEPTH:])


def undone(history: History) -> History:
    """One step back; the same history where there is nothing to undo."""
    if not history.past:
        return history
    *past, step = history.past
    return History(_carried(history.present, step.after, step.before), tuple(past), (*history.future, step))


def redone(history: History) -> History:
    """One step forward; the same history where there is nothing to redo."""
    if not history.future:
        return history
    *future, step = history.future
    return History(_carried(history.present, step.before, step.after), (*history.past, step), tuple(future))


def _goes_on(before: State, after: State) -> bool:
    """Whether nothing but settings of the views changed, as one does while it is drawn or typed."""
    if msgspec.structs.replace(after, view=before.view) != before:
        return False
    return all(slides(change.was, change.now) for change in changed_settings(before.view, after.view))


def _everywhere(history: History, after: State, heard: Callable[[State], State]) -> History:
    """The history where what came from elsewhere is heard in every state, for no step made it."""
    rows = (
        tuple(Step(step.what, heard(step.before), heard(step.after)) for step in steps)
        for steps in (history.past, history.future)
    )
    return History(after, *rows)


def _reading_marks(news: FileMarks) -> Callable[[State], State]:
    """What adds news to a state; worked out once for all states that hold the same marks."""
    after: dict[int, FileMarks] = {}

    def heard(state: State) -> State:
        if id(state.triage) not in after:
            after[id(state.triage)] = with_news(state.triage, news)
        return msgspec.structs.replace(state, triage=after[id(state.triage)])

    return heard


def _new_dismissals(present: State, intent: DismissalsRead) -> DismissalsRead:
    run = next((run for run in present.runs if run.key == intent.key), None)
    known, notes = (run.dismissed, run.dismissal_notes) if run else ((), {})
    news = {
        finding: gone
        for finding, gone in intent.dismissed.items()
        if gone != (finding in known) or intent.notes.get(finding, "") != notes.get(finding, "")
    }
    return DismissalsRead(intent.key, news, {finding: intent.notes.get(finding, "") for finding in news})


def _carried(present: State, here: State, there: State) -> State:
    """The present with what `there` has otherwise than `here`; the run whose part that is comes to be seen."""
    fields = (name for name in State.__struct_fields__ if name not in _APART)
    changes = {name: getattr(there, name) for name in fields if getattr(there, name) != getattr(here, name)}
    runs = present.runs if there.runs == here.runs else _carried_runs(present.runs, here.runs, there.runs)
    lost = present.lost if there.lost == here.lost else _carried_runs(present.lost, here.lost, there.lost)
    is_of_a_run = runs is not present.runs or there.chosen != here.chosen
    triage = present.triage if there.triage is here.triage else restored(present.triage, there.triage)
    return msgspec.structs.replace(
        present,
        runs=runs,
        lost=tuple(run for run in lost if all(run.key != other.key for other in runs)),
        view=with_difference(present.view, here.view, there.view),
        triage=triage,
        chosen=there.chosen if is_of_a_run else present.chosen,
        **changes,
    )


def _carried_runs(
    present: Sequence[RunState], here: Sequence[RunState], there: Sequence[RunState]
) -> tuple[RunState, ...]:
    """Runs in the order of `there`, and those that were opened since."""
    now, were = {run.key: run for run in present}, {run.key: run for run in here}
    kept = [run for run in there if run.key in now or run.key not in were]
    runs = tuple(_carried_run(now[run.key], were.get(run.key), run) if run.key in now else run for run in kept)
    for run in present:
        if run.key not in were and all(run.key != other.key for other in runs):
            runs = with_new_run(runs, run)
    return runs


def _carried_run(now: RunState, here: RunState | None, there: RunState) -> RunState:
    if here is None or here == there:
        return now
    fields = RunState.__struct_fields__
    changes = {name: getattr(there, name) for name in fields if getattr(there, name) != getattr(here, name)}
    return msgspec.structs.replace(now, **changes)
