"""From when on a model must have learnt something: much of what looks wrong is normal before."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import rates
from inspector.runs.rising import finite

_ALIKE = 1e-9
"""Rates that differ by no more than this share are one, written by other arithmetic."""


def warmup_steps(material: Material) -> float | None:
    """Optimizer steps in which the rate rises at first: by the settings, else by its curve; None without either.

    Of several curves that have steps that with the plainest name is asked. What rises later, as a spike or a restart,
    is no warm-up.
    """
    length = _set_warmup(material)
    if length is not None:
        return length
    rate = next((material.curves[tag] for tag in rates(material.curves) if not material.curves[tag].stepless), None)
    points = None if rate is None else finite(rate)
    if points is None or not len(points.values):
        return None
    return float(points.steps[_end_of_rise(points.values)])


def gate_step(material: Material) -> float:
    """The step up to which slots need not have parted, nor features differ: so long after the warm-up."""
    return (warmup_steps(material) or 0.0) + material.thresholds.steps_after_warmup


def learnt_too_little(material: Material, step: float | None) -> str:
    """Why nothing is said of features yet, empty where they must have settled or no step is known."""
    gate = gate_step(material)
    if step is None or step > gate:
        return ""
    return f"it is step {step:,.0f}, and features need not have settled until step {gate:,.0f}"


def parted_too_little(material: Material, step: float | None) -> str:
    """Why nothing is said of a dump's slots yet, empty where they must have parted or no step is known."""
    gate = gate_step(material)
    if step is None or step > gate:
        return ""
    return f"slots need not have parted by step {step:,.0f}; they have until step {gate:,.0f}"


def _set_warmup(material: Material) -> float | None:
    """The length in steps that the first setting of a warm-up gives."""
    per_epoch = material.steps_per_epoch
    for path in material.run.settings.values:
        name = path.rpartition(".")[2]
        length = material.number(path) if "warmup" in name else None
        if length is None or length < 0:
            continue
        if name in ("warmup_steps", "num_warmup_steps", "warmup_iters"):
            return length
        if name in ("warmup_epochs", "warmup_epoch") and per_epoch:
            return length * per_epoch
    return None


def _end_of_rise(values: FloatArray) -> int:
    """Where a rate, (points,) finite and at least one, is first as high as it gets before it first falls."""
    falls = np.flatnonzero(values[1:] < values[:-1] * (1 - _ALIKE))
    rise = values[: falls[0] + 1] if len(falls) else values
    return int(np.argmax(rise >= rise.max() * (1 - _ALIKE)))
