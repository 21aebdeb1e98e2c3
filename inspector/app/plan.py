"""What the trainer answers of a resume before it starts: device, memory, rates, and one step on trial."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from inspector.formats.nonfinite import unspelled
from inspector.jobs.interpreter_probe import Device

SAME_RATE = 1e-9
"""Two rates are told as different from this share of the larger one on."""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor that is not loaded: its shape in the checkpoint and in the model, None where it is not there."""

    name: str
    saved: tuple[int, ...] | None = None
    own: tuple[int, ...] | None = None


class Tensors(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the model's tensors the checkpoint gives, and which of both sides are left out."""

    loaded: int = 0
    of: int = 0
    left_out: tuple[LeftOut, ...] = ()


class TrialStep(msgspec.Struct, frozen=True, kw_only=True):
    """One training step on trial.

    Attributes:
        gradient_norms: by `grad_norm/<module>`, L2 before clipping; NaN where nothing reaches it.
        gradients: by module, what that length says (`formats.gradients`).
        probe: by `spread/`, `saturation/` or `balance/` and what it is of.
        samples: in the batch.
        peak_bytes: memory of the device, None where it is not known.
    """

    loss_before: float
    loss_after: float
    gradient_norms: dict[str, float | None] = {}
    gradients: dict[str, str] = {}
    probe: dict[str, float] = {}
    samples: int = 0
    step_s: float = math.nan
    peak_bytes: int | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The trainer's answer.

    Attributes:
        epoch, step: where it goes on; last_epoch: where it ends.
        state_bytes: of weights, gradients and optimizer state.
        tensors: what is loaded.
        notes: what is to be known of this resume, warnings: what asks for attention, one sentence each.
        steps: metric steps; rates: by group of the optimizer, the rate of each of them.
        schema: JSON Schema of the settings that a recipe file declares; empty for other recipes.
        trial: what one step on trial gave, None without one.
    """

    mode: str = ""
    device: str = ""
    devices: tuple[Device, ...] = ()
    epoch: float = 0.0
    step: int = 0
    last_epoch: int = 0
    steps_per_epoch: int = 0
    state_bytes: int = 0
    tensors: Tensors = Tensors()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    rates: dict[str, tuple[float, ...]] = {}
    schema: dict[str, Any] = {}
    trial: TrialStep | None = None


def plan_of(facts: Any) -> Plan:
    """The answer as a value.

    Raises:
        msgspec.ValidationError: it is none.
    """
    if isinstance(facts, dict) and "trial" in facts:  # what is not finite is there; planned rates are many, and are
        facts = facts | {"trial": _unspelled(facts["trial"])}
    return msgspec.convert(facts, Plan)


def _unspelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unspelled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_unspelled(one) for one in value]
    return unspelled(value)


def is_same_rate(one: float, other: float) -> bool:
    """Whether two rates are the same but for rounding."""
    return math.isclose(one, other, rel_tol=SAME_RATE, abs_tol=0.0)
