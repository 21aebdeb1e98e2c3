"""The rates that a recipe's schedule plans: every family one closed form, times the warm-up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from inspector.analysis.schedules.compounding import compounded_rates
from inspector.core.arrays import FloatArray
from inspector.formats.recipes.schedule import Family, Schedule


class Span(msgspec.Struct, frozen=True):
    """Lengths in optimizer steps.

    Attributes:
        per_epoch: of an epoch.
        total: from where the schedule counts to its horizon.
        warmup: of the warm-up.
        floor: the lowest factor, `min_lr / lr`.
    """

    per_epoch: int
    total: int
    warmup: int
    floor: float

    def steps(self, epochs: float) -> int:
        """A length in epochs as whole steps, at least one."""
        return max(round(epochs * self.per_epoch), 1)


def schedule_factors(
    schedule: Schedule, steps_per_epoch: int, steps_done: npt.ArrayLike, floor: float = 0.0
) -> FloatArray:
    """The factor on the base rate, shaped as `steps_done`: warm-up times decay in one closed form.

    Of a plateau it is the warm-up alone, as its decay depends on losses to come; of a scheduler of a recipe file NaN.

    Args:
        schedule: the settings; with `warmup="overwrite"` the decay never reaches the optimizer, with `"compound"` the
            warm-up stays in it.
        steps_per_epoch: optimizer steps in one epoch.
        steps_done: optimizer steps before the one that uses the rate, counted from the run's first.
        floor: the lowest factor, `min_lr / lr`.
    """
    origin = round(schedule.origin_epoch * steps_per_epoch)
    taken = np.asarray(steps_done, np.float64)
    if schedule.warmup == "compound":
        by_epoch = compounded_rates(msgspec.structs.replace(schedule, min_lr=floor), 1.0, 1.0)
        epoch = np.floor_divide(taken, steps_per_epoch) - math.floor(schedule.origin_epoch)
        return np.asarray(by_epoch[np.clip(epoch, 0, by_epoch.size - 1).astype(np.int64)], np.float64)
    span = Span(
        steps_per_epoch,
        max(schedule.epochs * steps_per_epoch - origin, 1),
        round(schedule.warmup_epochs * steps_per_epoch),
        floor,
    )
    done = np.clip(taken - origin, 0.0, None)
    warmup = np.minimum((done + 1.0) / span.warmup, 1.0) if span.warmup > 0 else np.ones_like(done)
    if schedule.warmup == "overwrite":
        return warmup
    return np.asarray(warmup * _DECAYS[schedule.family](schedule, span, done), np.float64)


def planned_rates(
    schedule: Schedule,
    base_lr: float,
    steps_per_epoch: int,
    first_step: int,
    last_step: int,
    *,
    lr_mult: float = 1.0,
) -> FloatArray:
    """The rate used in each step from the first to the last, both counted from 1 as in the metrics.

    Args:
        schedule: the settings.
        base_lr: `optim.lr`.
        steps_per_epoch: optimizer steps in one epoch.
        first_step: of the run.
        last_step: of the run, included.
        lr_mult: the group's own factor.

    Returns:
        (steps,) float64; NaN where the family of the schedule is not known.
    """
    if schedule.warmup == "compound":
        by_epoch = compounded_rates(schedule, base_lr, base_lr * lr_mult)
        epoch = np.arange(first_step - 1, last_step) // steps_per_epoch - math.floor(schedule.origin_epoch)
        return by_epoch[np.clip(epoch, 0, by_epoch.size - 1)]
    steps_done = np.arange(first_step - 1, last_step, dtype=np.float64)
    return base_lr * lr_mult * schedule_factors(schedule, steps_per_epoch, steps_done, schedule.min_lr / base_lr)


Decay: TypeAlias = Callable[[Schedule, Span, FloatArray], FloatArray]
"""Steps since the schedule's start, float64, to factors of the same shape."""


def _constant(_schedule: Schedule, _span: Span, done: FloatArray) -> FloatArray:
    return np.ones_like(done)


