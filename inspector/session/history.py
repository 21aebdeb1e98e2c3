"""Undo and redo of what the user staged, dismissed, marked, named, joined or closed, and not of looking around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

import msgspec

from inspector.formats.marks import FileMarks, news_of
from inspector.session.intents import (
    ConventionsChosen,
    DismissalsRead,
    EditChosen,
    EditsStaged,
    EditUnstaged,
    FilterDeleted,
    FilterSaved,
    FindingDismissed,
    Intent,
    PathsJoined,
    RoleCorrected,
    RunClosed,
    RunsJoined,
    SessionReopened,
    TagDeleted,
)
from inspector.session.reduce import reduce
from inspector.session.triage import Marking, TriageRead, restored, with_news
from inspector.session.values import State

DEPTH = 200

_UNDOABLE = (
    EditsStaged, EditChosen, EditUnstaged, FindingDismissed, RunClosed, PathsJoined, RunsJoined, SessionReopened,
    RoleCorrected, ConventionsChosen, FilterSaved, FilterDeleted, TagDeleted, *get_args(Marking),
)  # fmt: skip


class History(msgspec.Struct, frozen=True):
    """The present state, and what led to it.

    Attributes:
        past, future: states to go back and forward to, nearest last.
    """

    present: State
    past: tuple[State, ...] = ()
    future: tuple[State, ...] = ()


def applied(history: History, intent: Intent) -> History:
    """The history after an intent."""
    after = reduce(history.present, intent)
    if after is history.present or after == history.present:
        return history
    if isinstance(intent, TriageRead):  # what others said is not taken back with what was done here
        marks = news_of(history.present.triage, intent.files)
        return History(after, *_with_news((history.past, history.future), marks))
    if isinstance(intent, DismissalsRead):
        news = _new_dismissals(history.present, intent)
        past, future = ([reduce(state, news) for state in states] for states in (history.past, history.future))
        return History(after, tuple(past), tuple(future))
    if isinstance(intent, _UNDOABLE):
        return History(after, (*history.past, history.present)[-DEPTH:])
    return History(after, history.past, history.future)


def _new_dismissals(present: State, intent: DismissalsRead) -> DismissalsRead:
    run = next((run for run in present.runs if run.key == intent.key), None)
    known, notes = (run.dismissed, run.dismissal_notes) if run else ((), {})
    news = {
        finding: gone
        for finding, gone in intent.dismissed.items()
        if gone != (finding in known) or intent.notes.get(finding, "") != notes.get(finding, "")
    }
    return DismissalsRead(intent.key, news, {finding: intent.notes.get(finding, "") for finding in news})


def _with_news(rows: Sequence[tuple[State, ...]], news: FileMarks) -> Iterator[tuple[State, ...]]:
    """Rows of states with what others said; worked out once for all that hold the same marks."""
    after: dict[int, FileMarks] = {}
    for states in rows:
        for state in states:
            if id(state.triage) not in after:
                after[id(state.triage)] = with_news(state.triage, news)
        yield tuple(msgspec.structs.replace(state, triage=after[id(state.triage)]) for state in states)


def undone(history: History) -> History:
    """One step back; the same history where there is nothing to undo."""
    if not history.past:
        return history
    *past, before = history.past
    return History(_restored(history.present, before), tuple(past), (*history.future, history.present))


def redone(history: History) -> History:
    """One step forward; the same history where there is nothing to redo."""
    if not history.future:
        return history
    *future, after = history.future
    return History(_restored(history.present, after), (*history.past, history.present), tuple(future))


def _restored(present: State, other: State) -> State:
    """The present view over another state's runs, staged edits, dismissals, marks, corrected roles and lists."""
    cursors = {run.key: (run.cursor_step, run.file) for run in present.runs}
    runs = []
    for run in other.runs:
        step, file = cursors.get(run.key, (run.cursor_step, run.file))
        runs.append(msgspec.structs.replace(run, cursor_step=step, file=file))
    triage = present.triage if present.triage is other.triage else restored(present.triage, other.triage)
    return msgspec.structs.replace(
        present,
        runs=tuple(runs),
        chosen=other.chosen,
        compared=other.compared,
        triage=triage,
        role_corrections=other.role_corrections,
        sample_lists=other.sample_lists,
    )
