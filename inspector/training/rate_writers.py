"""What sets the learning rate of one optimizer: torch's scheduler as the settings ask for it, and who else writes."""

from __future__ import annotations

import math
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


class RateWriter:
    """The scheduler of one optimizer; what a kind does not need stays as here."""

    scheduler: Any

    def before_step(self, steps_done: int) -> None:
        """The optimizer is about to step, after so many steps of the schedule."""

    def after_step(self) -> None:
        """One step is done."""

    def after_epoch(self) -> None:
        """One epoch is done."""

    def after_validation(self, loss: float) -> None:
        """A validation gave this loss."""

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """Go where an uninterrupted run would be."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """`{class, state}` as a checkpoint holds it."""
        return {"class": type(self.scheduler).__name__, "state": self.scheduler.state_dict()}


class Multiplied(RateWriter):
    """One LambdaLR in steps, whose factor is warm-up times decay."""

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule, floor: float, per_epoch: int) -> None:
        self._per_epoch = per_epoch
        self.scheduler = lr_scheduler.LambdaLR(optimizer, WarmupTimesDecay(schedule, per_epoch, floor))

    def after_step(self) -> None:
        """Take the scheduler's step."""
        self.scheduler.step()

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """A closed form has no memory, so that half a million steps need not be walked one by one."""
        steps_done = epochs_done * self._per_epoch + steps_of_epoch
        if steps_done:
            self.scheduler.last_epoch = steps_done - 1
            self.scheduler._step_count = steps_done  # noqa: SLF001 - part of the state that torch saves
            self.scheduler.step()


class Overwritten(RateWriter):
    """A fault kept for study: a scheduler steps once an epoch, and base times warm-up is written over its rate."""

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule, floor: float, per_epoch: int) -> None:
        self._optimizer, self._schedule, self._floor, self._per_epoch = optimizer, schedule, floor, per_epoch
        self._bases = [float(group["lr"]) for group in optimizer.param_groups]
        self.scheduler = _epoch_scheduler(optimizer, schedule)

    def before_step(self, steps_done: int) -> None:
        """Write over what the scheduler set."""
        scale = _factor(self._schedule, self._per_epoch, self._floor, steps_done)
        for group, base in zip(self._optimizer.param_groups, self._bases, strict=True):
            group["lr"] = base * scale

    def after_epoch(self) -> None:
        """Take the scheduler's step."""
        self.scheduler.step()

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """Walk there, writing as the run would have."""
        for epoch in range(math.floor(self._schedule.origin_epoch), epochs_done):
            self.before_step((epoch + 1) * self._per_epoch - 1)
            self.scheduler.step()
        if steps_of_epoch:
            self.before_step(epochs_done * self._per_epoch + steps_of_epoch - 1)


def writer_of(optimizer: torch.optim.Optimizer, schedule: Schedule, base_lr: float, steps_per_epoch: int) -> RateWriter:
    """What sets the rates of an optimizer whose groups hold their base rates."""
    # torch warns where a scheduler moves before its optimizer: an optimizer may wait for its turn.
    optimizer._opt_called = True  # type: ignore[attr-defined]  # noqa: SLF001
    kind = Overwritten if schedule.warmup == "overwrite" else Multiplied
    return kind(optimizer, schedule, schedule.min_lr / base_lr, steps_per_epoch)


def _epoch_scheduler(optimizer: torch.optim.Optimizer, schedule: Schedule) -> lr_scheduler.LRScheduler:
    """What decays once an epoch, before its rate is written over."""
    if schedule.family == "cosine":
        period = schedule.epochs - math.floor(schedule.origin_epoch)
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=period, eta_min=schedule.min_lr)
    if schedule.family == "halving":
        return lr_scheduler.ExponentialLR(optimizer, gamma=0.5 ** (1.0 / schedule.half_life_epochs))
    return lr_scheduler.ConstantLR(optimizer, factor=1.0, total_iters=0)
