"""Numbers by record and name, and the curves they make once one column is known to be the step."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inspector.artifacts.identity import identity_of
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.facts import MediaFacts, MetricsFacts, SeriesFacts
from inspector.formats.log_media import LogMedia, MediaKind
from inspector.formats.series import Series, SeriesSet

STEP_NAMES = (
    "step",
    "global_step",
    "trainer/global_step",
    "train/global_step",
    "_step",
    "steps",
    "iteration",
    "iterations",
    "iter",
    "total_timesteps",
    "time/total_timesteps",
)
EPOCH_NAMES = ("epoch", "train/epoch", "trainer/epoch", "current_epoch", "_epoch", "epochs")
TIME_NAMES = ("time", "_timestamp", "timestamp", "wall_time", "walltime", "created_at", "datetime", "date")
"""Names of axis columns in lower case; where a log has several, the fullest counts, then the first of these."""

MAX_NAMES = 10_000
"""A log that makes up a new name on every line is not a log of curves."""

_TOO_MANY_NAMES = Reason(
    f"record {{where}} brings more than {MAX_NAMES:,} names, one value was left out",
    f"from record {{where}} on there are more than {MAX_NAMES:,} names, {{count}} values were left out",
)
_STEP_ASSUMED = Reason(
    "record {where} has no step and stands at the one before it",
    "{count} records have no step and stand at the one before them, the first is record {where}",
)

_CLOCKS = ((3e8, 3e11, 1.0), (3e11, 3e14, 1e-3), (3e14, 3e17, 1e-6), (3e17, 3e20, 1e-9))
"""From, to and seconds a count: what lies between 1980 and beyond 2200 in s, ms, us or ns since 1970."""


class SeriesTable:
    """Columns of numbers; a record that lacks a name leaves no point there.

    Attributes:
        records: how many records there are, those without a number included.
    """

    __slots__ = ("_columns", "records", "tally")

    def __init__(self) -> None:
        self.records = 0
        self.tally = Tally()
        self._columns: dict[str, tuple[array[int], array[float]]] = {}

    def column(self, name: str, values: int = 1) -> tuple[array[int], array[float]] | None:
        """The records and values of one name, to be added to; None where there are too many names already."""
        known = self._columns.get(name)
        if known is None:
            if len(self._columns) >= MAX_NAMES:
                self.tally.add(_TOO_MANY_NAMES, self.records + 1, values)
                return None
            known = self._columns[name] = (array("q"), array("d"))
        return known

    def put(self, name: str, record: int, value: float) -> None:
        """Add one number of one record, counted from 0."""
        column = self.column(name)
        if column is not None:
            column[0].append(record)
            column[1].append(value)

    def extend(self, name: str, records: IntArray, values: FloatArray) -> None:
        """Add numbers of several records: (points,) int64 and (points,) float64."""
        column = self.column(name, len(records))
        if column is not None:
            column[0].frombytes(records.tobytes())
            column[1].frombytes(values.tobytes())

    def series(self) -> tuple[tuple[Series, ...], tuple[str, ...]]:
        """The curves in the order their names came, and what was assumed to make them."""
        notes = Tally()
        step_name = self._fullest(STEP_NAMES)
        epoch_name = self._fullest(EPOCH_NAMES)
        time_name, time_scale = self._clock()
        steps = None if step_name is None else self._dense(step_name)
        if steps is not None and (lacking := int(np.count_nonzero(~np.isfinite(steps)))):
            if lacking == self.records:
                steps = None
            else:
                notes.add(_STEP_ASSUMED, int(np.argmin(np.isfinite(steps))) + 1, lacking)
                steps = filled_steps(steps)
        epochs = None if epoch_name is None else self._dense(epoch_name)
        times = None if time_name is None else self._dense(time_name) * time_scale
        axes = {step_name, epoch_name, time_name}
        made = tuple(
            _series(name, _copied(records, np.int64), _copied(values, np.float64), steps, epochs, times)
            for name, (records, values) in self._columns.items()
            if name not in axes
        )
        return made, (*self.tally.texts(), *notes.texts())

    def _fullest(self, names: tuple[str, ...]) -> str | None:
        found = [
            (len(values), -names.index(name.lower()), name)
            for name, (_, values) in self._columns.items()
            if name.lower() in names and len(values)
        ]
        return max(found)[2] if found else None

    def _clock(self) -> tuple[str | None, float]:
        """The column of points in time, and what turns it into seconds since 1970; elapsed times are no clock."""
        for name in sorted(self._columns, key=lambda name: _rank(name, TIME_NAMES)):
            values = self._columns[name][1]
            if name.lower() not in TIME_NAMES or not len(values):
                continue
            middle = sorted(values[:101])[len(values[:101]) // 2]
            for low, high, seconds in _CLOCKS:
                if low <= middle < high:
                    return name, seconds
        return None, math.nan

    def _dense(self, name: str) -> FloatArray:
        records, values = self._columns[name]
        dense = np.full(self.records, np.nan)
        dense[np.frombuffer(records, np.int64)] = np.frombuffer(values, np.float64)
        return dense


def _rank(name: str, names: tuple[str, ...]) -> int:
    lowered = name.lower()
    return names.index(lowered) if lowered in names else len(names)


def _copied(numbers: array[Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """A copy: an array that lends its memory to numpy could not grow."""
    return np.frombuffer(numbers, dtype).copy() if len(numbers) else np.empty(0, dtype)


def filled_steps(steps: FloatArray) -> FloatArray:
    """Steps without gaps: a missing one is the one before it, at the start the first there is.

    Args:
        steps: (records,) float64, NaN where a record has no step; at least one has.
    """
    known = np.isfinite(steps)
    places = np.maximum.accumulate(np.where(known, np.arange(len(steps)), int(np.argmax(known))))
    filled: FloatArray = steps[places]
    return filled


def _series(
    name: str,
    records: IntArray,
    values: FloatArray,
    steps: FloatArray | None,
    epochs: FloatArray | None,
    times: FloatArray | None,
) -> Series:
    return Series(
        tag=name,
        steps=np.arange(len(values), dtype=np.float64) if steps is None else steps[records],
        values=values,
        epochs=_where_known(epochs, records),
        times=_where_known(times, records),
        stepless=steps is None,
    )


def _where_known(axis: FloatArray | None, records: IntArray) -> FloatArray | None:
    if axis is None:
        return None
    chosen: FloatArray = axis[records]
    return None if np.isnan(chosen).all() else chosen


def series_facts(series: Iterable[Series]) -> tuple[SeriesFacts, ...]:
    """Each curve without its points."""
    return tuple(
        SeriesFacts(
            tag=one.tag,
            count=len(one.values),
            first_step=float(one.steps[0]),
            last_step=float(one.steps[-1]),
            last_value=float(one.values[-1]),
        )
        for one in series
        if len(one.values)
    )


def media_facts(media: Iterable[LogMedia]) -> tuple[MediaFacts, ...]:
    """What there is by kind and tag, in the order it came."""
    found: dict[tuple[MediaKind, str], list[LogMedia]] = {}
    for one in media:
        found.setdefault((one.kind, one.tag), []).append(one)
    made = []
    for (kind, tag), entries in found.items():
        steps = [one.step for one in entries if one.step is not None]
        first, last = min(steps, default=math.nan), max(steps, default=math.nan)
        made.append(MediaFacts(kind=kind, tag=tag, count=len(entries), first_step=first, last_step=last))
    return tuple(made)


def metrics_facts(path: Path, container: str, found: SeriesSet) -> MetricsFacts:
    """What a log of numbers holds, without its points."""
    return MetricsFacts(
        container=container,
        bytes=identity_of(path).bytes,
        series=series_facts(found.series),
        media=media_facts(found.media),
        skipped=found.skipped,
        notes=found.notes,
    )
