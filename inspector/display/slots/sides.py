"""The pictures beside the slots: the image, its reconstruction, the true objects, the assignment's entropy."""

from __future__ import annotations

import numpy as np

from inspector.analysis.resampling import resized
from inspector.analysis.slot_masks import MaskNumbers
from inspector.core.arrays import AnyArray, LabelMap, Rgba
from inspector.core.language import tr, tr_counted
from inspector.core.units import number_text
from inspector.display.colour_maps import apply_map
from inspector.display.rasters import Planes, drawn_size, nearest, rgba_of
from inspector.display.slots import pictures
from inspector.display.slots.reading import Sample
from inspector.display.slots.scene import SideTile, Upsampling
from inspector.display.slots.tiles import number

MOST_DIRECT = 1 << 16
"""Labels that span up to this many numbers are looked up; others, as packed colours, are sorted."""


def picture_sized(picture: Planes, height: int, width: int) -> Planes:
    """(height, width, 3) of a picture (rows, columns, 3)."""
    sized: Planes = np.moveaxis(resized(np.moveaxis(picture, -1, 0), height, width), 0, -1)
    return sized


def image_error(image: Planes, rebuilt: Planes) -> float:
    """Mean squared difference of a reconstruction from the image, both in 0..1, at the reconstruction's size."""
    return float(np.mean((picture_sized(image, *rebuilt.shape[:2]) - rebuilt) ** 2, dtype=np.float64))


def sides_of(
    sample: Sample,
    rebuilt: Planes | None,
    numbers: MaskNumbers,
    error: float,
    longest: int,
    upsampling: Upsampling,
) -> tuple[SideTile, ...]:
    """The pictures that there are, the entropy last.

    Args:
        sample: whose image and truth are shown.
        rebuilt: its reconstruction.
        numbers: of its masks.
        error: of the reconstruction.
        longest: longest side of a picture.
        upsampling: of the entropy map, as of the masks.
    """
    size = drawn_size(sample.image.shape[0], sample.image.shape[1], longest)
    tip = tr("A click lays the masks over it")
    sides = [
        SideTile(key="image", name=tr("image"), value="", tip=tip, picture=rgba_of(picture_sized(sample.image, *size)))
    ]
    if rebuilt is not None:
        picture = rgba_of(picture_sized(rebuilt, *size))
        value = number_text(error, 2)
        told = tr("Mean squared error {error}").format(error=value) + f"\n{tip}"
        sides.append(SideTile(key="reconstruction", name=tr("reconstruction"), value=value, tip=told, picture=picture))
    if sample.truth is not None:
        objects = tr_counted(int(np.count_nonzero(_ranked(sample.truth)[0] > 0)), "object")
        picture = _truth_picture(nearest(sample.truth, *size))
        told = tr("The true objects; their colours are not those of slots")
        sides.append(SideTile(key="truth", name=tr("truth"), value=objects, tip=told, picture=picture))
    entropy = pictures.enlarged(numbers.entropy[None], *size, upsampling)[0]
    sides.append(
        SideTile(
            key="entropy",
            name=tr("entropy"),
            value=number(numbers.mean_entropy),
            tip=tr("Assignment entropy: 0 where one slot has the pixel, 1 where all share it alike"),
            picture=apply_map(entropy, 0.0, 1.0, "inferno"),
        )
    )
    return tuple(sides)


def _truth_picture(labels: LabelMap) -> Rgba:
    """Objects in shades from dark to light, the background black; what is undefined shows through."""
    objects, of_pixel = _ranked(labels)
    shades = np.where(objects > 0, np.cumsum(objects > 0), 0) / max(int((objects > 0).sum()), 1)
    table = apply_map(shades[None], 0.0, 1.0, "viridis")[0]
    table[objects == 0, :3] = 24
    table[objects < 0, 3] = 0
    # A pixel is one number, so that it is picked at once.
    picture: Rgba = table.view(np.uint32)[:, 0][of_pixel].view(np.uint8).reshape(*labels.shape, 4)
    return picture


def _ranked(labels: LabelMap) -> tuple[AnyArray, AnyArray]:
    """The labels that occur, ascending, and which of them each pixel has."""
    low, high = int(labels.min()), int(labels.max())
    if high - low > MOST_DIRECT:
        objects, of_pixel = np.unique(labels, return_inverse=True)
        return objects, of_pixel.reshape(labels.shape)
    there = np.zeros(high - low + 1, bool)
    there[labels - low] = True
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[labels - low]
