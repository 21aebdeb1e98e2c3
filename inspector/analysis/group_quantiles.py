"""Quantiles of the values of many groups at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray


def group_quantiles(groups: IntArray, values: AnyArray, count: int, shares: Sequence[float]) -> FloatArray:
    """Quantiles of each group, (count, shares) float64; NaN for a group without a value.

    Args:
        groups: (values,) which group each value is of, 0 to count - 1.
        values: (values,) finite.
        count: of groups.
        shares: 0..1 each; between two values the quantile lies on the line from one to the other, as numpy's does.
    """
    order = np.argsort(values)
    # Short whole numbers are sorted by their digits, which takes a tenth of the time.
    order = order[np.argsort(groups[order].astype(np.min_scalar_type(max(count - 1, 0))), kind="stable")]
    ranked = np.asarray(values, np.float64)[order]
    sizes = np.bincount(groups, minlength=count)
    some = sizes > 0
    starts = (np.cumsum(sizes) - sizes)[some, None]
    places = (sizes[some, None] - 1) * np.asarray(shares, np.float64)
    below = np.floor(places).astype(np.int64)
    above = np.ceil(places).astype(np.int64)
    low, high = ranked[starts + below], ranked[starts + above]
    found = np.full((count, len(shares)), np.nan)
    found[some] = low + (high - low) * (places - below)
    return found
