"""Which axis is which: one letter a dimension, recognised, checked and put in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from inspector.analysis.halves import widened
from inspector.analysis.slots import axis_sum_error
from inspector.core.arrays import AnyArray, ShapeError
from inspector.formats.dump import LAYOUT_LETTERS

MAX_SLOTS = 64
MAX_ITERATIONS = 10
SUM_TOLERANCE = 1e-3
HALF_SUM_TOLERANCE = 1e-2
"""Sums of half precision or 8-bit masks are this far from 1 by rounding. Source: measured on recorded dumps."""

_MASK_LAYOUTS = {
    3: ("NKP", "NPK"),
    4: ("NKHW", "NIKP", "NAKP", "NHWK", "NIPK", "NAPK"),
    5: ("NKCHW", "NKHWC", "NIKHW", "NIAKP"),
}
"""Layouts of masks by number of axes, the commonest first."""


class MaskLayout(NamedTuple):
    """A recognised layout; `sums_to_one` where the slots of the first sample do."""

    layout: str
    because: str
    sums_to_one: bool


def is_layout(layout: str, axes: int) -> bool:
    """Whether a text names that many axes, each once, by known letters."""
    return len(layout) == axes == len(set(layout)) and set(layout) <= LAYOUT_LETTERS


def mask_layout(shape: tuple[int, ...], first: AnyArray | None) -> MaskLayout | None:
    """The likeliest layout of a dataset of masks, None where none fits.

    Args:
        shape: of the whole dataset, samples first.
        first: its first sample; without it, the shape decides alone.
    """
    ranked: list[tuple[int, MaskLayout]] = []
    for layout in _MASK_LAYOUTS.get(len(shape), ()):
        sizes = dict(zip(layout, shape, strict=True))
        if not _possible(sizes):
            continue
        summed = first is not None and _slots_sum_to_one(first, layout[1:])
        likely = _likely(sizes)
        # Five axes without sums are more likely pictures, three channels a slot.
        if not summed and (likely == 0 or layout == "NIKHW"):
            continue
        because = "its slots sum to 1" if summed else "its shape"
        ranked.append((4 * summed + likely, MaskLayout(layout, because, summed)))
    return max(ranked, key=lambda entry: entry[0])[1] if ranked else None


def _possible(sizes: Mapping[str, int]) -> bool:
    return (
        2 <= sizes["K"] <= MAX_SLOTS
        and sizes.get("C", 1) == 1
        and 1 <= sizes.get("I", 1) <= MAX_ITERATIONS
        and 1 <= sizes.get("A", 1) <= 16
        and sizes.get("P", 2) >= 2
        and min(sizes.get("H", 2), sizes.get("W", 2)) >= 2
    )


def _likely(sizes: Mapping[str, int]) -> int:
    """How well the sizes suit the letters, 0 to 2."""
    if "P" in sizes:
        return (sizes["P"] >= 4 * sizes["K"]) + (sizes["P"] > sizes["K"])
    long, short = max(sizes["H"], sizes["W"]), min(sizes["H"], sizes["W"])
    return (long == short) + (long <= 4 * short)


def _slots_sum_to_one(first: AnyArray, layout: str) -> bool:
    values = unit_range(first)
    tolerance = SUM_TOLERANCE if first.dtype.itemsize > 2 else HALF_SUM_TOLERANCE
    axes = tuple(layout.index(letter) for letter in ("A", "K") if letter in layout)
    together = axis_sum_error(values, axes) <= tolerance
    return together or ("A" in layout and axis_sum_error(values, layout.index("K")) <= tolerance)


def unit_range(values: AnyArray) -> AnyArray:
    """Masks as floats, those of whole numbers up to 255 divided by it; truth values as 0 and 1."""
    floats = widened(values)
    if values.dtype.kind in "ui" and values.size and int(values.max()) > 1:
        return floats / 255
    return floats


def ordered(array: AnyArray, layout: str, wanted: str) -> AnyArray:
    """The array with its axes in the wanted order.

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
    """Rows and columns of so many cells whose proportion is nearest to rows / columns = aspect."""
    divisors = np.flatnonzero(count % np.arange(1, max(count, 1) + 1) == 0) + 1
    off = np.abs(np.log(divisors**2 / (count * aspect)))
    rows = int(divisors[np.argmin(off)])
    return rows, count // rows
