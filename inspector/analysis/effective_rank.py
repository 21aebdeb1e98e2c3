"""How many directions a matrix really uses."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.arrays import AnyArray

MAX_SIDE = 512
"""The shorter side of a matrix whose rank is worked out; its eigenvalues then take some 50 ms."""


def effective_rank(matrix: AnyArray) -> float:
    """The exponential of the entropy of the singular values, taken as shares of their sum.

    Args:
        matrix: (rows, columns) real numbers, the shorter side at most MAX_SIDE.

    Returns:
        From 1 to the shorter side; NaN where an element is not finite, where all are zero, and for a larger matrix.

    Source: Roy and Vetterli 2007, The effective rank: a measure of effective dimensionality. Singular values are the
        roots of the eigenvalues of the smaller Gram matrix, so those below 1e-8 of the largest count as zero.
    """
    if matrix.ndim != 2 or not matrix.size or min(matrix.shape) > MAX_SIDE:
        return math.nan
    values = matrix.astype(np.float64)
    largest = float(np.abs(values).max())
    if not math.isfinite(largest) or largest == 0:
        return math.nan
    values /= largest
    gram = values @ values.T if values.shape[0] <= values.shape[1] else values.T @ values
    singular = np.sqrt(np.clip(np.linalg.eigvalsh(gram), 0.0, None))
    shares = singular[singular > singular.max() * 1e-8] / singular[singular > singular.max() * 1e-8].sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))
