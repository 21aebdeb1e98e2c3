"""Count, extremes, moments and histogram of numbers that come in blocks.

Source: Chan, Golub and LeVeque 1979 for joining the moments of blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray

BINS = 64
PERCENTS = (1, 5, 25, 50, 75, 95, 99)


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
        percentiles: (7,) float64, of the finite elements at PERCENTS, between two of them as numpy's `percentile`;
            NaN where there are none. None where they were not asked for.
        first_not_finite: the indices of at most 16 elements that are NaN or infinite, the first in the storage.
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

    __slots__ = ("_scratch", "count", "finite", "infinities", "maximum", "mean", "minimum", "squares", "zeros")

    def __init__(self) -> None:
        self.count = self.finite = self.zeros = self.infinities = 0
        self.minimum = math.inf
        self.maximum = -math.inf
        self.mean = 0.0
        self.squares = 0.0
        self._scratch = np.empty(0, np.bool_)

    def add(self, block: AnyArray) -> None:
        """Take in (count,) float32 or float64."""
        if not block.size:
            return
        self.count += block.size
        low, high = float(block.min()), float(block.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            self.infinities += int(np.count_nonzero(np.isinf(block)))
            block = block[np.isfinite(block)]
            if not block.size:
                return
            low, high = float(block.min()), float(block.max())
        self.minimum = min(self.minimum, low)
        self.maximum = max(self.maximum, high)
        if low <= 0 <= high:
            if self._scratch.size < block.size:
                self._scratch = np.empty(block.size, np.bool_)
            self.zeros += int(np.count_nonzero(np.equal(block, 0, out=self._scratch[: block.size])))
        self._join(block)

    def _join(self, block: AnyArray) -> None:
        mean, squares = _moments(block)
        if block.dtype != np.float64 and not (math.isfinite(mean) and math.isfinite(squares)):
            mean, squares = _moments(block.astype(np.float64))  # sums of large numbers overflow float32
        together = self.finite + block.size
        shift = mean - self.mean
        self.mean += shift * block.size / together
        self.squares += squares + shift * shift * self.finite * block.size / together
        self.finite = together


def _moments(block: AnyArray) -> tuple[float, float]:
    """Mean, and the sum of squared deviations from it."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(block.sum()) / block.size
        squares = float(np.dot(block, block))
        # Far from zero the difference of two large sums would lose all digits.
        if mean * mean * block.size * 16 > squares:
            pivot = block.dtype.type(mean)
            centred = block - pivot
            rest = float(centred.sum()) / block.size
            return float(pivot) + rest, float(np.dot(centred, centred)) - rest * rest * block.size
        return mean, squares - mean * mean * block.size


def finish(moments: Moments, histogram: IntArray | None) -> TensorStatistics:
    """The statistics that a `Moments` has gathered."""
    some = moments.finite > 0
    low, high = _ends(moments.minimum, moments.maximum) if some else (math.nan, math.nan)
    return TensorStatistics(
        count=moments.count,
        zeros=moments.zeros,
        nans=moments.count - moments.finite - moments.infinities,
        infinities=moments.infinities,
        minimum=moments.minimum if some else math.nan,
        maximum=moments.maximum if some else math.nan,
        mean=moments.mean if some else math.nan,
        std=math.sqrt(max(0.0, moments.squares) / moments.finite) if some else math.nan,
        norm=math.hypot(math.sqrt(max(0.0, moments.squares)), moments.mean * math.sqrt(moments.finite)),
        low=low,
        high=high,
        histogram=histogram,
    )


def _ends(minimum: float, maximum: float) -> tuple[float, float]:
    """A histogram of equal numbers has its bins around them, as numpy's has."""
    return (minimum, maximum) if minimum < maximum else (minimum - 0.5, maximum + 0.5)


