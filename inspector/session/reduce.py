"""State and intent to new state; pure."""

from __future__ import annotations

from typing import assert_never

import msgspec

from inspector.formats.role_corrections import (
    FileCorrections,
    RoleCorrection,
    known_correction,
    with_correction,
    without_correction,
)
from inspector.session.gallery import gallery_of, with_gallery
from inspector.session.intents import (
    ConventionsChosen,
    CursorMoved,
    DismissalsRead,
    EditChosen,
    EditsStaged,
    EditUnstaged,
    FilterDeleted,
    FilterSaved,
    FindingDismissed,
    FleetShown,
    GalleryChanged,
    Intent,
    LostForgotten,
    PathsJoined,
    PreferencesChanged,
    RoleCorrected,
    RunChosen,
    RunClosed,
    RunCompared,
    RunLost,
    RunOpened,
    RunsCompared,
    RunsJoined,
    SessionReopened,
    TabChosen,
    TagDeleted,
    TagsNamed,
    ViewChanged,
)
from inspector.session.sample_lists import SavedFilter, with_filter, with_tag, without_filter, without_tag
from inspector.session.staging import with_choice, with_edits, without_edit
from inspector.session.triage import (
    Marking,
    SamplesFlagged,
    SamplesNoted,
    SamplesRejected,
    SamplesSeen,
    SamplesTagged,
    TriageRead,
    marked,
    with_news,
)
from inspector.session.values import RunState, State

_replace = msgspec.structs.replace


def chosen_run(state: State) -> RunState | None:
    """The run that the views show."""
    return next((run for run in state.runs if run.key == state.chosen), None)


def reduce(state: State, intent: Intent) -> State:
    """The state after an intent; the same object where nothing changes."""
    match intent:
        case RunOpened():
            return _opened(state, intent)
        case RunClosed() | RunLost() | LostForgotten():
            return _with_fewer(state, intent)
        case PathsJoined() | RunsJoined() | SessionReopened():
            return _with_more(state, intent)
        case RunChosen(key, file):
            moved = _with_run(state, key, file=file)
            view = state.view if key == state.chosen else _replace(state.view, finding="")
            return _replace(moved, chosen=key, view=view)
        case TabChosen() | FleetShown():
            return _elsewhere(state, intent)
        case CursorMoved(step):
            return _with_run(state, state.chosen, cursor_step=step, file=None)
        case ViewChanged() | GalleryChanged():
            return _seen_otherwise(state, intent)
        case RunCompared() | RunsCompared():
            return _compared(state, intent)
        case EditsStaged() | EditChosen() | EditUnstaged():
            return _staged(state, intent)
        case FindingDismissed() | DismissalsRead():
            return _dismissed(state, intent)
        case RoleCorrected() | ConventionsChosen() | FilterSaved() | FilterDeleted() | TagDeleted() | TagsNamed():
            return _said_for_any_run(state, intent)
        case SamplesFlagged() | SamplesRejected() | SamplesTagged() | SamplesNoted() | SamplesSeen() | TriageRead():
            return _triaged(state, intent)
        case PreferencesChanged(changes):
            return _replace(state, preferences=_replace(state.preferences, **changes))
        case _:
            assert_never(intent)


def _dismissed(state: State, intent: FindingDismissed | DismissalsRead) -> State:
    """Findings of the chosen run, or of any, are put aside or taken up again."""
    if isinstance(intent, FindingDismissed):
        key, said, why = state.chosen, {intent.finding: intent.dismissed}, {intent.finding: intent.note}
    else:
        key, said, why = intent.key, intent.dismissed, intent.notes
    run = next((run for run in state.runs if run.key == key), None)
    if run is None:
        return state
    kept = tuple(finding for finding in run.dismissed if said.get(finding, True))
    new = tuple(finding for finding, gone in said.items() if gone and finding not in kept)
    every = (*kept, *new)
    notes = {**run.dismissal_notes, **{finding: why.get(finding, "") for finding in said}}
    told = {finding: note for finding, note in notes.items() if note and finding in every}
    return _with_run(state, key, dismissed=every, dismissal_notes=told)


