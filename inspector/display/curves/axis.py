"""Where the points of a series stand on the x axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray
from inspector.formats.series import Series
from inspector.runs.values import Moment
from inspector.session.values import XAxis

# With so many records an epoch on average, epochs are counted and not measured.
MANY_STEPS = 3

_NOTHING: FloatArray = np.zeros(0)


class StepTable(msgspec.Struct, frozen=True):
    """Steps and what stands beside them on another axis.

    Attributes:
        steps, x: (rows,) float64, finite; steps strictly rising.
        spread: records name only the whole epoch that they lie in, so the table's fractions place them better.
    """

    steps: FloatArray
    x: FloatArray
    spread: bool = False

    def at(self, steps: FloatArray) -> FloatArray:
        """Interpolated x, NaN before the first and after the last row."""
        if not self.steps.size:
            return np.full(steps.shape, np.nan)
        return np.interp(steps, self.steps, self.x, left=np.nan, right=np.nan)


def _own(series: Series, axis: XAxis) -> FloatArray | None:
    return {"step": series.steps, "epoch": series.epochs, "time": series.times}[axis]


def step_table(all_series: Iterable[Series], moments: Sequence[Moment], axis: XAxis) -> StepTable:
    """What every file together says of steps and epochs (or times); the first one to name a step is believed."""
    steps: list[FloatArray] = []
    values: list[FloatArray] = []
    for series in all_series:
        own = _own(series, axis)
        if own is not None and not series.stepless:
            steps.append(series.steps)
            values.append(own)
    known = [(moment.step, moment.epoch if axis == "epoch" else moment.time) for moment in moments]
    steps.append(np.array([step for step, value in known if value is not None], np.float64))
    values.append(np.array([value for _, value in known if value is not None], np.float64))
    step, value = np.concatenate(steps), np.concatenate(values)
    finite = np.isfinite(step) & np.isfinite(value)
    unique, first = np.unique(step[finite], return_index=True)
    table = StepTable(unique, value[finite][first])
    return _spread(table) if axis == "epoch" else table


def _spread(table: StepTable) -> StepTable:
    """Rows at the first step of each epoch where many steps share one, so that those between get fractions."""
    starts = np.flatnonzero(np.diff(table.x, prepend=np.nan) != 0)
    if starts.size * MANY_STEPS > table.steps.size or starts.size < 2:
        return table
    steps, x = table.steps[starts], table.x[starts]
    length = (steps[-1] - steps[-2]) / max(x[-1] - x[-2], 1e-12)
    last = table.steps[-1]
    if last > steps[-1] and length > 0:
        steps, x = np.append(steps, last), np.append(x, x[-1] + min((last - steps[-1]) / length, 1.0))
    return StepTable(steps, x, spread=True)


def place(series: Series, axis: XAxis, table: StepTable, origin: float) -> FloatArray:
    """X of each point.

    Args:
        series: the curve.
        axis: what x counts.
        table: places points that lack an epoch or a time of their own.
        origin: taken from every time, so that time is seconds since the run's first record; 0 on other axes.

    Returns:
        (points,) float64, NaN where no file tells.
    """
    if axis == "step":
        return series.steps
    own = None if table.spread and not series.stepless else _own(series, axis)
    x = np.full(series.steps.shape, np.nan) if own is None else own
    missing = ~np.isfinite(x)
    if missing.any() and not series.stepless:
        x = np.where(missing, table.at(series.steps), x)
    return x - origin


def cursor_table(table: StepTable, axis: XAxis, origin: float) -> StepTable:
    """The table between steps and x for the cursor, x rising; empty on the step axis."""
    if axis == "step" or not table.steps.size:
        return StepTable(_NOTHING, _NOTHING)
    highest = np.maximum.accumulate(table.x)
    kept = table.x >= highest
    return StepTable(table.steps[kept], table.x[kept] - origin)
