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
    for number, (x, y) in enumerate(np.rint(np.clip(centres, -9 * size, 9 * size)).astype(int).tolist(), start=1):
        cover, colours = _mark(number, radius_px)
        top, left = y - cover.shape[0] // 2, x - cover.shape[1] // 2
        rows = slice(max(0, top), max(0, min(size, top + cover.shape[0])))
        columns = slice(max(0, left), max(0, min(size, left + cover.shape[1])))
        if rows.start < rows.stop and columns.start < columns.stop:
            part = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
            np.copyto(painted[rows, columns], colours[part], where=cover[part][..., None])
            np.copyto(covered[rows, columns], 255, where=cover[part])
    return painted, covered


@lru_cache(maxsize=1024)
def _mark(number: int, radius_px: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint8]]:
    """What a mark covers, (height, width), and its colours, (height, width, 3): a disc under its number."""
    scale = max(1, round(radius_px / 4))
    gap = np.zeros((5, 1), bool)
    digits = [part for digit in str(number) for part in (_GLYPHS[int(digit)], gap)][:-1]
    written = np.kron(np.hstack(digits), np.ones((scale, scale), bool))
    side = 2 * radius_px + 1
    height, width = max(side, written.shape[0]), max(side, written.shape[1])
    down, right = np.arange(height) - height // 2, np.arange(width) - width // 2
    cover = np.hypot(down[:, None], right) <= radius_px + 0.3
    colours = np.full((height, width, 3), _DISC, np.uint8)
    top, left = height // 2 - written.shape[0] // 2, width // 2 - written.shape[1] // 2
    part = slice(top, top + written.shape[0]), slice(left, left + written.shape[1])
    cover[part] |= written
    colours[part][written] = _DIGIT
    return cover, colours
