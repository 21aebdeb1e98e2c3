"""Where a scheduler stands at each point of a recorded rate."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.formats.series import Series


def scheduler_times(unit: str, one: Series, steps_per_epoch: float | None) -> FloatArray | None:
    """A scheduler's own steps done at each point of a recorded rate, (points,) float64; None where they cannot be told.

    A rate is logged as used, so before the scheduler's step that follows.
    """
    if unit == "step":
        return np.maximum(one.steps - 1.0, 0.0)
    if unit != "epoch" or (one.epochs is None and not steps_per_epoch):
        return None
    epochs = one.epochs if one.epochs is not None else one.steps / (steps_per_epoch or 1.0)
    return np.maximum(np.ceil(epochs - 1e-9) - 1.0, 0.0)
