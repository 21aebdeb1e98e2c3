"""What the slots of one image do: how alike they are, what each wins, how sure the masks are."""

from __future__ import annotations

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray, LabelMap, SlotMasks, check_axes

ACTIVE_AREA = 0.01
"""A slot is active when it wins more than this share of the valid cells.

Source: the default of the reference; there is no standard, so the threshold is part of the metric's name.
"""

COVERED_ABOVE = 0.5
"""A cell is covered when its strongest mask is above this."""


def slot_cosines(slots: AnyArray) -> FloatArray:
    """Cosine of each pair of slots, (slots, slots) float64 in -1..1.

    The diagonal is NaN, as are the row and column of a slot that is zero or not finite.

    Args:
        slots: (slots, features).
    """
    check_axes(slots, "KD", "slots")
    vectors = np.asarray(slots, np.float64)
    # Scaled first, so that the squares of large or small features stay representable.
    largest = np.max(np.abs(vectors), axis=1, keepdims=True, initial=0.0)
    scaled = ratio(vectors, np.where(np.isfinite(largest), largest, 0.0))
    unit = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    cosines: FloatArray = np.clip(unit @ unit.T, -1.0, 1.0)
    np.fill_diagonal(cosines, np.nan)
    return cosines


def mean_slot_cosine(slots: AnyArray) -> float:
    """Mean cosine over pairs of different slots; NaN where no pair has one. Its least value is -1/(slots - 1)."""
    cosines = slot_cosines(slots)
    defined = cosines[np.isfinite(cosines)]
    return float(defined.mean()) if defined.size else float("nan")


def centred_slots(slots: AnyArray) -> FloatArray:
    """(samples, slots, features) float64 less the mean vector that all slots of all samples share."""
    check_axes(slots, "NKD", "slots of many samples")
    vectors = np.asarray(slots, np.float64)
    return vectors - vectors.mean(axis=(0, 1), keepdims=True) if vectors.size else vectors


def mask_entropy(masks: SlotMasks) -> FloatArray:
    """How undecided each pixel is between slots, (height, width) float64: 0 one slot has it, 1 all share it alike.

    NaN where the masks of a pixel are not finite, negative or all zero, and everywhere with a single slot. Each pixel
    is divided by its sum first, which the rounding of half precision leaves off 1.

    Source: -Σ m ln m / ln K.
    """
    check_axes(masks, "KHW", "slot masks")
    weights = np.asarray(masks, np.float64)
    total = weights.sum(axis=0)
    if len(weights) < 2:
        return np.full(total.shape, np.nan)
    usable = np.isfinite(total) & (total > 0) & (weights >= 0).all(axis=0)
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=usable)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy: FloatArray = -(shares * logs).sum(axis=0) / np.log(len(weights))
    return np.where(usable, np.abs(entropy), np.nan)


def mean_mask_entropy(masks: SlotMasks, valid: AnyArray | None = None) -> float:
    """Mean of `mask_entropy` over the valid pixels that have one; NaN without any."""
    entropy = mask_entropy(masks)
    defined = entropy[np.isfinite(entropy) & _valid(valid, entropy.shape)]
    return float(defined.mean()) if defined.size else float("nan")


def winning_slots(masks: SlotMasks) -> LabelMap:
    """The slot with the largest mask at each pixel; a tie goes to the lower one, -1 where a mask is not finite."""
    check_axes(masks, "KHW", "slot masks")
    if not len(masks):
        return np.full(masks.shape[1:], -1, np.int64)
    winners: LabelMap = np.argmax(masks, axis=0).astype(np.int64)
    winners[~np.isfinite(masks).all(axis=0)] = -1
    return winners


def slot_areas(winners: LabelMap, slots: int, valid: AnyArray | None = None) -> FloatArray:
    """Share of the valid, decided pixels that each slot wins, (slots,) float64; NaN where there is no such pixel."""
    won = winners[(winners >= 0) & (winners < slots) & _valid(valid, winners.shape)]
    if not won.size:
        return np.full(slots, np.nan)
    areas: FloatArray = np.bincount(won, minlength=slots) / won.size
    return areas


def active_slots(areas: FloatArray, threshold: float = ACTIVE_AREA) -> AnyArray:
    """Which slots are active, (slots,) bool: their area is above the threshold."""
    return np.asarray(areas) > threshold


def coverage(masks: SlotMasks, valid: AnyArray | None = None, threshold: float = COVERED_ABOVE) -> float:
    """Share of valid pixels where the strongest mask is above the threshold; NaN without a valid pixel."""
    check_axes(masks, "KHW", "slot masks")
    strongest = np.max(masks, axis=0, initial=-np.inf)
    counted = _valid(valid, strongest.shape)
    return float((strongest[counted] > threshold).mean()) if counted.any() else float("nan")


def axis_sum_error(array: AnyArray, axes: int | tuple[int, ...]) -> float:
    """How far the sums over the axes are from 1 at worst; infinite where one is not finite, NaN for an empty array.

    About 0 along the slots of Slot Attention; along the positions instead, the slots do not compete.
    """
    if not array.size:
        return float("nan")
    error = float(np.max(np.abs(array.sum(axis=axes, dtype=np.float64) - 1.0)))
    return error if np.isfinite(error) else float("inf")


def _valid(valid: AnyArray | None, shape: tuple[int, ...]) -> AnyArray:
    return np.ones(shape, bool) if valid is None else np.asarray(valid, bool)
