"""How many of its own steps a scheduler's plan is worth showing for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from inspector.analysis.schedules.scheduler_state import scheduler_class

_MARGIN = 1.25
_CYCLES_AHEAD = 2.0
_MAX_DEPTH = 20
_LONGEST = 10_000_000.0


def length_of(state: Mapping[str, Any], name: str, done: int, depth: int = 0) -> float:
    """Scheduler steps until the plan's end, or a while past now where it has none; 0 where nothing tells."""
    try:
        found = _length(state, name or scheduler_class(state) or "", done, depth)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return 0.0
    return min(found, _LONGEST) if math.isfinite(found) and found > 0 else 0.0


def _length(state: Mapping[str, Any], name: str, done: int, depth: int) -> float:
    if name in _KEYS:
        return float(state[_KEYS[name]])
    if name in ("LinearLR", "ConstantLR"):
        return float(state["total_iters"]) * _MARGIN
    if name == "StepLR":
        return max(4.0 * float(state["step_size"]), done * _MARGIN)
    if name == "MultiStepLR":
        return max((float(one) for one in state["milestones"]), default=0.0) * _MARGIN
    if name == "CyclicLR":
        return (done // float(state["total_size"]) + _CYCLES_AHEAD) * float(state["total_size"])
    if name == "CosineAnnealingWarmRestarts":
        left = float(state["T_i"]) - float(state["T_cur"])
        return done + left + float(state["T_i"]) * float(state["T_mult"])
    if name in ("SequentialLR", "ChainedScheduler") and depth < _MAX_DEPTH:
        return _of_children(state, name, done, depth)
    if name == "LambdaLR":
        return _own_length(state)
    return done * _MARGIN


_KEYS = {"CosineAnnealingLR": "T_max", "OneCycleLR": "total_steps", "PolynomialLR": "total_iters"}


def _of_children(state: Mapping[str, Any], name: str, done: int, depth: int) -> float:
    children = [child for child in state["_schedulers"] if isinstance(child, Mapping)]
    if name == "ChainedScheduler":
        return max((length_of(child, "", done, depth + 1) for child in children), default=0.0)
    start = float(max(state["_milestones"], default=0))
    return start + length_of(children[-1], "", max(done - int(start), 0), depth + 1)


def _own_length(state: Mapping[str, Any]) -> float:
    """Of this program's own schedule, whose settings are kept in its state."""
    kept = next((one for one in state["lr_lambdas"] if isinstance(one, Mapping) and "schedule" in one), None)
    return 0.0 if kept is None else float(kept["schedule"]["epochs"]) * float(kept["steps_per_epoch"])
