"""The numbers of one sample's slots under their metric names, as a scan over a dump gathers them."""

from __future__ import annotations

import numpy as np

from inspector.analysis.resampling import resized
from inspector.analysis.segmentation import BACKGROUND
from inspector.analysis.segmentation_scores import segmentation_scores
from inspector.analysis.slot_masks import mask_shares
from inspector.analysis.slots import (
    ACTIVE_AREA,
    active_slots,
    effective_slots,
    mean_mask_entropy,
    mean_slot_cosine,
    slot_areas,
    winning_slots,
)
from inspector.core.arrays import AnyArray, LabelMap, SlotMasks


def mask_metrics(
    masks: SlotMasks,
    truth: LabelMap | None = None,
    valid: AnyArray | None = None,
    active_area: float = ACTIVE_AREA,
    background: int = BACKGROUND,
) -> dict[str, float]:
    """`mask_entropy`, `active_slots` and `effective_slots`; with the truth also `fg_ari`, `ari`, `miou` and `mbo`.

    NaN where undefined, as FG-ARI of an image without objects, and all of them without a usable pixel; those where
    masks are no shares, as below 0, count as little as for `mask_numbers`.

    Args:
        masks: (slots, height, width), as recorded; brought to the truth's size before their winners are taken.
        truth: the object of each pixel, negative where undefined.
        valid: (height, width) bool in the size of the masks, False in the padding.
        active_area: share of pixels above which a slot is active.
        background: label of the pixels that belong to no object.

    Raises:
        ShapeError: the masks have not three axes.
    """
    winners = winning_slots(masks)
    areas = slot_areas(winners, len(masks), mask_shares(masks, valid)[1])
    known = bool(np.isfinite(areas).any())
    found = {
        "mask_entropy": mean_mask_entropy(masks, valid),
        "active_slots": float(active_slots(areas, active_area).sum()) if known else float("nan"),
        "effective_slots": effective_slots(areas),
    }
    if truth is not None and masks.size:
        if truth.shape != winners.shape:
            winners = winning_slots(resized(masks, truth.shape[0], truth.shape[1]))
        scores = segmentation_scores(truth, winners, background)
        found |= {"fg_ari": scores.fg_ari, "ari": scores.ari, "miou": scores.miou, "mbo": scores.mbo}
    return found


def vector_metrics(slots: AnyArray, mean: AnyArray | None = None) -> dict[str, float]:
    """`slot_cosine`, and `slot_cosine_centred` where the mean of the dump's slots is known; NaN where undefined.

    Args:
        slots: (slots, features).
        mean: (features,), as `SlotMean` gathers it over the dump.
    """
    found = {"slot_cosine": mean_slot_cosine(slots)}
    if mean is not None:
        found["slot_cosine_centred"] = mean_slot_cosine(slots, mean)
    return found
