"""A curve cut to the screen: one upright bar a pixel column where it is dense, points to be joined elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.pyramid import BLOCK, Pyramid, range_extremes
from inspector.core.arrays import AnyArray, FloatArray, IntArray

DENSE = 1.5
"""With more points a column than this a curve is drawn as bars."""


_FINER = 2
"""So many finer levels are tried where blocks are too wide, before each column is searched for itself."""

NO_LINES: AnyArray = np.zeros((0, 4), np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The extremes of a curve in pixel columns.

    Attributes:
        column: (columns,) int64, rising, numbers of the columns that hold a point; -1 and `count` stand for what is
            just outside.
        low, high: (columns,) float64, values as given; NaN where a column holds a gap only.
    """

    column: IntArray
    low: FloatArray
    high: FloatArray


def seen(pyramid: Pyramid, low: float, high: float) -> tuple[int, int]:
    """The first point within low..high and the one after the last."""
    x = pyramid.x
    return int(np.searchsorted(x, low, "left")), int(np.searchsorted(x, high, "right"))


def joined_points(pyramid: Pyramid, first: int, last: int) -> tuple[FloatArray, FloatArray]:
    """The points first..last and one beyond each end."""
    around = slice(max(first - 1, 0), last + 1)
    return pyramid.x[around], pyramid.y[around]


def columns(pyramid: Pyramid, first: int, last: int, edges: tuple[float, float] | FloatArray, count: int) -> Columns:
    """The least and the greatest value in each of `count` columns; every value counts, a spike of one sample too.

    A value is drawn in its column or in the one beside it.

    Args:
        pyramid: of the curve.
        first: the first point seen.
        last: the point after the last one seen.
        edges: the ends of x where columns are equally wide; (count + 1,) borders of the columns otherwise.
        count: of columns.
    """
    coarsest = _level(last - first, count)
    for level in range(coarsest, max(coarsest - _FINER, -1) - 1, -1):
        size = BLOCK << level if level >= 0 else 1
        blocks = slice(max(first // size - 1, 0), -(-last // size) + 1)
        column = _column(pyramid.x[blocks.start * size : blocks.stop * size : size], edges, count)
        steps = column[1:] - column[:-1]
        # A block ends before the next one starts, so that only a leap between starts can hide a wide one.
        if level < 0 or steps[1:].max(initial=0) <= 1:
            lows = pyramid.lows[level][blocks] if level >= 0 else pyramid.y[blocks]
            highs = pyramid.highs[level][blocks] if level >= 0 else lows
            return _gathered(column, steps, lows, highs)
    return _exact(pyramid, first, last, edges, count)


def _level(points: int, count: int) -> int:
    """The level with one to two blocks a column; -1 where points themselves are as few."""
    ratio = points // (BLOCK * max(count, 1))
    return ratio.bit_length() - 1


def _column(x: FloatArray, edges: tuple[float, float] | FloatArray, count: int) -> IntArray:
    """Numbers of columns; only the first and the last x may lie outside."""
    if isinstance(edges, tuple):
        column = ((x - edges[0]) * (count / (edges[1] - edges[0]))).astype(np.int64)
        if x.size and x[0] < edges[0]:
            column[0] = -1
    else:
        column = np.searchsorted(edges, x, "right") - 1
    column[-1:] = np.minimum(column[-1:], count)
    return column


def _gathered(column: IntArray, steps: IntArray, lows: FloatArray, highs: FloatArray) -> Columns:
    """Neighbours of one column together."""
    first = np.concatenate([[0], np.flatnonzero(steps) + 1]) if len(column) else column
    last = np.append(first[1:], len(column)) - 1
    reach = last - first
    if reach.max(initial=0) > 2:
        return Columns(column[first], _known(np.fmin.reduceat(lows, first)), _known(np.fmax.reduceat(highs, first)))
    low, high = np.fmin(lows[first], lows[last]), np.fmax(highs[first], highs[last])
    if reach.max(initial=0) > 1:
        middle = first + (reach > 1)
        low, high = np.fmin(low, lows[middle]), np.fmax(high, highs[middle])
    return Columns(column[first], _known(low), _known(high))


def _known(values: FloatArray) -> FloatArray:
    """Infinities, which only a block of gaps has, as gaps."""
    lost = np.isinf(values)
    return np.where(lost, np.nan, values) if lost.any() else values


def _exact(pyramid: Pyramid, first: int, last: int, edges: tuple[float, float] | FloatArray, count: int) -> Columns:
    """As `columns`, where blocks are too wide: each column that holds a point is looked up for itself."""
    inner = np.linspace(*edges, count + 1)[1:-1] if isinstance(edges, tuple) else edges[1:-1]
    around = (max(first - 1, 0), min(last + 1, len(pyramid.x)))
    bounds = first + np.searchsorted(pyramid.x[first:last], inner, "left")
    starts = np.concatenate([[around[0], first], bounds, [last]])
    stops = np.append(starts[1:], around[1])
    filled = stops > starts
    low, high = range_extremes(pyramid, starts[filled], stops[filled])
    return Columns(np.arange(-1, count + 1)[filled], _known(low), _known(high))


def bars(cut: Columns, top: FloatArray, bottom: FloatArray) -> tuple[AnyArray, AnyArray]:
    """Upright bars that together are one unbroken line, and slanted ones over columns without a point.

    Args:
        cut: the columns.
        top: (columns,) pixels of `cut.high` from the top of the screen; NaN for a gap.
        bottom: (columns,) pixels of `cut.low`.

    Returns:
        (bars, 4) int32: left, first row, right and last row of each, left and right the same; (lines, 4) int32: column
        and row of both ends.
    """
    column = cut.column
    if np.isnan(top).any() or np.isnan(bottom).any():
        known = ~(np.isnan(top) | np.isnan(bottom))
        between = np.flatnonzero(known[1:] & known[:-1]) + 1
        # Points of one unbroken piece follow each other without a gap among the known ones.
        unbroken = np.zeros(len(column), bool)
        unbroken[between] = True
        column, top, bottom, unbroken = column[known], top[known], bottom[known], unbroken[known][1:]
    else:
        unbroken = np.ones(max(len(column) - 1, 0), bool)
    edges = np.empty((len(column), 4), np.int32)
    edges[:, 0] = edges[:, 2] = column
    beside = column[1:] - column[:-1] == 1
    apart = unbroken & ~beside
    beside &= unbroken
    # A column reaches down or up to where the one after it begins.
    reached_top, reached_bottom = top.copy(), bottom.copy()
    np.minimum(top[:-1], bottom[1:], out=reached_top[:-1], where=beside)
    np.maximum(bottom[:-1], top[1:], out=reached_bottom[:-1], where=beside)
    edges[:, 1], edges[:, 3] = np.rint(reached_top), np.rint(reached_bottom)
    if not apart.any():
        return edges, NO_LINES
    middle = (top + bottom) / 2
    slanted = np.column_stack([column[:-1], middle[:-1], column[1:], middle[1:]])[apart]
    return edges, np.rint(slanted).astype(np.int32)
