"""Numbers of one or two bytes, told by how often each bit pattern occurs."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from inspector.artifacts.tensors.buffers import Buffers
from inspector.artifacts.tensors.ranks import percentiles_of_sorted
from inspector.artifacts.tensors.tensor_statistics import BINS, TensorStatistics, ends_of
from inspector.core.arrays import AnyArray, FloatArray, IntArray


class PatternCounts:
    """Counts every bit pattern of a type, from which all else follows exactly."""

    __slots__ = ("_buffers", "_counts", "_not_finite", "_pattern", "_values")

    def __init__(self, dtype: np.dtype[np.generic], buffers: Buffers | None = None) -> None:
        self._pattern = np.dtype(f"u{dtype.itemsize}")
        self._values = _values_of(dtype)
        self._not_finite = np.flatnonzero(~np.isfinite(self._values))
        self._counts = np.zeros(self._values.size, np.int64)
        self._buffers = buffers or Buffers()

    @property
    def not_finite(self) -> int:
        """How many are NaN or infinite."""
        return int(self._counts[self._not_finite].sum())

    def add(self, block: AnyArray) -> None:
        """Take in (count,) of the type."""
        places = self._buffers.array("places", block.size, np.intp)  # bincount would make such an array for every block
        np.copyto(places, np.ascontiguousarray(block).view(self._pattern))
        self._counts += np.bincount(places, minlength=self._counts.size)

    def join(self, other: PatternCounts) -> None:
        """Take in what another of the same type has counted."""
        self._counts += other._counts

    def statistics(self, *, histogram: bool, percentiles: bool = False) -> TensorStatistics:
        """All that the counts tell."""
        there = np.flatnonzero(self._counts != 0)  # ten times faster than of the numbers
        values, counts = self._values[there], self._counts[there]
        finite = np.isfinite(values)
        infinities = int(counts[np.isinf(values)].sum())
        values, kept = values[finite], counts[finite]
        total = int(kept.sum())
        mean = float(np.dot(values, kept)) / total if total else math.nan
        low, high = ends_of(float(values.min()), float(values.max())) if total else (math.nan, math.nan)
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
            percentiles=_percentiles(values, kept) if percentiles else None,
        )


def _percentiles(values: FloatArray, counts: IntArray) -> FloatArray:
    order = np.argsort(values)
    return percentiles_of_sorted(values[order], counts[order])


@cache
def _values_of(dtype: np.dtype[np.generic]) -> FloatArray:
    """(256 or 65536,) float64, what each bit pattern of a type stands for."""
    patterns = np.arange(1 << (8 * dtype.itemsize)).astype(f"u{dtype.itemsize}")
    with np.errstate(invalid="ignore"):  # some NaN patterns signal
        return (patterns != 0 if dtype == np.bool_ else patterns.view(dtype)).astype(np.float64)
