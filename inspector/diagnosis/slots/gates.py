"""From when on a model must have learnt something: much of what looks wrong is normal before."""

from __future__ import annotations

from inspector.diagnosis.material import Material, warmup_steps
from inspector.diagnosis.slots.dump_slots import DumpedSlots
from inspector.diagnosis.tags import rates

NO_MASKS = "no dump with decoder masks"


def known_warmup_steps(material: Material) -> float | None:
    """Optimizer steps of the warm-up, by the settings, else by the rate with the plainest name; None without either."""
    rate = next(iter(rates(material.curves)), None)
    return warmup_steps(material, material.curves[rate] if rate else None)


def gate_step(material: Material) -> float:
    """The step up to which slots need not have parted, nor features differ: so long after the warm-up."""
    return (known_warmup_steps(material) or 0.0) + material.thresholds.steps_after_warmup


def learnt_too_little(material: Material, step: float | None) -> str:
    """Why nothing is said of features yet, empty where they must have settled or no step is known."""
    gate = gate_step(material)
    if step is None or step > gate:
        return ""
    return f"it is step {step:,.0f}, and features need not have settled until step {gate:,.0f}"


def too_early(material: Material, seen: DumpedSlots) -> str:
    """Why nothing is said of a dump's slots yet, empty where they must have parted or no step is known."""
    gate, step = gate_step(material), seen.entry.step
    if step is None or step > gate:
        return ""
    return f"slots need not have parted by step {step:,}; they have until step {gate:,.0f}"
