"""Cures: settings edits that the run's own recipe takes, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Cure, ProposedEdit
from inspector.formats.settings import Field, check_value

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
