"""The share of a normal distribution below zero."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.arrays import FloatArray


def share_below_zero(mean: FloatArray, std: FloatArray) -> FloatArray:
    """Phi(-mean / std) of each, shaped as they are, float64 in 0..1, NaN where either is not finite.

    Where nothing spreads, all of it is at the mean, and a mean of exactly 0 counts as below: a ReLU gives 0 there.
    """
    means, stds = np.asarray(mean, np.float64), np.abs(np.asarray(std, np.float64))
    shares = [
        _share(centre, spread)
        for centre, spread in zip(means.reshape(-1).tolist(), stds.reshape(-1).tolist(), strict=True)
    ]
    return np.asarray(shares, np.float64).reshape(means.shape)


def _share(mean: float, std: float) -> float:
    if not (math.isfinite(mean) and math.isfinite(std)):
        return math.nan
    if std == 0.0:
        return 1.0 if mean <= 0.0 else 0.0
    return 0.5 * math.erfc(mean / std / math.sqrt(2.0))
