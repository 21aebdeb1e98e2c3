"""Axes put in the order that is wanted, masks in 0..1, flat positions on their grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from inspector.analysis.halves import widened
from inspector.core.arrays import AnyArray, ShapeError


def unit_range(values: AnyArray) -> AnyArray:
    """Masks of any shape as float32 or float64; whole numbers up to 255 are divided by it, NaN stays NaN."""
    floats = widened(values)
    if values.dtype.kind in "ui" and values.size and int(values.max()) > 1:
        return floats / 255
    return floats


USUAL_ENTRIES: Mapping[str, int] = {"F": 0, "I": -1, "L": -1}
"""The entries of the axes beside slots and positions where none is asked for: the last iteration and layer."""


def without_single(array: AnyArray, layout: str, letters: str) -> tuple[AnyArray, str]:
    """An array, one axis a letter of its layout, without some axes, of which the first entry stays; and its layout."""
    for letter in letters:
        if letter in layout:
            array = array.take(0, axis=layout.index(letter))
            layout = layout.replace(letter, "")
    return array, layout


def ordered(array: AnyArray, layout: str, wanted: str) -> AnyArray:
    """The array, one axis a letter of its layout, as a view with one axis a wanted letter in that order.

    Raises:
        ShapeError: a wanted letter is missing, or one that is not wanted has more than one entry.
    """
    extra = [letter for letter in layout if letter not in wanted]
    spread = [letter for letter in extra if array.shape[layout.index(letter)] != 1]
    absent = [letter for letter in wanted if letter not in layout]
    if spread or absent:
        message = f"axes {wanted} are needed, these are {layout} of {array.shape}"
        raise ShapeError(message)
    squeezed = array.reshape([array.shape[layout.index(letter)] for letter in layout if letter not in extra])
    left = [letter for letter in layout if letter not in extra]
    return squeezed.transpose([left.index(letter) for letter in wanted])


def grid_of(positions: int, attributes: Mapping[str, Any], picture: tuple[int, int] | None) -> tuple[int, int, int]:
    """Leading special tokens, and rows and columns of the rest, of flat positions.

    Args:
        positions: how many there are.
        attributes: of the dataset; `grid_hw` and `special_tokens` count before a guess.
        picture: height and width of the image, whose proportion the grid takes.

    Source: one class token, or one and four registers, before the patches of vision transformers.
    """
    if positions < 1:
        return 0, 0, 0
    stated = attributes.get("grid_hw")
    if isinstance(stated, list) and len(stated) == 2 and all(isinstance(length, int) for length in stated):
        rows, columns = stated
        if rows > 0 and columns > 0 and rows * columns <= positions:
            return positions - rows * columns, rows, columns
    aspect = picture[0] / picture[1] if picture and min(picture) > 0 else 1.0
    special = attributes.get("special_tokens")
    tokens = [count for count in (0, 1, 5) if count < positions]
    if isinstance(special, int) and 0 <= special < positions:
        tokens = [special]
    for leading in tokens:
        rows, columns = _factors(positions - leading, aspect)
        if 0.9 < rows / columns / aspect < 1.1:
            return leading, rows, columns
    return (tokens[0], *_factors(positions - tokens[0], aspect))


def _factors(count: int, aspect: float) -> tuple[int, int]:
    """Rows and columns of so many cells whose proportion is nearest to rows / columns = aspect; of two, the wider."""
    divisors = np.flatnonzero(count % np.arange(1, max(count, 1) + 1) == 0) + 1
    off = np.abs(np.log(divisors**2 / (count * aspect)))
    rows = int(divisors[np.argmin(off.round(9))])
    return rows, count // rows
