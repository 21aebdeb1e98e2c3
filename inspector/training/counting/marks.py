"""Marks on what was counted: a disc with the number of the object, in the image and in a channel of its own."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray

_DISC = (205, 30, 45)
_DIGIT = (255, 255, 255)

_GLYPHS = np.array([
    [[1, 1, 1], [1, 0, 1], [1, 0, 1], [1, 0, 1], [1, 1, 1]],
    [[0, 1, 0], [1, 1, 0], [0, 1, 0], [0, 1, 0], [1, 1, 1]],
    [[1, 1, 1], [0, 0, 1], [1, 1, 1], [1, 0, 0], [1, 1, 1]],
    [[1, 1, 1], [0, 0, 1], [0, 1, 1], [0, 0, 1], [1, 1, 1]],
    [[1, 0, 1], [1, 0, 1], [1, 1, 1], [0, 0, 1], [0, 0, 1]],
    [[1, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 1], [1, 1, 1]],
    [[1, 1, 1], [1, 0, 0], [1, 1, 1], [1, 0, 1], [1, 1, 1]],
    [[1, 1, 1], [0, 0, 1], [0, 1, 0], [0, 1, 0], [0, 1, 0]],
    [[1, 1, 1], [1, 0, 1], [1, 1, 1], [1, 0, 1], [1, 1, 1]],
    [[1, 1, 1], [1, 0, 1], [1, 1, 1], [0, 0, 1], [1, 1, 1]],
], bool)  # fmt: skip
"""(10, 5, 3) the digits."""


def marked(
    image: npt.NDArray[np.uint8], places: AnyArray, radius_px: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """An image with numbered marks, and where they are.

    Args:
        image: (size, size, 3) uint8, which stays as it is.
        places: (counted, 2) x and y of the marks in the order of counting, -1..1; they may lie outside.
        radius_px: of each.

    Returns:
        (size, size, 3) uint8 with marks, and (size, size) uint8, 255 where one is.
    """
    painted, covered = image.copy(), np.zeros(image.shape[:2], np.uint8)
    size = len(image)
    centres = (np.nan_to_num(np.asarray(places, np.float64), nan=-9.0) + 1) / 2 * size - 0.5
    disc = _disc(radius_px)
    for number, (x, y) in enumerate(np.rint(np.clip(centres, -9 * size, 9 * size)).astype(int).tolist(), start=1):
        _stamp(painted, disc, x, y, _DISC)
        _stamp(covered, disc, x, y, 255)
        _stamp(painted, _number(number, max(1, round(radius_px / 4))), x, y, _DIGIT)
    return painted, covered


@lru_cache(maxsize=4)
def _disc(radius_px: int) -> npt.NDArray[np.bool_]:
    line = np.arange(-radius_px, radius_px + 1)
    inside: npt.NDArray[np.bool_] = np.hypot(line[:, None], line) <= radius_px + 0.3
    return inside


@lru_cache(maxsize=512)
def _number(number: int, scale: int) -> npt.NDArray[np.bool_]:
    """A number as it is written, each pixel of its digits `scale` wide."""
    gap = np.zeros((5, 1), bool)
    parts = [part for digit in str(number) for part in (_GLYPHS[int(digit)], gap)][:-1]
    written: npt.NDArray[np.bool_] = np.kron(np.hstack(parts), np.ones((scale, scale), bool))
    return written


def _stamp(
    image: npt.NDArray[np.uint8], stamp: npt.NDArray[np.bool_], x: int, y: int, value: int | tuple[int, ...]
) -> None:
    """Set pixels under a stamp around a place, as far as they are in the image."""
    top, left = y - stamp.shape[0] // 2, x - stamp.shape[1] // 2
    rows = slice(max(0, top), max(0, min(len(image), top + stamp.shape[0])))
    columns = slice(max(0, left), max(0, min(image.shape[1], left + stamp.shape[1])))
    within = stamp[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    if rows.start < rows.stop and columns.start < columns.stop:
        image[rows, columns][within] = value
