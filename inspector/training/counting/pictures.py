"""An image as the network sees it, with its objects in the order in which they are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray, FloatArray


@dataclass(frozen=True, slots=True)
class Picture:
    """One image.

    Attributes:
        image: (size, size, 3) uint8, without marks.
        places: (objects, 2) float64 in reading order: x and y, -1 at the left and upper edge of `image`, 1 at the right
            and lower one.
        original_hw: height and width of the image that it was made of.
        affine: (2, 3) float64, pixels of that image -> pixels of `image`, the centre of the first at 0, 0.
        key: what the image is called.
    """

    image: npt.NDArray[np.uint8]
    places: FloatArray
    original_hw: tuple[int, int]
    affine: FloatArray
    key: str

    @property
    def half_px(self) -> FloatArray:
        """(2,) how many pixels of the original image 1 is, along x and y."""
        half: FloatArray = len(self.image) / 2 / np.diag(self.affine[:, :2])
        return half


class Pictures(Protocol):
    """The images of one split."""

    @property
    def count(self) -> int:
        """How many."""

    def picture(self, index: int) -> Picture:
        """One of them.

        Raises:
            FileError: it cannot be read.
        """


def reading_order(points: AnyArray) -> AnyArray:
    """From the top, and from the left where objects are equally high; (objects,) indices of (objects, 2) x and y."""
    order: AnyArray = np.lexsort((points[:, 0], points[:, 1]))
    return order


def fitting(original_hw: tuple[int, int], size: int, *, letterbox: bool) -> FloatArray:
    """The affine, (2, 3), that brings an image into a square: one scale and borders, or a scale for each axis."""
    height, width = original_hw
    scale = np.array([size / width, size / height])
    if letterbox:
        scale[:] = scale.min()
    border = (size - scale * (width, height)) / 2
    # a pixel's centre lies half a pixel from its edge, in either image
    return np.column_stack([np.diag(scale), scale / 2 + border - 0.5])


def signed(points_px: AnyArray, affine: FloatArray, size: int) -> FloatArray:
    """Points of the original image, (n, 2) in pixels, as -1..1 of the square."""
    placed = np.asarray(points_px, np.float64) @ affine[:, :2].T + affine[:, 2]
    found: FloatArray = (placed + 0.5) / size * 2 - 1
    return found
