"""Generated images of blobs, none of them hidden and no two equally high.

Image `index` of a split is the same on every machine and in any order: its generator is seeded with the data seed, the
split and the index. It is laid out in 384 pixels, the height of FSC-147's images, and painted as large as is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import FloatArray
from inspector.formats.recipes.counting import Data
from inspector.training.counting.pictures import Picture, fitting, reading_order, signed

Split = Literal["train", "val"]
_SPLITS: dict[Split, int] = {"train": 0, "val": 1}

SIDE_PX = 384
"""Of the image that errors are told in."""

_RADIUS_PX = (10.0, 18.0)
_BORDER_PX = 22.0
_APART_PX = 6.0
"""Between the heights of two blobs, at most: so that the next in reading order is no guess."""
_TRIES = 60
_COLOURS = np.array(
    [[235, 200, 70], [90, 170, 240], [120, 210, 120], [225, 130, 200], [240, 150, 60], [150, 220, 225]], np.float64
)


class Blobs:
    """The images of one split, painted when first asked for and kept while they are few.

    Args:
        data: the settings.
        split: which.
        count: how many of its images are in use.
    """

    _KEPT_BYTES = 256_000_000

    def __init__(self, data: Data, split: Split, count: int) -> None:
        self._data, self._split = data, split
        self.count = count
        self._kept: dict[int, Picture] = {}
        self._most_kept = self._KEPT_BYTES // (3 * data.image_size**2)

    def picture(self, index: int) -> Picture:
        """One image."""
        found = self._kept.get(index)
        if found is None:
            found = blobs(self._data, self._split, index)
            if len(self._kept) < self._most_kept:
                self._kept[index] = found
        return found


def blobs(data: Data, split: Split, index: int) -> Picture:
    """One image of a split."""
    random = np.random.Generator(np.random.PCG64([data.seed, _SPLITS[split], index]))
    size = data.image_size
    affine = fitting((SIDE_PX, SIDE_PX), size, letterbox=True)
    points, radii = _laid_out(random, int(random.integers(data.min_objects, data.max_objects + 1)))
    colours = _COLOURS[random.integers(len(_COLOURS), size=len(points))]
    background = random.uniform(30, 90) + random.normal(0, 6, (size, size, 1))
    image = np.repeat(background, 3, axis=2)
    scale = size / SIDE_PX
    centres = (signed(points, affine, size) + 1) / 2 * size - 0.5
    for centre, radius, colour in zip(centres, radii * scale, colours, strict=True):
        _paint(image, centre, radius, colour)
    return Picture(
        image=np.clip(image, 0, 255).astype(np.uint8),
        places=signed(points, affine, size),
        original_hw=(SIDE_PX, SIDE_PX),
        affine=affine,
        key=f"{split}_{index:06d}",
    )


def _laid_out(random: np.random.Generator, count: int) -> tuple[FloatArray, FloatArray]:
    """Centres, (count, 2) in reading order, and radii, in the 384 pixels."""
    room = SIDE_PX - 1 - 2 * _BORDER_PX
    apart = min(_APART_PX, room / max(count, 1) / 2)
    heights = (
        _BORDER_PX + np.sort(random.uniform(0, room - apart * max(count - 1, 0), count)) + apart * np.arange(count)
    )
    radii = random.uniform(*_RADIUS_PX, count) * min(1.0, (20 / max(count, 1)) ** 0.5)
    points = np.empty((count, 2))
    for place, (y, radius) in enumerate(zip(heights, radii, strict=True)):
        tried = np.column_stack([random.uniform(_BORDER_PX, SIDE_PX - 1 - _BORDER_PX, _TRIES), np.full(_TRIES, y)])
        points[place] = _freest(tried, radius, points[:place], radii[:place])
    order = reading_order(points)
    return points[order], radii[order]


def _freest(tried: FloatArray, radius: float, points: FloatArray, radii: FloatArray) -> FloatArray:
    """The first place that touches no other blob, or the one farthest from them."""
    if not len(points):
        return np.asarray(tried[0])
    away = np.linalg.norm(tried[:, None] - points, axis=2) - radii
    clear = away.min(axis=1) - radius - 3.0
    return np.asarray(tried[np.argmax(clear > 0) if (clear > 0).any() else np.argmax(clear)])


def _paint(image: FloatArray, centre: FloatArray, radius: float, colour: npt.NDArray[np.float64]) -> None:
    """A disc with a soft edge and a lighter middle, into (size, size, 3)."""
    window, x, y = around(image, centre, radius + 1.5)
    distance = np.hypot(x - centre[0], y - centre[1])
    cover = np.clip(radius - distance + 0.5, 0, 1)[..., None]
    shade = (1.1 - 0.35 * distance / radius)[..., None]
    image[window] = image[window] * (1 - cover) + colour * shade * cover


def around(
    image: npt.NDArray[np.generic], centre: Iterable[float], reach: float
) -> tuple[tuple[slice, slice], FloatArray, FloatArray]:
    """The part of an image within reach of a place, all in pixels.

    Args:
        image: (height, width, ...).
        centre: x and y.
        reach: in both directions.

    Returns:
        Its slices, x of its columns, (1, width) float64, and y of its rows, (height, 1) float64.
    """
    height, width = image.shape[:2]
    x, y = centre
    columns = slice(max(0, int(np.ceil(x - reach))), max(0, min(width, int(np.floor(x + reach)) + 1)))
    rows = slice(max(0, int(np.ceil(y - reach))), max(0, min(height, int(np.floor(y + reach)) + 1)))
    down, right = np.arange(rows.start, rows.stop), np.arange(columns.start, columns.stop)
    return (rows, columns), right[None, :].astype(np.float64), down[:, None].astype(np.float64)
