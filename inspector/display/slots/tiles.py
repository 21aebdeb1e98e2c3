"""One tile a slot: its picture, and every number of its mask in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inspector.analysis.slot_labels import SlotKind
from inspector.analysis.slot_labels import SlotLabel as Judged
from inspector.core.arrays import AnyArray, Rgba
from inspector.core.language import tr
from inspector.core.units import percent_text
from inspector.display.rasters import Planes
from inspector.display.slot_colours import slot_colour
from inspector.display.slots.axis import recorded_text
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

_WORDS: dict[SlotKind, str] = {
    "one-takes-all": tr("one-takes-all"),
    "uniform": tr("uniform"),
    "dead": tr("dead"),
    "duplicate": tr("duplicate"),
    "stripe": tr("stripe"),
    "undefined": tr("undefined"),
    "healthy": tr("healthy"),
}

_REASONS: dict[SlotKind, str] = {
    "one-takes-all": tr("wins {share} of the pixels (above {share_limit})"),
    "uniform": tr("its spread is {value} of its mean (at most {limit}), so it looks nowhere"),
    "dead": tr("wins {share} of the pixels (below {share_limit})"),
    "duplicate": tr("overlap {value} with slot {other} (from {limit})"),
    "stripe": tr("overlap {value} with whole rows or columns (from {limit})"),
    "undefined": tr("a single slot, or {pixels:.0f} pixels that count ({least_pixels:.0f} needed)"),
    "healthy": tr("wins {share} of the pixels (from {share_limit})"),
}


def decided_text(judged: Judged) -> str:
    """The label of a slot with the number that decided: `dead: wins 0.0% of the pixels (below 0.1%)`."""
    value, limit = judged.value, judged.threshold
    reason = _REASONS[judged.kind].format(
        value=number(value),
        limit=number(limit),
        share=percent_text(value),
        share_limit=percent_text(limit),
        pixels=value,
        least_pixels=limit,
        other=judged.other,
    )
    return f"{_WORDS[judged.kind]}: {reason}"


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
            tr("coverage: wins {area}, holds {mass} of the mass").format(
                area=percent_text(area), mass=percent_text(float(numbers.masks.masses[slot]))
            ),
            tr("entropy where it looks: {entropy}").format(entropy=number(entropy)),
            tr("overlap: {overlap} with slot {slot}").format(overlap=number(overlap), slot=other)
            if other is not None
            else tr("overlap: –"),
            tr("centroid: x {x:.1f}, y {y:.1f} of {width} × {height}").format(
                x=x_px, y=y_px, width=masks.shape[2], height=masks.shape[1]
            )
            if centred
            else tr("centroid: –"),
            recorded_text(masks[slot : slot + 1]),
        ]
        tiles.append(
            SlotTile(
                slot=slot,
                name=tr("slot {slot}").format(slot=slot),
                share=area,
                share_text="–" if math.isnan(area) else percent_text(area),
                active=bool(active[slot]),
                colour=slot_colour(known.numbers[slot]),
                kind=judged.kind,
                word=_WORDS[judged.kind],
                ink=INKS[judged.kind],
                centroid=((x_px + 0.5) / masks.shape[2], (y_px + 0.5) / masks.shape[1]) if centred else None,
                numbers=tr("entropy {entropy} · IoU {overlap}").format(
                    entropy=number(entropy), overlap=number(overlap)
                ),
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
            name=tr("head {head}").format(head=head),
            share=math.nan,
            share_text="",
            active=True,
            colour=slot_colour(head),
            kind="healthy",
            word="",
            ink="text",
            centroid=None,
            numbers="",
            details=(recorded_text(masks[head : head + 1]),),
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
