"""What the checks look at: the run's curves by tag, the plain values of its checkpoints, its dumps and settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import msgspec
import numpy as np

from inspector.analysis.numbers import finite_number
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.diagnosis.own_thresholds import thresholds_of
from inspector.diagnosis.parts import named_by_part
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds
from inspector.formats.facts import CheckpointFacts, DumpFacts
from inspector.formats.series import Series
from inspector.formats.setting_fields import Field
from inspector.runs.curves import run_series
from inspector.runs.log_paths import log_paths_of
from inspector.runs.pace import steps_per_epoch
from inspector.runs.placing import epoch_of_step
from inspector.runs.rising import rising_curves
from inspector.runs.values import FileEntry, Life, Liveness, Run

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Material:
    """One run as the checks see it.

    Attributes:
        curves: by tag; steps rise strictly, as `runs.rising` leaves them.
        unread: why a log could not be read, one sentence each.
        thresholds: those in force for this run; notes: what is wrong with those that were set for it.
    """

    run: Run
    curves: Mapping[str, Series]
    unread: tuple[str, ...] = ()
    thresholds: Thresholds = DEFAULTS
    notes: tuple[str, ...] = ()
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is made of a run for several checks, made for the first that asks; `key` tells what it is."""
        if key not in self._made:
            self._made[key] = make()
        return cast("T", self._made[key])

    @property
    def checkpoints(self) -> tuple[tuple[FileEntry, CheckpointFacts], ...]:
        """Oldest first, those that nothing places before them."""
        found = [(entry, entry.facts) for entry in self.run.files if isinstance(entry.facts, CheckpointFacts)]
        return tuple(sorted(found, key=lambda pair: _place(pair[0])))

    @property
    def dumps(self) -> tuple[tuple[FileEntry, DumpFacts], ...]:
        """Oldest first, those that nothing places before them."""
        found = [(entry, entry.facts) for entry in self.run.files if isinstance(entry.facts, DumpFacts)]
        return tuple(sorted(found, key=lambda pair: _place(pair[0])))

    @property
    def fields(self) -> dict[str, Field]:
        """The settings that can be edited, by path; empty for a run that this program did not train."""
        return {field.path: field for field in self.run.settings.fields}

    @property
    def recipe(self) -> str:
        """What this program's own trainer calls what the run trains, empty for another's run."""
        return self.run.record.recipe if self.run.record else ""

    def setting(self, path: str) -> Any:
        """A setting in force: its value, else its default, else None."""
        if path in self.run.settings.values:
            return self.run.settings.values[path]
        known = self.fields.get(path)
        return known.default if known else None

    def number(self, path: str) -> float | None:
        """A setting that is a finite number, None where it is none."""
        return finite_number(self.setting(path))

    @property
    def steps_per_epoch(self) -> float | None:
        """Optimizer steps in one epoch, None where nothing tells."""
        return self.once("steps per epoch", lambda: steps_per_epoch(self.run))

    def epoch_at(self, step: float) -> float | None:
        """The epoch of a step by the run's table, that of the last row up to it; None where the table tells none."""
        return epoch_of_step(self.run.moments, step)

    def until(self, step: float) -> Material:
        """The run as it was at a step: its curves up to there, and the files that stand no later.

        Of what has no place in time only settings and the like stay: a dump or checkpoint may be of any time.
        """
        epoch = self.epoch_at(step)
        curves = {tag: cut for tag, one in self.curves.items() if (cut := _until(one, step, epoch)) is not None}
        run = msgspec.structs.replace(
            self.run,
            files=tuple(entry for entry in self.run.files if _is_there(entry, step)),
            moments=tuple(moment for moment in self.run.moments if moment.step <= step),
            record=None if self.run.record is None else msgspec.structs.replace(self.run.record, best=None),
            liveness=Liveness(life=Life.LIVE, because="it had not ended by then"),
        )
        return replace(self, run=run, curves=curves)

    def lacking(self, sentence: str) -> str:
        """Why a check cannot be made, with the logs that could not be read."""
        return "; ".join((sentence, *self.unread))


def material_of(run: Run, pulse: Pulse) -> Material:
    """Read the run's curves; what its files are is in the run already.

    Checkpoints that were removed since then are left out: a trainer keeps so many.
    """
    found = run_series(log_paths_of(run), pulse)
    files = tuple(entry for entry in run.files if not is_removed(entry))
    if len(files) < len(run.files):
        run = msgspec.structs.replace(run, files=files)
    notes = Notes()
    thresholds = thresholds_of(run, notes)
    curves = rising_curves(named_by_part(found.curves), pulse)
    return Material(run, curves, found.unread, thresholds, notes.texts())


def is_removed(entry: FileEntry) -> bool:
    """Whether a checkpoint is no longer there."""
    return isinstance(entry.facts, CheckpointFacts) and not os.path.lexists(entry.path)


def file_text(entry: FileEntry) -> str:
    """A file's own name as a sentence shows it."""
    return visible(entry.name.rpartition("/")[2])


def step_of(entry: FileEntry) -> float | None:
    """Where a file stands in the run, None where that is not known."""
    return None if entry.step is None else float(entry.step)


def value_at(one: Series, step: float) -> float | None:
    """The value of the last point at or before a step, None where it is not finite or there is none."""
    place = int(np.searchsorted(one.steps, step, side="right")) - 1
    value = float(one.values[place]) if place >= 0 else float("nan")
    return value if np.isfinite(value) else None


def _until(one: Series, step: float, epoch: float | None) -> Series | None:
    """The points up to a step; of a curve without steps those up to its epoch. None where there are none."""
    if not one.stepless:
        count = int(np.searchsorted(one.steps, step, side="right"))
    elif one.epochs is not None and epoch is not None:
        later = np.flatnonzero(one.epochs > epoch)
        count = int(later[0]) if len(later) else len(one.values)
    else:
        count = 0
    if count == len(one.values):
        return one
    return (
        None
        if not count
        else msgspec.structs.replace(
            one,
            steps=one.steps[:count],
            values=one.values[:count],
            epochs=None if one.epochs is None else one.epochs[:count],
            times=None if one.times is None else one.times[:count],
            starts=None if one.starts is None else one.starts[one.starts < count],
        )
    )


def _is_there(entry: FileEntry, step: float) -> bool:
    if entry.step is not None:
        return entry.step <= step
    return not isinstance(entry.facts, CheckpointFacts | DumpFacts)


def _place(entry: FileEntry) -> tuple[float, float, float, str]:
    step = -1.0 if entry.step is None else float(entry.step)
    epoch = -1.0 if entry.epoch is None else entry.epoch
    return step, epoch, entry.modified_s, entry.name
