"""The one table step - epoch - time of a run, built from all its files."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.series import Series
from inspector.runs.placing import LARGEST_STEP
from inspector.runs.values import Moment

MAX_MOMENTS = 2_000
"""The table is for looking up and drawing an axis; a longer one is thinned evenly, first and last kept."""

Row = tuple[float | None, float | None]
"""Epoch and time of a step."""


def moments_of(series: Iterable[Series], stated: Iterable[tuple[int, *Row]]) -> tuple[Moment, ...]:
    """Rows sorted by step, one a step, at most MAX_MOMENTS.

    Args:
        series: the run's curves; those without steps of their own are left out, but where nothing tells a step their
            points count as steps, as they do where the curves are drawn.
        stated: (step, epoch, time) of checkpoints and dumps.
    """
    said = list(stated)
    drawn = list(series)
    placed = [one for one in drawn if not one.stepless] or ([] if said else drawn)
    steps: list[FloatArray] = []
    axes: tuple[list[FloatArray], list[FloatArray]] = [], []
    seen: set[tuple[float, float, int]] = set()
    for one in placed:
        if not one.steps.size:
            continue
        # Curves of one logger share their axis; reading it once is enough.
        axis = (float(one.steps[0]), float(one.steps[-1]), one.steps.size)
        if axis in seen:
            continue
        seen.add(axis)
        keep = _even(one.steps.size)
        steps.append(one.steps[keep])
        for found, values in zip(axes, (one.epochs, one.times), strict=True):
            found.append(np.full(len(keep), np.nan) if values is None else values[keep])
    steps.append(np.array([step for step, _, _ in said], np.float64))
    axes[0].append(np.array([epoch for _, epoch, _ in said], np.float64))
    axes[1].append(np.array([time for _, _, time in said], np.float64))
    return _table(np.concatenate(steps), np.concatenate(axes[0]), np.concatenate(axes[1]))


def _table(steps: FloatArray, epochs: FloatArray, times: FloatArray) -> tuple[Moment, ...]:
    """Rows of all files as one row a step; where several tell of a step, the last one is believed."""
    whole = np.abs(steps) < LARGEST_STEP
    steps = np.trunc(steps[whole])
    rows = np.unique(steps)
    rows = rows[_even(len(rows))]
    told = (_last_said(rows, steps, said[whole]) for said in (epochs, times))
    return tuple(map(Moment, rows.astype(np.int64).tolist(), *told))


def _last_said(rows: FloatArray, steps: FloatArray, values: FloatArray) -> list[float | None]:
    """For each row the value that was said last of its step, None where none was."""
    known = np.isfinite(values)
    at, from_the_end = np.unique(steps[known][::-1], return_index=True)
    if not len(at):
        return [None] * len(rows)
    said = values[known][::-1][from_the_end]
    places = np.minimum(np.searchsorted(at, rows), len(at) - 1)
    found: list[float | None] = said[places].tolist()
    for lacking in np.flatnonzero(at[places] != rows).tolist():
        found[lacking] = None
    return found


def _even(count: int) -> IntArray:
    """At most MAX_MOMENTS indices below `count`, evenly spaced, first and last among them."""
    if count <= MAX_MOMENTS:
        return np.arange(count)
    return np.linspace(0, count - 1, MAX_MOMENTS).round().astype(np.int64)
