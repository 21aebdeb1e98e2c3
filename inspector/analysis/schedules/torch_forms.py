"""The rate that one of torch's schedulers plans, in closed form.

Source: closed forms of torch 2.13's `optim.lr_scheduler`, found by instantiation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from inspector.analysis.schedules.planned import in_cycles, schedule_factors
from inspector.analysis.schedules.scheduler_state import State, class_of, milestones_of, scheduler_class
from inspector.core.arrays import FloatArray
from inspector.formats.recipes.schedule import Schedule


def closed_form(
    class_name: str,
    state: State,
    base_lr: float,
    t: npt.ArrayLike,
    group: Mapping[str, Any] | None = None,
    group_index: int = 0,
) -> FloatArray | None:
    """The rate that a scheduler plans, shaped as `t`, or None where its state does not say.

    Args:
        class_name: as in `torch.optim.lr_scheduler`, with or without its module; empty to tell from the state's keys.
        state: plain values of its `state_dict()`.
        base_lr: its base rate of this group.
        t: its own steps done (`last_epoch`).
        group: the optimizer group, whose `initial_lr, max_lr, min_lr` OneCycleLR needs.
        group_index: the group's place, for states with one value a group.
    """
    name = class_of(class_name, state)
    times = np.asarray(t, np.float64)
    try:
        with np.errstate(all="ignore"):
            if name in _FACTORS:
                return base_lr * _FACTORS[name](state, times)
            if name in _FORMS:
                return _FORMS[name](state, base_lr, times, group or {}, group_index)
    except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError, msgspec.ValidationError):
        # A foreign state with a key missing or of another type: nothing can be said of its plan.
        return None
    return None


def _share(state: State, t: FloatArray) -> FloatArray:
    return np.minimum(t, float(state["total_iters"])) / float(state["total_iters"])


def _step(state: State, t: FloatArray) -> FloatArray:
    return np.asarray(float(state["gamma"]) ** (t // int(state["step_size"])), np.float64)


def _multi_step(state: State, t: FloatArray) -> FloatArray:
    return np.asarray(float(state["gamma"]) ** np.searchsorted(milestones_of(state), t, side="right"), np.float64)


def _exponential(state: State, t: FloatArray) -> FloatArray:
    return np.asarray(float(state["gamma"]) ** t, np.float64)


def _polynomial(state: State, t: FloatArray) -> FloatArray:
    return np.asarray((1.0 - _share(state, t)) ** float(state["power"]), np.float64)


def _linear(state: State, t: FloatArray) -> FloatArray:
    start, end = float(state["start_factor"]), float(state["end_factor"])
    return start + (end - start) * _share(state, t)


def _constant(state: State, t: FloatArray) -> FloatArray:
    return np.where(t < float(state["total_iters"]), float(state["factor"]), 1.0)


def _cos(angles: FloatArray) -> FloatArray:
    """Cosines to the last bit as torch has them, which takes the interpreter's; numpy's where there are many.

    Where a schedule ends near 0, one bit of a cosine is a large part of the rate.
    """
    if angles.size > _FEW_ANGLES:
        return np.asarray(np.cos(angles), np.float64)
    exact = [math.cos(angle) if math.isfinite(angle) else math.nan for angle in angles.reshape(-1).tolist()]
    return np.asarray(exact, np.float64).reshape(angles.shape)


_FEW_ANGLES = 50_000

_FACTORS: dict[str, Callable[[State, FloatArray], FloatArray]] = {
    "StepLR": _step,
    "MultiStepLR": _multi_step,
    "ExponentialLR": _exponential,
    "PolynomialLR": _polynomial,
    "LinearLR": _linear,
    "ConstantLR": _constant,
}
"""Families whose rate is the base times a factor; a chain of them is the product."""


def _cosine(
    state: State, base_lr: float, t: FloatArray, _group: Mapping[str, Any] | None = None, _index: int = 0
) -> FloatArray:
    low = float(state["eta_min"])
    return low + (base_lr - low) * (1.0 + _cos(np.pi * t / int(state["T_max"]))) / 2.0


def _warm_restarts(state: State, base_lr: float, t: FloatArray, _group: Mapping[str, Any], _index: int) -> FloatArray:
    first, ratio, low = int(state["T_0"]), int(state["T_mult"]), float(state["eta_min"])
    if first < 1 or ratio < 1:
        raise ValueError
    within, length = in_cycles(t, float(first), ratio)
    cosine = _cos(np.pi * within / length)
    return np.asarray(low + (base_lr - low) * (1.0 + cosine) / 2.0, np.float64)


def _one_cycle(state: State, _base_lr: float, t: FloatArray, group: Mapping[str, Any], _index: int) -> FloatArray:
    phases = state["_schedule_phases"]
    cosine = str(state.get("_anneal_func_type", "cos")) == "cos"
    rates = np.full(t.shape, np.nan)
    start = 0.0
    for place, phase in enumerate(phases):
        end = float(phase["end_step"])
        first, last = float(group[phase["start_lr"]]), float(group[phase["end_lr"]])
        part = (t - start) / (end - start)
        moved = last + (first - last) / 2.0 * (1.0 + _cos(np.pi * part)) if cosine else first + (last - first) * part
        until = t <= (end if place < len(phases) - 1 else float(state["total_steps"]))
        rates = np.where(np.isnan(rates) & until, moved, rates)
        start = end
    return rates


_CYCLIC_SCALES: dict[str, Callable[[float, FloatArray, FloatArray], FloatArray]] = {
    "triangular": lambda _gamma, cycle, _t: np.ones_like(cycle),
    "triangular2": lambda _gamma, cycle, _t: np.asarray(0.5 ** (cycle - 1.0)),
    "exp_range": lambda gamma, _cycle, t: np.asarray(gamma**t),
}


def _cyclic(state: State, base_lr: float, t: FloatArray, _group: Mapping[str, Any], index: int) -> FloatArray:
    ratio = float(state["step_ratio"])
    turn = t / float(state["total_size"])
    cycle = np.floor(1.0 + turn)
    within = 1.0 + turn - cycle
    height = np.where(within <= ratio, within / ratio, (within - 1.0) / (ratio - 1.0))
    scale = _CYCLIC_SCALES[str(state["mode"])](float(state["gamma"]), cycle, t)
    return np.asarray(base_lr + (float(state["max_lrs"][index]) - base_lr) * height * scale, np.float64)


def _lambda(state: State, base_lr: float, t: FloatArray, _group: Mapping[str, Any], index: int) -> FloatArray | None:
    """This program's own closed form, whose parameters torch keeps because it is an object and not a function."""
    kept = state["lr_lambdas"][index]
    if not isinstance(kept, Mapping) or "steps_per_epoch" not in kept:
        return None
    schedule = msgspec.convert(kept["schedule"], Schedule)
    return base_lr * schedule_factors(schedule, int(kept["steps_per_epoch"]), t, float(kept["floor"]))


