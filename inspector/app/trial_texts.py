"""What the trainer answered of a resume, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from inspector.app.plan import Plan
from inspector.app.resume_choices import gib_text
from inspector.core.texts import visible
from inspector.core.units import counted, number_text

VANISHING, EXPLODING = 1e-7, 1e3
_MOST_NAMED = 6


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """What would be loaded and needed, and what one step on trial gave, a line each."""
    return tuple(line for line in (*_loaded(plan), *_trial_lines(plan)) if line)


def _loaded(plan: Plan) -> list[str]:
    where = f"From step {plan.step:,}, epoch {plan.epoch:.4g}, to epoch {plan.last_epoch:,}"
    state = f"{gib_text(plan.state_bytes)} of weights, gradients and optimizer state" if plan.state_bytes else ""
    return [where, state]


def _trial_lines(plan: Plan) -> list[str]:
    trial = plan.trial
    if not trial:
        return []
    before, after = _number(trial.get("loss_before")), _number(trial.get("loss_after"))
    seconds, peak = _number(trial.get("step_s")), trial.get("peak_bytes")
    memory = f", memory {gib_text(int(peak))}" if isinstance(peak, int) else ""
    return [
        f"Loss before {number_text(before)}, after one step {number_text(after)}",
        gradients_text(trial.get("gradient_norms") or {}),
        f"Step {1000 * seconds:.0f} ms{memory}" if math.isfinite(seconds) else "",
    ]


def gradients_text(norms: Mapping[str, Any]) -> str:
    """`Gradients: 7 modules fine, head none, encoder 2e-9 (vanishing)`; empty without any."""
    modules = {name.partition("/")[2] or name: value for name, value in norms.items()}
    modules.pop("total", None)
    if not modules:
        return ""
    odd = {visible(name, 60): said for name, value in modules.items() if (said := _oddness(value))}
    fine = len(modules) - len(odd)
    told = [f"{name} {said}" for name, said in list(odd.items())[:_MOST_NAMED]]
    more = [f"{len(odd) - _MOST_NAMED} more"] if len(odd) > _MOST_NAMED else []
    return "Gradients: " + ", ".join(([f"{counted(fine, 'module')} fine"] if fine else []) + told + more)


def _oddness(norm: Any) -> str:
    """What is wrong with a gradient of that length, empty for nothing."""
    value = _number(norm)
    if math.isnan(value):
        return "none"
    if value == 0:
        return "zero"
    if value < VANISHING:
        return f"{value:.0e} (vanishing)"
    return f"{value:.0e} (exploding)" if value > EXPLODING else ""


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
