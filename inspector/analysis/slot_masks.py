"""What the mask of each slot does on one sample: how much it takes, where it lies, what it shares with others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.halves import widened
from inspector.analysis.ratio import ratio
from inspector.analysis.slots import (
    ACTIVE_AREA,
    active_slots,
    effective_slots,
    mask_entropy,
    slot_areas,
    usable_pixels,
    winning_slots,
)
from inspector.core.arrays import AnyArray, FloatArray, LabelMap, ShapeError, SlotMasks, check_axes


@dataclass(frozen=True, slots=True, eq=False)
class MaskNumbers:
    """The masks of one sample in numbers; pixels in the padding, or where the masks are no shares, count nowhere.

    Every pixel is divided by its sum over slots first. What is undefined is NaN: everything without a usable pixel,
    the centre and entropy of a slot without weight.

    Attributes:
        winners: (height, width) int64, the slot of the largest mask; -1 where one is not finite.
        entropy: (height, width) float64, how undecided each pixel is, 0..1.
        counted: (height, width) bool, the pixels that count.
        areas: (slots,) float64, share of pixels that each slot wins, 0..1.
        masses: (slots,) mean share of a pixel, 0..1, which sum to 1.
        spreads: (slots,) standard deviation of the shares over their mean: 0 where a mask is the same everywhere.
        entropies: (slots,) entropy of the pixels where a slot looks, weighted by its mask, 0..1; weighted by `masses`
            they make up `mean_entropy`.
        centroids_px: (slots, 2) centre of mass as y, x in pixels of the masks; the first pixel's centre is (0, 0).
    """

    winners: LabelMap
    entropy: FloatArray
    counted: AnyArray
    areas: FloatArray
    masses: FloatArray
    spreads: FloatArray
    entropies: FloatArray
    centroids_px: FloatArray

    @property
    def mean_entropy(self) -> float:
        """Mean of `entropy` over the pixels that count, 0 decided to 1 uniform."""
        return float(self.entropy[self.counted].mean()) if self.counted.any() else float("nan")

    @property
    def effective(self) -> float:
        """Effective number of slots, from 1 to their number."""
        return effective_slots(self.areas)

    def active(self, threshold: float = ACTIVE_AREA) -> int:
        """How many slots win more than the threshold."""
        return int(active_slots(self.areas, threshold).sum())


def mask_numbers(masks: SlotMasks, valid: AnyArray | None = None) -> MaskNumbers:
    """The numbers of one sample.

    Args:
        masks: (slots, height, width), as recorded.
        valid: (height, width) bool, False in the padding.

    Raises:
        ShapeError: the masks have not three axes.
    """
    shares, counted = mask_shares(masks, valid)
    entropy, winners = mask_entropy(masks), winning_slots(masks)
    pixels = shares.shape[1]
    if not pixels:
        unknown = np.full(len(masks), np.nan)
        centres = np.full((len(masks), 2), np.nan)
        return MaskNumbers(winners, entropy, counted, *(unknown,) * 4, centres)
    mass = pixel_sums(shares)
    means = mass / pixels
    deviations = shares - means.astype(shares.dtype)[:, None]
    rows, columns = np.indices(counted.shape, shares.dtype)
    # With a single slot no pixel has an entropy.
    places = (rows, columns, np.nan_to_num(entropy).astype(shares.dtype))
    sums = np.stack([shares @ (place.reshape(-1) if counted.all() else place[counted]) for place in places], axis=1)
    return MaskNumbers(
        winners=winners,
        entropy=entropy,
        counted=counted,
        areas=slot_areas(winners, len(masks), counted),
        masses=means,
        spreads=ratio(np.sqrt(np.vecdot(deviations, deviations) / pixels), means),
        entropies=ratio(sums[:, 2], mass) if len(masks) > 1 else np.full(len(masks), np.nan),
        centroids_px=ratio(sums[:, :2], mass[:, None]),
    )


def mask_shares(masks: SlotMasks, valid: AnyArray | None = None) -> tuple[AnyArray, AnyArray]:
    """The share of each slot of the pixels that count, and which pixels these are.

    Args:
        masks: (slots, height, width), as recorded.
        valid: (height, width) bool, False in the padding.

    Returns:
        (slots, pixels) float32 or float64, each pixel summing to 1 over slots; (height, width) bool.

    Raises:
        ShapeError: the masks have not three axes.
    """
    check_axes(masks, "KHW", "slot masks")
    weights = widened(masks)
    with np.errstate(invalid="ignore", over="ignore"):
        total = weights.sum(axis=0)
    counted = usable_pixels(weights, total)
    if valid is not None:
        counted &= np.asarray(valid, bool)
    if counted.all():
        return (weights / total).reshape(len(weights), counted.size), counted
    return weights[:, counted] / total[counted], counted


def soft_overlaps(first: AnyArray, second: AnyArray) -> FloatArray:
    """Intersection over union of soft masks, each of the first with each of the second, float64 in 0..1.

    The sum of the lesser weight at each pixel over the sum of the greater; of hard masks, the usual one. NaN where
    both are empty, or one is not finite.

    Args:
        first: (masks, pixels), none negative.
        second: (masks, pixels).

    Raises:
        ShapeError: their pixels differ.

    Source: Ruzicka 1958, the weighted form of Jaccard's index.
    """
    if first.shape[1:] != second.shape[1:] or first.ndim != 2:
        raise ShapeError(f"masks of the same pixels are needed, these are {first.shape} and {second.shape}")
    totals = pixel_sums(first)[:, None] + pixel_sums(second)[None]
    shared = np.array([pixel_sums(np.minimum(mask, second)) for mask in first]).reshape(totals.shape)
    with np.errstate(invalid="ignore"):
        return ratio(shared, totals - shared)


def pixel_sums(masks: AnyArray) -> FloatArray:
    """(masks,) float64 sum over the pixels of each; in single precision right to a millionth.

    Args:
        masks: (masks, pixels).
    """
    with np.errstate(over="ignore", invalid="ignore"):
        sums: FloatArray = (masks @ np.ones(masks.shape[1], masks.dtype)).astype(np.float64)
        if np.isfinite(sums).all():
            return sums
        # Weights that are no shares may be too large for it.
        in_double: FloatArray = masks.sum(axis=1, dtype=np.float64)
        return in_double
