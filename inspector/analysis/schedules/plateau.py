"""How far a plateau is down after a history of losses."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.formats.recipes.schedule import Schedule


def plateau_rates(schedule: Schedule, base_lr: float, losses: Iterable[float], lr_mult: float = 1.0) -> FloatArray:
    """The rate after each of some validations, without the warm-up, (validations,) float64.

    Args:
        schedule: the settings.
        base_lr: `optim.lr`.
        losses: of the validations, in order.
        lr_mult: the group's own factor.

    Source: torch's ReduceLROnPlateau with mode `min` and a relative threshold.
    """
    best, bad, cooldown = math.inf, 0, 0
    rate, lowest = base_lr * lr_mult, schedule.min_lr * lr_mult
    rates = []
    for loss in losses:
        if loss < best * (1.0 - schedule.plateau_threshold):
            best, bad = loss, 0
        else:
            bad += 1
        if cooldown:
            cooldown, bad = cooldown - 1, 0
        if bad > schedule.plateau_patience:
            rate, cooldown, bad = max(rate * schedule.decay_factor, lowest), schedule.plateau_cooldown, 0
        rates.append(rate)
    return np.asarray(rates, np.float64)
