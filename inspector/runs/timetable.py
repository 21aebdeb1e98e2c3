"""The one table step - epoch - time of a run, built from all its files."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.series import Series
from inspector.runs.values import Moment

MAX_MOMENTS = 2_000
"""The table is for looking up and drawing an axis; a longer one is thinned evenly, first and last kept."""


Row = tuple[float | None, float | None]
"""Epoch and time of a step."""


def moments_of(series: Iterable[Series], stated: Iterable[tuple[int, *Row]]) -> tuple[Moment, ...]:
    """Rows sorted by step, one a step, at most MAX_MOMENTS.

    Args:
        series: the run's curves; those without steps of their own are left out.
        stated: (step, epoch, time) of checkpoints and dumps.
    """
    rows: dict[int, Row] = {}
    seen: set[tuple[float, float, int]] = set()
    for one in series:
        if one.stepless or not one.steps.size:
            continue
        # Curves of one logger share their axis; reading it once is enough.
        axis = (float(one.steps[0]), float(one.steps[-1]), one.steps.size)
        if axis in seen:
            continue
        seen.add(axis)
        keep = _even(one.steps.size)
        epochs = _taken(one.epochs, keep)
        times = _taken(one.times, keep)
        for row, step in enumerate(one.steps[keep]):
            if math.isfinite(step):
                _add(rows, int(step), epochs[row] if epochs else None, times[row] if times else None)
    for step, epoch, time in stated:
        _add(rows, step, epoch, time)
    steps = sorted(rows)
    kept = [steps[index] for index in _even(len(steps))]
    return tuple(Moment(step, *rows[step]) for step in kept)


def _even(count: int) -> IntArray:
    """At most MAX_MOMENTS indices below `count`, evenly spaced, first and last among them."""
    if not count:
        return np.arange(0)
    return np.unique(np.linspace(0, count - 1, min(count, MAX_MOMENTS)).round().astype(np.int64))


def _taken(values: FloatArray | None, keep: IntArray) -> list[float | None] | None:
    if values is None:
        return None
    return [float(value) if math.isfinite(value) else None for value in values[keep]]


def _add(rows: dict[int, Row], step: int, epoch: float | None, time: float | None) -> None:
    known_epoch, known_time = rows.get(step, (None, None))
    rows[step] = (known_epoch if epoch is None else epoch, known_time if time is None else time)
