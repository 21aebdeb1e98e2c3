"""A long curve cut down to what a picture of it can show, without losing a single spike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray, ShapeError
from inspector.core.pulse import QUIET, Pulse

BLOCK = 16
"""Points under one entry of the lowest level; each higher level halves. The levels add a quarter to the curve."""

_PIECE = 8192 * BLOCK
"""Points looked at between two beats; they stay in the processor's cache."""

_WIDEST_PAIR_PX = 2.5
"""Blocks of equally many points are drawn where none is wider; elsewhere each column is searched for itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """A curve with the least and largest value of its blocks.

    Attributes:
        x, y: (points,) float64, x never falling; y NaN where there is a gap.
        lows, highs: one array a level, for blocks of 16, 32, 64, ... points; +inf and -inf where all are gaps.
    """

    x: FloatArray
    y: FloatArray
    lows: tuple[FloatArray, ...]
    highs: tuple[FloatArray, ...]


def pyramid_of(x: AnyArray, y: AnyArray, pulse: Pulse = QUIET) -> Pyramid:
    """The pyramid of a curve whose x never falls.

    Args:
        x: (points,) any real dtype; points without a finite x are left out.
        y: (points,) any real dtype; NaN is a gap, and what is infinite becomes one.
        pulse: is beaten between parts of a long curve.

    Raises:
        ShapeError: x and y differ in length.
        ValueError: x falls somewhere; cut the curve at `restarts` first.
        WorkCancelled: the pulse was cancelled.
    """
    if x.ndim != 1 or x.shape != y.shape:
        message = f"as many x as y are needed, these are {x.shape} and {y.shape}"
        raise ShapeError(message)
    placed = np.isfinite(x)
    xs = np.asarray(x if placed.all() else x[placed], np.float64)
    ys = np.asarray(y if placed.all() else y[placed], np.float64)
    if (xs[1:] < xs[:-1]).any():
        message = "the x of a curve falls; cut it there first"
        raise ValueError(message)
    low, high, infinite = _blocks(ys, pulse)
    if infinite:
        ys = np.where(np.isfinite(ys), ys, np.nan)
    return Pyramid(xs, ys, _levels(low, np.minimum), _levels(high, np.maximum))


def _blocks(y: FloatArray, pulse: Pulse) -> tuple[FloatArray, FloatArray, bool]:
    """Least and greatest of blocks of 16 points, the last one perhaps short, and whether any value is infinite."""
    low, high = np.empty(-(-len(y) // BLOCK)), np.empty(-(-len(y) // BLOCK))
    infinite = False
    for start in range(0, len(y), _PIECE):
        pulse.beat(start, len(y), "arranging curves")
        part = y[start : start + _PIECE]
        bottom = top = part
        finite = np.isfinite(part)
        if not finite.all():
            infinite = infinite or bool(np.isinf(part).any())
            bottom, top = np.where(finite, part, np.inf), np.where(finite, part, -np.inf)
        blocks = slice(start // BLOCK, start // BLOCK + -(-len(part) // BLOCK))
        low[blocks], high[blocks] = _reduced(bottom, np.minimum), _reduced(top, np.maximum)
    return low, high, infinite


def _reduced(values: FloatArray, extreme: np.ufunc) -> FloatArray:
    whole = len(values) // BLOCK * BLOCK
    level: FloatArray = extreme.reduce(values[:whole].reshape(-1, BLOCK), axis=1)
    return np.append(level, extreme.reduce(values[whole:])) if whole < len(values) else level


def _levels(level: FloatArray, extreme: np.ufunc) -> tuple[FloatArray, ...]:
    """Extremes of blocks, then of pairs of blocks up to one; the last block of each may be short."""
    levels = [level]
    while len(level) > 1:
        pairs = extreme(level[: len(level) // 2 * 2 : 2], level[1::2])
        level = np.append(pairs, level[-1]) if len(level) % 2 else pairs
        levels.append(level)
    return tuple(levels)


def restarts(x: AnyArray) -> IntArray:
    """Where a curve begins anew because its x fell, as after a resume from an older checkpoint.

    Args:
        x: (points,), NaN falls nowhere.

    Returns:
        (restarts,) int64, indices of the points whose x lies below that of the point before.
    """
    return np.flatnonzero(np.asarray(x)[1:] < np.asarray(x)[:-1]) + 1


def decimated(
    pyramid: Pyramid, x0: float, x1: float, width_px: int, edges: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """The part of a curve between x0 and x1 with about two points a pixel column, and a little beyond each end.

    The points come in pairs, the least and the largest value of some columns or of one; every value that no other
    exceeds there is drawn, a spike of one sample too, within two and a half pixels of its place. Where all are gaps
    there is a gap. A curve of no more points than that comes back as it is.

    Args:
        pyramid: the curve.
        x0: first x shown.
        x1: last x shown.
        width_px: pixel columns between them.
        edges: (width_px - 1,) float64, rising: where one column meets the next, on an axis that is not linear.

    Returns:
        x and y, float64 of equal length, x never falling; NaN in y breaks the line.
    """
    x, y = pyramid.x, pyramid.y
    first, last = int(np.searchsorted(x, x0, "left")), int(np.searchsorted(x, x1, "right"))
    if last - first <= 2 * width_px:
        around = slice(max(first - 1, 0), last + 1)
        return x[around], y[around]
    if edges is not None:
        return _by_columns(pyramid, first, last, edges)
    drawn = _by_blocks(pyramid, first, last, (x1 - x0) / width_px * _WIDEST_PAIR_PX, width_px)
    return drawn or _by_columns(pyramid, first, last, np.linspace(x0, x1, width_px + 1)[1:-1])


def _by_blocks(
    pyramid: Pyramid, first: int, last: int, widest: float, pairs: int
) -> tuple[FloatArray, FloatArray] | None:
    """Blocks of one level, at most so many and one beyond each end; None where the level has a wider one."""
    level = max(0, (-(-(last - first) // (BLOCK * pairs)) - 1).bit_length())
    size = BLOCK << level
    if size > last - first:
        return None
    lows = pyramid.lows[level]
    seen = (first // size, -(-last // size))
    blocks = slice(max(seen[0] - 1, 0), min(seen[1] + 1, len(lows)))
    starts = np.arange(blocks.start, blocks.stop) * size
    xs = np.stack([pyramid.x[starts], pyramid.x[np.minimum(starts + size, len(pyramid.x)) - 1]], axis=1)
    inside = xs[seen[0] - blocks.start : seen[1] - blocks.start]
    if (inside[:, 1] - inside[:, 0]).max() > widest:
        return None
    ys = np.stack([lows[blocks], pyramid.highs[level][blocks]], axis=1)
    ys[np.isinf(ys)] = np.nan
    return xs.ravel(), ys.ravel()


def _by_columns(pyramid: Pyramid, first: int, last: int, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The exact extremes of each pixel column, and one point beyond each end; columns of one or two points as is."""
    x, y = pyramid.x, pyramid.y
    bounds = first + np.searchsorted(x[first:last], edges, "left")
    starts = np.concatenate([[first], bounds])
    stops = np.concatenate([bounds, [last]])
    filled = stops > starts
    starts, stops = starts[filled], stops[filled]
    low, high = range_extremes(pyramid, starts, stops)
    gap = low > high
    low[gap] = high[gap] = np.nan
    rising = y[starts] <= y[stops - 1]
    xs = np.stack([x[starts], x[stops - 1]], axis=1)
    ys = np.stack([np.where(rising, low, high), np.where(rising, high, low)], axis=1)
    few = stops - starts <= 2
    ys[few] = np.stack([y[starts[few]], y[stops[few] - 1]], axis=1)
    kept = np.ones(xs.shape, bool)
    kept[stops - starts == 1, 1] = False
    head, tail = slice(max(first - 1, 0), first), slice(last, last + 1)
    return np.concatenate([x[head], xs[kept], x[tail]]), np.concatenate([y[head], ys[kept], y[tail]])


