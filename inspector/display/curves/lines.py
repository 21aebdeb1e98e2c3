"""A series as a line: smoothed, cut where x falls back, with marks where a value was not finite."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inspector.analysis.pyramid import Pyramid, pyramid_of, restarts
from inspector.analysis.smoothing import smoothed
from inspector.core.arrays import FloatArray
from inspector.display.curves.scene import Levels, Line, Stretch

# Every loss of a run may be NaN; so many marks show it as well as all of them.
MAX_MARKS = 500
# Fractions of the values left out at either end where outliers are ignored.
OUTLIER_SHARE = 0.02


def stretches_of(x: FloatArray, y: FloatArray, smoothing: float) -> tuple[Stretch, ...]:
    """A curve as stretches along which x does not fall; each is smoothed from its own start.

    Args:
        x: (points,) float64; points where it is not finite are left out.
        y: (points,) float64; what is not finite becomes a gap.
        smoothing: decay of the average, 0 for none.
    """
    placed = np.isfinite(x)
    x, y = x[placed], y[placed]
    cuts = restarts(x)
    return tuple(_stretch(*part, smoothing) for part in zip(np.split(x, cuts), np.split(y, cuts), strict=True))


def _stretch(x: FloatArray, y: FloatArray, smoothing: float) -> Stretch:
    logged = pyramid_of(x, y)
    if smoothing <= 0:
        return Stretch(logged.x, _levels(logged))
    return Stretch(logged.x, _levels(pyramid_of(x, smoothed(y, smoothing))), _levels(logged))


def _levels(pyramid: Pyramid) -> Levels:
    return Levels(pyramid.y, pyramid.lows, pyramid.highs)


def lost_points(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where values are not finite: x, and the last finite value before it, or the first one after.

    Returns:
        Two (marks,) float64 of at most MAX_MARKS points; y NaN where the curve has no finite value at all.
    """
    placed = np.isfinite(x)
    x, y = x[placed], y[placed]
    finite = np.isfinite(y)
    lost = np.flatnonzero(~finite)
    if lost.size > MAX_MARKS:
        lost = lost[np.linspace(0, lost.size - 1, MAX_MARKS).astype(np.int64)]
    known = np.flatnonzero(finite)
    if not known.size:
        return x[lost], np.full(lost.shape, np.nan)
    before = np.clip(np.searchsorted(known, lost) - 1, 0, None)
    return x[lost], y[known[before]]


def fitting_range(lines: Sequence[Line], *, ignore_outliers: bool, log_y: bool) -> tuple[float, float]:
    """Least and greatest value to show, as logged; NaN twice where there is none.

    Args:
        lines: of one panel.
        ignore_outliers: leave out a small share of each line at either end.
        log_y: only what is above 0 counts.
    """
    lows: list[float] = []
    highs: list[float] = []
    for line in lines:
        for stretch in line.stretches:
            levels = stretch.logged or stretch.shown
            y = levels.y[levels.y > 0] if log_y else levels.y[np.isfinite(levels.y)]
            if y.size:
                ends = np.quantile(y, (OUTLIER_SHARE, 1 - OUTLIER_SHARE)) if ignore_outliers else (y.min(), y.max())
                lows.append(float(ends[0]))
                highs.append(float(ends[1]))
    return (min(lows), max(highs)) if lows else (math.nan, math.nan)


def extent_x(lines: Sequence[Line]) -> tuple[float, float]:
    """Least and greatest x of lines; NaN twice where there is none."""
    ends = [(float(s.x[0]), float(s.x[-1])) for line in lines for s in line.stretches if s.x.size]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else (math.nan, math.nan)
