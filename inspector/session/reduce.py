"""State and intent to new state; pure."""

from __future__ import annotations

from typing import assert_never

import msgspec

from inspector.session.intents import (
    CursorMoved,
    EditsStaged,
    EditUnstaged,
    FindingDismissed,
    Intent,
    RunChosen,
    RunClosed,
    RunCompared,
    RunOpened,
    TabChosen,
    ThemeChosen,
    ViewChanged,
)
from inspector.session.values import RunState, StagedEdit, State

_replace = msgspec.structs.replace


def chosen_run(state: State) -> RunState | None:
    """The run that the views show."""
    return next((run for run in state.runs if run.key == state.chosen), None)


def reduce(state: State, intent: Intent) -> State:
    """The state after an intent; the same object where nothing changes."""
    match intent:
        case RunOpened():
            return _opened(state, intent)
        case RunClosed(key):
            return _closed(state, key)
        case RunChosen(key, file):
            moved = _with_run(state, key, file=file)
            return _replace(moved, chosen=key)
        case TabChosen(viewer):
            return state if viewer == state.tab else _replace(state, tab=viewer)
        case CursorMoved(step):
            return _with_run(state, state.chosen, cursor_step=step, file=None)
        case ViewChanged(changes):
            view = _replace(state.view, **changes)
            return state if view == state.view else _replace(state, view=view)
        case RunCompared(key, shown):
            rest = tuple(other for other in state.compared if other != key)
            return _replace(state, compared=(*rest, key) if shown else rest)
        case EditsStaged(edits):
            return _staged(state, edits)
        case EditUnstaged(path):
            run = chosen_run(state)
            kept = tuple(edit for edit in run.staged if path is not None and edit.path != path) if run else ()
            return _with_run(state, state.chosen, staged=kept)
        case FindingDismissed(finding, dismissed):
            run = chosen_run(state)
            rest = tuple(other for other in run.dismissed if other != finding) if run else ()
            return _with_run(state, state.chosen, dismissed=(*rest, finding) if dismissed else rest)
        case ThemeChosen(theme):
            return _replace(state, theme=theme)
        case _:
            assert_never(intent)


def _with_run(state: State, key: str | None, **changes: object) -> State:
    runs = tuple(_replace(run, **changes) if run.key == key else run for run in state.runs)
    return state if runs == state.runs else _replace(state, runs=runs)


def _opened(state: State, intent: RunOpened) -> State:
    known = any(run.key == intent.key for run in state.runs)
    run = RunState(key=intent.key, paths=intent.paths, parent=intent.parent)
    runs = state.runs if known else (*state.runs, run)
    compared = state.compared
    if intent.parent is not None:
        compared = tuple(dict.fromkeys((*compared, intent.parent)))
    return _replace(state, runs=runs, chosen=intent.key, compared=compared)


def _closed(state: State, key: str) -> State:
    index = next((i for i, run in enumerate(state.runs) if run.key == key), None)
    if index is None:
        return state
    runs = state.runs[:index] + state.runs[index + 1 :]
    neighbour = runs[min(index, len(runs) - 1)].key if runs else None
    return _replace(
        state,
        runs=runs,
        chosen=neighbour if state.chosen == key else state.chosen,
        compared=tuple(other for other in state.compared if other != key),
    )


def _staged(state: State, edits: tuple[StagedEdit, ...]) -> State:
    run = chosen_run(state)
    if run is None:
        return state
    by_path = {edit.path: edit for edit in run.staged}
    for edit in edits:
        before = by_path.get(edit.path)
        by_path[edit.path] = _replace(edit, old=before.old) if before else edit
    kept = tuple(edit for edit in by_path.values() if edit.new != edit.old)
    return _with_run(state, state.chosen, staged=kept)
