"""What sets the learning rate of one optimizer: torch's scheduler as the settings ask for it, and who else writes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import torch
from torch.optim import lr_scheduler

from inspector.analysis.schedules.compounding import epoch_scheduler, warmup_share
from inspector.analysis.schedules.planned import schedule_factors
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
    draw the plan; what has a slot of its own it does not keep.
    """

    __slots__ = ("__dict__", "_factors", "_number", "_schedule")

    def __init__(self, schedule: Schedule, steps_per_epoch: int, floor: float) -> None:
        self._schedule = schedule
        self._number = -1  # of the block in which the last step was
        self._factors: tuple[float, ...] = ()
        self.schedule = msgspec.to_builtins(schedule)
        self.steps_per_epoch = steps_per_epoch
        self.floor = floor

    def __call__(self, steps_done: int) -> float:
        """The factor."""
        number, place = divmod(steps_done, _BLOCK)
        if number != self._number:
            self._factors = _block(self._schedule, self.steps_per_epoch, self.floor, number)
            self._number = number
        return self._factors[place]


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

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take over what a position does not tell from a scheduler's saved state."""

    def state(self) -> dict[str, Any]:
        """`{class, state}` as a checkpoint holds it."""
        return {"class": type(self.scheduler).__name__, "state": self.scheduler.state_dict()}


class Multiplied(RateWriter):
    """One LambdaLR in steps, whose factor is warm-up times decay."""

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule, base_lr: float, per_epoch: int) -> None:
        self._per_epoch = per_epoch
        factor = WarmupTimesDecay(schedule, per_epoch, schedule.min_lr / base_lr)
        self.scheduler = lr_scheduler.LambdaLR(optimizer, factor)

    def after_step(self) -> None:
        """Take the scheduler's step."""
        self.scheduler.step()

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """A closed form has no memory, so that half a million steps need not be walked one by one."""
        move(self.scheduler, epochs_done * self._per_epoch + steps_of_epoch)


def move(scheduler: lr_scheduler.LambdaLR, steps: int) -> None:
    """Take a new scheduler, whose factors are a function of the step alone, to where so many steps lead."""
    if steps > 0:
        scheduler.last_epoch = steps - 1
        scheduler._step_count = steps  # noqa: SLF001 - part of the state that torch saves
        scheduler.step()


_UNWARMED = "unwarmed_lrs"


class OnPlateau(RateWriter):
    """torch's plateau scheduler, times the warm-up.

    The scheduler works on rates of its own: were the product fed back to it, the warm-up would compound.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule, base_lr: float, per_epoch: int) -> None:
        self._optimizer, self._schedule, self._per_epoch = optimizer, schedule, per_epoch
        self._bases = [float(group["lr"]) for group in optimizer.param_groups]
        self._warmup = 1.0
        lowest = schedule.min_lr / base_lr
        self._shadow = torch.optim.SGD([{"params": [torch.zeros(1)], "lr": base} for base in self._bases])
        self.scheduler = lr_scheduler.ReduceLROnPlateau(
            self._shadow,
            factor=schedule.decay_factor,
            patience=schedule.plateau_patience,
            threshold=schedule.plateau_threshold,
            cooldown=schedule.plateau_cooldown,
            min_lr=[base * lowest for base in self._bases],
            eps=0.0,
        )

    def before_step(self, steps_done: int) -> None:
        """Write the product."""
        self._warmup = _factor(self._schedule, self._per_epoch, 0.0, steps_done)
        self._write()

    def _write(self) -> None:
        for group, own in zip(self._optimizer.param_groups, self._shadow.param_groups, strict=True):
            group["lr"] = own["lr"] * self._warmup

    def after_validation(self, loss: float) -> None:
        """Let the scheduler see the loss."""
        self.scheduler.step(loss)
        self._write()

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """The warm-up follows the position; the decay has its state alone."""
        steps_done = epochs_done * self._per_epoch + steps_of_epoch
        if steps_done:
            self.before_step(steps_done - 1)

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take over best, counters and cooldown, and how far the rate is down."""
        if saved.get("class") != "ReduceLROnPlateau":
            return
        state = saved["state"]
        for key in ("best", "num_bad_epochs", "cooldown_counter", "last_epoch"):
            setattr(self.scheduler, key, state[key])
        held, bases = state[_UNWARMED], state["base_lrs"]
        share = next((rate / base for rate, base in zip(held, bases, strict=True) if base > 0), 1.0)
        for place, (group, base) in enumerate(zip(self._shadow.param_groups, self._bases, strict=True)):
            # The very rate where the base is what it was: a product of a quotient may differ by a bit.
            same = len(held) == len(self._bases) and base == bases[place]
            group["lr"] = max(held[place] if same else base * share, self.scheduler.min_lrs[place])
        self._write()

    def state(self) -> dict[str, Any]:
        """With the rates as they are in the groups, those without the warm-up, and the base rates."""
        found = super().state()
        rates = {
            "_last_lr": [group["lr"] for group in self._optimizer.param_groups],
            _UNWARMED: [group["lr"] for group in self._shadow.param_groups],
            "base_lrs": self._bases,
        }
        return {**found, "state": {**found["state"], **rates}}


