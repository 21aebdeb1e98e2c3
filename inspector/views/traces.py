"""What a canvas draws, and what can be told of it without drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from inspector.analysis.pyramid import Pyramid
from inspector.core.arrays import FloatArray, IntArray


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One curve.

    Attributes:
        ink: a number dealt out by the series palette, or a token.
        parts: the curve; a new part begins where x fell back.
        behind: drawn faint below it: the values as logged.
        stale: indices of parts that a later attempt took the place of; they are drawn paler.
        dashed: it is planned, not logged.
        variant: curves of one ink are told apart by it; 0 is solid.
        dim: it steps back behind the others.
        lost_x: (marks,) float64, where a value was not finite.
        lost_kinds: (marks,) int64: 0 for NaN, 1 for +inf, 2 for -inf; NaN all of them where it is empty.
    """

    label: str
    ink: int | str
    parts: tuple[Pyramid, ...]
    behind: tuple[Pyramid, ...] = ()
    stale: frozenset[int] = frozenset()
    dashed: bool = False
    variant: int = 0
    dim: bool = False
    lost_x: FloatArray = msgspec.field(default_factory=lambda: np.zeros(0))
    lost_kinds: IntArray = msgspec.field(default_factory=lambda: np.zeros(0, np.int64))


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """A band under the curves.

    Attributes:
        lows, highs: its edges, with the same x.
        ink: as of a trace.
        label: what it shows.
    """

    lows: Pyramid
    highs: Pyramid
    ink: int | str
    label: str


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stands at an x.

    Attributes:
        kind: `checkpoint`, `dump`, `seam`, `finding`, `warm-up` or `evidence`.
        until: where it ends, for what has a length; None otherwise.
        opens: what a press on it opens, empty for nothing.
        severity: of a finding or its evidence: `info`, `warning`, `error` or `critical`; empty otherwise.
    """

    x: float
    kind: str
    label: str
    opens: str = ""
    until: float | None = None
    severity: str = ""


class Nearest(msgspec.Struct, frozen=True):
    """The point of a curve that is nearest to an x.

    Attributes:
        trace: index of the curve.
        x: of the point.
        shown: its value as drawn.
        logged: its value as logged; the same where there is no smoothing.
    """

    trace: int
    x: float
    shown: float
    logged: float


def extent(arrays: Sequence[FloatArray]) -> tuple[float, float]:
    """Least and greatest finite value of all; NaN twice where there is none."""
    finite = [array[np.isfinite(array)] for array in arrays]
    filled = [array for array in finite if array.size]
    if not filled:
        return math.nan, math.nan
    return min(float(array.min()) for array in filled), max(float(array.max()) for array in filled)


def extremes(parts: Sequence[Pyramid]) -> tuple[float, float]:
    """Least and greatest finite y, read from the tops of pyramids; NaN twice where there is none."""
    return extent([levels[-1] for part in parts if part.y.size for levels in (part.lows, part.highs)])


def value_at(parts: Sequence[Pyramid], x: float) -> float:
    """The y of the last point at or before x, NaN where there is none or a gap."""
    for part in reversed(parts):
        if part.x.size and part.x[0] <= x:
            return float(part.y[int(np.searchsorted(part.x, x, "right")) - 1])
    return math.nan


def nearest(trace: Trace, index: int, x: float, reach: float) -> Nearest | None:
    """The point of a curve that is nearest to x; None where its ends are farther off than `reach`.

    Of parts that hold equally near points the last one tells.
    """
    found: Nearest | None = None
    for number in reversed(range(len(trace.parts))):
        part = trace.parts[number]
        if not part.x.size or x < part.x[0] - reach or x > part.x[-1] + reach:
            continue
        after = min(int(np.searchsorted(part.x, x)), part.x.size - 1)
        place = after - 1 if after and x - part.x[after - 1] <= part.x[after] - x else after
        if found is None or abs(part.x[place] - x) < abs(found.x - x):
            shown = float(part.y[place])
            logged = float(trace.behind[number].y[place]) if number < len(trace.behind) else shown
            found = Nearest(index, float(part.x[place]), shown, logged)
    return found


def outside(parts: Sequence[Pyramid], x: tuple[float, float], y: tuple[float, float]) -> tuple[int, int]:
    """How many points within an x range lie above a y range, and how many below it."""
    above = below = 0
    for part in parts:
        first, last = np.searchsorted(part.x, x[0], "left"), np.searchsorted(part.x, x[1], "right")
        values = part.y[first:last]
        above += int(np.count_nonzero(values > y[1]))
        below += int(np.count_nonzero(values < y[0]))
    return above, below
