"""The rates of a resumed run, for each of the three meanings of an edited rate."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from inspector.analysis.schedules.planned import planned_rates
from inspector.analysis.schedules.plateau import HeldPlateau, validations_until_fall
from inspector.core.arrays import FloatArray
from inspector.formats.recipes.schedule import Schedule

RateMeaning = Literal["rescale", "restart", "pin"]
"""What an edited rate means on resume: as if it had been so from the start; the schedule anew from here; constant."""


PLATEAU = "plateau"


def resumed_schedule(schedule: Schedule, epoch: float, meaning: RateMeaning) -> Schedule:
    """The schedule that a run resumed at `epoch` (epochs done, with a fraction) follows."""
    if meaning == "restart":
        return msgspec.structs.replace(schedule, origin_epoch=epoch)
    if meaning == "pin":
        return msgspec.structs.replace(schedule, family="constant", warmup_epochs=0.0)
    return schedule


def resumed_rates(
    schedule: Schedule,
    base_lr: float,
    steps_per_epoch: int,
    epoch: float,
    count: int,
    meaning: RateMeaning,
    *,
    lr_mult: float = 1.0,
    held: HeldPlateau | None = None,
) -> FloatArray:
    """The rate used in each of the `count` steps after a resume at `epoch`, (count,) float64; NaN as `planned_rates`.

    Schedule and base are the edited ones.
    A plateau is drawn as if every validation to come were better than the best; `held` is what its checkpoint tells.
    """
    done = round(epoch * steps_per_epoch)
    resumed = resumed_schedule(schedule, epoch, meaning)
    rates = planned_rates(resumed, base_lr, steps_per_epoch, done + 1, done + count, lr_mult=lr_mult)
    if resumed.family == PLATEAU and held is not None and meaning != "restart":
        rates = rates * max(held.share, schedule.min_lr / base_lr)
    return rates


def steps_known(
    schedule: Schedule,
    base_lr: float,
    steps_per_epoch: int,
    epoch: float,
    meaning: RateMeaning,
    *,
    last_epoch: int,
    val_every: int,
    held: HeldPlateau | None = None,
) -> int | None:
    """The steps after a resume whose rates no loss to come can change; None where those are all.

    Args:
        schedule: the edited settings.
        base_lr: `optim.lr`.
        steps_per_epoch: optimizer steps in an epoch.
        epoch: epochs done at the resume, with a fraction.
        meaning: of an edited rate.
        last_epoch: where it ends.
        val_every: epochs from one validation to the next; the last epoch has one too.
        held: what the checkpoint tells of a plateau, None of a fresh one.
    """
    if resumed_schedule(schedule, epoch, meaning).family != PLATEAU:
        return None
    state = HeldPlateau() if held is None or meaning == "restart" else held
    after = validations_until_fall(schedule, schedule.min_lr / base_lr, state)
    if after is None:
        return None
    validated = (math.floor(epoch) // val_every + max(after, 1)) * val_every
    return None if validated >= last_epoch else validated * steps_per_epoch - round(epoch * steps_per_epoch)
