"""Learning-rate curves: what a scheduler plans, what a recipe plans, and the trace of a second writer.

Source: closed forms and recursions of torch 2.13's `optim.lr_scheduler`, found by instantiation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from inspector.core.arrays import FloatArray
from inspector.formats.recipes.schedule import Schedule

RateMeaning = Literal["rescale", "restart", "pin"]
"""What an edited rate means on resume: as if it had been so from the start; the schedule anew from here; constant."""

State: TypeAlias = Mapping[str, Any]


def schedule_factors(
    schedule: Schedule, steps_per_epoch: int, steps_done: npt.ArrayLike, floor: float = 0.0
) -> FloatArray:
    """The factor on the base rate, shaped as `steps_done`: warm-up times decay in one closed form.

    Args:
        schedule: the settings; with `warmup="overwrite"` the decay never reaches the optimizer.
        steps_per_epoch: optimizer steps in one epoch.
        steps_done: optimizer steps before the one that uses the rate, counted from the run's first.
        floor: the lowest factor of the cosine, `min_lr / lr`.
    """
    origin = round(schedule.origin_epoch * steps_per_epoch)
    total = max(schedule.epochs * steps_per_epoch - origin, 1)
    done = np.clip(np.asarray(steps_done, np.float64) - origin, 0.0, None)
    warmup_steps = round(schedule.warmup_epochs * steps_per_epoch)
    warmup = np.minimum((done + 1.0) / warmup_steps, 1.0) if warmup_steps > 0 else np.ones_like(done)
    if schedule.warmup == "overwrite" or schedule.family == "constant":
        return warmup
    if schedule.family == "halving":
        return warmup * 0.5 ** (done / (schedule.half_life_epochs * steps_per_epoch))
    cosine = (1.0 + np.cos(np.pi * np.minimum(done, total) / total)) / 2.0
    return np.asarray(warmup * (floor + (1.0 - floor) * cosine), np.float64)


def planned_rates(
    schedule: Schedule, base_lr: float, steps_per_epoch: int, first_step: int, last_step: int
) -> FloatArray:
    """The rate used in each step from the first to the last, both counted from 1 as in the metrics."""
    steps_done = np.arange(first_step - 1, last_step, dtype=np.float64)
    return base_lr * schedule_factors(schedule, steps_per_epoch, steps_done, schedule.min_lr / base_lr)


def resumed_schedule(schedule: Schedule, epoch: float, meaning: RateMeaning) -> Schedule:
    """The schedule that a run resumed at `epoch` (epochs done, with a fraction) follows."""
    if meaning == "restart":
        return msgspec.structs.replace(schedule, origin_epoch=epoch)
    if meaning == "pin":
        return msgspec.structs.replace(schedule, family="constant", warmup_epochs=0.0)
    return schedule


def resumed_rates(
    schedule: Schedule, base_lr: float, steps_per_epoch: int, epoch: float, count: int, meaning: RateMeaning
) -> FloatArray:
    """The rate used in each of the `count` steps after a resume at `epoch`; schedule and base are the edited ones."""
    done = round(epoch * steps_per_epoch)
    resumed = resumed_schedule(schedule, epoch, meaning)
    return planned_rates(resumed, base_lr, steps_per_epoch, done + 1, done + count)


def scheduler_class(state: State) -> str | None:
    """The torch class whose state has these keys, None where none or several have."""
    keys = set(state)
    return next((name for name, signature in _SIGNATURES if signature <= keys), None)


_SIGNATURES: tuple[tuple[str, frozenset[str]], ...] = (
    ("SequentialLR", frozenset(("_schedulers", "_milestones"))),
    ("ChainedScheduler", frozenset(("_schedulers",))),
    ("ReduceLROnPlateau", frozenset(("patience", "cooldown"))),
    ("OneCycleLR", frozenset(("total_steps", "_schedule_phases"))),
    ("CyclicLR", frozenset(("total_size", "step_ratio", "max_lrs"))),
    ("CosineAnnealingWarmRestarts", frozenset(("T_0", "T_mult"))),
    ("CosineAnnealingLR", frozenset(("T_max", "eta_min"))),
    ("LambdaLR", frozenset(("lr_lambdas",))),
    ("LinearLR", frozenset(("start_factor", "end_factor", "total_iters"))),
    ("PolynomialLR", frozenset(("power", "total_iters"))),
    ("MultiStepLR", frozenset(("milestones", "gamma"))),
    ("StepLR", frozenset(("step_size", "gamma"))),
    ("ConstantLR", frozenset(("factor", "total_iters"))),
    ("ExponentialLR", frozenset(("gamma",))),
)


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
    name = class_name.rpartition(".")[2] or scheduler_class(state) or ""
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


def overwritten_rate(class_name: str, state: State, written_lr: float, t: int) -> float | None:
    """The group's rate after step `t` of a recursive scheduler when `written_lr` stood there just before.

    Equal to a checkpoint's rate while `closed_form` is not: another writer overwrites the scheduler.

    Source: one step of torch's chainable `get_lr`.
    """
    name = class_name.rpartition(".")[2] or scheduler_class(state) or ""
    if name not in _RECURSIONS or t < 1:
        return None
    try:
        return float(_RECURSIONS[name](state, float(written_lr), t))
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None


def _milestones(state: State) -> FloatArray:
    """Sorted milestones, repeated as often as they count; torch keeps a Counter."""
    held = state["milestones"]
    if isinstance(held, Mapping):
        held = [float(milestone) for milestone, count in held.items() for _ in range(min(int(count), 1000))]
    return np.sort(np.asarray(list(held), np.float64))


def _share(state: State, t: FloatArray) -> FloatArray:
    return np.minimum(t, float(state["total_iters"])) / float(state["total_iters"])


def _step(state: State, t: FloatArray) -> FloatArray:
    return np.asarray(float(state["gamma"]) ** (t // int(state["step_size"])), np.float64)


def _multi_step(state: State, t: FloatArray) -> FloatArray:
    return np.asarray(float(state["gamma"]) ** np.searchsorted(_milestones(state), t, side="right"), np.float64)


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
    starts = [0.0]
    lengths = [float(first)]
    while ratio > 1 and starts[-1] + lengths[-1] <= float(np.max(t, initial=0.0)):
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * ratio)
    cycle = np.searchsorted(np.asarray(starts), t, side="right") - 1
    within = t % first if ratio == 1 else t - np.asarray(starts)[cycle]
    cosine = _cos(np.pi * within / np.asarray(lengths)[cycle])
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


def _cosine_again(state: State, written: float, t: int) -> float:
    low, period = float(state["eta_min"]), int(state["T_max"])
    now, before = 1.0 + math.cos(math.pi * t / period), 1.0 + math.cos(math.pi * (t - 1) / period)
    return low + (written - low) * now / before


def _polynomial_again(state: State, written: float, t: int) -> float:
    total = float(state["total_iters"])
    if t > total:
        return written
    return written * float(((1.0 - t / total) / (1.0 - (t - 1) / total)) ** float(state["power"]))


def _linear_again(state: State, written: float, t: int) -> float:
    start, end, total = float(state["start_factor"]), float(state["end_factor"]), float(state["total_iters"])
    if t > total:
        return written
    return written * (1.0 + (end - start) / (total * start + (t - 1) * (end - start)))


_RECURSIONS: dict[str, Callable[[State, float, int], float]] = {
    "CosineAnnealingLR": _cosine_again,
    "ExponentialLR": lambda state, written, _t: written * float(state["gamma"]),
    "StepLR": lambda state, written, t: written * (float(state["gamma"]) if t % int(state["step_size"]) == 0 else 1.0),
    "MultiStepLR": lambda state, written, t: written * float(state["gamma"]) ** int(np.sum(_milestones(state) == t)),
    "PolynomialLR": _polynomial_again,
    "LinearLR": _linear_again,
}
