"""Several curves of one experiment as their mean and the band that they fill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray, IntArray

Spread = Literal["range", "deviation"]
"""From the least to the greatest value, or one standard deviation to either side of the mean."""

MOST_PLACES = 8192
"""Curves with unlike x are compared at no more places: interpolating takes a hundred times as long as adding."""

_CHUNK = 16_384


class SeedBand(msgspec.Struct, frozen=True):
    """A mean and its band.

    Attributes:
        x: (points,) float64, never falling.
        mean, low, high: (points,) float64, NaN where no curve has a value.
        fewest, most: how many curves have a value at a point, where any has.
        thinned: x are but some of the curves', because those are unlike.
    """

    x: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    fewest: int
    most: int
    thinned: bool = False


def seed_band(curves: Sequence[tuple[FloatArray, FloatArray]], spread: Spread = "range") -> SeedBand:
    """The mean of curves and what they spread over, at the x that the longest of them has.

    Where curves have unlike x, they are interpolated within their own ranges, at MOST_PLACES of those x. Where a value
    is not finite it does not count.

    Args:
        curves: x and y of each, (points,) float64, x never falling.
        spread: what the band shows. The deviation is that of the sample (n - 1), 0 for a single value.
    """
    x = max((x for x, _ in curves), key=len, default=np.zeros(0))
    alike = all(own is x or np.array_equal(own, x) for own, _ in curves)
    thinned = not alike and len(x) > MOST_PLACES
    if thinned:
        x = x[np.linspace(0, len(x) - 1, MOST_PLACES).astype(np.int64)]
    values = [own_y if alike else _interpolated(x, own_x, own_y) for own_x, own_y in curves]
    mean, low, high = (np.empty(len(x)) for _ in range(3))
    figures = _ranges if spread == "range" else _deviations
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, len(x), _CHUNK):
            part = slice(start, start + _CHUNK)
            figures([y[part] for y in values], mean[part], low[part], high[part])
    odd = np.flatnonzero(~np.isfinite(mean))
    fewest = most = len(values) if len(x) > odd.size else 0
    if odd.size:
        counts = _with_gaps(np.stack([y[odd] for y in values]), odd, mean, low, high, spread)
        some = counts[counts > 0]
        fewest = min(fewest or len(values), int(some.min(initial=len(values))))
        most = max(most, int(some.max(initial=0)))
    return SeedBand(x, mean, low, high, fewest, most, thinned)


def _ranges(values: Sequence[FloatArray], mean: FloatArray, low: FloatArray, high: FloatArray) -> None:
    """Mean, least and greatest of curves, in place; not finite where a value is not."""
    mean[:] = low[:] = high[:] = values[0]
    for y in values[1:]:
        mean += y
        np.minimum(low, y, out=low)
        np.maximum(high, y, out=high)
    mean /= len(values)


def _deviations(values: Sequence[FloatArray], mean: FloatArray, low: FloatArray, high: FloatArray) -> None:
    """Mean, and one standard deviation to either side of it, in place; differences to one curve keep the digits."""
    base = values[0]
    sums, squares = np.zeros(len(base)), np.zeros(len(base))
    for y in values[1:]:
        off = y - base
        sums += off
        squares += off * off
    mean[:] = base + sums / len(values)
    width = np.sqrt(np.maximum(squares - sums * sums / len(values), 0.0) / max(len(values) - 1, 1))
    low[:], high[:] = mean - width, mean + width


def _with_gaps(
    stack: FloatArray, places: IntArray, mean: FloatArray, low: FloatArray, high: FloatArray, spread: Spread
) -> IntArray:
    """The figures at places where some curve has no finite value, in place; how many have one there."""
    finite = np.isfinite(stack)
    counts: IntArray = finite.sum(axis=0)
    known = np.maximum(counts, 1)
    means = np.where(counts, np.where(finite, stack, 0.0).sum(axis=0) / known, np.nan)
    mean[places] = means
    if spread == "range":
        low[places] = np.where(counts, np.where(finite, stack, np.inf).min(axis=0), np.nan)
        high[places] = np.where(counts, np.where(finite, stack, -np.inf).max(axis=0), np.nan)
    else:
        squares = ((np.where(finite, stack, 0.0) - np.where(finite, means, 0.0)) ** 2).sum(axis=0)
        width = np.sqrt(squares / np.maximum(counts - 1, 1))
        low[places], high[places] = means - width, means + width
    return counts


def _interpolated(x: FloatArray, own_x: FloatArray, own_y: FloatArray) -> FloatArray:
    if not own_x.size:
        return np.full(len(x), np.nan)
    return np.interp(x, own_x, own_y, left=np.nan, right=np.nan)
