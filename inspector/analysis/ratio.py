"""Division that knows what is undefined."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray


def ratio(top: AnyArray, bottom: AnyArray) -> FloatArray:
    """Top over bottom, float64 of their common shape; NaN where the bottom is not above 0."""
    tops, bottoms = np.broadcast_arrays(np.asarray(top, np.float64), np.asarray(bottom, np.float64))
    quotient: FloatArray = np.divide(tops, bottoms, out=np.full(tops.shape, np.nan), where=bottoms > 0)
    return quotient
