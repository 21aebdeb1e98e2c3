"""Soft masks over an image: the composite in each style, one tile a slot, and where a slot's number stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inspector.analysis.slots import winning_slots
from inspector.core.arrays import Rgba
from inspector.display.rasters import Mixed, Planes, borders, rgba_of
from inspector.display.slot_colours import needs_number_and_contour, slot_table
from inspector.display.slots.scene import MaskStyle

TILE_FLOOR = 0.13
"""How bright a tile stays where its mask is 0, so that the place in the image can be told."""

CONTOUR_PX = 2
"""Width of a contour on each side of the border between two slots."""


def slot_colours(slots: int) -> npt.NDArray[np.float32]:
    """(slots, 3) float32 in 0..1."""
    return (slot_table(slots)[0, :, :3] / 255).astype(np.float32)


def unit(masks: Planes) -> Planes:
    """Masks held within 0..1; not finite is 0."""
    held: Planes = np.clip(np.where(np.isfinite(masks), masks, 0), 0, 1)
    return held


def weights_of(masks: Planes) -> Planes:
    """Masks fit for mixing colours: held within 0..1, and no pixel's sum above 1."""
    weights = unit(masks)
    total = weights.sum(0)
    scaled: Planes = weights / np.maximum(total, 1)
    return scaled


def composite(
    image: Mixed, masks: Planes, style: MaskStyle, opacity: float, solo: int | None, *, lines: bool = True
) -> Rgba:
    """The image with the slots on it.

    Args:
        image: (height, width, 3) in 0..1.
        masks: (slots, height, width), as drawn: 1 where a slot has a pixel alone.
        style: `masks` tints by weight, `argmax` by the winner, `contours` draws the winners' borders.
        opacity: of the colours, 0..1.
        solo: the only slot to draw, None for all.
        lines: whether masks get contours where there are too many slots to tell them apart by colour.
    """
    if style == "image":
        return rgba_of(image)
    colours, labels = slot_colours(len(masks)), winning_slots(masks)
    drawn = np.ones(len(masks), np.float32) if solo is None else (np.arange(len(masks)) == solo).astype(np.float32)
    if style == "masks":
        weights = weights_of(masks) * drawn[:, None, None] * np.float32(opacity)
        tint = (colours.T @ weights.reshape(len(masks), -1)).reshape(3, *masks.shape[1:])
        mixed = image * (1 - weights.sum(0)[..., None]) + np.moveaxis(tint, 0, -1)
    elif style == "argmax":
        # The row after the last slot is for pixels without a winner, whose label is -1.
        cover = np.append(drawn * np.float32(opacity), np.float32(0))
        table = np.append(colours, [[0, 0, 0]], axis=0).astype(np.float32) * cover[:, None]
        mixed = image * (1 - cover[labels])[..., None] + table[labels]
    else:
        mixed = np.array(image)
    if style == "contours" or (lines and style == "masks" and needs_numbers(style, len(masks))):
        line = _thickened(borders(labels), CONTOUR_PX - 1) & (labels >= 0) & (drawn[labels] > 0)
        mixed[line] = colours[labels[line]]
    return rgba_of(mixed)


def tile(image: Mixed, weight: Planes) -> Rgba:
    """The image, dimmed where the weight of one slot, (height, width) in 0..1, is low."""
    return rgba_of(image * (TILE_FLOOR + (1 - TILE_FLOOR) * weight)[..., None])


def needs_numbers(style: MaskStyle, slots: int) -> bool:
    """Whether the slots' numbers are written on the composite."""
    return style in {"contours", "argmax"} or (style == "masks" and needs_number_and_contour(slots))


def innermost(region: npt.NDArray[np.bool_]) -> tuple[float, float] | None:
    """The point of a region that is farthest from its border, as shares (x, y) of width and height; None if empty."""
    if not region.any():
        return None
    depth = region.astype(np.int32)
    layer = region
    while layer.any():
        inner = np.zeros_like(layer)
        inner[1:-1, 1:-1] = layer[1:-1, 1:-1] & layer[:-2, 1:-1] & layer[2:, 1:-1] & layer[1:-1, :-2] & layer[1:-1, 2:]
        layer = inner
        depth += layer
    deepest = depth == depth.max()
    rows, columns = np.nonzero(deepest)
    middle = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    return float((columns[middle] + 0.5) / region.shape[1]), float((rows[middle] + 0.5) / region.shape[0])


def _thickened(line: npt.NDArray[np.bool_], times: int) -> npt.NDArray[np.bool_]:
    thick = line.copy()
    for _ in range(times):
        grown = thick.copy()
        grown[1:] |= thick[:-1]
        grown[:-1] |= thick[1:]
        grown[:, 1:] |= thick[:, :-1]
        grown[:, :-1] |= thick[:, 1:]
        thick = grown
    return thick
