"""One step of torch's recursive schedulers: the trace of another writer, and what compounds.

Source: the chainable `get_lr` of torch 2.13's `optim.lr_scheduler`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from inspector.analysis.schedules.scheduler_state import State, class_of, milestones_of


def overwritten_rate(class_name: str, state: State, written_lr: float, t: int) -> float | None:
    """The group's rate after step `t` of a recursive scheduler when `written_lr` stood there just before.

    Equal to a checkpoint's rate while `closed_form` is not: another writer overwrites the scheduler.

    Source: one step of torch's chainable `get_lr`.
    """
    name = class_of(class_name, state)
    if name not in _RECURSIONS or t < 1:
        return None
    try:
        return float(_RECURSIONS[name](state, float(written_lr), t))
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None


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
    "ConstantLR": lambda state, written, t: written / float(state["factor"]) if t == state["total_iters"] else written,
    "ExponentialLR": lambda state, written, _t: written * float(state["gamma"]),
    "StepLR": lambda state, written, t: written * (float(state["gamma"]) if t % int(state["step_size"]) == 0 else 1.0),
    "MultiStepLR": lambda state, written, t: written * float(state["gamma"]) ** int(np.sum(milestones_of(state) == t)),
    "PolynomialLR": _polynomial_again,
    "LinearLR": _linear_again,
}