def _sequential(state: State, base_lr: float, t: FloatArray, group: Mapping[str, Any], index: int) -> FloatArray | None:
    starts = np.asarray([0.0, *state["_milestones"]], np.float64)
    turn = np.searchsorted(starts, t, side="right") - 1
    rates = np.full(t.shape, np.nan)
    for place, child in enumerate(state["_schedulers"]):
        # Schedulers of schedulers take steps of their own while they are built: `schedule_replay` follows them.
        if not isinstance(child, Mapping) or "_schedulers" in child:
            return None
        own = child.get("base_lrs")
        base = base_lr if own is None else float(own[index])
        planned = closed_form("", child, base, t - starts[place], group, index)
        if planned is None:
            return None
        rates = np.where(turn == place, planned, rates)
    return rates


def _chained(state: State, base_lr: float, t: FloatArray, _group: Mapping[str, Any], _index: int) -> FloatArray | None:
    rates = np.full(t.shape, base_lr)
    for child in state["_schedulers"]:
        name = scheduler_class(child) or ""
        if name == "CosineAnnealingLR" and float(child["eta_min"]) == 0.0:
            rates = rates * _cosine(child, 1.0, t)
        elif name in _FACTORS:
            rates = rates * _FACTORS[name](child, t)
        else:
            return None
    return rates


_FORMS: dict[str, Callable[[State, float, FloatArray, Mapping[str, Any], int], FloatArray | None]] = {
    "CosineAnnealingLR": _cosine,
    "CosineAnnealingWarmRestarts": _warm_restarts,
    "OneCycleLR": _one_cycle,
    "CyclicLR": _cyclic,
    "LambdaLR": _lambda,
    "SequentialLR": _sequential,
    "ChainedScheduler": _chained,
}
