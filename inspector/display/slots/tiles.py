"""One tile a slot: its picture, and every number of its mask in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inspector.analysis.slot_labels import SlotKind
from inspector.analysis.slot_labels import SlotLabel as Judged
from inspector.core.arrays import AnyArray, Rgba
from inspector.core.units import percent_text
from inspector.display.rasters import Planes
from inspector.display.slot_colours import slot_colour
from inspector.display.slots.axis import range_text
from inspector.display.slots.identity import Identities
from inspector.display.slots.numbers import SampleNumbers
from inspector.display.slots.scene import Ink, SlotTile

INKS: dict[SlotKind, Ink] = {
    "one-takes-all": "critical",
    "uniform": "critical",
    "dead": "warning",
    "duplicate": "warning",
    "stripe": "warning",
    "undefined": "faint",
    "healthy": "text",
}


def decided_text(judged: Judged) -> str:
    """The label of a slot with the number that decided: `dead: wins 0.0% of the pixels (below 0.1%)`."""
    value, limit = judged.value, judged.threshold
    reasons: dict[SlotKind, str] = {
        "undefined": f"a single slot, or {value:.0f} pixels that count ({limit:.0f} needed)",
        "uniform": f"its spread is {number(value)} of its mean (at most {number(limit)}), so it looks nowhere",
        "one-takes-all": f"wins {percent_text(value)} of the pixels (above {percent_text(limit)})",
        "duplicate": f"overlap {number(value)} with slot {judged.other} (from {number(limit)})",
        "dead": f"wins {percent_text(value)} of the pixels (below {percent_text(limit)})",
        "stripe": f"overlap {number(value)} with whole rows or columns (from {number(limit)})",
        "healthy": f"wins {percent_text(value)} of the pixels (from {percent_text(limit)})",
    }
    return f"{judged.kind}: {reasons[judged.kind]}"


def number(value: float) -> str:
    """Two decimals, a dash where undefined."""
    # Adding 0.0 makes a negative zero positive.
    return "–" if math.isnan(value) else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def tiles_of(
    shown: Sequence[Rgba], masks: Planes, numbers: SampleNumbers, active: AnyArray, known: Identities
) -> tuple[SlotTile, ...]:
    """The tile of every slot.

    Args:
        shown: the picture of each.
        masks: (slots, rows, columns) as recorded.
        numbers: of these masks.
        active: (slots,) bool.
        known: which slot each is elsewhere, and in words.
    """
    tiles = []
    for slot, judged in enumerate(numbers.labels):
        area = float(numbers.masks.areas[slot])
        y_px, x_px = (float(place) for place in numbers.masks.centroids_px[slot])
        centred = math.isfinite(x_px) and math.isfinite(y_px)
        entropy = float(numbers.masks.entropies[slot])
        overlap, other = _most(numbers.overlaps[slot])
        details = [
            decided_text(judged),
            f"coverage: wins {percent_text(area)}, holds {percent_text(float(numbers.masks.masses[slot]))} of the mass",
            f"entropy where it looks: {number(entropy)}",
            f"overlap: {number(overlap)} with slot {other}" if other is not None else "overlap: –",
            f"centroid: x {x_px:.1f}, y {y_px:.1f} of {masks.shape[2]} × {masks.shape[1]}"
            if centred
            else "centroid: –",
            f"recorded {range_text(masks[slot : slot + 1])}",
        ]
        tiles.append(
            SlotTile(
                slot=slot,
                name=f"slot {slot}",
                share=area,
                share_text="–" if math.isnan(area) else percent_text(area),
                active=bool(active[slot]),
                colour=slot_colour(known.numbers[slot]),
                kind=judged.kind,
                ink=INKS[judged.kind],
                centroid=((x_px + 0.5) / masks.shape[2], (y_px + 0.5) / masks.shape[1]) if centred else None,
                numbers=f"entropy {number(entropy)} · IoU {number(overlap)}",
                details=(*details, *((known.texts[slot],) if known.texts else ())),
                picture=shown[slot],
            )
        )
    return tuple(tiles)


def head_tiles(shown: Sequence[Rgba], masks: Planes) -> tuple[SlotTile, ...]:
    """The tile of every head of a token; heads do not compete, so that no number of slots is said of them.

    Args:
        shown: the picture of each.
        masks: (heads, rows, columns) as recorded.
    """
    return tuple(
        SlotTile(
            slot=head,
            name=f"head {head}",
            share=math.nan,
            share_text="",
            active=True,
            colour=slot_colour(head),
            kind="healthy",
            ink="text",
            centroid=None,
            numbers="",
            details=(f"recorded {range_text(masks[head : head + 1])}",),
            picture=picture,
        )
        for head, picture in enumerate(shown)
    )


def _most(overlaps: AnyArray) -> tuple[float, int | None]:
    """The largest overlap with another slot, and which that is."""
    if not np.isfinite(overlaps).any():
        return math.nan, None
    other = int(np.nanargmax(overlaps))
    return float(overlaps[other]), other
