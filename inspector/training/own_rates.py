"""The scheduler that a recipe file brings: what it may be, how it is stepped, and what a resume takes over of it."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import torch
from torch.optim import Optimizer, lr_scheduler

from inspector.core.errors import UsageError
from inspector.formats.recipes.schedule import Schedule
from inspector.training.rate_writers import RateWriter, move
from inspector.training.task import Scheduler

Bring: TypeAlias = Callable[[Optimizer, int], Scheduler | None]
"""An optimizer, and how often its scheduler will be stepped, to the scheduler."""

_WRITTEN = ("lr", "momentum", "betas")
"""What torch's schedulers write into a group."""


class Own(RateWriter):
    """A scheduler of the recipe's own, stepped after every step or epoch, of a plateau after every validation.

    Args:
        optimizer: whose groups hold their base rates.
        schedule: its horizon, and where it is counted from.
        per_epoch: optimizer steps in an epoch.
        by: how often it is stepped.
        bring: makes the scheduler.

    Raises:
        UsageError: it is none, or holds what a checkpoint does not.
    """

    def __init__(
        self, optimizer: Optimizer, schedule: Schedule, per_epoch: int, by: Literal["step", "epoch"], bring: Bring
    ) -> None:
        self._optimizer = optimizer
        self._per_epoch = per_epoch if by == "step" else 1
        self._by_step = by == "step"
        self._origin = round(schedule.origin_epoch * per_epoch) if self._by_step else math.floor(schedule.origin_epoch)
        self._bases = [float(group["lr"]) for group in optimizer.param_groups]
        self.scheduler = _scheduler(
            optimizer, bring(optimizer, max(schedule.epochs * self._per_epoch - self._origin, 1))
        )
        self._waits = isinstance(self.scheduler, lr_scheduler.ReduceLROnPlateau)

    def after_step(self) -> None:
        """Take the scheduler's step, where it takes one after each of the optimizer's."""
        if self._by_step and not self._waits:
            self._step()

    def after_epoch(self) -> None:
        """Take the scheduler's step, where it takes one after each epoch."""
        if not (self._by_step or self._waits):
            self._step()

    def after_validation(self, loss: float) -> None:
        """Let a plateau see the loss."""
        if self._waits:
            self.scheduler.step(loss)

    def _step(self) -> None:
        self.scheduler.step()
        rates = [float(group["lr"]) for group in self._optimizer.param_groups]
        if not all(math.isfinite(rate) and rate >= 0 for rate in rates):
            raise UsageError(f"{_called(self.scheduler)} set a rate of {min(rates)}; rates are finite and not below 0")

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """Step there one by one, as rates may follow from each other; a plateau has its state alone."""
        taken = epochs_done * self._per_epoch + (steps_of_epoch if self._by_step else 0) - self._origin
        if type(self.scheduler) is lr_scheduler.LambdaLR:
            move(self.scheduler, taken)
        elif not self._waits:
            for _ in range(taken):
                self._step()

    def take_over(self, saved: Mapping[str, Any], before: Own, *, edited: bool, rewritten: bool) -> str:
        """Take over from a saved state what the position does not tell; what there is to know of it, or nothing.

        Where the file was rewritten no state is loaded: it would bring back the numbers of the old one.

        Args:
            saved: `{class, state}` of a checkpoint.
            before: made and moved as this one, from the settings of the checkpoint.
            edited: whether these settings are others.
            rewritten: whether the recipe file is not as it was.
        """
        state = saved["state"]
        fits = saved["class"] == type(self.scheduler).__name__ and len(state.get("_last_lr", self._bases)) == len(
            self._bases
        )
        if fits and not rewritten and (not edited or same(before.told(), self.told())):
            self.scheduler.load_state_dict(state)
            self._write(self.scheduler.get_last_lr())
        elif fits and self._waits:
            for key in ("best", "num_bad_epochs", "cooldown_counter", "last_epoch"):
                setattr(self.scheduler, key, state[key])
            known = zip(self._bases, before.bases, state["_last_lr"], self.scheduler.min_lrs, strict=True)
            self._write([max(_as_far_down(*rates), least) for *rates, least in known])
        elif not (fits and same(before.scheduler.state_dict(), state)):
            cause = "the file was rewritten" if rewritten else "it keeps more than its place and settings are edited"
            return f"{_called(self.scheduler)} goes on as if it had been stepped here from its start, as {cause}"
        return ""

    @property
    def bases(self) -> list[float]:
        """The rate of each group before any scheduler."""
        return self._bases

    def told(self) -> tuple[Any, Any]:
        """Its state, and what stands in the groups."""
        groups = self._optimizer.param_groups
        return self.scheduler.state_dict(), [{key: group.get(key) for key in _WRITTEN} for group in groups]

    def _write(self, rates: list[float]) -> None:
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            group["lr"] = rate


def _scheduler(optimizer: Optimizer, brought: Any) -> Any:
    """What a recipe brought, as a scheduler of torch."""
    if callable(brought) and not isinstance(brought, lr_scheduler.LRScheduler):
        brought = lr_scheduler.LambdaLR(optimizer, brought)
    if not isinstance(brought, lr_scheduler.LRScheduler):
        found = "none" if brought is None else f"an object of type {type(brought).__name__}"
        raise UsageError(
            "schedule.family own expects Recipe.scheduler to give a scheduler of torch or a function of the step, found"
            f" {found}; choose another schedule.family or bring one"
        )
    if brought.optimizer is not optimizer:
        raise UsageError(f"{_called(brought)} is not of the optimizer that Recipe.scheduler is given; make it of that")
    strange = _strange(brought.state_dict())
    if strange:
        raise UsageError(
            f"the state of {_called(brought)} holds {strange}, which no checkpoint takes; keep numbers, texts and"
            " tensors in it, or write its state_dict and load_state_dict"
        )
    return brought


def _as_far_down(base: float, old: float, rate: float) -> float:
    """A rate as far below its base as another is; the very rate where the base is what it was."""
    return rate if base == old else base * rate / old if old else base


def _called(scheduler: Any) -> str:
    return f"{type(scheduler).__name__} of the recipe file"


def _strange(state: Any) -> str:
    """What is neither a plain value nor a tensor in a state, or nothing."""
    if type(state) in (dict, OrderedDict, Counter):
        return next((found for pair in state.items() for found in map(_strange, pair) if found), "")
    if type(state) in (list, tuple):
        return next((found for found in map(_strange, state) if found), "")
    plain = state is None or type(state) in (bool, int, float, str) or isinstance(state, torch.Tensor)
    return "" if plain else f"an object of type {type(state).__name__}"


def same(first: Any, second: Any) -> bool:
    """Whether two trees of plain values and tensors are the same, bit for bit."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(value, second[key]) for key, value in first.items())
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, torch.Tensor) or isinstance(second, torch.Tensor):
        return isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor) and torch.equal(first, second)
    return repr(first) == repr(second)  # to the last bit of a float, and NaN is like NaN
