"""A histogram of equal bins over numbers that come in blocks."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.tensors.buffers import Buffers
from inspector.artifacts.tensors.tensor_statistics import BINS, Moments, ends_of
from inspector.core.arrays import AnyArray, IntArray

# Narrower ranges are beyond what float32 arithmetic carries.
_NARROWEST = 1e-30
_WIDEST = 1e30
_PAIRS = BINS + 1


class Histogram:
    """Counts finite numbers in bins between the extremes that a `Moments` has found.

    The bin numbers of two neighbours are counted as one number, which halves the work; their table of 65 x 65 stays
    in a core's first cache.
    """

    __slots__ = ("_buffers", "_clean", "_high", "_low", "_narrow", "_pairs", "_single")

    def __init__(self, moments: Moments, buffers: Buffers | None = None) -> None:
        self._low, self._high = ends_of(moments.minimum, moments.maximum)
        self._clean = moments.not_finite == 0
        spread = self._high - self._low
        self._narrow = not _NARROWEST < spread < _WIDEST
        self._pairs = np.zeros(_PAIRS * _PAIRS, np.int64)
        self._single = np.zeros(_PAIRS, np.int64)
        self._buffers = buffers or Buffers()

    def add(self, block: AnyArray) -> None:
        """Take in (count,) float32 or float64."""
        finite = block if self._clean else block[np.isfinite(block)]
        if self._narrow:
            self._add_slowly(finite)
            return
        number = finite.dtype.type
        scaled = self._buffers.array("scaled", finite.size, finite.dtype)
        bins = self._buffers.array("bins", finite.size, np.uint8)
        # No number is below the lowest one, and rounding takes the highest to BINS at most.
        np.subtract(finite, number(self._low), out=scaled)
        np.multiply(scaled, number(BINS / (self._high - self._low)), out=scaled)
        np.copyto(bins, scaled, casting="unsafe")
        even = bins.size & ~1
        pairs = bins[:even].view(np.uint16)
        second = np.right_shift(pairs, 8, out=self._buffers.array("second", pairs.size, np.uint16))
        pairs -= np.multiply(second, np.uint16(256 - _PAIRS), out=second)
        places = self._buffers.array("places", pairs.size, np.intp)
        np.copyto(places, pairs)
        self._pairs += np.bincount(places, minlength=self._pairs.size)
        if even < bins.size:
            self._single[bins[-1]] += 1

    def _add_slowly(self, finite: AnyArray) -> None:
        """As `add`, in float64 and without ever taking the difference of the two ends."""
        half = self._high / 2 - self._low / 2
        if not half > 0:  # neighbours among the smallest numbers that there are
            self._single[BINS // 2] += finite.size
            return
        places = (finite.astype(np.float64) / 2 - self._low / 2) / half * BINS
        self._single += np.bincount(np.clip(places.astype(np.int64), 0, BINS - 1), minlength=_PAIRS)

    def join(self, other: Histogram) -> None:
        """Take in what another of the same ends has counted."""
        self._pairs += other._pairs
        self._single += other._single

    def counts(self) -> IntArray:
        """(64,) int64."""
        table = self._pairs.reshape(_PAIRS, _PAIRS)
        total = table.sum(0) + table.sum(1) + self._single
        total[BINS - 1] += total[BINS]
        folded: IntArray = total[:BINS]
        return folded
