"""Factors of the schedules that are usually handed to LambdaLR and MultiplicativeLR as functions.

torch does not save a function, so the run's settings must name it. A formula is only taken where it gives the rate that
the checkpoint holds.

Source: `transformers.optimization.get_scheduler`; slot attention, `min(1, t / W) 0.5^(t / D)`, Locatello et al. 2020.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray

Factor: TypeAlias = Callable[[FloatArray], FloatArray]
"""Scheduler steps done to factors on the base rate, shaped alike."""


class NamedFactor(msgspec.Struct, frozen=True):
    """A formula; `name` as a sentence says it."""

    name: str
    factor: Factor


def transformers_factor(
    kind: str, warmup: float, total: float | None, *, base: float, cycles: float | None = None
) -> NamedFactor | None:
    """The factor of a schedule by its name in Transformers, None where a number is missing or the name is not known."""
    if kind == "constant":
        return NamedFactor("constant", np.ones_like)
    if kind == "constant_with_warmup":
        return NamedFactor("warm-up, then constant", lambda t: np.minimum(t / max(1.0, warmup), 1.0))
    if kind == "inverse_sqrt":
        scale = warmup or 10_000.0
        return NamedFactor(
            "warm-up, then inverse square root", _warmed(warmup, lambda t: 1.0 / np.sqrt((t + scale - warmup) / scale))
        )
    shape = _SHAPES.get(kind)
    if shape is None or total is None or total <= 0:
        return None

    def decay(t: FloatArray) -> FloatArray:
        return shape((t - warmup) / max(1.0, total - warmup), cycles, base)

    return NamedFactor(f"warm-up, then {kind.replace('_', ' ')}", _warmed(warmup, decay))


def halving_factor(warmup: float, half_life: float) -> NamedFactor:
    """Warm-up times a half every so many steps, both from the first step on."""
    return NamedFactor(
        "warm-up times halving", lambda t: np.minimum(t / max(warmup, 1.0), 1.0) * 0.5 ** (t / half_life)
    )


def power_factor(gamma: float) -> NamedFactor:
    """A constant factor a step, as MultiplicativeLR is usually given."""
    return NamedFactor(f"{gamma:g} each step", lambda t: np.asarray(gamma**t, np.float64))


def _warmed(warmup: float, decay: Factor) -> Factor:
    return lambda t: np.where(t < warmup, t / max(1.0, warmup), decay(np.maximum(t, warmup)))


def _linear(progress: FloatArray, _cycles: float | None, _base: float) -> FloatArray:
    return np.maximum(0.0, 1.0 - progress)


def _cosine(progress: FloatArray, cycles: float | None, _base: float) -> FloatArray:
    return np.maximum(0.0, 0.5 * (1.0 + np.cos(math.pi * (0.5 if cycles is None else cycles) * 2.0 * progress)))


def _restarts(progress: FloatArray, cycles: float | None, _base: float) -> FloatArray:
    within = ((1.0 if cycles is None else cycles) * progress) % 1.0
    return np.where(progress >= 1.0, 0.0, np.maximum(0.0, 0.5 * (1.0 + np.cos(math.pi * within))))


def _polynomial(progress: FloatArray, _power: float | None, base: float) -> FloatArray:
    low = 1e-7
    return np.where(progress >= 1.0, low / base, ((base - low) * (1.0 - progress) + low) / base)


_SHAPES: Mapping[str, Callable[[FloatArray, float | None, float], FloatArray]] = {
    "linear": _linear,
    "cosine": _cosine,
    "cosine_with_restarts": _restarts,
    "polynomial": _polynomial,
}