def histogram_of(blocks: Iterable[AnyArray], moments: Moments) -> IntArray:
    """(64,) int64: how many finite numbers lie in each of equal bins between the extremes.

    Two bin numbers at a time are counted as one 16-bit number, which halves the work.
    """
    low, high = _ends(moments.minimum, moments.maximum)
    if not moments.finite:
        return np.zeros(BINS, np.int64)
    if not math.isfinite(high - low) or high - low < 1e-30:  # beyond what float32 arithmetic carries
        return _slow_histogram(blocks, low, high)
    pairs = np.zeros((BINS + 1) * 257 + 1, np.int64)
    single = np.zeros(BINS + 1, np.int64)
    scale = BINS / (high - low)
    clean = moments.finite == moments.count
    scratch, numbers = np.empty(0), np.empty(0, np.uint8)
    for block in blocks:
        finite = block if clean else block[np.isfinite(block)]
        if scratch.size < finite.size or scratch.dtype != finite.dtype:
            scratch, numbers = np.empty(finite.size, finite.dtype), np.empty(finite.size, np.uint8)
        scaled, bins = scratch[: finite.size], numbers[: finite.size]
        # No number is below the lowest one, and rounding takes the highest to BINS at most.
        np.subtract(finite, finite.dtype.type(low), out=scaled)
        np.multiply(scaled, finite.dtype.type(scale), out=scaled)
        np.copyto(bins, scaled, casting="unsafe")
        even = bins.size & ~1
        pairs += np.bincount(bins[:even].view(np.uint16), minlength=pairs.size)
        if even < bins.size:
            single[bins[-1]] += 1
    table = np.zeros((256, 256), np.int64)
    table.reshape(-1)[: pairs.size] = pairs
    total = table.sum(0)[: BINS + 1] + table.sum(1)[: BINS + 1] + single
    total[BINS - 1] += total[BINS]
    folded: IntArray = total[:BINS]
    return folded


def _slow_histogram(blocks: Iterable[AnyArray], low: float, high: float) -> IntArray:
    total = np.zeros(BINS, np.int64)
    half = high / 2 - low / 2
    for block in blocks:
        finite = block[np.isfinite(block)].astype(np.float64)
        if half > 0 and math.isfinite(half):
            places = (finite / 2 - low / 2) / half * BINS
            total += np.bincount(np.clip(places.astype(np.int64), 0, BINS - 1), minlength=BINS)
    return total


class PatternCounts:
    """Counts every bit pattern of a type of one or two bytes, from which all else follows exactly."""

    __slots__ = ("_counts", "_dtype", "_pattern")

    def __init__(self, dtype: np.dtype[np.generic]) -> None:
        self._dtype = dtype
        self._pattern = np.dtype(f"u{dtype.itemsize}")
        self._counts = np.zeros(1 << (8 * dtype.itemsize), np.int64)

    def add(self, block: AnyArray) -> None:
        """Take in (count,) of the type."""
        self._counts += np.bincount(np.ascontiguousarray(block).view(self._pattern), minlength=self._counts.size)

    def statistics(self, *, histogram: bool) -> TensorStatistics:
        """All that the counts tell."""
        patterns = np.flatnonzero(self._counts)
        counts = self._counts[patterns]
        stored = patterns.astype(self._pattern)
        values: FloatArray = (stored != 0 if self._dtype == np.bool_ else stored.view(self._dtype)).astype(np.float64)
        finite = np.isfinite(values)
        infinities = int(counts[np.isinf(values)].sum())
        values, kept = values[finite], counts[finite]
        total = int(kept.sum())
        mean = float(np.dot(values, kept)) / total if total else math.nan
        low, high = _ends(float(values.min()), float(values.max())) if total else (math.nan, math.nan)
        bins: IntArray | None = None
        if histogram:
            bins = np.zeros(BINS, np.int64)
            if total:
                bins = np.histogram(values, BINS, (low, high), weights=kept)[0].astype(np.int64)
        return TensorStatistics(
            count=int(counts.sum()),
            zeros=int(kept[values == 0].sum()),
            nans=int(counts.sum()) - total - infinities,
            infinities=infinities,
            minimum=float(values.min()) if total else math.nan,
            maximum=float(values.max()) if total else math.nan,
            mean=mean,
            std=math.sqrt(float(np.dot((values - mean) ** 2, kept)) / total) if total else math.nan,
            norm=math.sqrt(float(np.dot(values**2, kept))),
            low=low,
            high=high,
            histogram=bins,
        )
