"""The pyramid of a curve that grows or is cut short at its end: only the end is looked at."""

from __future__ import annotations

import numpy as np

from inspector.analysis.pyramid import BLOCK, Pyramid, pyramid_of
from inspector.core.arrays import AnyArray, FloatArray


def goes_on(known: AnyArray, now: AnyArray) -> bool:
    """Whether `now`, (points,), begins with `known`, (points,) of the same dtype, bit for bit: NaN equals itself.

    At once where both lie at the same place in memory.
    """
    if len(now) < len(known) or known.dtype != now.dtype:
        return False
    if _address(known) == _address(now) and known.strides == now.strides:
        return True
    return np.array_equal(_bits(known), _bits(now[: len(known)]))


def grown(pyramid: Pyramid, x: AnyArray, y: AnyArray) -> Pyramid:
    """The pyramid of a curve that has grown.

    Args:
        pyramid: of the first points.
        x: (points,) float64 of the whole curve, finite and never falling; it begins with the pyramid's own.
        y: (points,) float64 of the whole curve; it begins with what the pyramid was made of.

    Raises:
        ValueError: x falls or is not finite among the new points.
    """
    known = len(pyramid.x)
    if not known:
        return pyramid_of(x, y)
    came = x[known - 1 :]
    if not np.isfinite(came).all() or (came[1:] < came[:-1]).any():
        message = "the x of a curve falls or is not finite; cut it there first"
        raise ValueError(message)
    ys = np.asarray(y, np.float64)
    if np.isinf(ys[known:]).any() or _address(pyramid.y) != _address(ys):
        ys = np.concatenate([pyramid.y, np.where(np.isfinite(ys[known:]), ys[known:], np.nan)])
    return Pyramid(
        np.asarray(x, np.float64),
        ys,
        _levels_on(pyramid.lows, ys, known, np.minimum, np.inf),
        _levels_on(pyramid.highs, ys, known, np.maximum, -np.inf),
    )


def shortened(pyramid: Pyramid, points: int) -> Pyramid:
    """The pyramid of a curve's first points."""
    x, y = pyramid.x[:points], pyramid.y[:points]
    if not len(x):
        return pyramid_of(x, y)
    return Pyramid(
        x,
        y,
        _levels_on(pyramid.lows, y, len(x), np.minimum, np.inf),
        _levels_on(pyramid.highs, y, len(x), np.maximum, -np.inf),
    )


def _levels_on(
    levels: tuple[FloatArray, ...], y: FloatArray, known: int, extreme: np.ufunc, nothing: float
) -> tuple[FloatArray, ...]:
    """Every level, kept as far as its blocks are full of known points and made anew from there."""
    first = known // BLOCK
    rest = y[first * BLOCK :]
    rest = np.where(np.isnan(rest), nothing, rest)
    fresh = extreme.reduceat(rest, np.arange(0, len(rest), BLOCK)) if len(rest) else rest
    level = np.concatenate([levels[0][:first], fresh])
    found = [level]
    while len(level) > 1:
        first //= 2
        below = level[2 * first :]
        pairs = extreme(below[: len(below) // 2 * 2 : 2], below[1::2])
        fresh = np.append(pairs, below[-1]) if len(below) % 2 else pairs
        level = np.concatenate([levels[len(found)][:first], fresh]) if first else fresh
        found.append(level)
    return tuple(found)


def _address(array: AnyArray) -> int:
    return int(array.__array_interface__["data"][0])


def _bits(array: AnyArray) -> AnyArray:
    return np.ascontiguousarray(array).view(np.uint8) if array.dtype.itemsize != 8 else array.view(np.int64)
