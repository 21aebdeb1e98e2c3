"""What the masks of a sample are: their range as recorded, how it is drawn, and over which axis they sum to one."""

from __future__ import annotations

import math

import numpy as np

from inspector.analysis.attention_axis import TOLERANCE, TOLERANCE_HALF, AttentionAxis, attention_axis
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.units import number_text
from inspector.display.colour_maps import finite_range
from inspector.display.rasters import Planes
from inspector.display.slots.scene import MaskScale

_SCALE_TEXTS: dict[MaskScale, str] = {
    "recorded": tr("drawn as recorded, 0 to 1"),
    "slot": tr("each slot drawn up to its own largest"),
    "shared": tr("drawn up to the largest of all"),
}


def axis_of(masks: Planes, stored: str) -> AttentionAxis:
    """Over which axis the masks of one sample sum to 1, at the positions where all of them are finite.

    Args:
        masks: (slots, rows, columns).
        stored: numpy's name of the type that they were recorded as, which tells how exact a sum can be.
    """
    kind = np.dtype(stored)
    tolerance = TOLERANCE if kind.kind == "f" and kind.itemsize > 2 else TOLERANCE_HALF
    flat = masks.reshape(len(masks), -1)
    finite = np.isfinite(flat).all(axis=0)
    return attention_axis(flat if finite.all() or not finite.any() else flat[:, finite], tolerance)


def about_text(masks: Planes, name: str, scale: MaskScale, sums: str) -> str:
    """`decoder masks, 32 × 32 · sum to 1 over slots · recorded 0.012 to 0.98 · drawn as recorded, 0 to 1`."""
    size = f"{name}, {masks.shape[1]} × {masks.shape[2]}"
    return " · ".join((size, sums, recorded_text(masks), _SCALE_TEXTS[scale]))


def recorded_text(masks: Planes) -> str:
    """`recorded 0.012 to 0.98` of the finite values of masks, (slots, rows, columns)."""
    return tr("recorded {span}").format(span=range_text(masks))


def range_text(masks: Planes) -> str:
    """`0.012 to 0.98` of the finite values of masks, (slots, rows, columns)."""
    low, high = finite_range(masks)
    return tr("nothing finite") if math.isnan(low) else _span(low, high)


def sums_text(found: AttentionAxis, masks: Planes, notes: Notes, *, one_head: bool) -> str:
    """Over which axis the masks sum to 1, in words; what is not as it should be is noted.

    Args:
        found: of `axis_of`.
        masks: (slots, rows, columns).
        notes: takes a sentence where the slots do not compete.
        one_head: whether these are those of one head, while all heads and slots sum to 1 together.
    """
    if found.over in {"slots", "heads and slots"}:
        return tr("sum to 1 over slots, off by {error} at most").format(error=_short(found.slots))
    if one_head:
        return tr("heads and slots sum to 1 together")
    if found.over == "slots, then positions":
        return tr("each slot sums to 1 over positions, after slots competed for them")
    if found.over == "positions":
        notes.add(tr("Each slot sums to 1 over positions instead of slots, so the slots do not compete for pixels"))
        text = tr("sum to 1 over positions, not slots (a pixel is off by up to {error})")
        return text.format(error=_short(found.slots))
    if np.isfinite(masks).all():
        with np.errstate(over="ignore"):
            sums = masks.sum(axis=0, dtype=np.float64)
        note = tr("These masks sum to 1 neither over slots nor over positions: over slots, a pixel sums to {span}")
        notes.add(note.format(span=_span(float(sums.min()), float(sums.max()))))
    return tr("sum to 1 over neither slots nor positions")


def _span(low: float, high: float) -> str:
    return tr("{low} to {high}").format(low=_short(low), high=_short(high))


def _short(value: float) -> str:
    """Two significant digits."""
    return number_text(value, 2)
