"""Cures: settings edits that the run's own recipe takes, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Cure, ProposedEdit
from inspector.formats.setting_fields import Field
from inspector.formats.setting_values import check_value

RATE_PATHS = ("optim.lr", "optim.groups.", "schedule.")
"""How the paths of settings begin that together set the rate."""

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


def reward_apart(material: Material, rule: str) -> tuple[Cure, ...]:
    """A small loss on the cosine between slots, where there is none or a smaller one."""
    weight, clamp = material.thresholds.diversity_weight, None
    reason = f"A loss on the cosine between slots of one image gives them a reason to differ ({rule})"
    diversity = edit(material, "loss.diversity_weight", weight, reason)
    if (material.number("loss.diversity_weight") or 0.0) >= weight:
        diversity = None
    if diversity is not None:
        reason = "Only positive cosines count, so the loss stays above 0"
        clamp = edit(material, "loss.diversity_clamp", new=True, reason=reason)
    return cure("Reward slots for being different", diversity, clamp)


def shorter_steps(material: Material, cut: float, reason: str) -> tuple[Cure, ...]:
    """A rate divided by a number, with gradients clipped where they are not or at more than is proposed."""
    lower, clip = divided(material, "optim.lr", cut, reason), material.number("optim.clip_norm")
    longest, shorter = material.thresholds.clip_norm, None
    if clip is None or clip > longest:
        reason = "One long gradient can no longer undo many steps (X.G1, S1.12)"
        shorter = edit(material, "optim.clip_norm", longest, reason)
    return cure("Lower the rate and clip gradients" if shorter else "Lower the rate", lower, shorter)


def whole_data(material: Material) -> ProposedEdit | None:
    """All samples, where a part of them is trained on."""
    subset = material.number("data.subset")
    if subset is None or subset >= 1:
        return None
    return edit(material, "data.subset", 1.0, "All samples are harder to learn by heart than a part of them (S0.05)")


def varied_data(material: Material) -> tuple[Cure, ...]:
    """Augmentation, where a recipe has one and it is off."""
    reason = "Turned and recoloured samples are new ones; a puzzle's pairs must all be changed alike (S3.10)"
    return cure("Augment the data", edit(material, "data.augment", new=True, reason=reason))


def more_weight_decay(material: Material) -> tuple[Cure, ...]:
    """Twice the weight decay, and no less than is proposed where there was none."""
    decay = min(max((material.number("optim.weight_decay") or 0.0) * 2, material.thresholds.decay_proposed), 1.0)
    reason = "Smaller weights fit single samples less closely (S0.01, S2.03)"
    return cure("More weight decay", edit(material, "optim.weight_decay", decay, reason))


def leaky(material: Material, reason: str) -> ProposedEdit | None:
    """An activation that passes a gradient below 0, in place of ReLU."""
    is_relu = material.setting("encoder.activation") == "relu"
    return edit(material, "encoder.activation", "leaky_relu", reason) if is_relu else None


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
