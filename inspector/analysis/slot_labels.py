"""What each slot of one sample does, in a word: with the number that decided, and the threshold it was held against.

The first that applies, in this order:

| label | its number | when |
| --- | --- | --- |
| undefined | pixels that count | fewer than four, or a single slot: nothing can be told |
| uniform | spread of its mask over its mean | at most 0.3, at about its fair share 1/K: it looks nowhere |
| one-takes-all | share of pixels won | above 0.95, on a picture that is not mostly background |
| duplicate | overlap with another slot | at least 0.8, and the two win something between them |
| dead | share of pixels won | below 0.001 |
| stripe | overlap of its region with whole rows or columns | at least 0.95 |
| healthy | share of pixels won | none of these |

A single sample cannot tell a stripe from the sky: `slot_places.PositionCounts` tells whether it stays in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.analysis.slot_masks import MaskNumbers, mask_numbers, mask_shares, pixel_sums
from inspector.core.arrays import AnyArray, FloatArray, IntArray, SlotMasks

SlotKind = Literal["undefined", "uniform", "one-takes-all", "duplicate", "dead", "stripe", "healthy"]

LEAST_PIXELS = 4
"""Pixels below which a mask has no form; two by two is the least."""

LEAST_BAND_PX = 4
"""Rows and columns below which any region is a row or a column."""


@dataclass(frozen=True, slots=True)
class SlotThresholds:
    """What the labels are held against, all adjustable.

    Attributes:
        uniform_spread: spread over mean up to which a mask is the same everywhere. 0.3 is a normalised entropy of
            0.98 among eleven slots, where rule X.A2 of the reference speaks of uniform masks.
        fair_share: how far the mean of a uniform mask may lie from 1/K, as a share of it.
        takes_all_area: share of pixels above which one slot takes all. Source: rule X.A3.
        background: share of background in the truth above which taking all is right. Source: rule X.A3.
        duplicate_overlap: intersection over union from which two soft masks are one.
        dead_area: share of pixels below which a slot wins nothing: one pixel of 1,000, none of a smaller picture.
        band_overlap: intersection over union with whole rows or columns from which a region is a stripe.
    """

    uniform_spread: float = 0.3
    fair_share: float = 0.5
    takes_all_area: float = 0.95
    background: float = 0.9
    duplicate_overlap: float = 0.8
    dead_area: float = 1e-3
    band_overlap: float = 0.95


THRESHOLDS = SlotThresholds()


@dataclass(frozen=True, slots=True)
class SlotLabel:
    """One slot.

    Attributes:
        value: the number that decided, NaN where undefined; threshold: what it was held against.
        other: the slot that it duplicates, None for all other kinds.
    """

    slot: int
    kind: SlotKind
    value: float
    threshold: float
    other: int | None = None


def slot_labels(
    masks: SlotMasks,
    valid: AnyArray | None = None,
    background: float = float("nan"),
    thresholds: SlotThresholds = THRESHOLDS,
    numbers: MaskNumbers | None = None,
    overlaps: FloatArray | None = None,
) -> tuple[SlotLabel, ...]:
    """A label for each slot, in their order.

    Args:
        masks: (slots, height, width), as recorded.
        valid: (height, width) bool, False in the padding.
        background: share of the truth that is background, NaN where it is not known.
        thresholds: what the numbers are held against.
        numbers: of the same masks, where they are known already.
        overlaps: of `slot_overlaps`, where they are known already.

    Raises:
        ShapeError: the masks have not three axes.
    """
    known = mask_numbers(masks, valid) if numbers is None else numbers
    pixels = int(known.counted.sum())
    if pixels < LEAST_PIXELS or len(masks) < 2:
        return tuple(SlotLabel(slot, "undefined", float(pixels), float(LEAST_PIXELS)) for slot in range(len(masks)))
    overlaps = slot_overlaps(masks, valid) if overlaps is None else overlaps
    bands = _bands(known, len(masks))
    fair = 1.0 / len(masks)
    near_fair = np.abs(known.masses - fair) <= thresholds.fair_share * fair
    uniform = near_fair & (known.spreads <= thresholds.uniform_spread)
    takes_all = thresholds.takes_all_area if not background > thresholds.background else np.inf
    labels = []
    for slot, area in enumerate(known.areas.tolist()):
        twin = _twin(overlaps[slot], uniform, known.areas + area >= thresholds.dead_area)
        if uniform[slot]:
            label = SlotLabel(slot, "uniform", float(known.spreads[slot]), thresholds.uniform_spread)
        elif area > takes_all:
            label = SlotLabel(slot, "one-takes-all", area, takes_all)
        elif twin is not None and overlaps[slot, twin] >= thresholds.duplicate_overlap:
            overlap = float(overlaps[slot, twin])
            label = SlotLabel(slot, "duplicate", overlap, thresholds.duplicate_overlap, twin)
        elif area < thresholds.dead_area:
            label = SlotLabel(slot, "dead", area, thresholds.dead_area)
        elif bands[slot] >= thresholds.band_overlap:
            label = SlotLabel(slot, "stripe", float(bands[slot]), thresholds.band_overlap)
        else:
            label = SlotLabel(slot, "healthy", area, thresholds.dead_area)
        labels.append(label)
    return tuple(labels)


def slot_overlaps(masks: SlotMasks, valid: AnyArray | None = None) -> FloatArray:
    """Overlap of each slot's soft mask with each other's, (slots, slots) float64 in 0..1; the diagonal is NaN.

    Raises:
        ShapeError: the masks have not three axes.
    """
    shares, _counted = mask_shares(masks, valid)
    totals = pixel_sums(shares)
    overlaps = np.full((len(shares), len(shares)), np.nan)
    for slot in range(len(shares) - 1):
        shared = pixel_sums(np.minimum(shares[slot], shares[slot + 1 :]))
        overlaps[slot, slot + 1 :] = ratio(shared, totals[slot] + totals[slot + 1 :] - shared)
        overlaps[slot + 1 :, slot] = overlaps[slot, slot + 1 :]
    return overlaps


def _twin(overlaps: FloatArray, uniform: AnyArray, alive: AnyArray) -> int | None:
    """The slot that overlaps most, of those that look somewhere and win something together with this one."""
    candidates = np.where(alive & ~uniform & np.isfinite(overlaps), overlaps, -1.0)
    best = int(candidates.argmax())
    return best if candidates[best] >= 0 else None


def _bands(numbers: MaskNumbers, slots: int) -> list[float]:
    """`band_overlap` of each slot's region, from how much it wins of each row and column."""
    height, width = numbers.counted.shape
    # What does not count has a number of its own, which is dropped.
    regions = np.where(numbers.counted, numbers.winners, slots)
    places = np.arange(height)[:, None], np.arange(width)[None]
    taken = [
        np.bincount((regions * length + place).reshape(-1), minlength=(slots + 1) * length).reshape(-1, length)[:slots]
        for length, place in zip((height, width), places, strict=True)
    ]
    best: list[float] = _best_lines(taken[0], taken[1]).tolist()
    return best


