"""The statistics of a tensor by another way than ours: all elements at once, in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def statistics_by_numpy(tensor: Any) -> dict[str, float]:
    """The statistics by their names."""
    values = tensor.double().numpy().reshape(-1)
    finite = values[np.isfinite(values)]
    return {
        "count": values.size,
        "zeros": int((finite == 0).sum()),
        "nans": int(np.isnan(values).sum()),
        "infinities": int(np.isinf(values).sum()),
        "minimum": finite.min() if finite.size else math.nan,
        "maximum": finite.max() if finite.size else math.nan,
        "mean": finite.mean() if finite.size else math.nan,
        "std": finite.std() if finite.size else math.nan,
        "norm": math.sqrt((finite**2).sum()),
    }
