"""The first rates of a resumed run, worked out again from what its folder says: where it began, and its settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from inspector.analysis.numbers import finite_number
from inspector.analysis.schedules.plateau import HeldPlateau, held_plateau
from inspector.analysis.schedules.resumed import PLATEAU, resumed_rates, steps_known
from inspector.display.training.scene import FirstRates, RunStart
from inspector.formats.metrics import EPOCH, EVENT, STEP
from inspector.formats.recipes.optimizer import factor_of
from inspector.formats.recipes.recipe import steps_per_epoch
from inspector.formats.recipes.schedule import OWN, Schedule, schedule_of

RESUMED = "resumed"
_FROM_WEIGHTS = "weights"


def expected_rates(start: RunStart, first_event: Mapping[str, Any], found: FirstRates) -> FirstRates:
    """The rate that each group was to have in each step of `found`, without the steps of which nothing can be known.

    What a resume does to a schedule stands in the settings of the run that it made, so they tell all but how far a
    plateau was down; that, its parent's checkpoint tells.

    Args:
        start: what the run's folder, and its parent's checkpoint, hold.
        first_event: the first of its events, which tells where it began.
        found: by group, steps and the rates that were logged.
    """
    began, schedule = _began(first_event), _schedule(start.values)
    base_lr, batch = finite_number(start.values.get("optim.lr")), start.values.get("data.batch_size")
    if began is None or schedule is None or schedule.family == OWN or not isinstance(batch, int) or batch < 1:
        return {}
    if start.samples < 1 or not base_lr or base_lr < schedule.min_lr:
        return {}
    epoch, step = began
    per_epoch = steps_per_epoch(start.samples, batch)
    anew = first_event.get("mode") == _FROM_WEIGHTS or schedule.origin_epoch == epoch > 0
    held = HeldPlateau() if anew else held_plateau(start.schedulers)
    if schedule.family == PLATEAU and held is None:
        return {}
    known = steps_known(
        schedule, base_lr, per_epoch, epoch, "rescale", last_epoch=schedule.epochs,
        val_every=_whole(start.values.get("train.val_every")), held=held,
    )  # fmt: skip

    def rate(factor: float, at: int) -> float:
        taken = round(epoch * per_epoch) + at - step - 1
        rates = resumed_rates(
            schedule, base_lr, per_epoch, taken / per_epoch, 1, "rescale", lr_mult=factor, held=held
        )  # fmt: skip
        return float(rates[0])

    last = math.inf if known is None else step + known
    told = {}
    for group, rates in found.items():
        factor = factor_of(group, start.values)
        told[group] = tuple((at, rate(factor, at)) for at, _logged in rates if step < at <= last)
    return told


def _began(event: Mapping[str, Any]) -> tuple[float, int] | None:
    """Epoch and step at which a run was resumed, by the event that tells it."""
    epoch, step = finite_number(event.get(EPOCH)), finite_number(event.get(STEP))
    if event.get(EVENT) != RESUMED or epoch is None or step is None or epoch < 0:
        return None
    return epoch, int(step)


def _schedule(values: Mapping[str, Any]) -> Schedule | None:
    try:
        return schedule_of(values)
    except msgspec.ValidationError:
        return None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 1
