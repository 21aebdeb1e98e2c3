"""Learning rates while training: torch's scheduler as the settings ask for it, and who else writes."""

from __future__ import annotations

import math
import warnings
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import torch
from torch.optim import lr_scheduler

from inspector.analysis.schedules import schedule_factors
from inspector.formats.recipes.schedule import Schedule

_BLOCK = 256
"""Steps whose factors are worked out at once; always the same blocks, so that a resumed run sees the same bits."""


@lru_cache(maxsize=4)
def _block(schedule: Schedule, steps_per_epoch: int, floor: float, number: int) -> tuple[float, ...]:
    steps_done = np.arange(number * _BLOCK, (number + 1) * _BLOCK)
    return tuple(schedule_factors(schedule, steps_per_epoch, steps_done, floor).tolist())


def _factor(schedule: Schedule, steps_per_epoch: int, floor: float, steps_done: int) -> float:
    """The closed form at one step."""
    number, place = divmod(steps_done, _BLOCK)
    return _block(schedule, steps_per_epoch, floor, number)[place]


class WarmupTimesDecay:
    """The factor on the base rate after so many steps.

    An object and not a function, so that torch keeps its parameters in the scheduler's state, from which a reader can
    draw the plan.
    """

    def __init__(self, schedule: Schedule, steps_per_epoch: int, floor: float) -> None:
        self.schedule = msgspec.to_builtins(schedule)
        self.steps_per_epoch = steps_per_epoch
        self.floor = floor

    def __call__(self, steps_done: int) -> float:
        """The factor."""
        return _factor(_schedule_of(**self.schedule), self.steps_per_epoch, self.floor, steps_done)


@lru_cache(maxsize=4)
def _schedule_of(**values: Any) -> Schedule:
    return Schedule(**values)


class Rates:
    """The scheduler of a run.

    `multiply`: one LambdaLR in steps whose factor is warm-up times decay. `overwrite`: a fault kept for study; a
    scheduler steps once an epoch while the loop writes base times warm-up over its rate before every step.
    """

    def __init__(
        self, optimizer: torch.optim.Optimizer, schedule: Schedule, base_lr: float, steps_per_epoch: int
    ) -> None:
        self._optimizer = optimizer
        self._schedule = schedule
        self._steps_per_epoch = steps_per_epoch
        self._floor = schedule.min_lr / base_lr
        self._overwrites = schedule.warmup == "overwrite"
        self._bases = [float(group["lr"]) for group in optimizer.param_groups]
        factor = WarmupTimesDecay(schedule, steps_per_epoch, self._floor)
        self.scheduler = (
            _epoch_scheduler(optimizer, schedule) if self._overwrites else lr_scheduler.LambdaLR(optimizer, factor)
        )

    def before_step(self, steps_done: int) -> dict[str, float]:
        """The rate of every group as the optimizer is about to use it, after all writers.

        Args:
            steps_done: steps of the schedule already taken.
        """
        if self._overwrites:
            scale = _factor(self._schedule, self._steps_per_epoch, self._floor, steps_done)
            for group, base in zip(self._optimizer.param_groups, self._bases, strict=True):
                group["lr"] = base * scale
        return {str(group["name"]): float(group["lr"]) for group in self._optimizer.param_groups}

    def after_step(self) -> None:
        """One step is done."""
        if not self._overwrites:
            self.scheduler.step()

    def after_epoch(self) -> None:
        """One epoch is done."""
        if self._overwrites:
            self.scheduler.step()

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """Go where an uninterrupted run with these settings would be.

        Moving a new scheduler there is the only way that is exact for every family and lets every edit take effect.
        """
        steps_done = epochs_done * self._steps_per_epoch + steps_of_epoch
        with warnings.catch_warnings():
            # torch says so once, because the optimizer made its steps before this scheduler was built.
            warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step", category=UserWarning)
            if not self._overwrites:
                if steps_done:
                    # A closed form has no memory, so that half a million steps need not be walked one by one.
                    self.scheduler.last_epoch = steps_done - 1
                    self.scheduler._step_count = steps_done  # noqa: SLF001 - part of the state that torch saves
                    self.scheduler.step()
                return
            for epoch in range(math.floor(self._schedule.origin_epoch), epochs_done):
                self.before_step((epoch + 1) * self._steps_per_epoch - 1)
                self.scheduler.step()
            if steps_of_epoch:
                self.before_step(steps_done - 1)

    def state(self) -> dict[str, Any]:
        """`{class, state}` as a checkpoint holds it."""
        return {"class": type(self.scheduler).__name__, "state": self.scheduler.state_dict()}


def _epoch_scheduler(optimizer: torch.optim.Optimizer, schedule: Schedule) -> lr_scheduler.LRScheduler:
    """What decays once an epoch, before its rate is written over."""
    if schedule.family == "cosine":
        period = schedule.epochs - math.floor(schedule.origin_epoch)
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=period, eta_min=schedule.min_lr)
    if schedule.family == "halving":
        return lr_scheduler.ExponentialLR(optimizer, gamma=0.5 ** (1.0 / schedule.half_life_epochs))
    return lr_scheduler.ConstantLR(optimizer, factor=1.0, total_iters=0)
