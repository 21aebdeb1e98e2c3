"""The learning rate that every group's scheduler plans, past and future, beside the one that the checkpoint holds.

Source: torch 2.13's schedulers, replayed by `analysis.schedule_replay`; formulas that torch does not save, from the
run's settings where they give the recorded rate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from inspector.analysis.numbers import finite_number
from inspector.analysis.schedule_replay import MAX_STEPS, replayed
from inspector.analysis.schedules.torch_forms import closed_form
from inspector.core.arrays import FloatArray
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.diagnosis.checkpoint_values import PlannedCurve
from inspector.diagnosis.rates.checkpoint_rates import HeldRate, bare_rates, rates_of
from inspector.diagnosis.rates.planned_formulas import formula_of
from inspector.diagnosis.rates.rate_faults import compounded_warmup, leaves_plan, overwritten_after
from inspector.diagnosis.rates.run_length import planned_epochs, planned_steps
from inspector.diagnosis.rates.schedule_length import length_of
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds
from inspector.formats.facts import CheckpointFacts

MOST_POINTS = 20_000
"""Points of a curve; a longer plan is thinned evenly, with the present and both ends kept."""

_WALKED_STEPS = 4_000
"""A longer plan is drawn by its closed form where it has one: there may be a group for every layer."""

_EPOCH_KEYS = ("epoch", "current_epoch", "epochs_done")
_STEP_KEYS = ("step", "global_step", "iteration", "iter", "it", "num_steps", "total_steps_done")

_NOTHING = np.empty(0)


def planned_curves(
    facts: CheckpointFacts, settings: Mapping[str, Any], limits: Thresholds = DEFAULTS
) -> tuple[PlannedCurve, ...]:
    """One curve for every group of every optimizer, those with a scheduler first.

    Args:
        facts: of the checkpoint.
        settings: of its run by dotted path, for schedules that are functions; may be empty.
        limits: those in force for its run.
    """
    with np.errstate(all="ignore"):
        found = rates_of(facts)
        held = [_of(one, facts, settings, limits) for one in found]
    return (*held, *_without_scheduler(facts, {one.path for one in found}))


def _of(one: HeldRate, facts: CheckpointFacts, settings: Mapping[str, Any], limits: Thresholds) -> PlannedCurve:
    unit = _unit(one.t, facts.objects, limits)
    end = _end(one, unit, settings, facts.objects)
    times = _times(one.t, end)
    rates, planned, missing, named = _plan(one, times, settings, facts.objects, limits)
    agrees, verdict = _verdict(one, planned, missing, named, limits)
    return PlannedCurve(
        optimizer=one.path.rpartition("param_groups.")[0].rstrip("."),
        group=visible(one.group, 60),
        scheduler=visible(one.scheduler, 60),
        unit=unit,
        now=one.t,
        times=times if len(rates) else _NOTHING,
        rates=rates,
        held=one.rate,
        last=one.last,
        planned=planned,
        agrees=agrees,
        verdict=verdict,
        missing=missing,
    )


def _times(now: int, end: float) -> FloatArray:
    last = max(int(end), now, 1)
    if last < MOST_POINTS:
        return np.arange(last + 1, dtype=np.float64)
    kept = np.unique(np.r_[np.linspace(0, last, MOST_POINTS - 1).astype(np.int64), now])
    return kept.astype(np.float64)


def _plan(
    one: HeldRate, times: FloatArray, settings: Mapping[str, Any], objects: Mapping[str, Any], limits: Thresholds
) -> tuple[FloatArray, float, str, str]:
    """Rates, the one planned now, what is missing for them, and what named the formula."""
    if not math.isfinite(one.base):
        return _NOTHING, math.nan, _missing(one), ""
    rates = _replayed(one, times)
    if rates is not None:
        now = float(rates[int(np.searchsorted(times, one.t))])
        if not math.isfinite(now):
            return _NOTHING, math.nan, _missing(one), ""
        return rates, one.planned if math.isfinite(one.planned) else now, "", ""
    if one.scheduler in _FUNCTIONS:
        named = formula_of(one.base, one.t, one.last, settings, objects, limits=limits)
        if named is not None:
            found = np.asarray(one.base * named.factor(times), np.float64)
            return found, float(one.base * named.factor(np.asarray(float(one.t)))), "", named.name
    return _NOTHING, math.nan, _missing(one), ""


def _replayed(one: HeldRate, times: FloatArray) -> FloatArray | None:
    last = int(times[-1])
    drawn = None
    if last > _WALKED_STEPS:
        drawn = closed_form(one.scheduler, one.state, one.base, times, one.extras, one.index)
    if drawn is None and last <= MAX_STEPS:
        walked = replayed(one.scheduler, one.state, one.base, last, one.extras, one.index)
        drawn = None if walked is None else np.asarray(walked[times.astype(np.int64)], np.float64)
    return drawn


_FUNCTIONS = frozenset(("LambdaLR", "MultiplicativeLR"))


def _missing(one: HeldRate) -> str:
    """Why no plan can be drawn, and what would be needed."""
    recorded = f"the recorded rate is {number_text(one.rate)}"
    if one.scheduler == "ReduceLROnPlateau":
        return f"the plan depends on a metric that is still to come; {recorded}"
    if one.scheduler in _FUNCTIONS:
        return f"the schedule is a function, which torch does not save, and no setting names it; {recorded}"
    if one.scheduler == "OneCycleLR" and "max_lr" not in one.extras:
        return f"the optimizer's groups, which keep the top and the lowest rate, are not in the file; {recorded}"
    if not one.scheduler:
        return f"the scheduler is none of torch's; {recorded}"
    return f"the scheduler's state does not determine it; {recorded}"


def _verdict(one: HeldRate, planned: float, missing: str, named: str, limits: Thresholds) -> tuple[bool | None, str]:
    held, name = number_text(one.rate), visible(one.scheduler, 60) or "the scheduler"
    if missing or not math.isfinite(planned):
        return None, missing
    by = f"{name} ({named}, from the settings)" if named else name
    if not leaves_plan(one.rate, planned, one.base, limits):
        return True, f"the group holds {held}, as {by} plans after {one.t:,} steps"
    differs = f"the group holds {held} where {by} plans {number_text(planned)} after {one.t:,} steps"
    if not named and overwritten_after(one, limits):
        return False, f"{differs}: one step of its recursion from the base, so something writes over the scheduler"
    warmup = None if named else compounded_warmup(one, limits)
    if warmup is not None:
        return False, f"{differs}: a warm-up of {warmup} steps was handed back to the scheduler each time"
    if math.isfinite(one.last) and not leaves_plan(one.last, planned, one.base, limits):
        return False, f"{differs}, and the scheduler set that: something wrote the rate after it"
    return False, differs


def _unit(t: int, objects: Mapping[str, Any], limits: Thresholds) -> str:
    """What the scheduler counts, by the counts that stand beside it."""
    steps = _counts(objects, _STEP_KEYS)
    epochs = _counts(objects, _EPOCH_KEYS)
    if any(abs(t - step) <= max(1.0, limits.unit_slack * step) for step in steps) and not any(
        t == one for one in epochs
    ):
        return "step"
    if any(abs(t - epoch) <= 1.0 for epoch in epochs):
        return "epoch"
    return "scheduler step"


def _counts(objects: Mapping[str, Any], names: tuple[str, ...]) -> list[float]:
    paths = [path for name in names for path in (name, f"trainer_state.{name}") if path in objects]
    return [count for path in paths if (count := finite_number(objects[path])) is not None]


def _end(one: HeldRate, unit: str, settings: Mapping[str, Any], objects: Mapping[str, Any]) -> float:
    """Where the plan ends: with the run where that is known, else with the schedule."""
    run = planned_epochs(settings, objects) if unit == "epoch" else None
    if unit == "step":
        run = planned_steps(settings, objects)
    own = length_of(one.state, one.scheduler, one.t)
    if one.scheduler == "OneCycleLR":
        return own  # torch ends in an error past it
    return max(own, min(run or 0.0, 10.0 * max(own, one.t)), one.t)


def _without_scheduler(facts: CheckpointFacts, known: set[str]) -> Iterator[PlannedCurve]:
    """Groups of optimizers that no scheduler in the file belongs to."""
    for root, group, path, rate in bare_rates(facts):
        if path not in known:
            missing = f"the file holds no scheduler for this group; the recorded rate is {number_text(rate)}"
            yield PlannedCurve(
                optimizer=root,
                group=visible(group, 60),
                scheduler="",
                unit="scheduler step",
                now=None,
                times=_NOTHING,
                rates=_NOTHING,
                held=rate,
                last=math.nan,
                planned=math.nan,
                verdict=missing,
                missing=missing,
            )
