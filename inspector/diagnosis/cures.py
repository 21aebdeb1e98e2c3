"""Cures: settings edits that the run's own recipe takes, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Cure, ProposedEdit
from inspector.formats.setting_fields import Field
from inspector.formats.setting_values import check_value

_SIGNIFICANT_DIGITS = 6


def edit(material: Material, path: str, new: Any, reason: str) -> ProposedEdit | None:
    """An edit, or None where the run has no such setting, it takes no such value, or it has it already."""
    field = material.fields.get(path)
    if field is None or material.setting(path) == new or not _allowed(field, new):
        return None
    return ProposedEdit(path=path, new=new, reason=reason)


def divided(material: Material, path: str, by: float, reason: str) -> ProposedEdit | None:
    """An edit that divides a number in force."""
    old = material.number(path)
    return None if old is None else edit(material, path, _rounded(old / by), reason)


def another_seed(material: Material, reason: str) -> ProposedEdit | None:
    """The next seed, for what is settled early and by chance; None where the run has no whole number for one."""
    seed = material.setting("train.seed")
    whole = isinstance(seed, int) and not isinstance(seed, bool)
    return edit(material, "train.seed", seed + 1, f"In a new run: {reason}") if whole else None


def slots_apart(material: Material) -> ProposedEdit | None:
    """Slots that start apart, where they start almost alike."""
    noise = material.number("model.slot_noise")
    if noise is None or noise >= material.thresholds.least_slot_noise:
        return None
    reason = "Slots that start apart can compete from the first step; it takes a new run"
    return edit(material, "model.slot_noise", material.thresholds.slot_noise_proposed, reason)


def one_colour_a_slot(material: Material) -> ProposedEdit | None:
    """Slots that paint one colour each, where any of them may paint a whole picture."""
    reason = "A slot that may paint any colour anywhere needs no other; it takes a new run (X.A3)"
    return edit(material, "decoder.one_colour", new=True, reason=reason)


def cure(title: str, *edits: ProposedEdit | None) -> tuple[Cure, ...]:
    """A cure of the edits that can be made, empty where there is none."""
    made = tuple(one for one in edits if one is not None)
    return (Cure(title=title, edits=made),) if made else ()


def _allowed(field: Field, new: Any) -> bool:
    if field.choices and new not in field.choices:
        return False
    if field.kind in _KINDS and not (isinstance(new, _KINDS[field.kind]) or (new is None and field.optional)):
        return False
    if field.kind in ("number", "integer") and isinstance(new, bool):
        return False
    return not check_value(field, new)


_KINDS: Mapping[str, Any] = {"number": int | float, "integer": int, "boolean": bool, "choice": str, "text": str}


def _rounded(value: float) -> float:
    """Without the last bits of a division, which would be shown."""
    if not math.isfinite(value) or value == 0:
        return value
    return round(value, _SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(value))))
