"""In which order an epoch sees the samples."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import IntArray


def epoch_order(seed: int, epoch: int, samples: int) -> IntArray:
    """(samples,) indices, a permutation that only the seed and the epoch decide."""
    return np.random.Generator(np.random.PCG64([seed, epoch])).permutation(samples).astype(np.int64)
