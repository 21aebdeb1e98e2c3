"""Curves worked out from other curves by an expression, joined on the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from inspector.analysis.attempts import standing_ends
from inspector.analysis.expressions import Expression, ExpressionError, names_in, parse, worked_out
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.formats.series import Series

_SHOWN_CHARACTERS = 60


def combined(text: str, curves: Mapping[str, Series]) -> tuple[Series, str]:
    """The curve of an expression, and what was assumed for it (one sentence, empty for nothing).

    Curves with the same steps are taken record by record, in all attempts. Otherwise what stands of each curve is
    joined at the steps of the one with the fewest points; where another has no value at such a step it is interpolated
    between its neighbours, and that is said.

    Args:
        text: as the user typed it.
        curves: by tag.

    Raises:
        ExpressionError: the text is no expression, or names no curve of these.
    """
    expression = parse(text, curves)
    names = names_in(expression)
    if not names:
        raise ExpressionError(tr("an expression needs a curve; a number alone does not change over time"))
    used = [curves[name] for name in names]
    first = used[0]
    if all(_same_steps(first, other) for other in used[1:]):
        values = worked_out(expression, {name: curves[name].values for name in names})
        return _like(first, text, values), ""
    if any(series.stepless for series in used):
        lacking = next(name for name in names if curves[name].stepless)
        said = tr("{curve} has no steps by which it could be joined")
        raise ExpressionError(said.format(curve=visible(lacking, _SHOWN_CHARACTERS)))
    return _joined(text, expression, names, [_standing(series) for series in used])


def _same_steps(one: Series, other: Series) -> bool:
    return one.steps is other.steps or np.array_equal(one.steps, other.steps)


def _like(base: Series, tag: str, values: FloatArray) -> Series:
    return Series(
        tag=tag,
        steps=base.steps,
        values=values,
        epochs=base.epochs,
        times=base.times,
        stepless=base.stepless,
        starts=base.starts,
    )


def _joined(text: str, expression: Expression, names: Sequence[str], used: Sequence[Series]) -> tuple[Series, str]:
    base = min(used, key=lambda series: series.steps.size)
    low = max((series.steps[0] for series in used if series.steps.size), default=np.nan)
    high = min((series.steps[-1] for series in used if series.steps.size), default=np.nan)
    inside = (base.steps >= low) & (base.steps <= high)
    if not inside.any():
        raise ExpressionError(tr("the curves share no stretch of steps"))
    base = _taken(base, np.flatnonzero(inside))
    values: dict[str, FloatArray] = {}
    between: list[str] = []
    for name, series in zip(names, used, strict=True):
        place = np.searchsorted(series.steps, base.steps)
        place = np.minimum(place, series.steps.size - 1)
        there = series.steps[place] == base.steps
        missing = int(there.size - there.sum())
        if missing:
            said = tr("{curve} at {count:,} of {steps}")
            steps = tr_counted(base.steps.size, "step")
            between.append(said.format(curve=visible(name, _SHOWN_CHARACTERS), count=missing, steps=steps))
        values[name] = series.values[place]
        if missing:
            values[name] = np.where(there, values[name], np.interp(base.steps, series.steps, series.values))
    found = _like(base, text, worked_out(expression, values))
    if not between:
        return found, ""
    said = tr("{expression}: interpolated {curves}")
    return found, said.format(expression=visible(text, _SHOWN_CHARACTERS), curves=", ".join(between))


def _standing(series: Series) -> Series:
    """What no later attempt has replaced, its steps strictly rising; of repeated steps the last."""
    starts = series.starts if series.starts is not None and series.starts.size else np.zeros(1, np.int64)
    stands = np.zeros(series.steps.size, bool)
    for begin, end in zip(starts.tolist(), standing_ends(series.steps, starts).tolist(), strict=True):
        stands[begin:end] = True
    kept = np.flatnonzero(stands & np.isfinite(series.steps))
    if kept.size == series.steps.size and (series.steps[1:] > series.steps[:-1]).all():
        return series
    backwards = kept[::-1]
    _, last = np.unique(series.steps[backwards], return_index=True)
    return _taken(series, backwards[last])


def _taken(series: Series, rows: IntArray) -> Series:
    def some(values: FloatArray | None) -> FloatArray | None:
        return None if values is None else values[rows]

    return Series(
        tag=series.tag,
        steps=series.steps[rows],
        values=series.values[rows],
        epochs=some(series.epochs),
        times=some(series.times),
        stepless=series.stepless,
    )
