"""The rates of a resumed run, for each of the three meanings of an edited rate."""

from __future__ import annotations

from typing import Literal

import msgspec

from inspector.analysis.schedules.planned import planned_rates
from inspector.core.arrays import FloatArray
from inspector.formats.recipes.schedule import Schedule

RateMeaning = Literal["rescale", "restart", "pin"]
"""What an edited rate means on resume: as if it had been so from the start; the schedule anew from here; constant."""


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
) -> FloatArray:
    """The rate used in each of the `count` steps after a resume at `epoch`; schedule and base are the edited ones.

    A plateau is drawn as if every validation to come were better than the best; how far it is down is a factor that
    its checkpoint tells.
    """
    done = round(epoch * steps_per_epoch)
    resumed = resumed_schedule(schedule, epoch, meaning)
    return planned_rates(resumed, base_lr, steps_per_epoch, done + 1, done + count, lr_mult=lr_mult)
