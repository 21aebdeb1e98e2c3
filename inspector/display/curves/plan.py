"""The planned learning rate: found among a run's facts, and drawn as a curve over steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from inspector.analysis.numbers import finite_number
from inspector.analysis.schedule_replay import replayed
from inspector.analysis.schedules.planned import schedule_factors
from inspector.analysis.schedules.scheduler_state import scheduler_class
from inspector.analysis.schedules.torch_forms import closed_form
from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.diagnosis.rates.schedule_length import length_of
from inspector.diagnosis.rates.scheduler_times import scheduler_times
from inspector.display.curves.scene import PlanAsk
from inspector.formats.facts import CheckpointFacts
from inspector.formats.recipes.schedule import PREFIX, UNTOLD, schedule_of
from inspector.formats.series import Series
from inspector.formats.settings import nested
from inspector.runs.pace import steps_per_epoch
from inspector.runs.values import FileEntry, Run

_POINTS = 1000
_REPLAYED_STEPS = 4_000
_BASE_LR = "optim.lr"
_GROUPS, _FACTOR = "optim.groups.", ".lr_mult"
_LAST_EPOCH = "last_epoch"
# Keys that say how far ahead a scheduler plans, in its own steps.
_HORIZONS = ("T_max", "total_steps", "total_iters", "total_size")
# A rate per epoch is stepped once an epoch, give or take the one that is under way.
_SLACK = 1.5
_MOST_PLANS = 64

_NOTHING: FloatArray = np.zeros(0)


def plans_of(run: Run) -> tuple[PlanAsk, ...]:
    """How the rate of each parameter group was planned; one for all that share it, none where nothing tells."""
    return _from_settings(run) or _from_checkpoints(run)


def _from_settings(run: Run) -> tuple[PlanAsk, ...]:
    values = {path: value for path, value in run.settings.values.items() if path.startswith(PREFIX)}
    base = finite_number(run.settings.values.get(_BASE_LR))
    per_epoch = steps_per_epoch(run)
    if run.record is None or not values or base is None or not per_epoch:
        return ()
    factors = {
        path.removeprefix(_GROUPS).removesuffix(_FACTOR): factor
        for path, value in run.settings.values.items()
        if path.startswith(_GROUPS) and path.endswith(_FACTOR) and (factor := finite_number(value)) is not None
    }
    plan = PlanAsk(source="settings", values={**values, _BASE_LR: base}, base_lr=base, steps_per_epoch=per_epoch)
    if len(set(factors.values())) <= 1:
        factor = next(iter(factors.values()), 1.0)
        return (msgspec.structs.replace(plan, base_lr=base * factor),)
    return tuple(
        msgspec.structs.replace(plan, base_lr=base * factor, group_name=name, index=index)
        for index, (name, factor) in enumerate(factors.items())
    )


def _from_checkpoints(run: Run) -> tuple[PlanAsk, ...]:
    entries = [entry for entry in run.files if isinstance(entry.facts, CheckpointFacts)]
    plans = (_from_checkpoint(entry, run) for entry in reversed(entries))
    return next((found for found in plans if found), ())


def _from_checkpoint(entry: FileEntry, run: Run) -> tuple[PlanAsk, ...]:
    assert isinstance(entry.facts, CheckpointFacts)
    objects = entry.facts.objects
    for path in sorted(key for key in objects if key == _LAST_EPOCH or key.endswith(f".{_LAST_EPOCH}")):
        root = path.removesuffix(_LAST_EPOCH).removesuffix(".")
        state = nested(objects, root)
        name = objects.get(f"{root.removesuffix('.state')}.class")
        class_name = str(name) if isinstance(name, str) else scheduler_class(state)
        bases = state.get("base_lrs")
        done = state.get(_LAST_EPOCH)
        if not class_name or not isinstance(bases, list) or not bases or not isinstance(done, int):
            continue
        per = _unit(done, entry)
        if per is None or any(finite_number(base) is None for base in bases):
            continue
        plan = PlanAsk(
            source=entry.name,
            class_name=class_name,
            state=state,
            base_lr=float(bases[0]),
            group=_group(objects, 0),
            per="epoch" if per == "epoch" else "step",
            steps_per_epoch=steps_per_epoch(run),
        )
        if len(set(bases)) == 1:
            return (plan,)
        return tuple(_of_group(plan, objects, index, float(base)) for index, base in enumerate(bases[:_MOST_PLANS]))
    return ()


def _of_group(plan: PlanAsk, objects: Mapping[str, Any], index: int, base: float) -> PlanAsk:
    group = _group(objects, index)
    name = group.get("name")
    return msgspec.structs.replace(
        plan, base_lr=base, group=group, index=index, group_name=name if isinstance(name, str) else str(index)
    )


def _unit(done: int, entry: FileEntry) -> str | None:
    """Whether the scheduler counts epochs or steps, by which of them its own count meets."""
    if entry.epoch is not None and abs(done - entry.epoch) <= _SLACK:
        return "epoch"
    return "step" if entry.step is not None and abs(done - entry.step) <= _SLACK else None


def _group(objects: Mapping[str, Any], index: int) -> dict[str, Any]:
    marker = f"param_groups.{index}.lr"
    path = next((key for key in objects if key.endswith(marker)), None)
    group = nested(objects, path.removesuffix(".lr")) if path else {}
    return {key: value for key, value in group.items() if isinstance(value, int | float | str)}


def source_text(plan: PlanAsk) -> str:
    """What a plan is taken from, as a sentence goes on from it: `the settings plan`, `CosineAnnealingLR plans`."""
    if plan.values:
        return tr("the settings plan")
    return tr("{scheduler} plans").format(scheduler=visible(plan.class_name.rpartition(".")[2], 40))


def planned_curve(plan: PlanAsk, last_step: float) -> tuple[FloatArray, FloatArray]:
    """The plan as a curve.

    Args:
        plan: what is known of it.
        last_step: how far to draw where the plan has no end of its own.

    Returns:
        Steps and rates, both (points,) float64; empty where the plan cannot be drawn.
    """
    if plan.values and plan.steps_per_epoch:
        return _planned_by_settings(plan, plan.steps_per_epoch)
    if plan.class_name:
        return _planned_by_scheduler(plan, last_step)
    return _NOTHING, _NOTHING


def _planned_by_settings(plan: PlanAsk, per_epoch: float) -> tuple[FloatArray, FloatArray]:
    try:
        schedule = schedule_of(plan.values)
    except msgspec.ValidationError:
        return _NOTHING, _NOTHING
    if schedule.family in UNTOLD:
        return _NOTHING, _NOTHING
    total = schedule.epochs * max(round(per_epoch), 1)
    steps = np.unique(np.rint(np.linspace(1, max(total, 1), _POINTS)))
    return steps, _by_settings(plan, per_epoch, steps - 1)


def _by_settings(plan: PlanAsk, per_epoch: float, done: FloatArray) -> FloatArray:
    """Rates after so many optimizer steps; NaN where the settings are none."""
    try:
        # What was meant: a warm-up that writes over the decay is the very difference to be seen.
        schedule = msgspec.structs.replace(schedule_of(plan.values), warmup="multiply")
    except msgspec.ValidationError:
        return np.full(done.shape, np.nan)
    if schedule.family in UNTOLD:
        return np.full(done.shape, np.nan)
    base = finite_number(plan.values.get(_BASE_LR)) or plan.base_lr
    floor = schedule.min_lr / base if base > 0 else 0.0
    return plan.base_lr * schedule_factors(schedule, max(round(per_epoch), 1), done, floor)


def _planned_by_scheduler(plan: PlanAsk, last_step: float) -> tuple[FloatArray, FloatArray]:
    stride = plan.steps_per_epoch if plan.per == "epoch" else 1.0
    if not stride:
        return _NOTHING, _NOTHING
    done = plan.state.get(_LAST_EPOCH, 0)
    horizons = [length for key in _HORIZONS if (length := finite_number(plan.state.get(key))) is not None]
    own = length_of(plan.state, plan.class_name.rpartition(".")[2], done)
    end = max([*horizons, own, float(done), last_step / stride, 1.0])
    times = np.unique(np.rint(np.linspace(0, end, _POINTS)))
    rates = _by_scheduler(plan, times)
    return (_NOTHING, _NOTHING) if rates is None else (times * stride, rates)


def _by_scheduler(plan: PlanAsk, times: FloatArray) -> FloatArray | None:
    """Rates after so many of the scheduler's own steps; None where its state does not tell."""
    if not times.size:
        return times
    name = plan.class_name.rpartition(".")[2]
    with np.errstate(all="ignore"):
        rates = closed_form(name, plan.state, plan.base_lr, times, plan.group, plan.index)
        last = float(times.max())
        if rates is None and last <= _REPLAYED_STEPS:
            walked = replayed(name, plan.state, plan.base_lr, int(last), plan.group, plan.index)
            rates = None if walked is None else walked[times.astype(np.int64)]
    return None if rates is None else np.asarray(rates, np.float64)


def planned_beside(plan: PlanAsk, one: Series, shift: float = 0.0) -> FloatArray | None:
    """The planned rate at each point of a recorded one, (points,) float64; None where the plan does not tell.

    Args:
        plan: of the same group.
        one: the recorded rate, all its steps finite.
        shift: so many steps of the schedule later.
    """
    if plan.values and plan.steps_per_epoch:
        per_epoch = max(round(plan.steps_per_epoch), 1)
        # Epochs count on through a resume that changed their length; steps do not.
        taken = one.steps if one.epochs is None else np.rint(one.epochs * per_epoch)
        return _by_settings(plan, plan.steps_per_epoch, np.maximum(taken - 1.0 + shift, 0.0))
    times = scheduler_times(plan.per, one, plan.steps_per_epoch)
    if times is None or not plan.class_name or not np.isfinite(times).all():
        return None
    return _by_scheduler(plan, np.maximum(np.rint(times) + shift, 0.0))