class Overwritten(RateWriter):
    """A fault kept for study: a scheduler steps once an epoch, and base times warm-up is written over its rate."""

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule, base_lr: float, per_epoch: int) -> None:
        self._optimizer, self._schedule, self._per_epoch = optimizer, schedule, per_epoch
        self._bases = [float(group["lr"]) for group in optimizer.param_groups]
        self.scheduler = _stepped_by_epochs(optimizer, schedule, base_lr)

    def before_step(self, steps_done: int) -> None:
        """Write over what the scheduler set."""
        scale = _factor(self._schedule, self._per_epoch, 0.0, steps_done)
        for group, base in zip(self._optimizer.param_groups, self._bases, strict=True):
            group["lr"] = base * scale

    def after_epoch(self) -> None:
        """Take the scheduler's step."""
        self.scheduler.step()

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """Walk there, writing as the run would have."""
        for epoch in range(math.floor(self._schedule.origin_epoch), epochs_done):
            self.before_step((epoch + 1) * self._per_epoch - 1)
            self.after_epoch()
        if steps_of_epoch:
            self.before_step(epochs_done * self._per_epoch + steps_of_epoch - 1)


class Compounding(Overwritten):
    """A fault kept for study: the product of the scheduler's last rate and the warm-up is fed back to the scheduler.

    It is written into the groups before each epoch of the warm-up, and from them comes the scheduler's next rate.
    """

    _written = -1

    def before_step(self, steps_done: int) -> None:
        """Write once in an epoch of the warm-up."""
        epoch = steps_done // self._per_epoch - math.floor(self._schedule.origin_epoch)
        if epoch == self._written or epoch >= self._schedule.warmup_epochs:
            return
        self._written = epoch
        share = warmup_share(self._schedule, epoch)
        for group, rate in zip(self._optimizer.param_groups, self.scheduler.get_last_lr(), strict=True):
            group["lr"] = rate * share


_BY_WARMUP: dict[str, type[Multiplied | Overwritten]] = {
    "multiply": Multiplied,
    "overwrite": Overwritten,
    "compound": Compounding,
}


def writer_of(optimizer: torch.optim.Optimizer, schedule: Schedule, base_lr: float, steps_per_epoch: int) -> RateWriter:
    """What sets the rates of an optimizer whose groups hold their base rates, by a schedule of the settings."""
    if schedule.family == "plateau":
        return OnPlateau(optimizer, schedule, base_lr, steps_per_epoch)
    return _BY_WARMUP[schedule.warmup](optimizer, schedule, base_lr, steps_per_epoch)


def _stepped_by_epochs(
    optimizer: torch.optim.Optimizer, schedule: Schedule, base_lr: float
) -> lr_scheduler.LRScheduler:
    name, parameters = epoch_scheduler(schedule, base_lr)
    found: lr_scheduler.LRScheduler = getattr(lr_scheduler, name)(optimizer, **parameters)
    return found
