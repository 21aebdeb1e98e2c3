"""The rate for heads that large steps threw to where they get no gradient."""

from __future__ import annotations

from inspector.diagnosis.cures import divided, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import ProposedEdit


def slower_heads(material: Material, reason: str) -> ProposedEdit | None:
    """A part of the rate, and no less than what large models take; None where it is as low already.

    Source: rule S1.01, where 1e-3 becomes 5e-5. A small network whose rate is higher learns with the same part of it.
    """
    limits, rate = material.thresholds, material.number("optim.lr")
    if rate is None or rate <= limits.collapsed_rate:
        return None
    if rate < limits.collapsed_rate * limits.collapsed_cut:
        return edit(material, "optim.lr", limits.collapsed_rate, reason)
    return divided(material, "optim.lr", limits.collapsed_cut, reason)