def _corrections(state: State, intent: RoleCorrected | ConventionsChosen) -> tuple[FileCorrections, ...]:
    """Roles and conventions are said apart; what was said of the other stays."""
    known = state.role_corrections
    if isinstance(intent, RoleCorrected):
        said = known_correction(known, intent.pattern, intent.dataset)
        layout = intent.layout if intent.role else ""
        return _with_correction(known, intent.pattern, _replace(said, role=intent.role, layout=layout))
    for dataset, convention in intent.conventions.items():
        said = known_correction(known, intent.pattern, dataset)
        known = _with_correction(known, intent.pattern, _replace(said, convention=convention))
    return known


def _with_correction(
    known: tuple[FileCorrections, ...], pattern: str, correction: RoleCorrection
) -> tuple[FileCorrections, ...]:
    """All corrections with one more, or without it where it says nothing."""
    if correction == RoleCorrection(dataset=correction.dataset):
        return without_correction(known, pattern, correction.dataset)
    return with_correction(known, pattern, correction)


def _elsewhere(state: State, intent: TabChosen | FleetShown) -> State:
    """Another view or page is shown."""
    tab, fleet = (intent.viewer, state.fleet) if isinstance(intent, TabChosen) else (state.tab, intent.folder)
    return state if (tab, fleet) == (state.tab, state.fleet) else _replace(state, tab=tab, fleet=fleet)


def _seen_otherwise(state: State, intent: ViewChanged | GalleryChanged) -> State:
    """The views, or one viewer's gallery, show something else."""
    changes = intent.changes
    if isinstance(intent, GalleryChanged):
        changes = {"galleries": with_gallery(state.view.galleries, intent.viewer, intent.changes)}
    view = _replace(state.view, **changes)
    return state if view == state.view else _replace(state, view=view)


def _triaged(state: State, intent: Marking | SamplesSeen | TriageRead) -> State:
    """What is said of samples changes, by hand or because another window said it."""
    known = state.triage
    triage = with_news(known, intent.files) if isinstance(intent, TriageRead) else marked(known, intent)
    if triage is known:
        return state
    lists = state.sample_lists
    if isinstance(intent, SamplesTagged) and intent.tagged:
        lists = with_tag(lists, intent.tag)
    return _replace(state, triage=triage, sample_lists=lists)


def _said_for_any_run(
    state: State, intent: RoleCorrected | ConventionsChosen | FilterSaved | FilterDeleted | TagDeleted | TagsNamed
) -> State:
    """What datasets hold and how points are read, and the user's named filters and own tags."""
    lists = state.sample_lists
    match intent:
        case RoleCorrected() | ConventionsChosen():
            return _replace(state, role_corrections=_corrections(state, intent))
        case FilterSaved(viewer, name):
            shown = gallery_of(state.view.galleries, viewer)
            saved = SavedFilter(viewer=viewer, name=name, filter=shown.filter, ranges=shown.ranges)
            return _replace(state, sample_lists=with_filter(lists, saved))
        case FilterDeleted(viewer, name):
            return _replace(state, sample_lists=without_filter(lists, viewer, name))
        case TagDeleted(tag):
            return _replace(state, sample_lists=without_tag(lists, tag))
        case TagsNamed(tags):
            return _replace(state, sample_lists=_replace(lists, tags=tuple(dict.fromkeys(tags))))


def _with_run(state: State, key: str | None, **changes: object) -> State:
    runs = tuple(_replace(run, **changes) if run.key == key else run for run in state.runs)
    return state if runs == state.runs else _replace(state, runs=runs)


def _opened(state: State, intent: RunOpened) -> State:
    known = any(run.key == intent.key for run in state.runs)
    run = next((run for run in state.lost if run.key == intent.key), None) or RunState(
        key=intent.key,
        paths=intent.paths,
        name=intent.name,
        folder=intent.folder,
        place=intent.place,
        archives=intent.archives,
        parent=intent.parent,
    )
    runs = state.runs if known else with_new_run(state.runs, run)
    lost = tuple(other for other in state.lost if other.key != intent.key)
    compared = state.compared
    if intent.parent is not None:
        compared = tuple(dict.fromkeys((*compared, intent.parent)))
    chosen = intent.key if intent.chosen or state.chosen is None else state.chosen
    smoothing = state.preferences.smoothing
    view = state.view if state.runs or smoothing == "last" else _replace(state.view, smoothing=float(smoothing))
    return _replace(state, runs=runs, lost=lost, chosen=chosen, compared=compared, view=view)


