"""From what is brushed on an axis to the samples that it keeps, and back."""

from __future__ import annotations

import math

import numpy as np

from inspector.display.points.plots.scene import Axis
from inspector.session.gallery import NumberRange

Ends = tuple[float, float]
"""The lower and the upper end."""


def kept_range(axis: Axis, ends: Ends) -> NumberRange:
    """The range of the axis's column between two places on it; at an end of the axis all that lies beyond."""
    low, high = sorted(min(max(end, axis.low), axis.high) for end in ends)
    if axis.steps is not None:
        values = np.interp((low, high), *axis.steps).tolist()
        return NumberRange(axis.column, min(values), max(values))
    if low <= axis.low and axis.least < axis.low:
        low = axis.least
    if high >= axis.high and axis.most > axis.high:
        high = axis.most
    return NumberRange(axis.column, low, high)


def brushed_ends(axis: Axis, kept: NumberRange | None) -> Ends | None:
    """Where on the axis a range of its column lies, None where there is none or it lies beside the axis."""
    if kept is None:
        return None
    low, high = kept.low, kept.high
    if axis.steps is not None:
        low, high = _places(axis, low, high)
    low, high = max(low, axis.low), min(high, axis.high)
    return (low, high) if low <= high and not math.isnan(low + high) else None


def _places(axis: Axis, low: float, high: float) -> Ends:
    """The first and the last place whose value lies in a range; NaN where none does."""
    assert axis.steps is not None
    places, values = axis.steps
    inside = places[(values >= low) & (values <= high)]
    return (float(inside.min()), float(inside.max())) if inside.size else (math.nan, math.nan)
