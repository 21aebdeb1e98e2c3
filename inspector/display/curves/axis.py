"""Where the points of a series stand on the x axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray, IntArray
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.formats.metric_names import words
from inspector.formats.series import Series
from inspector.runs.values import Moment
from inspector.session.values import XAxis

# With so many records an epoch on average, epochs are counted and not measured.
MANY_STEPS = 3

_MOST_ROWS = 1_000_000
"""Rows of one series that the table takes; a longer one is thinned evenly."""

_CURSOR_ROWS = 20_000
"""Rows that travel to the window; between them is interpolated."""

_SAMPLES = frozenset(("samples", "examples", "images", "sequences", "seen"))
"""A curve whose name is made of these words and those of _COUNTS counts samples."""

_COUNTS = frozenset(
    ("num", "number", "n", "of", "total", "consumed", "processed", "trained", "count", "train", "trainer")
)

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
        """X of steps, (points,) float64, interpolated; NaN before the first and after the last row."""
        if not self.steps.size:
            return np.full(steps.shape, np.nan)
        return np.interp(steps, self.steps, self.x, left=np.nan, right=np.nan)


_EMPTY = StepTable(_NOTHING, _NOTHING)


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """An x axis.

    Attributes:
        table: places steps where a series does not place itself; empty for steps themselves.
        origin: taken from every time, so that `time` is seconds since the run's first record; 0 on other axes.
        factor: samples a step, where samples are so counted; NaN otherwise.
        metric: the curve whose values are x, None on other axes.
    """

    kind: XAxis
    label: str
    table: StepTable = _EMPTY
    origin: float = 0.0
    factor: float = float("nan")
    metric: Series | None = None

    def of_steps(self, steps: FloatArray) -> FloatArray:
        """X of steps, (points,) float64; NaN where no file tells."""
        if self.kind == "step":
            return steps
        if np.isfinite(self.factor):
            return steps * self.factor
        return self.table.at(steps) - self.origin


STEPS = Axis(kind="step", label=tr("step"))

_LABELS: dict[XAxis, str] = {
    "epoch": tr("epoch"),
    "time": tr("time since the first record"),
    "wall": tr("wall time"),
    "samples": tr("samples"),
}

AXIS_WORDS: dict[XAxis, str] = {
    "step": tr("step"),
    "epoch": tr("epoch"),
    "time": tr("time"),
    "wall": tr("time"),
    "samples": tr("samples"),
    "metric": tr("metric"),
}
"""What a record lacks that has no place on an axis."""


def axis_of(
    all_series: Sequence[Series],
    kind: XAxis,
    moments: Sequence[Moment] = (),
    *,
    metric: str = "",
    batch_size: float | None = None,
) -> tuple[Axis, str]:
    """The axis that is asked for, or steps where no file knows it; and why it is steps, one sentence."""
    if kind == "step" or not all_series:
        return STEPS, ""
    if kind == "metric":
        chosen = next((series for series in all_series if series.tag == metric), None)
        if chosen is None:
            unknown = tr("no curve is called {metric!r}, so steps are shown").format(metric=visible(metric, 80))
            return STEPS, unknown if metric else ""
        return Axis(kind="metric", label=visible(metric, 80), table=_table_of([chosen], "values"), metric=chosen), ""
    if kind == "samples":
        return _samples_axis(all_series, batch_size)
    axis = Axis(
        kind=kind,
        label=_LABELS[kind],
        table=step_table(all_series, moments, kind),
        origin=first_time(all_series) if kind == "time" else 0.0,
    )
    own = [_own(series, kind) for series in all_series]
    if axis.table.steps.size or any(values is not None and np.isfinite(values).any() for values in own):
        return axis, ""
    return STEPS, tr("no log tells the {what}, so steps are shown").format(what=AXIS_WORDS[kind])


def _samples_axis(all_series: Sequence[Series], batch_size: float | None) -> tuple[Axis, str]:
    counted = next((series for series in all_series if counts_samples(series.tag)), None)
    if counted is not None:
        return Axis(kind="samples", label=_LABELS["samples"], table=_table_of([counted], "values")), ""
    if batch_size:
        label = tr("samples (steps of {batch_size:,g})").format(batch_size=batch_size)
        return Axis(kind="samples", label=label, factor=batch_size), ""
    return STEPS, tr("no log counts samples and no setting tells the batch size, so steps are shown")


def counts_samples(tag: str) -> bool:
    """Whether a curve is the number of samples seen (`train/consumed_samples`)."""
    found = set(words(tag))
    return bool(found & _SAMPLES) and not found - _SAMPLES - _COUNTS


def _own(series: Series, kind: XAxis) -> FloatArray | None:
    return {"epoch": series.epochs, "time": series.times, "wall": series.times}.get(kind)


def first_time(all_series: Sequence[Series]) -> float:
    """The time of the run's first record."""
    times = [series.times[np.isfinite(series.times)] for series in all_series if series.times is not None]
    return min((float(known.min()) for known in times if known.size), default=0.0)


