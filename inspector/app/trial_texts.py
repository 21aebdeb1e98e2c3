"""What the trainer answered of a resume, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from inspector.app.plan import LeftOut, Plan, TrialStep
from inspector.app.running_choices import gib_text
from inspector.core.texts import visible
from inspector.core.units import counted, number_text, percent_text
from inspector.formats.gradients import gradient_class

_MOST_NAMED = 6
_NORM, _TOTAL = "grad_norm/", "total"
_FINE = "fine"

_STATES = {
    "exact": "optimizer state joined by name",
    "edits": "optimizer state joined by name",
    "new-optimizer": "the optimizer starts afresh",
    "weights": "the optimizer starts afresh, from step 0",
}
"""What becomes of the optimizer, by mode."""


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """What would be loaded and needed, and what one step on trial gave, a line each."""
    trial = _trial_lines(plan.trial) if plan.trial is not None else []
    return tuple(line for line in (*_loaded(plan), *trial) if line)


def _loaded(plan: Plan) -> list[str]:
    tensors, state = plan.tensors, _STATES.get(plan.mode, "")
    loaded = f"Loaded {tensors.loaded:,} of {counted(tensors.of, 'tensor')}" if tensors.of else ""
    return [
        "; ".join(part for part in (loaded, state) if part),
        f"From step {plan.step:,}, epoch {plan.epoch:.4g}, to epoch {plan.last_epoch:,}",
        f"{gib_text(plan.state_bytes)} of weights, gradients and optimizer state" if plan.state_bytes else "",
    ]


def left_out_lines(left_out: Iterable[LeftOut]) -> tuple[str, ...]:
    """`head.weight: 8 × 64 in the checkpoint, 8 × 48 in the model`, a line a tensor; the last says how many more."""
    lines = [f"{visible(one.name, 80)}: {_shapes(one)}" for one in left_out]
    more = len(lines) - _MOST_NAMED
    return (*lines[:_MOST_NAMED], f"and {more} more") if more > 0 else tuple(lines)


def _shapes(one: LeftOut) -> str:
    saved, own = (" × ".join(map(str, shape)) or "one number" if shape is not None else ""
                  for shape in (one.saved, one.own))  # fmt: skip
    if not saved:
        return "not in the checkpoint"
    return f"{saved} in the checkpoint, {own} in the model" if own else "not in the model"


def _trial_lines(trial: TrialStep) -> list[str]:
    memory = f", memory {gib_text(trial.peak_bytes)}" if trial.peak_bytes is not None else ""
    batch = f" at batch {trial.samples:,}" if trial.samples else ""
    return [
        f"Loss before {number_text(trial.loss_before)}, after one step {number_text(trial.loss_after)}",
        gradients_text(trial),
        *_probe_lines(trial),
        f"Step {1000 * trial.step_s:.0f} ms{memory}{batch}" if math.isfinite(trial.step_s) else "",
    ]


def gradients_text(trial: TrialStep) -> str:
    """`Gradients: 7 modules fine, head none, encoder 2e-9 (vanishing)`; empty without any."""
    norms = {
        name.removeprefix(_NORM): math.nan if norm is None else norm for name, norm in trial.gradient_norms.items()
    }
    norms.pop(_TOTAL, None)
    if not norms:
        return ""
    kinds = {name: trial.gradients.get(name) or gradient_class(norm) for name, norm in norms.items()}
    odd = [f"{visible(name, 60)} {_odd(kind, norms[name])}" for name, kind in kinds.items() if kind != _FINE]
    fine = len(norms) - len(odd)
    more = [f"{len(odd) - _MOST_NAMED} more"] if len(odd) > _MOST_NAMED else []
    told = [f"{counted(fine, 'module')} fine"] if fine else []
    return "Gradients: " + ", ".join([*told, *odd[:_MOST_NAMED], *more])


def _odd(kind: str, norm: float) -> str:
    return kind if kind in ("none", "zero") else f"{number_text(norm)} ({kind})"


def _probe_lines(trial: TrialStep) -> list[str]:
    """Spread and saturation of the predictions, and the balance of what is drawn."""
    found: dict[str, list[str]] = {}
    for name, value in trial.probe.items():
        kind, _, of = name.partition("/")
        told = number_text(value) if kind == "spread" else percent_text(value)
        found.setdefault(kind, []).append(f"{visible(of, 60)} {told}")
    return [f"{_PROBES.get(kind, visible(kind, 60))}: {', '.join(told)}" for kind, told in found.items()]


_PROBES = {"spread": "Predictions spread", "saturation": "Saturated", "balance": "Classes as drawn"}
