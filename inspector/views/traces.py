"""What a canvas draws, and what can be told of it without drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from inspector.analysis.pyramid import Pyramid
from inspector.core.arrays import FloatArray

MAX_DOTS = 2000


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One curve.

    Attributes:
        ink: a number dealt out by the series palette, or a token.
        parts: the curve; a new part begins where x fell back.
        behind: drawn faint below it: the values as logged.
        dim: it steps back behind the others.
        lost_x, lost_y: (marks,) float64, where a mark says that a value was not finite.
    """

    label: str
    ink: int | str
    parts: tuple[Pyramid, ...]
    behind: tuple[Pyramid, ...] = ()
    dashed: bool = False
    dim: bool = False
    lost_x: FloatArray = msgspec.field(default_factory=lambda: np.zeros(0))
    lost_y: FloatArray = msgspec.field(default_factory=lambda: np.zeros(0))


def lonely_points(part: Pyramid) -> tuple[FloatArray, FloatArray]:
    """The points between two gaps or ends, at most MAX_DOTS of them.

    Returns:
        Their x and their y, each (points,) float64 without NaN in y.
    """
    finite = np.isfinite(part.y)
    joined = finite[1:] & finite[:-1]
    alone = finite.copy()
    alone[1:] &= ~joined
    alone[:-1] &= ~joined
    places = np.flatnonzero(alone)[:MAX_DOTS]
    return part.x[places], part.y[places]


def log10_or_gap(values: FloatArray) -> FloatArray:
    """The logarithm to base 10, shape kept; NaN, a gap, at or below 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)


def extent(arrays: Sequence[FloatArray]) -> tuple[float, float]:
    """Least and greatest finite value of all; NaN twice where there is none."""
    finite = [array[np.isfinite(array)] for array in arrays]
    filled = [array for array in finite if array.size]
    if not filled:
        return math.nan, math.nan
    return min(float(array.min()) for array in filled), max(float(array.max()) for array in filled)


def value_at(parts: Sequence[Pyramid], x: float) -> float:
    """The y of the last point at or before x, NaN where there is none or a gap."""
    for part in reversed(parts):
        if part.x.size and part.x[0] <= x:
            return float(part.y[int(np.searchsorted(part.x, x, "right")) - 1])
    return math.nan
