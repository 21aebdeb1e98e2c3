"""What the rate should have been along a recorded curve: by the settings, else by the newest scheduler's formula."""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec
import numpy as np

from inspector.analysis.schedules.planned import schedule_factors
from inspector.analysis.schedules.torch_forms import closed_form
from inspector.core.arrays import FloatArray
from inspector.core.texts import visible
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.rates.checkpoint_rates import HeldRate
from inspector.diagnosis.rates.scheduler_times import scheduler_times
from inspector.diagnosis.tags import rates as rates_of
from inspector.formats.metric_names import words
from inspector.formats.recipes.schedule import UNTOLD, schedule_of
from inspector.formats.series import Series

_EPOCH_SLACK = 1.0
_STEP_SLACK = 0.01
"""A scheduler counts what its own count meets: epochs, give or take the one under way, or steps within 1%."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The planned rate at each point of a curve.

    Attributes:
        rates: (points,) float64, NaN where unknown.
        floor: the least rate of a cosine.
        horizon: optimizer steps of the whole schedule, NaN where it has no end.
        of_this_group: whether it is certain that the plan is of the curve's own group.
        source: what it was taken from, as a sentence goes on from it: `the settings plan`.
    """

    rates: FloatArray
    floor: float
    horizon: float
    of_this_group: bool
    source: str


def planned_rate(material: Material, tag: str, one: Series, held: list[HeldRate]) -> Plan | None:
    """The plan of a recorded rate, None where nothing says what was planned."""
    return _by_settings(material, tag, one) or _by_scheduler(material, tag, one, held)


def _by_settings(material: Material, tag: str, one: Series) -> Plan | None:
    """The recipe's own plan: warm-up times decay, whatever writes over it."""
    base, per_epoch = material.number("optim.lr"), material.steps_per_epoch
    if material.run.record is None or not material.fields or not base or not per_epoch or one.stepless:
        return None
    try:
        schedule = msgspec.structs.replace(schedule_of(material.run.settings.values), warmup="multiply")
    except msgspec.ValidationError:
        return None
    if schedule.family in UNTOLD:
        return None
    group = tag.rpartition("/")[2]
    factor = material.number(f"optim.groups.{group}.lr_mult")
    base *= 1.0 if factor is None else factor
    if base <= 0:
        return None
    steps = max(round(per_epoch), 1)
    # Epochs count on through a resume that changed their length; steps do not.
    taken = one.steps if one.epochs is None else np.rint(np.where(np.isnan(one.epochs), np.nan, one.epochs * steps))
    floor = schedule.min_lr / float(material.number("optim.lr") or base)
    rates = base * schedule_factors(schedule, steps, taken - 1.0, floor)
    named = factor is not None or len(rates_of(material.curves)) == 1
    return Plan(rates, base * floor, float(schedule.epochs * steps), named, "the settings plan")


def _by_scheduler(material: Material, tag: str, one: Series, held: list[HeldRate]) -> Plan | None:
    known = [rate for rate in held if math.isfinite(rate.planned) and math.isfinite(rate.base)]
    if not known or one.stepless:
        return None
    newest = [rate for rate in known if rate.entry.path == known[-1].entry.path]
    spoken = words(tag)
    named = next((rate for rate in newest if rate.group.lower() in spoken), None)
    mine = named or newest[0]
    times = _times(mine, one, material.steps_per_epoch)
    if times is None:
        return None
    with np.errstate(all="ignore"):
        rates = closed_form(mine.scheduler, mine.state, mine.base, times[0], mine.extras, mine.index)
    if rates is None:
        return None
    floor = mine.state.get("eta_min")
    return Plan(
        np.asarray(rates, np.float64),
        float(floor) if isinstance(floor, int | float) else 0.0,
        _horizon(mine, times[1]),
        named is not None or len(newest) == 1,
        f"{visible(mine.scheduler, 40)} in {file_text(mine.entry)} plans",
    )


def _times(mine: HeldRate, one: Series, per_epoch: float | None) -> tuple[FloatArray, float] | None:
    """The scheduler's own time at each point, and optimizer steps in one of its steps; None where that is unknown."""
    step, epoch = mine.entry.step, mine.entry.epoch
    if step is not None and abs(mine.t - step) <= max(1.0, _STEP_SLACK * step):
        times = scheduler_times("step", one, per_epoch)
        return None if times is None else (times, 1.0)
    if epoch is not None and abs(mine.t - epoch) <= _EPOCH_SLACK and per_epoch:
        times = scheduler_times("epoch", one, per_epoch)
        return None if times is None else (times, per_epoch)
    return None


def _horizon(mine: HeldRate, stride: float) -> float:
    for key in ("T_max", "total_steps", "total_iters"):
        length = mine.state.get(key)
        if isinstance(length, int | float) and not isinstance(length, bool):
            return float(length) * stride
    return math.nan
