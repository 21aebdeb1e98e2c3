"""What the trainer answered of a resume, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from inspector.app.plan import LeftOut, Plan, TrialStep
from inspector.app.running_choices import gib_text
from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.core.units import epoch_text, number_text, percent_text
from inspector.formats.gradients import gradient_class
from inspector.views.more import and_more

_MOST_NAMED = 6
_NORM, _TOTAL = "grad_norm/", "total"
_FINE = "fine"
_KINDS = {"none": tr("none"), "zero": tr("zero"), "vanishing": tr("vanishing"), "exploding": tr("exploding")}
"""Gradients that are not fine, as they are shown."""

_STATES = {
    "exact": tr("optimizer state joined by name"),
    "edits": tr("optimizer state joined by name"),
    "new-optimizer": tr("the optimizer starts afresh"),
    "weights": tr("the optimizer starts afresh, from step 0"),
}
"""What becomes of the optimizer, by mode."""


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """What would be loaded and needed, and what one step on trial gave, a line each."""
    trial = _trial_lines(plan.trial) if plan.trial is not None else []
    return tuple(line for line in (*_loaded(plan), *trial) if line)


def _loaded(plan: Plan) -> list[str]:
    tensors, state = plan.tensors, _STATES.get(plan.mode, "")
    of = tr_counted(tensors.of, "tensor")
    loaded = tr("Loaded {count:,} of {tensors}").format(count=tensors.loaded, tensors=of) if tensors.of else ""
    return [
        "; ".join(part for part in (loaded, state) if part),
        tr("From step {step:,}, epoch {epoch}, to epoch {last:,}").format(
            step=plan.step, epoch=epoch_text(plan.epoch), last=plan.last_epoch
        ),
        tr("{bytes} of weights, gradients and optimizer state").format(bytes=gib_text(plan.state_bytes))
        if plan.state_bytes
        else "",
    ]


def left_out_lines(left_out: Iterable[LeftOut]) -> tuple[str, ...]:
    """`head.weight: 8 × 64 in the checkpoint, 8 × 48 in the model`, a line a tensor; the last says how many more."""
    lines = [f"{visible(one.name, 80)}: {_shapes(one)}" for one in left_out]
    more = len(lines) - _MOST_NAMED
    return (*lines[:_MOST_NAMED], and_more(more)) if more > 0 else tuple(lines)


def _shapes(one: LeftOut) -> str:
    saved, own = (" × ".join(map(str, shape)) or tr("one number") if shape is not None else ""
                  for shape in (one.saved, one.own))  # fmt: skip
    if not saved:
        return tr("not in the checkpoint")
    if not own:
        return tr("not in the model")
    return tr("{saved} in the checkpoint, {own} in the model").format(saved=saved, own=own)


def _trial_lines(trial: TrialStep) -> list[str]:
    before, after = number_text(trial.loss_before), number_text(trial.loss_after)
    return [
        tr("Loss before {before}, after one step {after}").format(before=before, after=after),
        gradients_text(trial),
        *_probe_lines(trial),
        _step_line(trial) if math.isfinite(trial.step_s) else "",
    ]


def _step_line(trial: TrialStep) -> str:
    memory = gib_text(trial.peak_bytes) if trial.peak_bytes is not None else ""
    if memory and trial.samples:
        line = tr("Step {ms:.0f} ms, memory {memory} at batch {batch:,}")
    elif memory:
        line = tr("Step {ms:.0f} ms, memory {memory}")
    else:
        line = tr("Step {ms:.0f} ms at batch {batch:,}") if trial.samples else tr("Step {ms:.0f} ms")
    return line.format(ms=1000 * trial.step_s, memory=memory, batch=trial.samples)


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
    more = [tr("{count:,} more").format(count=len(odd) - _MOST_NAMED)] if len(odd) > _MOST_NAMED else []
    told = [tr("{modules} fine").format(modules=tr_counted(fine, "module"))] if fine else []
    return tr("Gradients: {modules}").format(modules=", ".join([*told, *odd[:_MOST_NAMED], *more]))


def _odd(kind: str, norm: float) -> str:
    word = _KINDS.get(kind, kind)
    return word if kind in ("none", "zero") else f"{number_text(norm)} ({word})"


def _probe_lines(trial: TrialStep) -> list[str]:
    """Spread and saturation of the predictions, and the balance of what is drawn."""
    found: dict[str, list[str]] = {}
    for name, value in trial.probe.items():
        kind, _, of = name.partition("/")
        told = number_text(value) if kind == "spread" else percent_text(value)
        found.setdefault(kind, []).append(f"{visible(of, 60)} {told}")
    return [f"{_PROBES.get(kind, visible(kind, 60))}: {', '.join(told)}" for kind, told in found.items()]


_PROBES = {"spread": tr("Predictions spread"), "saturation": tr("Saturated"), "balance": tr("Classes as drawn")}
