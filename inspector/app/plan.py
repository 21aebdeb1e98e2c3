"""What the trainer answers of a resume before it starts: device, memory, rates, and one step on trial."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from inspector.formats.nonfinite import unspelled

SAME_RATE = 1e-9
"""Two rates are told as different from this share of the larger one on."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """What a run can be trained on; memory is None where nothing tells it."""

    device: str
    name: str = ""
    free_bytes: int | None = None
    total_bytes: int | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The trainer's answer.

    Attributes:
        epoch, step: where it goes on; last_epoch: where it ends.
        state_bytes: of weights, gradients and optimizer state.
        notes: what is to be known of this resume, one sentence each.
        steps: metric steps; rates: by group of the optimizer, the rate of each of them.
        trial: what one step on trial gave; empty without one.
    """

    device: str = ""
    devices: tuple[Device, ...] = ()
    epoch: float = 0.0
    step: int = 0
    last_epoch: int = 0
    steps_per_epoch: int = 0
    state_bytes: int = 0
    notes: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    rates: dict[str, tuple[float, ...]] = {}
    trial: dict[str, Any] = {}


def plan_of(facts: Any) -> Plan:
    """The answer as a value.

    Raises:
        msgspec.ValidationError: it is none.
    """
    return msgspec.convert(_unspelled(facts), Plan)


def _unspelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unspelled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_unspelled(one) for one in value]
    return unspelled(value)


def is_same_rate(one: float, other: float) -> bool:
    """Whether two rates are the same but for rounding."""
    return math.isclose(one, other, rel_tol=SAME_RATE, abs_tol=0.0)
