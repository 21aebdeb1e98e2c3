"""The histogram of one number over the samples, and over those that the other filters keep."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.display.gallery.filters import Kept

MOST_BINS = 48

_EXACT_TO = 2.0**50
"""Below this a half is told from a whole."""


class Bins(NamedTuple):
    """A histogram.

    Attributes:
        edges: (bins + 1,) float64 in the unit of the column; empty where no sample has a finite number.
        every: (bins,) int64 samples in each bin, of all.
        kept: (bins,) int64, of those that are kept.
        undefined: how many have no finite number.
    """

    edges: FloatArray
    every: AnyArray
    kept: AnyArray
    undefined: int


def bins_of(values: FloatArray, kept: Kept, most: int = MOST_BINS) -> Bins:
    """The histogram of a column in equal bins from its least to its greatest value.

    Whole numbers get bins around them; a constant gets one bin. The last bin holds its upper edge.

    Args:
        values: (samples,) float64, NaN where undefined.
        kept: which samples are kept.
        most: bins at most.
    """
    finite = np.isfinite(values)
    known = values[finite]
    nothing = np.zeros(0, np.int64)
    if not known.size:
        return Bins(np.zeros(0), nothing, nothing, int(values.size))
    edges = _edges(float(known.min()), float(known.max()), most, whole=bool((known == np.round(known)).all()))
    every, _ = np.histogram(known, edges)
    some, _ = np.histogram(values[finite & kept], edges)
    return Bins(edges, every, some, int(values.size - known.size))


def _edges(low: float, high: float, most: int, *, whole: bool) -> FloatArray:
    span = high - low
    if whole and span < most and max(abs(low), abs(high)) < _EXACT_TO:
        return np.arange(low - 0.5, high + 1.0)
    if not span:
        half = max(abs(low) * 1e-6, 1e-12)
        return np.array([low - half, low + half])
    step = span / most
    if not math.isfinite(span) or low + step == low or high - step == high:
        return np.array([low, high])  # too wide, or too narrow, for steps
    edges: FloatArray = low + step * np.arange(most + 1, dtype=np.float64)
    edges[-1] = high
    return edges
