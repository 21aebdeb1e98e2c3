"""Count, extremes and moments of numbers that come in blocks.

Source: Chan, Golub and LeVeque 1979 for joining the moments of blocks.
"""

from __future__ import annotations

import math
import sys

import msgspec
import numpy as np

from inspector.artifacts.tensors.buffers import Buffers
from inspector.core.arrays import AnyArray, FloatArray, IntArray

BINS = 64
PERCENTS = (1, 5, 25, 50, 75, 95, 99)

# Between these, squares and sums of a block of float32 neither overflow nor lose digits.
_SAFE_FLOAT32 = (1e-15, 1e15)
_FAR_FROM_ZERO = 0.75


class TensorStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """What the numbers of a tensor are like; complex ones by their magnitude.

    Attributes:
        count: elements looked at, finite or not.
        zeros, nans, infinities: how many of them are so.
        minimum, maximum, mean, std: of the finite ones, std of the population; NaN where there are none.
        norm: square root of the sum of squares of the finite ones; 0 where there are none.
        low, high: ends of the histogram, NaN where it is empty.
        histogram: (64,) int64, finite elements in equal bins from low to high; an element within rounding of an edge
            may be counted on either side. None where it was not asked for.
        percentiles: (7,) float64, of the finite elements at PERCENTS, exact, between two of them as numpy's
            `percentile`; NaN where there are none. None where they were not asked for.
        first_not_finite: the indices of at most 16 elements that are NaN or infinite, the first ones in the storage.
    """

    count: int
    zeros: int
    nans: int
    infinities: int
    minimum: float
    maximum: float
    mean: float
    std: float
    norm: float
    low: float
    high: float
    histogram: IntArray | None = None
    percentiles: FloatArray | None = None
    first_not_finite: tuple[tuple[int, ...], ...] = ()

    @property
    def not_finite(self) -> int:
        """How many elements are NaN or infinite."""
        return self.nans + self.infinities


class Moments:
    """Gathers count, extremes, mean and squared deviations, block by block."""

    __slots__ = ("_buffers", "count", "finite", "infinities", "maximum", "mean", "minimum", "squares", "zeros")

    def __init__(self, buffers: Buffers | None = None) -> None:
        self.count = self.finite = self.zeros = self.infinities = 0
        self.minimum = math.inf
        self.maximum = -math.inf
        self.mean = 0.0
        self.squares = 0.0
        self._buffers = buffers or Buffers()

    @property
    def not_finite(self) -> int:
        """How many are NaN or infinite."""
        return self.count - self.finite

    def add(self, block: AnyArray) -> None:
        """Take in (count,) float32 or float64."""
        if not block.size:
            return
        self.count += block.size
        low, high = _extremes(block)
        if not (math.isfinite(low) and math.isfinite(high)):
            self.infinities += int(np.count_nonzero(np.isinf(block)))
            block = block[np.isfinite(block)]
            if not block.size:
                return
            low, high = _extremes(block)
        self.minimum = min(self.minimum, low)
        self.maximum = max(self.maximum, high)
        if low <= 0 <= high:
            if low == high:
                self.zeros += block.size
                self._join(block.size, 0.0, 0.0)
                return
            self.zeros += int(
                np.count_nonzero(np.equal(block, 0, out=self._buffers.array("zero", block.size, np.bool_)))
            )
        smallest, largest = _SAFE_FLOAT32
        if block.dtype == np.float32 and smallest < max(-low, high) < largest:
            self._join(block.size, *_moments(block, self._buffers))
        else:
            with np.errstate(over="ignore", invalid="ignore"):
                self._join(block.size, *_moments(block.astype(np.float64, copy=False), self._buffers))

    def join(self, other: Moments) -> None:
        """Take in what another has gathered."""
        self.count += other.count
        self.zeros += other.zeros
        self.infinities += other.infinities
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        if other.finite:
            self._join(other.finite, other.mean, other.squares)

    def _join(self, count: int, mean: float, squares: float) -> None:
        together = self.finite + count
        shift = mean - self.mean
        self.mean += shift * (count / together)
        self.squares += squares + shift * shift * (self.finite / together) * count
        self.finite = together


def _extremes(block: AnyArray) -> tuple[float, float]:
    return float(np.minimum.reduce(block)), float(np.maximum.reduce(block))


def _moments(block: AnyArray, buffers: Buffers) -> tuple[float, float]:
    """Mean, and the sum of squared deviations from it."""
    total, squares = _sums(block)
    mean = total / block.size
    # Far from zero the difference of two large sums would lose its digits.
    if mean * mean * block.size > _FAR_FROM_ZERO * squares:
        pivot = block.dtype.type(mean)
        centred = np.subtract(block, pivot, out=buffers.array("centred", block.size, block.dtype))
        total, squares = _sums(centred)
        rest = total / block.size
        return float(pivot) + rest, squares - rest * rest * block.size
    return mean, squares - mean * mean * block.size


_ROW = 4096
_ONES = {np.dtype(kind): np.ones(_ROW, kind) for kind in (np.float32, np.float64)}


def _sums(block: AnyArray) -> tuple[float, float]:
    """The sum and the sum of squares of (count,) float32 or float64, by rows whose sums are added in float64.

    A product with ones is faster than numpy's sum.
    """
    even = block.size - block.size % _ROW
    rest = block[even:]
    total, squares = float(np.add.reduce(rest, dtype=np.float64)), float(rest.dot(rest))
    if even:
        rows = block[:even].reshape(-1, _ROW)
        total += float(np.add.reduce(rows.dot(_ONES[block.dtype]), dtype=np.float64))
        squares += float(np.add.reduce(np.vecdot(rows, rows), dtype=np.float64))
    return total, squares


def finish(
    moments: Moments, histogram: IntArray | None = None, percentiles: FloatArray | None = None
) -> TensorStatistics:
    """The statistics that a `Moments` has gathered.

    Args:
        moments: of the tensor.
        histogram: (64,) int64, of the finite elements from `ends_of` the extremes; None where it was not asked for.
        percentiles: (7,) float64, at PERCENTS, NaN where there are none; None where they were not asked for.
    """
    some = moments.finite > 0
    low, high = ends_of(moments.minimum, moments.maximum) if some else (math.nan, math.nan)
    deviation = math.sqrt(max(0.0, moments.squares))
    return TensorStatistics(
        count=moments.count,
        zeros=moments.zeros,
        nans=moments.not_finite - moments.infinities,
        infinities=moments.infinities,
        minimum=moments.minimum if some else math.nan,
        maximum=moments.maximum if some else math.nan,
        mean=moments.mean if some else math.nan,
        std=deviation / math.sqrt(moments.finite) if some else math.nan,
        norm=math.hypot(deviation, moments.mean * math.sqrt(moments.finite)),
        low=low,
        high=high,
        histogram=histogram,
        percentiles=percentiles,
    )


def ends_of(minimum: float, maximum: float) -> tuple[float, float]:
    """A histogram of equal numbers has its bins around them, as numpy's has, however large they are."""
    if minimum < maximum:
        return minimum, maximum
    margin = max(0.5, abs(minimum) * 2**-40)
    return max(minimum - margin, -sys.float_info.max), min(maximum + margin, sys.float_info.max)
