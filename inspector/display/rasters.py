"""Pictures and maps brought to the size they are drawn at."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray, LabelMap, Rgba

Planes: TypeAlias = npt.NDArray[np.float32]
"""(..., height, width) float32."""

_SMALL_BLOCK = 128
"""Twice the sum of so many levels fits into 16 bits."""

Mixed: TypeAlias = npt.NDArray[np.floating[Any]]


def drawn_size(height: int, width: int, longest: int) -> tuple[int, int]:
    """Height and width scaled so that the longer side is `longest` pixels, each at least 1."""
    scale = longest / max(height, width, 1)
    return max(1, round(height * scale)), max(1, round(width * scale))


def nearest(plane: AnyArray, height: int, width: int) -> AnyArray:
    """(rows, columns, ...) resampled to (height, width, ...) without mixing values: labels, raw maps."""
    rows = ((np.arange(height) + 0.5) * (plane.shape[0] / height)).astype(np.int64)
    columns = ((np.arange(width) + 0.5) * (plane.shape[1] / width)).astype(np.int64)
    picked: AnyArray = plane[rows[:, None], columns[None, :]]
    return picked


def rgba_of(colours: Mixed) -> Rgba:
    """(height, width, 3) finite colours as opaque pixels; what lies outside 0..1 is held."""
    scaled = colours * np.float32(255)
    scaled += np.float32(0.5)
    levels = np.clip(scaled, 0, 255, out=scaled).astype(np.uint8)
    picture = np.full((*colours.shape[:2], 4), 255, np.uint8)
    for channel in range(3):  # all three at once take six times as long
        picture[..., channel] = levels[..., channel]
    return picture


def borders(labels: LabelMap) -> npt.NDArray[np.bool_]:
    """(height, width) bool: pixels whose right or lower neighbour has another label, and that: lines two wide."""
    edge = np.zeros(labels.shape, bool)
    down, across = labels[1:] != labels[:-1], labels[:, 1:] != labels[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    return edge


def thumbnail(image: AnyArray, longest: int) -> Rgba:
    """(height, width, 3) uint8 as an opaque picture, its longer side at most `longest`; blocks are averaged."""
    factor = max(1, -(-max(image.shape[:2]) // max(longest, 1)))
    rows, columns = max(1, image.shape[0] // factor), max(1, image.shape[1] // factor)
    picture = np.full((rows, columns, 4), 255, np.uint8)
    if factor == 1:
        picture[..., :3] = image
        return picture
    height, width = min(factor, image.shape[0]), min(factor, image.shape[1])
    count = height * width
    lines = image[: rows * height, : columns * width].reshape(rows, height, columns * width * 3)
    # Whole numbers, each channel apart: a mean over both axes takes thirty times as long.
    sums = lines.sum(axis=1, dtype=np.uint16 if count <= _SMALL_BLOCK else np.uint32)
    for channel in range(3):
        total = np.add.reduce([sums[:, 3 * place + channel :: 3 * width] for place in range(width)])
        picture[..., channel] = (2 * total + count) // (2 * count)
    return picture
