"""Two runs compared: settings, metrics, files, and the weights of their last checkpoints."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import CheckpointFacts
from inspector.formats.metric_names import Better, better_of
from inspector.formats.series import Series
from inspector.runs.checkpoint_diff import diff_of, told_apart
from inspector.runs.curves import run_series
from inspector.runs.diff_values import CheckpointDiff, FileRow, MetricRow, RunDiff
from inspector.runs.log_paths import log_paths_of
from inspector.runs.value_diff import values_diff
from inspector.runs.values import FileEntry, Run

_OF_THE_RECORD = ("recipe", "model_size", "seed", "device", "status", "reason", "versions")
"""What of run.json is told beside the settings, as `run.NAME`."""


def runs_diff(
    first: Run, second: Run, pulse: Pulse, *, optimizer: bool = False, trust_checksums: bool = True
) -> RunDiff:
    """Compare two runs; what cannot be read of one of them becomes a note.

    Args:
        first: the one that differences are relative to.
        second: the other one.
        pulse: of this work.
        optimizer: whether to read optimizer state too.
        trust_checksums: as in `diff_of`.
    """
    notes = Notes()
    settings, same = values_diff(_settings(first), _settings(second))
    if not (first.settings.values and second.settings.values):
        missing = [name for name, run in _named(first, second) if not run.settings.values]
        notes.add(f"no settings were found in {' and '.join(missing)}")
    return RunDiff(
        names=told_apart(Path(first.root), Path(second.root))
        if first.name == second.name
        else (first.name, second.name),
        paths=("|".join(first.paths), "|".join(second.paths)),
        settings=settings,
        settings_same=same,
        metrics=_metrics(_curves(first, notes, pulse), _curves(second, notes, pulse)),
        files=_files(first, second),
        tensors=_tensors(
            first, second, notes, pulse, partial(diff_of, optimizer=optimizer, trust_checksums=trust_checksums)
        ),
        notes=notes.texts(),
    )


def last_checkpoint(run: Run) -> FileEntry | None:
    """The checkpoint that a run names as its last; else that of the latest step, epoch or time; None without one."""
    found = [entry for entry in run.files if isinstance(entry.facts, CheckpointFacts) and entry.facts.tensors]
    if run.record is not None and run.record.last:
        named = next((entry for entry in found if Path(entry.name).name == run.record.last), None)
        if named is not None:
            return named
    return max(found, key=_lateness, default=None)


def _lateness(entry: FileEntry) -> tuple[float, float, float]:
    unknown = -math.inf
    return (
        unknown if entry.step is None else entry.step,
        unknown if entry.epoch is None else entry.epoch,
        entry.modified_s,
    )


def _named(first: Run, second: Run) -> tuple[tuple[str, Run], ...]:
    names = told_apart(Path(first.root), Path(second.root))
    return (names[0], first), (names[1], second)


def _settings(run: Run) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if run.record is not None:
        record = msgspec.to_builtins(run.record)
        for name in _OF_THE_RECORD:
            value = record[name]
            values |= (
                {f"run.{name}.{key}": item for key, item in value.items()}
                if isinstance(value, dict)
                else {f"run.{name}": value}
            )
    return values | run.settings.values


def _curves(run: Run, notes: Notes, pulse: Pulse) -> dict[str, Series]:
    """Every curve by its tag; of a tag in several logs the one that goes furthest."""
    curves: dict[str, Series] = {}
    found = run_series(log_paths_of(run), pulse)
    for text in found.joining:
        notes.add(text)
    for series in (curve.series for curve in found.curves):
        known = curves.get(series.tag)
        if series.values.size and (known is None or series.steps[-1] > known.steps[-1]):
            curves[series.tag] = series
    return curves


class _Point(NamedTuple):
    value: float | None
    step: float | None


_NOWHERE = _Point(None, None)


def _metrics(first: Mapping[str, Series], second: Mapping[str, Series]) -> tuple[MetricRow, ...]:
    """A row a tag: those of both runs in the order of the first, then those of one alone."""
    both = [tag for tag in first if tag in second]
    alone = [tag for tag in chain(first, second) if not (tag in first and tag in second)]
    return tuple(_metric(tag, first.get(tag), second.get(tag)) for tag in (*both, *alone))


def _metric(tag: str, first: Series | None, second: Series | None) -> MetricRow:
    better = better_of(tag)
    last = [_last(series) for series in (first, second)]
    best = [_best(series, better) for series in (first, second)]
    return MetricRow(
        tag=tag,
        last=(last[0].value, last[1].value),
        last_steps=(last[0].step, last[1].step),
        better=better,
        best=(best[0].value, best[1].value),
        best_steps=(best[0].step, best[1].step),
    )


def _last(series: Series | None) -> _Point:
    return _NOWHERE if series is None else _Point(float(series.values[-1]), float(series.steps[-1]))


def _best(series: Series | None, better: Better) -> _Point:
    """The best finite value, the first of equal ones."""
    if series is None or not better:
        return _NOWHERE
    finite = np.flatnonzero(np.isfinite(series.values))
    if not finite.size:
        return _NOWHERE
    values = series.values[finite]
    at = int(finite[values.argmin() if better == "low" else values.argmax()])
    return _Point(float(series.values[at]), float(series.steps[at]))


def _files(first: Run, second: Run) -> tuple[FileRow, ...]:
    """Files that only one run has, or that differ in size, in the order of the first run."""
    sides = [{entry.name: entry for entry in run.files} for run in (first, second)]
    rows = []
    for name in dict.fromkeys(chain(*sides)):
        one, other = sides[0].get(name), sides[1].get(name)
        sizes = one.bytes if one else None, other.bytes if other else None
        if sizes[0] != sizes[1]:
            entry = other or one
            assert entry is not None
            rows.append(FileRow(name=name, kind=str(type(entry.facts).__struct_config__.tag), bytes=sizes))
    return tuple(rows)


def _tensors(
    first: Run,
    second: Run,
    notes: Notes,
    pulse: Pulse,
    compare: Callable[[Checkpoint, Checkpoint, Pulse], CheckpointDiff],
) -> CheckpointDiff | None:
    entries = [last_checkpoint(run) for run in (first, second)]
    for entry, (name, _) in zip(entries, _named(first, second), strict=True):
        if entry is None:
            notes.add(f"{name} has no checkpoint with tensors, so weights are not compared")
    if entries[0] is None or entries[1] is None:
        return None
    try:
        return compare(opened(Path(entries[0].path), pulse), opened(Path(entries[1].path), pulse), pulse)
    except FileError as error:
        notes.add(str(error))
        return None
