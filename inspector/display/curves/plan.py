"""The planned learning rate: found among a run's facts, and drawn as a curve over steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from inspector.analysis.schedules import closed_form, schedule_factors, scheduler_class
from inspector.core.arrays import FloatArray
from inspector.display.curves.scene import PlanAsk
from inspector.formats.facts import CheckpointFacts
from inspector.formats.recipes.schedule import PREFIX, schedule_of
from inspector.formats.settings import nested
from inspector.runs.pace import steps_per_epoch
from inspector.runs.values import FileEntry, Run

_POINTS = 1000
_BASE_LR = "optim.lr"
_LAST_EPOCH = "last_epoch"
# Keys that say how far ahead a scheduler plans, in its own steps.
_HORIZONS = ("T_max", "total_steps", "total_iters", "total_size")
# A rate per epoch is stepped once an epoch, give or take the one that is under way.
_SLACK = 1.5


def plan_of(run: Run) -> PlanAsk | None:
    """How the run's learning rate was planned; None where neither settings nor a checkpoint tell."""
    return _from_settings(run) or _from_checkpoints(run)


def _from_settings(run: Run) -> PlanAsk | None:
    values = {path: value for path, value in run.settings.values.items() if path.startswith(PREFIX)}
    base = run.settings.values.get(_BASE_LR)
    per_epoch = steps_per_epoch(run)
    if run.record is None or not values or not isinstance(base, int | float) or not per_epoch:
        return None
    return PlanAsk(source="settings", values=values, base_lr=float(base), steps_per_epoch=per_epoch)


def _from_checkpoints(run: Run) -> PlanAsk | None:
    entries = [entry for entry in run.files if isinstance(entry.facts, CheckpointFacts)]
    plans = (_from_checkpoint(entry, run) for entry in reversed(entries))
    return next((plan for plan in plans if plan is not None), None)


def _from_checkpoint(entry: FileEntry, run: Run) -> PlanAsk | None:
    assert isinstance(entry.facts, CheckpointFacts)
    objects = entry.facts.objects
    for path in sorted(key for key in objects if key == _LAST_EPOCH or key.endswith(f".{_LAST_EPOCH}")):
        root = path.removesuffix(_LAST_EPOCH).removesuffix(".")
        state = nested(objects, root)
        name = objects.get(f"{root.removesuffix('.state')}.class")
        class_name = str(name) if isinstance(name, str) else scheduler_class(state)
        base = state.get("base_lrs")
        done = state.get(_LAST_EPOCH)
        if not class_name or not isinstance(base, list) or not base or not isinstance(done, int):
            continue
        per = _unit(done, entry)
        if per is None or not isinstance(base[0], int | float):
            continue
        return PlanAsk(
            source=entry.name,
            class_name=class_name,
            state=state,
            base_lr=float(base[0]),
            group=_first_group(objects),
            per="epoch" if per == "epoch" else "step",
            steps_per_epoch=steps_per_epoch(run),
        )
    return None


def _unit(done: int, entry: FileEntry) -> str | None:
    """Whether the scheduler counts epochs or steps, by which of them its own count meets."""
    if entry.epoch is not None and abs(done - entry.epoch) <= _SLACK:
        return "epoch"
    return "step" if entry.step is not None and abs(done - entry.step) <= _SLACK else None


def _first_group(objects: Mapping[str, Any]) -> dict[str, Any]:
    marker = "param_groups.0.lr"
    path = next((key for key in objects if key.endswith(marker)), None)
    group = nested(objects, path.removesuffix(".lr")) if path else {}
    return {key: value for key, value in group.items() if isinstance(value, int | float | str)}


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
    return np.zeros(0), np.zeros(0)


def _planned_by_settings(plan: PlanAsk, per_epoch: float) -> tuple[FloatArray, FloatArray]:
    try:
        # What was meant: a warm-up that writes over the decay is the very difference to be seen.
        schedule = msgspec.structs.replace(schedule_of(plan.values), warmup="multiply")
    except msgspec.ValidationError:
        return np.zeros(0), np.zeros(0)
    per_epoch_steps = max(round(per_epoch), 1)
    total = schedule.epochs * per_epoch_steps
    steps = np.unique(np.rint(np.linspace(1, max(total, 1), _POINTS)))
    floor = schedule.min_lr / plan.base_lr if plan.base_lr > 0 else 0.0
    return steps, plan.base_lr * schedule_factors(schedule, per_epoch_steps, steps - 1, floor)


def _planned_by_scheduler(plan: PlanAsk, last_step: float) -> tuple[FloatArray, FloatArray]:
    stride = plan.steps_per_epoch if plan.per == "epoch" else 1.0
    if not stride:
        return np.zeros(0), np.zeros(0)
    horizons = [plan.state[key] for key in _HORIZONS if isinstance(plan.state.get(key), int | float)]
    end = max([float(value) for value in horizons] + [float(plan.state.get(_LAST_EPOCH, 0)), last_step / stride, 1.0])
    times = np.unique(np.rint(np.linspace(0, end, _POINTS)))
    rates = closed_form(plan.class_name, plan.state, plan.base_lr, times, plan.group)
    if rates is None:
        return np.zeros(0), np.zeros(0)
    return times * stride, np.asarray(rates, np.float64)
