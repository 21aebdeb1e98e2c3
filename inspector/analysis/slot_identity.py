"""Which slot of one checkpoint or run is which of another, by where they look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.halves import widened
from inspector.analysis.matching import assign
from inspector.analysis.slot_masks import soft_overlaps
from inspector.core.arrays import AnyArray, ShapeError

_LARGEST = 1e15
"""Masks above this are none; their sums in single precision would overflow."""


@dataclass(frozen=True, slots=True)
class SlotMatch:
    """Each slot's counterpart.

    Attributes:
        order: the slot of the reference, None where the reference has none left.
        overlaps: intersection over union with it, 0..1; NaN where there is none.
        reference: slots of the reference.
    """

    order: tuple[int | None, ...]
    overlaps: tuple[float, ...]
    reference: int

    @property
    def identities(self) -> tuple[int, ...]:
        """A number for each slot, the reference's where it has one; others count on from the reference's last."""
        spare = iter(range(self.reference, self.reference + len(self.order)))
        return tuple(next(spare) if slot is None else slot for slot in self.order)


def matched_slots(reference: AnyArray, masks: AnyArray) -> SlotMatch:
    """Counterparts that make the summed overlap largest, one to one.

    Samples have to be the same ones; slots keep their places over samples only where their queries are learned, else
    each sample is matched by itself. Masks of another size are taken at the pixels nearest to the reference's; what is
    not finite or negative counts as 0.

    Args:
        reference: (slots, height, width), or (samples, slots, height, width).
        masks: with as many axes and samples as the reference.

    Raises:
        ShapeError: they have not.

    Source: the assignment of least cost on the weighted intersection over union.
    """
    if reference.ndim != masks.ndim or masks.ndim not in (3, 4) or reference.shape[:-3] != masks.shape[:-3]:
        raise ShapeError(f"masks of the same samples are needed, these are {reference.shape} and {masks.shape}")
    if 0 in reference.shape or 0 in masks.shape:
        count = masks.shape[-3]
        return SlotMatch((None,) * count, (float("nan"),) * count, reference.shape[-3])
    overlaps = np.nan_to_num(soft_overlaps(_flat(_on_grid(masks, *reference.shape[-2:])), _flat(reference)))
    slots, counterparts = assign(-overlaps)
    found = dict(zip(slots.tolist(), counterparts.tolist(), strict=True))
    order = tuple(found.get(slot) for slot in range(masks.shape[-3]))
    values = tuple(float("nan") if other is None else float(overlaps[slot, other]) for slot, other in enumerate(order))
    return SlotMatch(order, values, reference.shape[-3])


def _on_grid(masks: AnyArray, height: int, width: int) -> AnyArray:
    """The masks at the pixels whose centres lie nearest to those of another grid."""
    if masks.shape[-2:] == (height, width):
        return masks
    rows = ((np.arange(height) + 0.5) * (masks.shape[-2] / height)).astype(np.int64)
    columns = ((np.arange(width) + 0.5) * (masks.shape[-1] / width)).astype(np.int64)
    return masks[..., rows[:, None], columns]


def _flat(masks: AnyArray) -> AnyArray:
    """(slots, samples * pixels), none negative."""
    weights = np.clip(np.nan_to_num(widened(masks), nan=0.0, posinf=0.0), 0.0, _LARGEST)
    flat: AnyArray = np.moveaxis(weights, -3, 0).reshape(weights.shape[-3], -1)
    return flat
