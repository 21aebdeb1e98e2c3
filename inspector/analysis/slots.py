"""What the slots of one image do: how alike they are, what each wins, how sure the masks are."""

from __future__ import annotations

import numpy as np

from inspector.analysis.halves import widened
from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray, LabelMap, SlotMasks, check_axes

ACTIVE_AREA = 0.01
"""A slot is active when it wins more than this share of the valid cells.

Source: the default of the reference; there is no standard, so the threshold is part of the metric's name.
"""

CENTRED_ROUNDING = 1e-6
"""A slot that centring leaves less of than this share has no direction of its own: the rest is rounding of float32."""


def active_slots_name(threshold: float = ACTIVE_AREA) -> str:
    """The metric's name with its threshold, `active_slots@area0.01`."""
    return f"active_slots@area{threshold:g}"


def slot_cosines(slots: AnyArray, mean: AnyArray | None = None) -> FloatArray:
    """Cosine of each pair of slots, (slots, slots) float64 in -1..1.

    The diagonal is NaN, as are the row and column of a slot that is zero, not finite, or centred to next to nothing.

    Args:
        slots: (slots, features).
        mean: (features,) vector taken off each slot first, as `SlotMean` gives it; without it the cosines are raw.
    """
    check_axes(slots, "KD", "slots")
    vectors = np.asarray(slots, np.float64)
    if mean is not None:
        with np.errstate(invalid="ignore", over="ignore"):
            centred = vectors - mean
        gone = _lengths(centred) <= CENTRED_ROUNDING * _lengths(vectors)
        vectors = np.where(gone[:, None], 0.0, centred)
    # Scaled first, so that the squares of large or small features stay representable.
    largest = np.max(np.abs(vectors), axis=1, keepdims=True, initial=0.0)
    scaled = ratio(vectors, np.where(np.isfinite(largest), largest, 0.0))
    unit = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    cosines: FloatArray = np.clip(unit @ unit.T, -1.0, 1.0)
    np.fill_diagonal(cosines, np.nan)
    return cosines


def _lengths(vectors: FloatArray) -> FloatArray:
    """The largest element of each; as a measure of length, it cannot overflow."""
    largest: FloatArray = np.max(np.abs(vectors), axis=1, initial=0.0)
    return largest


def mean_slot_cosine(slots: AnyArray, mean: AnyArray | None = None) -> float:
    """Mean cosine over pairs of different slots; NaN where no pair has one. Its least value is -1/(slots - 1).

    Args:
        slots: (slots, features).
        mean: as for `slot_cosines`.
    """
    cosines = slot_cosines(slots, mean)
    defined = cosines[np.isfinite(cosines)]
    return float(defined.mean()) if defined.size else float("nan")


def mask_entropy(masks: SlotMasks) -> FloatArray:
    """How undecided each pixel is between slots, (height, width) float64: 0 one slot has it, 1 all share it alike.

    NaN where the masks of a pixel are not finite, negative or all zero, and everywhere with a single slot. Each pixel
    is divided by its sum first, which the rounding of half precision leaves off 1.

    Source: -Σ m ln m / ln K.
    """
    check_axes(masks, "KHW", "slot masks")
    weights = widened(masks)
    with np.errstate(invalid="ignore", over="ignore"):
        total = weights.sum(axis=0)
    if len(weights) < 2:
        return np.full(total.shape, np.nan)
    usable = usable_pixels(weights, total)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        # A weight of 0 adds nothing, whatever its logarithm.
        logs = np.log(np.maximum(weights, np.finfo(weights.dtype).tiny))
        entropy = np.log(total) - np.einsum("khw,khw->hw", weights, logs) / total
    return np.where(usable, np.clip(entropy / np.log(len(weights)), 0.0, 1.0), np.nan).astype(np.float64)


def usable_pixels(masks: SlotMasks, total: AnyArray) -> AnyArray:
    """Where masks are shares of something, (height, width) bool: finite, none negative, and not all zero.

    Args:
        masks: (slots, height, width).
        total: their sum over slots.
    """
    usable: AnyArray = np.isfinite(total) & (total > 0) & (np.min(masks, axis=0, initial=0.0) >= 0)
    return usable


def mean_mask_entropy(masks: SlotMasks, valid: AnyArray | None = None) -> float:
    """Mean of `mask_entropy` over the valid pixels that have one; NaN without any.

    Args:
        masks: (slots, height, width).
        valid: (height, width) bool, or None where all pixels are.
    """
    entropy = mask_entropy(masks)
    defined = entropy[np.isfinite(entropy) & _valid(valid, entropy.shape)]
    return float(defined.mean()) if defined.size else float("nan")


def winning_slots(masks: SlotMasks) -> LabelMap:
    """The slot with the largest mask at each pixel; a tie goes to the lower one, -1 where a mask is not finite."""
    check_axes(masks, "KHW", "slot masks")
    if not masks.size:
        return np.full(masks.shape[1:], -1, np.int64)
    first, *others = widened(masks)
    largest, least = first.copy(), first.copy()
    winners = np.zeros(first.shape, np.uint8 if len(masks) <= 256 else np.int64)
    for slot, mask in enumerate(others, start=1):
        # Of all that were ahead of those before them, the last is the greatest.
        np.maximum(winners, (mask > largest) * winners.dtype.type(slot), out=winners)
        np.maximum(largest, mask, out=largest)
        np.minimum(least, mask, out=least)
    found = winners.astype(np.int64)
    found[~(np.isfinite(largest) & np.isfinite(least))] = -1
    return found


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


def effective_slots(areas: FloatArray) -> float:
    """How many slots the picture is really shared among, 1 to the number of slots; NaN where no area is defined.

    Args:
        areas: (slots,) shares as `slot_areas` gives them.

    Source: the exponential of the entropy of the areas.
    """
    shares = areas[np.asarray(areas) > 0]
    return float(np.exp(-(shares * np.log(shares)).sum())) if shares.size else float("nan")


def axis_sum_error(array: AnyArray, axes: int | tuple[int, ...]) -> float:
    """How far the sums over the axes are from 1 at worst; infinite where one is not finite, NaN for an empty array.

    The array may have any shape that has these axes, and any real dtype; sums are taken in float64.
    About 0 along the slots of Slot Attention; along the positions instead, the slots do not compete.
    """
    if not array.size:
        return float("nan")
    with np.errstate(invalid="ignore", over="ignore"):
        error = float(np.max(np.abs(array.sum(axis=axes, dtype=np.float64) - 1.0)))
    return error if np.isfinite(error) else float("inf")


def _valid(valid: AnyArray | None, shape: tuple[int, ...]) -> AnyArray:
    return np.ones(shape, bool) if valid is None else np.asarray(valid, bool)