def band_overlap(region: AnyArray, counted: AnyArray) -> float:
    """How well a region is made up of whole rows, or of whole columns, 0..1; the better of the two.

    Intersection over union with the rows, or columns, that it fills by more than half; or the same of the rest of the
    picture, if that is less: what lies around a tall object is no stripe. 0 where it fills none or all of them; NaN
    where the picture has fewer than four either way.

    Args:
        region: (height, width) bool.
        counted: (height, width) bool, the pixels that count.
    """
    inside, outside = region & counted, ~region & counted
    rows, columns = (np.stack([part.sum(axis=axis) for part in (inside, outside)]) for axis in (1, 0))
    return float(_best_lines(rows, columns)[0])


def _best_lines(rows: IntArray, columns: IntArray) -> FloatArray:
    """The better overlap of each region with whole lines, (regions,).

    Args:
        rows: (regions, height) pixels that each has of each row; together they have all of the picture's.
        columns: (regions, width) of each column.
    """
    best = np.full(len(rows), np.nan)
    for taken in (rows, columns):
        there = taken.sum(axis=0)
        known = there > 0
        if known.sum() >= LEAST_BAND_PX and there.max() >= LEAST_BAND_PX:
            lines = np.broadcast_to(there[known], (len(taken), int(known.sum())))
            filled = taken[:, known]
            whole = 2 * filled > lines
            best = np.fmax(best, np.minimum(_lines(filled, lines, whole), _lines(lines - filled, lines, ~whole)))
    return best


def _lines(filled: IntArray, there: IntArray, whole: AnyArray) -> FloatArray:
    """Intersection over union of what is filled of each region's lines with whole ones; 0 where both are empty."""
    shared = np.where(whole, filled, 0).sum(axis=1)
    union = np.where(whole, there, 0).sum(axis=1) + filled.sum(axis=1) - shared
    return np.nan_to_num(ratio(shared, union))
