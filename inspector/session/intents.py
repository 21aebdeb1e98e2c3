"""What the user asked for, as values; `session.reduce` makes a new State of each."""

from __future__ import annotations

from typing import Any

import msgspec

from inspector.formats.point_conventions import Convention
from inspector.session.triage import (
    SamplesFlagged,
    SamplesNoted,
    SamplesRejected,
    SamplesSeen,
    SamplesTagged,
    TriageRead,
)
from inspector.session.values import StagedEdit, State


class RunOpened(msgspec.Struct, frozen=True):
    """A run's reader has answered; it joins the tree, chosen unless it is one of many.

    Attributes:
        key, paths, name, folder, place, archives: as in `RunState`.
        parent: key of the run it resumes.
    """

    key: str
    paths: tuple[str, ...]
    parent: str | None = None
    name: str = ""
    folder: str = ""
    place: int = 0
    archives: tuple[str, ...] = ()
    chosen: bool = True


class RunClosed(msgspec.Struct, frozen=True):
    """A run leaves the tree."""

    key: str


class RunLost(msgspec.Struct, frozen=True):
    """A run of the tree is not to be read for now, as one whose disk is not mounted; the session goes on naming it."""

    key: str


class LostForgotten(msgspec.Struct, frozen=True):
    """The runs that were lost are wanted no more."""


class PathsJoined(msgspec.Struct, frozen=True):
    """Files or folders become part of a run; `name` is what it goes on being called."""

    key: str
    paths: tuple[str, ...]
    name: str


class RunsJoined(msgspec.Struct, frozen=True):
    """All of another run becomes part of a run, and the other leaves the tree; `name` as in `PathsJoined`."""

    key: str
    other: str
    name: str


class SessionReopened(msgspec.Struct, frozen=True):
    """What a window had open, chosen and staged that was not closed is to be so again."""

    state: State


class RunChosen(msgspec.Struct, frozen=True):
    """A run, or one of its files, is to be looked at."""

    key: str
    file: str | None = None


class TabChosen(msgspec.Struct, frozen=True):
    """A viewer is to be shown."""

    viewer: str


class FleetShown(msgspec.Struct, frozen=True):
    """The runs of a folder are shown as a table, or with an empty one the open runs again."""

    folder: str


class CursorMoved(msgspec.Struct, frozen=True):
    """The cursor goes to a step, or follows the newest (None)."""

    step: float | None


class ViewChanged(msgspec.Struct, frozen=True):
    """Fields of `ViewState` get new values."""

    changes: dict[str, Any]


class GalleryChanged(msgspec.Struct, frozen=True):
    """Fields of a viewer's `GalleryState` get new values."""

    viewer: str
    changes: dict[str, Any]


class FilterSaved(msgspec.Struct, frozen=True):
    """How a viewer's gallery is filtered gets a name, or takes the place of what had it."""

    viewer: str
    name: str


class FilterDeleted(msgspec.Struct, frozen=True):
    """A named filter of a viewer's gallery goes."""

    viewer: str
    name: str


class TagDeleted(msgspec.Struct, frozen=True):
    """A tag goes from the user's own; samples that have it keep it."""

    tag: str


class RunCompared(msgspec.Struct, frozen=True):
    """A run is drawn beside the chosen one, or no longer."""

    key: str
    shown: bool


class RunsCompared(msgspec.Struct, frozen=True):
    """These runs, and no others, are drawn beside the chosen one; it is left out where it is among them."""

    keys: tuple[str, ...]


class EditsStaged(msgspec.Struct, frozen=True):
    """Settings edits wait for a resume, beside those that do already; see `session.staging`."""

    edits: tuple[StagedEdit, ...]


class EditChosen(msgspec.Struct, frozen=True):
    """Of the values that are wanted for a path, that of a finding is staged; of the user's hand where it is empty."""

    path: str
    finding: str


class EditUnstaged(msgspec.Struct, frozen=True):
    """A staged edit is taken back; all of them where the path is None."""

    path: str | None


class FindingDismissed(msgspec.Struct, frozen=True):
    """A finding is put aside, with a note why, or taken up again."""

    finding: str
    dismissed: bool = True
    note: str = ""


class DismissalsRead(msgspec.Struct, frozen=True):
    """What another window, or an earlier session, has said of a run's findings: whether each is put aside, and why."""

    key: str
    dismissed: dict[str, bool]
    notes: dict[str, str] = {}


class RoleCorrected(msgspec.Struct, frozen=True):
    """A dataset of files of a pattern (`step_*.h5`) holds what the user says; without a role, what is guessed."""

    pattern: str
    dataset: str
    role: str = ""
    layout: str = ""


class ConventionsChosen(msgspec.Struct, frozen=True):
    """Points in files of a pattern are read so, by their datasets; as guessed where one has no convention."""

    pattern: str
    conventions: dict[str, Convention | None]


class TagsNamed(msgspec.Struct, frozen=True):
    """The user's own tags in the order of their keys; samples keep those that they have."""

    tags: tuple[str, ...]


class PreferencesChanged(msgspec.Struct, frozen=True):
    """The user prefers something else: fields of `Preferences` by their names."""

    changes: dict[str, Any]


Intent = (
    RunOpened
    | RunClosed
    | RunLost
    | LostForgotten
    | PathsJoined
    | RunsJoined
    | SessionReopened
    | RunChosen
    | TabChosen
    | FleetShown
    | CursorMoved
    | ViewChanged
    | GalleryChanged
    | FilterSaved
    | FilterDeleted
    | TagDeleted
    | TagsNamed
    | RunCompared
    | RunsCompared
    | EditsStaged
    | EditChosen
    | EditUnstaged
    | FindingDismissed
    | DismissalsRead
    | RoleCorrected
    | ConventionsChosen
    | SamplesFlagged
    | SamplesRejected
    | SamplesTagged
    | SamplesNoted
    | SamplesSeen
    | TriageRead
    | PreferencesChanged
)
