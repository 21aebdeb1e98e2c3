"""Schedulers that are stepped once an epoch, and the warm-up that is fed back into them.

The faulty loop sets each group to `scheduler.get_last_lr()` times the warm-up's share before an epoch of the warm-up
and calls `scheduler.step()` after it. Schedulers that work out a rate from the one before keep the share: after the
warm-up the rate stays at W! / W^W of what was wanted. Those with a closed form recover.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from inspector.analysis.schedules.recursions import overwritten_rate
from inspector.core.arrays import FloatArray
from inspector.formats.recipes.schedule import Schedule


def epoch_scheduler(schedule: Schedule, base_lr: float) -> tuple[str, dict[str, Any]]:
    """The class among torch's schedulers that steps a family once an epoch, and what it is built with.

    Args:
        schedule: of a family in `STEPPED_BY_EPOCHS`.
        base_lr: `optim.lr`.
    """
    total = max(schedule.epochs - math.floor(schedule.origin_epoch), 1)
    makes: dict[str, tuple[str, dict[str, Any]]] = {
        "cosine": ("CosineAnnealingLR", {"T_max": total, "eta_min": schedule.min_lr}),
        "cosine_restarts": (
            "CosineAnnealingWarmRestarts",
            {"T_0": _whole(schedule.cycle_epochs), "T_mult": schedule.cycle_factor, "eta_min": schedule.min_lr},
        ),
        "linear": ("LinearLR", {"start_factor": 1.0, "end_factor": schedule.min_lr / base_lr, "total_iters": total}),
        "polynomial": ("PolynomialLR", {"total_iters": total, "power": schedule.power}),
        "halving": ("ExponentialLR", {"gamma": 0.5 ** (1.0 / schedule.half_life_epochs)}),
        "exponential": ("ExponentialLR", {"gamma": schedule.decay_factor ** (1.0 / schedule.decay_epochs)}),
        "step": ("StepLR", {"step_size": _whole(schedule.decay_epochs), "gamma": schedule.decay_factor}),
        "multistep": (
            "MultiStepLR",
            {"milestones": [_whole(epoch) for epoch in schedule.milestones_epochs], "gamma": schedule.decay_factor},
        ),
        "constant": ("ConstantLR", {"factor": 1.0, "total_iters": 0}),
    }
    return makes[schedule.family]


def warmup_share(schedule: Schedule, epoch: int) -> float:
    """The share of the rate in an epoch, counted from 0 at the schedule's start; 1 after the warm-up."""
    return min((epoch + 1) / schedule.warmup_epochs, 1.0) if schedule.warmup_epochs > 0 else 1.0


@lru_cache(maxsize=64)
def compounded_rates(schedule: Schedule, base_lr: float, group_lr: float) -> FloatArray:
    """The rate of a group in each epoch from the schedule's start to its horizon, (epochs,) float64.

    Args:
        schedule: of a family in `STEPPED_BY_EPOCHS`.
        base_lr: `optim.lr`.
        group_lr: the group's own base rate.
    """
    name, parameters = epoch_scheduler(schedule, base_lr)
    rates = []
    held = group_lr
    for epoch in range(max(schedule.epochs - math.floor(schedule.origin_epoch), 1)):
        used = held * warmup_share(schedule, epoch)
        rates.append(used)
        held = _after(name, parameters, group_lr, used, epoch + 1)
    found: FloatArray = np.asarray(rates, np.float64)
    found.setflags(write=False)
    return found


def _after(name: str, parameters: dict[str, Any], group_lr: float, used: float, epoch: int) -> float:
    """What the scheduler leaves in the group after so many epochs."""
    if name == "CosineAnnealingWarmRestarts":
        return _restarted(parameters, group_lr, epoch)
    held = overwritten_rate(name, parameters, used, epoch)
    return math.nan if held is None else held


def _restarted(parameters: dict[str, Any], group_lr: float, epoch: int) -> float:
    within, length = epoch, parameters["T_0"]
    while within >= length:
        within -= length
        length *= parameters["T_mult"]
    low: float = parameters["eta_min"]
    return low + (group_lr - low) * (1.0 + math.cos(math.pi * within / length)) / 2.0


def _whole(epochs: float) -> int:
    return max(round(epochs), 1)
