"""A series as a line: smoothed, cut where x falls back, with marks where a value was not finite."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from inspector.analysis.attempts import standing_ends
from inspector.analysis.pyramid import Pyramid, restarts
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.pulse import Pulse
from inspector.display.curves.kept import KeptCurve, Smoothing, attempts
from inspector.display.curves.scene import Levels, Line, Stretch
from inspector.formats.series import Series

# Every loss of a run may be NaN; so many marks show it as well as all of them.
MAX_MARKS = 500
# Fractions of the values left out at either end where outliers are ignored.
OUTLIER_SHARE = 0.02
# Quantiles of so many values, taken evenly, are near enough to those of all.
_QUANTILE_POINTS = 200_000
_NOTHING: FloatArray = np.zeros(0)
MAX_STRETCHES = 500
"""Where x falls more often, as against a metric, points are drawn in the order of x."""


class Points(msgspec.Struct, frozen=True):
    """The points of a series that have a place on the axis.

    Attributes:
        x, y, steps: (points,) float64, x finite.
        starts: (attempts,) int64.
        sorted: they stand in the order of x, because x falls too often.
    """

    x: FloatArray
    y: FloatArray
    steps: FloatArray
    starts: IntArray
    sorted: bool = False


def points_of(series: Series, x: FloatArray) -> Points:
    """What of a series can be drawn at these x, (points,) float64; points where x is not finite are left out."""
    starts = series.starts if series.starts is not None and series.starts.size else np.zeros(1, np.int64)
    placed = np.isfinite(x)
    if placed.all():
        return _ordered(Points(x, series.values, series.steps, starts))
    before = np.concatenate([[0], np.cumsum(placed)])
    kept = before[np.minimum(starts, len(x))]
    return _ordered(Points(x[placed], series.values[placed], series.steps[placed], np.unique(kept)))


def _ordered(points: Points) -> Points:
    if len(restarts(points.x)) - len(points.starts) <= MAX_STRETCHES:
        return points
    order = np.argsort(points.x, kind="stable")
    return Points(points.x[order], points.y[order], points.steps[order], np.zeros(1, np.int64), sorted=True)


class Part(msgspec.Struct, frozen=True):
    """Where a stretch begins and ends, and whether a later attempt took its place."""

    begin: int
    end: int
    attempt: int
    dim: bool


def parts_of(points: Points) -> Iterator[Part]:
    """The stretches of a line: cut at attempts, where x falls, and where a later attempt takes over.

    The part that is taken over begins at the last point that stands, so that the line is not broken.
    """
    ends = standing_ends(points.steps, points.starts)
    for attempt, (begin, end) in enumerate(attempts(points.starts, len(points.x))):
        stands = int(ends[attempt])
        cuts = begin + restarts(points.x[begin:end])
        edges = [begin, *cuts.tolist(), end]
        for first, last in itertools.pairwise(edges):
            if first < stands < last:
                yield Part(first, stands, attempt, dim=False)
                yield Part(stands - 1, last, attempt, dim=True)
            elif last > first:
                yield Part(first, last, attempt, dim=first >= stands)


def stretches_of(points: Points, kept: KeptCurve, smoothing: Smoothing, pulse: Pulse) -> tuple[Stretch, ...]:
    """A line as stretches along which x does not fall, each smoothed from the start of its attempt.

    Args:
        points: what is drawn.
        kept: the same points, with what is known of them.
        smoothing: nothing is done where it has no text.
        pulse: is beaten while smoothing.
    """
    smooth = bool(smoothing.text)
    if smooth:
        kept.smooth(smoothing, pulse)
    stretches = []
    for part in parts_of(points):
        logged = kept.pyramid(part.begin, part.end, pulse)
        if smooth:
            shown = kept.smooth_pyramid(part.attempt, part.begin, part.end, pulse)
            stretches.append(Stretch(logged.x, _levels(shown), _levels(logged), part.attempt, part.dim))
        else:
            stretches.append(Stretch(logged.x, _levels(logged), None, part.attempt, part.dim))
    return tuple(stretches)


def _levels(pyramid: Pyramid) -> Levels:
    return Levels(pyramid.y, pyramid.lows, pyramid.highs)


def lost_points(x: FloatArray, y: FloatArray, lost: IntArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Where values are not finite: x, the last finite value before it (or the first one after), and what it was.

    Args:
        x: (points,) float64.
        y: (points,) float64.
        lost: (not finite,) int64, the indices of those values, rising.

    Returns:
        Two (marks,) float64 and one (marks,) int64 of at most MAX_MARKS; y NaN where the curve has no finite value at
        all; the kinds are 0 for NaN, 1 for +inf, 2 for -inf.
    """
    if not lost.size:
        return _NOTHING, _NOTHING, lost
    shown = even_share(lost, MAX_MARKS)
    bad = y[shown]
    kinds = np.where(np.isnan(bad), 0, np.where(bad > 0, 1, 2))
    if lost.size == y.size:
        return x[shown], np.full(shown.shape, np.nan), kinds
    # Of each run of lost values, the value before its first; of one at the very start, the value behind its last.
    heads = lost[np.diff(lost, prepend=-2) > 1]
    tails = lost[np.diff(lost, append=y.size + 1) > 1]
    run = np.searchsorted(heads, shown, "right") - 1
    before = heads[run] - 1
    return x[shown], y[np.where(before >= 0, before, np.minimum(tails[run] + 1, y.size - 1))], kinds


def even_share(indices: IntArray, most: int) -> IntArray:
    """At most so many of the indices, (count,) int64, evenly taken, the first and the last among them."""
    if indices.size <= most:
        return indices
    return indices[np.linspace(0, indices.size - 1, most).astype(np.int64)]


def fitting_range(lines: Sequence[Line], *, ignore_outliers: bool, positive: bool) -> tuple[float, float]:
    """Least and greatest value to show, as logged; NaN twice where there is none.

    Args:
        lines: of one panel.
        ignore_outliers: leave out a small share of each line at either end.
        positive: only what is above 0 counts.
    """
    lows: list[float] = []
    highs: list[float] = []
    for line in lines:
        for stretch in line.stretches:
            ends = _range_of(stretch.logged or stretch.shown, ignore_outliers=ignore_outliers, positive=positive)
            if ends is not None:
                lows.append(ends[0])
                highs.append(ends[1])
    return (min(lows), max(highs)) if lows else (math.nan, math.nan)


def _range_of(levels: Levels, *, ignore_outliers: bool, positive: bool) -> tuple[float, float] | None:
    if not levels.lows or not levels.lows[-1].size:
        return None
    low, high = float(levels.lows[-1].min()), float(levels.highs[-1].max())
    if low > high or (positive and not high > 0):
        return None
    if not ignore_outliers and (low > 0 or not positive):
        return low, high
    y = levels.y
    if ignore_outliers and y.size > _QUANTILE_POINTS:
        y = y[:: -(-y.size // _QUANTILE_POINTS)]
    y = y[y > 0] if positive else y[np.isfinite(y)]
    if not y.size:
        return None
    if not ignore_outliers:
        return float(y.min()), high
    ends = np.quantile(y, (OUTLIER_SHARE, 1 - OUTLIER_SHARE))
    return float(ends[0]), float(ends[1])


def extent_x(lines: Sequence[Line]) -> tuple[float, float]:
    """Least and greatest x of lines; NaN twice where there is none."""
    ends = [(float(s.x[0]), float(s.x[-1])) for line in lines for s in line.stretches if s.x.size]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else (math.nan, math.nan)
