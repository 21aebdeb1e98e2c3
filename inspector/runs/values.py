"""A run as a value: its files, what they are, and where each stands in time."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from inspector.formats.facts import Facts, SeriesFacts
from inspector.formats.run_folder import RunRecord
from inspector.formats.setting_fields import Field


class Placed(StrEnum):
    """How a file's place in time is known."""

    STATED = "stated"  # by the file itself
    NAMED = "named"  # by a number in its name
    GUESSED = "guessed"  # by its modification time
    NOWHERE = "nowhere"


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a run.

    Attributes:
        path: absolute.
        name: relative to the run's root, as shown.
        facts: what the reader says of it; OtherFacts where it was left out.
        hint: the short text beside the name (`300 samples`, `epoch 40`).
        step, epoch: its place on the cursor's axis, None where it has none.
    """

    path: str
    name: str
    facts: Facts
    bytes: int
    modified_s: float
    hint: str = ""
    step: int | None = None
    epoch: float | None = None
    placed: Placed = Placed.NOWHERE


class Moment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row of the table step - epoch - time; None where no file tells. Time is seconds since 1970."""

    step: int
    epoch: float | None = None
    time: float | None = None


class Life(StrEnum):
    """What becomes of a run now, as far as its files tell."""

    LIVE = "live"  # someone writes it
    STALLED = "stalled"  # whoever writes it has not for longer than usual
    FINISHED = "finished"
    FAILED = "failed"  # the run itself has recorded that it did
    CRASHED = "presumed crashed"
    SILENT = "silent"  # nobody writes it, and nothing tells how it ended


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a run lives, and what tells it.

    Attributes:
        because: one sentence.
        written_s: when something of its logs was written last, seconds since 1970; None where it has no logs.
        recorded_s: when the last record was made by its own clock, None where no log tells times.
        usual_s: seconds from one record to the next, None where no log tells times.
    """

    life: Life
    because: str
    written_s: float | None = None
    recorded_s: float | None = None
    usual_s: float | None = None


class SettingsSheet(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a run as a form shows them; fields are empty where there is no schema."""

    values: dict[str, Any] = {}
    fields: tuple[Field, ...] = ()
    source: str = ""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was opened together, as one run.

    Attributes:
        key: stable name of this run in a session: its root, or its files joined.
        root: the folder that file names are relative to.
        paths: what the user opened.
        files: in the order shown: logs, checkpoints, dumps, settings, the rest.
        series: every curve of all logs, without points.
        moments: sorted by step.
        live: it is written now, or may be again at any moment, so that it is looked at often.
        liveness: what becomes of it, and what tells so.
        notes: what is damaged or left out, one sentence each.
        unread_bytes: how much of its logs is still to be read, where this is a first look at long ones.
    """

    key: str
    name: str
    root: str
    paths: tuple[str, ...]
    files: tuple[FileEntry, ...] = ()
    series: tuple[SeriesFacts, ...] = ()
    moments: tuple[Moment, ...] = ()
    settings: SettingsSheet = SettingsSheet()
    record: RunRecord | None = None
    live: bool = False
    liveness: Liveness = Liveness(life=Life.SILENT, because="it has no logs")
    notes: tuple[str, ...] = ()
    unread_bytes: int = 0


def alike_but_for_life(before: Run, now: Run) -> bool:
    """Whether nothing of a run has changed but whether it lives: no file has, so that nothing else is to be told."""
    return msgspec.structs.replace(now, live=before.live, liveness=before.liveness) == before
