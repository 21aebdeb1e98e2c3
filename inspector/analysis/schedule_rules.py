"""One step of each of torch's plain schedulers, with its arithmetic, and where it stands when it is started anew.

Source: `get_lr` and `_get_closed_form_lr` of torch 2.13's `optim.lr_scheduler`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

State: TypeAlias = Mapping[str, Any]

Rate: TypeAlias = Any
"""A rate, or (runs,) float64 of several runs that are played at once."""

Rule: TypeAlias = Callable[[State, float, int, Rate], Rate]
"""(state, base rate, own steps done, the group's rate) to the next rate."""


def _step(state: State, _base: float, t: int, rate: Rate) -> Rate:
    return rate if t == 0 or t % int(state["step_size"]) else rate * float(state["gamma"])


def _step_closed(state: State, base: float, t: int, _rate: Rate) -> Rate:
    return float(base * float(state["gamma"]) ** (t // int(state["step_size"])))


def _milestones(state: State) -> dict[int, int]:
    held = state["milestones"]
    if isinstance(held, Mapping):
        return {int(float(milestone)): int(count) for milestone, count in held.items()}
    counted: dict[int, int] = {}
    for milestone in held:
        counted[int(milestone)] = counted.get(int(milestone), 0) + 1
    return counted


def _multi_step(state: State, _base: float, t: int, rate: Rate) -> Rate:
    count = _milestones(state).get(t)
    return rate if count is None else rate * float(state["gamma"]) ** count


def _multi_step_closed(state: State, base: float, t: int, _rate: Rate) -> Rate:
    passed = sum(count for milestone, count in _milestones(state).items() if milestone <= t)
    return float(base * float(state["gamma"]) ** passed)


def _constant(state: State, _base: float, t: int, rate: Rate) -> Rate:
    if t == 0:
        return rate * float(state["factor"])
    return rate * (1.0 / float(state["factor"])) if t == int(state["total_iters"]) else rate


def _constant_closed(state: State, base: float, t: int, _rate: Rate) -> Rate:
    factor = float(state["factor"])
    return base * (factor + (t >= int(state["total_iters"])) * (1 - factor))


def _linear(state: State, _base: float, t: int, rate: Rate) -> Rate:
    start, end, total = float(state["start_factor"]), float(state["end_factor"]), int(state["total_iters"])
    if t == 0:
        return rate * start
    if t > total:
        return rate
    return rate * (1.0 + (end - start) / (total * start + (t - 1) * (end - start)))


def _linear_closed(state: State, base: float, t: int, _rate: Rate) -> Rate:
    start, end, total = float(state["start_factor"]), float(state["end_factor"]), int(state["total_iters"])
    return base * (start + (end - start) * min(total, t) / total)


def _exponential(state: State, _base: float, _t: int, rate: Rate) -> Rate:
    return rate * float(state["gamma"])


def _exponential_closed(state: State, base: float, t: int, _rate: Rate) -> Rate:
    return float(base * float(state["gamma"]) ** t)


def _polynomial(state: State, _base: float, t: int, rate: Rate) -> Rate:
    total = int(state["total_iters"])
    if t > total:
        return rate
    return rate * ((1.0 - t / total) / (1.0 - (t - 1) / total)) ** float(state["power"])


def _polynomial_closed(state: State, base: float, t: int, _rate: Rate) -> Rate:
    total = int(state["total_iters"])
    return float(base * (1.0 - min(total, t) / total) ** float(state["power"]))


def _cosine(state: State, base: float, t: int, rate: Rate) -> Rate:
    period, low = int(state["T_max"]), float(state["eta_min"])
    if (t - 1 - period) % (2 * period) == 0:
        return rate + (base - low) * (1 - math.cos(math.pi / period)) / 2
    now, before = 1 + math.cos(math.pi * t / period), 1 + math.cos(math.pi * (t - 1) / period)
    return now / before * (rate - low) + low


def _cosine_closed(state: State, base: float, t: int, _rate: Rate) -> Rate:
    period, low = int(state["T_max"]), float(state["eta_min"])
    return low + (base - low) * (1 + math.cos(math.pi * t / period)) / 2


RULES: dict[str, tuple[Rule, Rule, bool]] = {
    "StepLR": (_step, _step_closed, False),
    "MultiStepLR": (_multi_step, _multi_step_closed, False),
    "ConstantLR": (_constant, _constant_closed, False),
    "LinearLR": (_linear, _linear_closed, False),
    "ExponentialLR": (_exponential, _exponential_closed, True),
    "PolynomialLR": (_polynomial, _polynomial_closed, True),
    "CosineAnnealingLR": (_cosine, _cosine_closed, True),
}
"""The next rate, the rate when started anew, and whether the first step leaves the rate as it is."""
