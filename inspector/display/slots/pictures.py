"""Soft masks over an image: the composite in each style, one tile a slot, and where a slot's number stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inspector.analysis.attention_axis import TOLERANCE_HALF
from inspector.analysis.resampling import resized
from inspector.analysis.slots import winning_slots
from inspector.core.arrays import AnyArray, Rgba
from inspector.display.rasters import Mixed, Planes, borders, nearest, rgba_of
from inspector.display.slot_colours import needs_number_and_contour, slot_colour
from inspector.display.slots.scene import MaskScale, MaskStyle, Upsampling
from inspector.display.tokens import rgb

TILE_FLOOR = 0.13
"""How bright a tile stays where its mask is 0, so that the place in the image can be told."""

SHARE_SLACK = 1e-3
"""How far the weights of a pixel may sum above 1 and still be shares: half precision takes them there."""

CONTOUR_PX = 2
"""Width of a contour on each side of the border between two slots."""


def slot_colours(identities: Sequence[int]) -> npt.NDArray[np.float32]:
    """(slots, 3) float32 in 0..1, of slots that are these ones elsewhere too."""
    colours = np.array([rgb(slot_colour(identity)) for identity in identities], np.float32)
    return colours.reshape(-1, 3) / np.float32(255)


def enlarged(masks: AnyArray, height: int, width: int, upsampling: Upsampling) -> Planes:
    """(slots, height, width) float32 at the size they are drawn at, pixel centres on pixel centres."""
    if upsampling == "smooth":
        return resized(masks, height, width)
    return np.moveaxis(nearest(np.moveaxis(masks, 0, -1), height, width), -1, 0).astype(np.float32)


def met_scale(masks: Planes, scale: MaskScale) -> MaskScale:
    """A scale, and instead of `auto` the one that it stands for: weights that sum to 1 over positions are all small."""
    if scale != "auto":
        return scale
    with np.errstate(over="ignore", invalid="ignore"):
        totals = masks.sum(axis=(1, 2), dtype=np.float64)
    return "shared" if np.all(np.abs(totals - 1) <= TOLERANCE_HALF) else "recorded"


def full_brightness(masks: Planes, scale: MaskScale) -> Planes:
    """The weight that is drawn as 1, (slots, 1, 1) float32; 1 where a mask has no weight."""
    scale = met_scale(masks, scale)
    if scale == "recorded":
        return np.ones((len(masks), 1, 1), np.float32)
    peaks = np.max(np.where(np.isfinite(masks), masks, 0), axis=(1, 2), initial=0.0, keepdims=True)
    if scale == "shared":
        peaks = np.full_like(peaks, peaks.max(initial=0.0))
    full: Planes = np.where(peaks > 0, peaks, 1).astype(np.float32)
    return full


def unit(masks: Planes) -> Planes:
    """(slots, rows, columns) masks held within 0..1; not finite is 0."""
    finite = np.isfinite(masks)
    held: Planes = np.clip(masks if finite.all() else np.where(finite, masks, 0), 0, 1)
    return held


def weights_of(masks: Planes) -> Planes:
    """(slots, rows, columns) masks fit for mixing colours: held within 0..1, and no pixel's sum above 1."""
    weights = unit(masks)
    total = weights.sum(0)
    scaled: Planes = weights / np.maximum(total, 1)
    return scaled


@dataclass(frozen=True, slots=True)
class Drawing:
    """How slots are laid over an image.

    Attributes:
        style: `masks` tints by weight, `argmax` by the winner, `threshold` by a winner of enough weight, `contours`
            draws the winners' borders.
        opacity: of the colours, 0..1.
        solo: the only slot to draw, None for all; hidden: slots that are not drawn.
        threshold: the least weight that has a pixel.
        identities: which slot's colour each has; empty for their own.
        lines: whether masks get contours where there are too many slots to tell them apart by colour.
    """

    style: MaskStyle
    opacity: float = 0.6
    solo: int | None = None
    hidden: tuple[int, ...] = ()
    threshold: float = 0.5
    identities: tuple[int, ...] = ()
    lines: bool = True


def composite(image: Mixed, masks: Planes, drawing: Drawing) -> Rgba:
    """The image with the slots on it.

    Args:
        image: (height, width, 3) in 0..1.
        masks: (slots, height, width), as drawn: 1 where a slot has a pixel alone.
        drawing: how.
    """
    return laid_over(image, masks, np.ones((len(masks), 1, 1), np.float32), drawing)


