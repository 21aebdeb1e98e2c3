"""What the checks look at: the run's curves by tag, the plain values of its checkpoints, its dumps and settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inspector.analysis.numbers import finite_number
from inspector.artifacts.logs.logs import series_of
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.formats.facts import CheckpointFacts, ConsoleFacts, DumpFacts, MetricsFacts
from inspector.formats.series import Series
from inspector.formats.settings import Field
from inspector.runs.pace import steps_per_epoch
from inspector.runs.placing import epoch_of_step
from inspector.runs.values import FileEntry, Run


@dataclass(frozen=True, slots=True)
class Material:
    """One run as the checks see it.

    Attributes:
        curves: by tag; steps rise strictly, as `cleaned` leaves them.
        unread: why a log could not be read, one sentence each.
    """

    run: Run
    curves: Mapping[str, Series]
    unread: tuple[str, ...] = ()

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

    def setting(self, path: str) -> Any:
        """A setting in force: its value, else its default, else None."""
        known = self.fields.get(path)
        return self.run.settings.values.get(path, known.default if known else None)

    def number(self, path: str) -> float | None:
        """A setting that is a finite number, None where it is none."""
        return finite_number(self.setting(path))

    def epoch_at(self, step: float) -> float | None:
        """The epoch of a step by the run's table."""
        return epoch_of_step(self.run.moments, step)

    def lacking(self, sentence: str) -> str:
        """Why a check cannot be made, with the logs that could not be read."""
        return "; ".join((sentence, *self.unread))


def material_of(run: Run, pulse: Pulse) -> Material:
    """Read the run's curves; what its files are is in the run already."""
    found: dict[str, list[Series]] = {}
    unread = []
    # The console of a run of this program repeats its metric record, rounded.
    kinds: tuple[type, ...] = (MetricsFacts,) if run.record else (MetricsFacts, ConsoleFacts)
    for entry in run.files:
        if not isinstance(entry.facts, kinds):
            continue
        pulse.beat(0, 0, f"reading {entry.name}")
        try:
            for one in series_of(Path(entry.path), pulse).series:
                found.setdefault(one.tag, []).append(one)
        except FileError as error:
            unread.append(str(error))
    curves = {}
    for done, (tag, parts) in enumerate(found.items()):
        pulse.beat(done, len(found), "joining curves")
        curves[tag] = joined(parts)
    return Material(run, curves, tuple(unread))


def joined(parts: Iterable[Series]) -> Series:
    """One curve of a tag that several logs have: those that follow each other joined, else the fullest."""
    curves = sorted(map(cleaned, parts), key=lambda one: -len(one.values))
    whole = curves[0]
    for other in curves[1:]:
        if not len(other.values) or other.stepless or whole.stepless:
            continue
        if other.steps[0] > whole.steps[-1]:
            whole = _followed(whole, other)
        elif other.steps[-1] < whole.steps[0]:
            whole = _followed(other, whole)
    return whole


def _followed(first: Series, second: Series) -> Series:
    def both(one: AnyArray | None, other: AnyArray | None) -> AnyArray | None:
        return None if one is None or other is None else np.concatenate([one, other])

    return msgspec.structs.replace(
        first,
        steps=np.concatenate([first.steps, second.steps]),
        values=np.concatenate([first.values, second.values]),
        epochs=both(first.epochs, second.epochs),
        times=both(first.times, second.times),
    )


def file_text(entry: FileEntry) -> str:
    """A file's own name as a sentence shows it."""
    return visible(entry.name.rpartition("/")[2])


def cleaned(one: Series) -> Series:
    """The curve with steps that rise strictly: what a restarted run wrote again counts, what it replaced does not."""
    steps = np.asarray(one.steps, np.float64)
    placed = np.isfinite(steps)
    ahead = np.where(placed, steps, np.inf)
    later = np.minimum.accumulate(np.append(ahead[1:], np.inf)[::-1])[::-1]
    keep = placed & (ahead < later)
    return msgspec.structs.replace(
        one,
        steps=steps[keep],
        values=np.asarray(one.values, np.float64)[keep],
        epochs=None if one.epochs is None else one.epochs[keep],
        times=None if one.times is None else one.times[keep],
    )


def finite(one: Series) -> Series:
    """The points of a curve whose value is finite."""
    keep = np.isfinite(one.values)
    return msgspec.structs.replace(
        one,
        steps=one.steps[keep],
        values=one.values[keep],
        epochs=None if one.epochs is None else one.epochs[keep],
        times=None if one.times is None else one.times[keep],
    )


def value_at(one: Series, step: float) -> float | None:
    """The value of the last point at or before a step, None where it is not finite or there is none."""
    place = int(np.searchsorted(one.steps, step, side="right")) - 1
    value = float(one.values[place]) if place >= 0 else float("nan")
    return value if np.isfinite(value) else None


def warmup_steps(material: Material, rate: Series | None) -> float | None:
    """Optimizer steps until the rate stands at its top: by the settings, else by the rate's own curve, else None."""
    per_epoch = steps_per_epoch(material.run)
    for path in material.run.settings.values:
        name = path.rpartition(".")[2]
        length = material.number(path)
        if length is None or length < 0:
            continue
        if name in ("warmup_steps", "num_warmup_steps", "warmup_iters"):
            return length
        if name in ("warmup_epochs", "warmup_epoch") and per_epoch:
            return length * per_epoch
    if rate is None or not len(finite(rate).values):
        return None
    points = finite(rate)
    return float(points.steps[int(np.argmax(points.values >= points.values.max() * (1 - 1e-9)))])


def _place(entry: FileEntry) -> tuple[float, float, float, str]:
    step = -1.0 if entry.step is None else float(entry.step)
    epoch = -1.0 if entry.epoch is None else entry.epoch
    return step, epoch, entry.modified_s, entry.name