def step_table(all_series: Iterable[Series], moments: Sequence[Moment], kind: XAxis) -> StepTable:
    """What every file together says of steps and epochs (or times); the first one to name a step is believed."""
    known = [(moment.step, moment.epoch if kind == "epoch" else moment.time) for moment in moments]
    stated = [(float(step), value) for step, value in known if value is not None]
    table = _table_of(all_series, "epochs" if kind == "epoch" else "times", stated)
    return _spread(table) if kind == "epoch" else table


def _table_of(all_series: Iterable[Series], field: str, stated: Sequence[tuple[float, float]] = ()) -> StepTable:
    steps: list[FloatArray] = []
    values: list[FloatArray] = []
    seen: set[tuple[float, float, int]] = set()
    for series in all_series:
        own: FloatArray | None = getattr(series, field)
        if own is None or series.stepless or not own.size:
            continue
        # Curves of one logger share their axis; reading it once is enough.
        shape = (float(series.steps[0]), float(series.steps[-1]), series.steps.size)
        if shape in seen:
            continue
        seen.add(shape)
        kept = slice(None, None, -(-own.size // _MOST_ROWS))
        steps += [series.steps[kept], series.steps[-1:]]
        values += [own[kept], own[-1:]]
    steps.append(np.array([step for step, _ in stated], np.float64))
    values.append(np.array([value for _, value in stated], np.float64))
    step, value = np.concatenate(steps), np.concatenate(values)
    finite = np.isfinite(step) & np.isfinite(value)
    if not finite.all():
        step, value = step[finite], value[finite]
    if (step[1:] > step[:-1]).all():
        return StepTable(step, value)
    unique, first = np.unique(step, return_index=True)
    return StepTable(unique, value[first])


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


def place(series: Series, axis: Axis) -> FloatArray:
    """X of each point: (points,) float64, NaN where no file tells."""
    if axis.kind == "step":
        return series.steps
    if np.isfinite(axis.factor):
        return np.full(series.steps.shape, np.nan) if series.stepless else series.steps * axis.factor
    if axis.metric is not None and np.array_equal(series.steps, axis.metric.steps):
        return axis.metric.values  # record by record, repeated steps too
    own = None if axis.table.spread and not series.stepless else _own(series, axis.kind)
    x = np.full(series.steps.shape, np.nan) if own is None else own
    missing = ~np.isfinite(x)
    if missing.any() and not series.stepless:
        x = np.where(missing, axis.table.at(series.steps), x)
    return x - axis.origin if axis.origin else x


def interpolated(series: Series, axis: Axis) -> bool:
    """Whether a series stands between records of the metric that is x."""
    return axis.metric is not None and not np.isin(series.steps, axis.table.steps).all()


def cursor_table(axis: Axis) -> StepTable:
    """The table between steps and x for the cursor, x rising; empty on the step axis."""
    if np.isfinite(axis.factor):
        return StepTable(np.array([0.0, 1e15]), np.array([0.0, 1e15]) * axis.factor)
    if axis.kind == "step" or not axis.table.steps.size:
        return _EMPTY
    rows = _even(axis.table.steps.size)
    steps, x = axis.table.steps[rows], axis.table.x[rows]
    kept = x >= np.maximum.accumulate(x)
    return StepTable(steps[kept], x[kept] - axis.origin)


def _even(count: int) -> IntArray:
    return np.unique(np.linspace(0, count - 1, min(count, _CURSOR_ROWS)).round().astype(np.int64))