def range_extremes(pyramid: Pyramid, starts: IntArray, stops: IntArray) -> tuple[FloatArray, FloatArray]:
    """Least and largest y of each range.

    Args:
        pyramid: of the curve.
        starts: (ranges,) int64, first point of each.
        stops: (ranges,) int64, one past its last, not below its start.

    Returns:
        Two of (ranges,) float64; +inf and -inf where a range is empty or all are gaps.
    """
    low = np.full(len(starts), np.inf)
    high = np.full(len(starts), -np.inf)
    first, last = -(-starts // BLOCK), stops // BLOCK
    inner = first < last
    ragged = ((starts, np.where(inner, first * BLOCK, stops)), (np.where(inner, last * BLOCK, stops), stops))
    for begin, end in ragged:
        places = begin[:, None] + np.arange(int((end - begin).max(initial=0)))
        values = np.where(places < end[:, None], pyramid.y[np.minimum(places, len(pyramid.y) - 1)], np.nan)
        low = np.fmin(low, np.fmin.reduce(values, axis=1, initial=np.nan))
        high = np.fmax(high, np.fmax.reduce(values, axis=1, initial=np.nan))
    for level, (ranges, blocks) in _covering(np.where(inner, first, 0), np.where(inner, last, 0)):
        low[ranges] = np.minimum(low[ranges], pyramid.lows[level][blocks])
        high[ranges] = np.maximum(high[ranges], pyramid.highs[level][blocks])
    return low, high


def _covering(first: IntArray, last: IntArray) -> Iterator[tuple[int, tuple[IntArray, IntArray]]]:
    """The fewest blocks that cover each range of lowest blocks: the level, and which ranges take which block of it."""
    level = 0
    while (first < last).any():
        ranges = np.flatnonzero((first & 1 == 1) & (first < last))
        yield level, (ranges, first[ranges])
        first = first + (first & 1)
        ranges = np.flatnonzero((last & 1 == 1) & (first < last))
        yield level, (ranges, last[ranges] - 1)
        first, last = first >> 1, last >> 1
        level += 1


def decimate(x: AnyArray, y: AnyArray, x0: float, x1: float, width_px: int) -> tuple[FloatArray, FloatArray]:
    """As `decimated`, for a curve drawn once; where x falls, the parts are drawn one after the other with a gap.

    Args:
        x: (points,) any real dtype; points without a finite x are left out.
        y: (points,) as for `pyramid_of`.
        x0: where the picture begins.
        x1: where it ends.
        width_px: columns of the picture.

    Returns:
        x and y of what is drawn, (drawn,) float64 each, y NaN in a gap.
    """
    placed = np.isfinite(x)
    cuts = restarts(x[placed])
    xs: list[AnyArray] = []
    ys: list[AnyArray] = []
    for part_x, part_y in zip(np.split(x[placed], cuts), np.split(y[placed], cuts), strict=True):
        drawn_x, drawn_y = decimated(pyramid_of(part_x, part_y), x0, x1, width_px)
        if xs and len(drawn_x):
            xs.append(drawn_x[:1])
            ys.append(np.array([np.nan]))
        xs.append(drawn_x)
        ys.append(drawn_y)
    return np.concatenate(xs), np.concatenate(ys)