def laid_over(image: Mixed, masks: Planes, full: Planes, drawing: Drawing, upsampling: Upsampling = "smooth") -> Rgba:
    """The image with the slots on it, whose masks are enlarged as far as the drawing needs them.

    Args:
        image: (height, width, 3) in 0..1.
        masks: (slots, rows, columns), as recorded.
        full: the weight of each slot that is drawn as 1, of `full_brightness`.
        drawing: how.
        upsampling: of the masks.
    """
    style, slots, size = drawing.style, len(masks), (image.shape[0], image.shape[1])
    if style == "image":
        return rgba_of(image)
    lines = style == "contours" or (drawing.lines and style == "masks" and needs_numbers(style, slots))
    whole = enlarged(masks, *size, upsampling) if lines or style != "masks" else masks
    labels = winning_slots(whole)
    drawn = shown_slots(slots, drawing.solo, drawing.hidden)
    colours = slot_colours(drawing.identities or range(slots))
    if style == "masks":
        tint, cover = _tint(masks / full, colours, drawn * np.float32(drawing.opacity), size, upsampling)
        mixed = image * (1 - cover)[..., None] + np.moveaxis(tint, 0, -1)
    elif style in {"argmax", "threshold"}:
        if style == "threshold":
            weights = np.max(np.nan_to_num(whole / full), axis=0, initial=0.0)
            labels = np.where(weights >= drawing.threshold, labels, -1)
        # The row after the last slot is for pixels without a winner, whose label is -1.
        cover = np.append(drawn * np.float32(drawing.opacity), np.float32(0))
        table = np.append(colours, [[0, 0, 0]], axis=0).astype(np.float32) * cover[:, None]
        mixed = image * (1 - cover[labels])[..., None] + table[labels]
    else:
        mixed = image
    picture = rgba_of(mixed)
    if lines:
        line = _thickened(borders(labels), CONTOUR_PX - 1) & (labels >= 0) & (drawn[labels] > 0)
        # A pixel is one number, so that it is set at once.
        pixels, inks = (pixel.view(np.uint32)[..., 0] for pixel in (picture, rgba_of(colours[None])[0]))
        pixels[line] = inks[labels[line]]
    return picture


def _tint(
    masks: Planes, colours: Planes, opacities: Planes, size: tuple[int, int], upsampling: Upsampling
) -> tuple[Planes, Planes]:
    """What the slots add to the image, (3, height, width), and how much of it they cover, (height, width).

    Of weights that are shares of a pixel, colours that are mixed and then enlarged are those of enlarged weights.
    """
    if upsampling == "smooth" and not _are_shares(masks):
        masks = enlarged(masks, *size, upsampling)
    mixing = np.append(colours.T, np.ones((1, len(colours)), np.float32), axis=0) * opacities
    weights = weights_of(masks)
    mixed = enlarged((mixing @ weights.reshape(len(masks), -1)).reshape(4, *masks.shape[1:]), *size, upsampling)
    return mixed[:3], mixed[3]


def _are_shares(masks: Planes) -> bool:
    """Whether masks are finite, none negative, and no pixel's sum above 1 by more than a fraction of a colour level."""
    with np.errstate(over="ignore"):  # an infinite sum is no share either
        total = masks.sum(axis=0)
    return bool(np.isfinite(total).all() and masks.min(initial=0.0) >= 0 and total.max(initial=0.0) <= 1 + SHARE_SLACK)


def shown_slots(slots: int, solo: int | None, hidden: Sequence[int]) -> npt.NDArray[np.float32]:
    """(slots,) float32, 1 for those that are drawn; a slot alone is drawn though it was hidden."""
    numbers = np.arange(slots)
    shown = ~np.isin(numbers, hidden) if solo is None else numbers == solo
    return shown.astype(np.float32)


def tiles(image: Mixed, weights: Planes) -> npt.NDArray[np.uint8]:
    """The image, (height, width, 3) in 0..1, dimmed where the weight of a slot is low.

    Args:
        image: as it is where the weight is 1.
        weights: (slots, height, width) in 0..1.

    Returns:
        (slots, height, width, 4) uint8, opaque.
    """
    brightness = weights * np.float32(255 * (1 - TILE_FLOOR))
    brightness += np.float32(255 * TILE_FLOOR)
    pictures = np.full((*weights.shape, 4), 255, np.uint8)
    scaled = np.empty_like(brightness)
    for channel, plane in enumerate(np.ascontiguousarray(np.moveaxis(image, -1, 0), np.float32)):
        np.multiply(brightness, plane, out=scaled)
        scaled += np.float32(0.5)
        pictures[..., channel] = scaled.astype(np.uint8)
    return pictures


def tile(image: Mixed, weight: Planes) -> Rgba:
    """One of `tiles`; its weight is (height, width)."""
    picture: Rgba = tiles(image, weight[None])[0]
    return picture


def needs_numbers(style: MaskStyle, slots: int) -> bool:
    """Whether the slots' numbers are written on the composite."""
    return style in {"contours", "argmax", "threshold"} or (style == "masks" and needs_number_and_contour(slots))


def depths(labels: AnyArray) -> npt.NDArray[np.int64]:
    """(height, width) int64 steps along rows and columns to the next other label or the frame: 1 at a border."""
    if not labels.size:
        return np.zeros(labels.shape, np.int64)
    edge = borders(labels)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    depth = np.where(edge, 1, sum(labels.shape)).astype(np.int64)
    for axis, length in enumerate(labels.shape):
        places = np.arange(length).reshape((-1, 1) if axis == 0 else (1, -1))
        before = np.minimum.accumulate(depth - places, axis) + places
        after = np.flip(np.minimum.accumulate(np.flip(depth + places, axis), axis), axis) - places
        depth = np.minimum(before, after)
    return depth


def innermost(region: npt.NDArray[np.bool_], depth: npt.NDArray[np.int64] | None = None) -> tuple[float, float] | None:
    """The point of a region that is farthest from its border, as shares (x, y) of width and height; None if empty.

    Args:
        region: (height, width).
        depth: `depths` of a map in which the region has a label of its own, where they are known already.
    """
    if not region.any():
        return None
    within = np.where(region, depths(region) if depth is None else depth, 0)
    rows, columns = np.nonzero(within == within.max())
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