def with_new_run(runs: tuple[RunState, ...], run: RunState) -> tuple[RunState, ...]:
    """The runs with a new one: at the end, or by its place among those of its folder, which may answer in any order."""
    after = [i for i, other in enumerate(runs) if run.folder and other.folder == run.folder and other.place > run.place]
    at = after[0] if after else len(runs)
    return (*runs[:at], run, *runs[at:])


def _with_fewer(state: State, intent: RunClosed | RunLost | LostForgotten) -> State:
    """A run leaves the tree, for good or until it is found again; or those that were lost are forgotten."""
    if isinstance(intent, LostForgotten):
        return _replace(state, lost=())
    gone = tuple(run for run in state.runs if run.key == intent.key and isinstance(intent, RunLost))
    return _replace(_closed(state, intent.key), lost=(*state.lost, *gone))


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


def _joined(state: State, key: str, paths: tuple[str, ...], archives: tuple[str, ...], name: str) -> State:
    run = next((run for run in state.runs if run.key == key), None)
    if run is None:
        return state
    every = tuple(dict.fromkeys((*run.paths, *paths)))
    if every == run.paths:
        return state
    packed = tuple(dict.fromkeys((*run.archives, *archives)))
    return _with_run(state, key, paths=every, archives=packed, name=run.name or name)


def _reopened(state: State, kept: State) -> State:
    """The runs of both; of one that both have open, what was staged since stands."""
    here = {run.key: run for run in state.runs}
    again = tuple(run for run in kept.runs if not (run.key in here and here[run.key].staged))
    keys = {run.key for run in again}
    lost = {run.key: run for run in (*state.lost, *kept.lost) if run.key not in {*here, *keys}}
    return _replace(
        state,
        runs=(*(run for run in state.runs if run.key not in keys), *again),
        lost=tuple(lost.values()),
        chosen=kept.chosen or state.chosen,
        compared=kept.compared,
        tab=kept.tab,
        view=kept.view,
    )


def _with_more(state: State, intent: PathsJoined | RunsJoined | SessionReopened) -> State:
    """Paths, or all of another run, become part of a run; or the runs of another session open beside the open ones."""
    if isinstance(intent, SessionReopened):
        return _reopened(state, intent.state)
    if isinstance(intent, PathsJoined):
        return _joined(state, intent.key, intent.paths, (), intent.name)
    added = next((run for run in state.runs if run.key == intent.other), None)
    if added is None or intent.key == intent.other or all(run.key != intent.key for run in state.runs):
        return state
    joined = _joined(state, intent.key, added.paths, added.archives, intent.name)
    return _replace(_closed(joined, intent.other), chosen=intent.key)


def _compared(state: State, intent: RunCompared | RunsCompared) -> State:
    """Other runs are drawn beside the chosen one."""
    if isinstance(intent, RunCompared):
        rest = tuple(other for other in state.compared if other != intent.key)
        return _replace(state, compared=(*rest, intent.key) if intent.shown else rest)
    known = {run.key for run in state.runs} - {state.chosen}
    return _replace(state, compared=tuple(key for key in dict.fromkeys(intent.keys) if key in known))


def _staged(state: State, intent: EditsStaged | EditChosen | EditUnstaged) -> State:
    """More, or fewer, edits of the chosen run wait for a resume."""
    run = chosen_run(state)
    if run is None:
        return state
    if isinstance(intent, EditsStaged):
        after = with_edits(run, intent.edits)
    elif isinstance(intent, EditChosen):
        after = with_choice(run, intent.path, intent.finding)
    else:
        after = without_edit(run, intent.path)
    return _with_run(state, run.key, staged=after.staged, contested=after.contested)