def _untold(_schedule: Schedule, _span: Span, done: FloatArray) -> FloatArray:
    return np.full_like(done, np.nan)


def _above_floor(span: Span, factor: FloatArray) -> FloatArray:
    return span.floor + (1.0 - span.floor) * factor


def _linear(_schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    return _above_floor(span, 1.0 - np.minimum(done, span.total) / span.total)


def _polynomial(schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    return _above_floor(span, (1.0 - np.minimum(done, span.total) / span.total) ** schedule.power)


def _cosine(_schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    return _above_floor(span, (1.0 + np.cos(np.pi * np.minimum(done, span.total) / span.total)) / 2.0)


def _cosine_restarts(schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    within, length = in_cycles(done, float(span.steps(schedule.cycle_epochs)), schedule.cycle_factor)
    return _above_floor(span, (1.0 + np.cos(np.pi * within / length)) / 2.0)


def in_cycles(done: FloatArray, first: float, ratio: int) -> tuple[FloatArray, FloatArray]:
    """How far within its cycle each number of steps is, and how long that cycle is, both shaped as `done`.

    Args:
        done: steps, float64; of infinitely many none is known how far, which is NaN or infinite.
        first: steps of the first cycle.
        ratio: length of each cycle by that of the one before.
    """
    starts, lengths = [0.0], [first]
    last = float(np.max(done, initial=0.0, where=np.isfinite(done)))
    while ratio > 1 and starts[-1] + lengths[-1] <= last:
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * ratio)
    cycle = np.searchsorted(np.asarray(starts), done, side="right") - 1
    within = done % first if ratio == 1 else done - np.asarray(starts)[cycle]
    return within, np.asarray(lengths)[cycle]


def _halving(schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    return np.asarray(0.5 ** (done / (schedule.half_life_epochs * span.per_epoch)), np.float64)


def _exponential(schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    return np.asarray(schedule.decay_factor ** (done / (schedule.decay_epochs * span.per_epoch)), np.float64)


def _step(schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    return np.asarray(schedule.decay_factor ** (done // span.steps(schedule.decay_epochs)), np.float64)


def _multistep(schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    milestones = [span.steps(epoch) for epoch in schedule.milestones_epochs]
    return np.asarray(schedule.decay_factor ** np.searchsorted(milestones, done, side="right"), np.float64)


def _one_cycle(schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    """Source: Smith and Topin 2019 in the two phases of torch's OneCycleLR, whose last step is the lowest."""
    start = 1.0 / schedule.div_factor
    end = start / schedule.final_div_factor
    top = max(schedule.pct_start * span.total - 1.0, 0.0)
    last = max(span.total - 1.0, top)
    at = np.minimum(done, last)
    rising = at / top if top > 0 else np.ones_like(at)
    falling = (at - top) / (last - top) if last > top else np.zeros_like(at)
    return np.where(
        at <= top,
        1.0 + (start - 1.0) / 2.0 * (1.0 + np.cos(np.pi * rising)),
        end + (1.0 - end) / 2.0 * (1.0 + np.cos(np.pi * falling)),
    )


def _inverse_sqrt(_schedule: Schedule, span: Span, done: FloatArray) -> FloatArray:
    """Source: Vaswani et al. 2017, section 5.3, as a share of its top."""
    warmup = max(span.warmup, 1)
    return np.asarray(np.sqrt(warmup / np.maximum(done + 1.0, warmup)), np.float64)


_DECAYS: dict[Family, Decay] = {
    "constant": _constant,
    "linear": _linear,
    "polynomial": _polynomial,
    "cosine": _cosine,
    "cosine_restarts": _cosine_restarts,
    "halving": _halving,
    "exponential": _exponential,
    "step": _step,
    "multistep": _multistep,
    "one_cycle": _one_cycle,
    "inverse_sqrt": _inverse_sqrt,
    "plateau": _constant,
    "own": _untold,
}
