"""How far one tensor is from another of the same shape, gathered block by block in constant memory.

Numbers are widened to float64 first, so the sums are as exact as its arithmetic. Norms are joined by `hypot`, and
blocks whose squares would leave the range of float64 are scaled, so values near its ends neither overflow nor vanish.
"""

from __future__ import annotations

import msgspec

BLOCK_ELEMENTS = 1 << 15
"""So many float64 of both sides and their difference stay in a core's cache."""

_SAFE_SQUARES = (1e-200, 1e300)
"""Sums of squares between these have lost nothing that matters to underflow or overflow."""


class TensorChange(msgspec.Struct, frozen=True, kw_only=True):
    """The change from a first tensor to a second one.

    Integers and truth values are only counted, and their largest difference told. Complex numbers are compared as
    vectors of two numbers: differences and norms are magnitudes, and there are no signs.

    Attributes:
        count: elements of each.
        equal: elements that are equal as numbers; a NaN on both sides, or the same infinity, counts as equal.
        identical: the two are the same bit for bit, of one type.
        finite: elements that are finite on both sides, over which all that follows is taken.
        nans, infinities: of the first and the second.
        first_norm, second_norm: Euclidean, of all finite elements of each; NaN for integers.
        difference: Euclidean norm of second minus first; NaN for integers.
        relative: ||b - a|| / ||a||; infinite where a is all zero and b is not, NaN for integers and where nothing is
            finite on both sides.
        cosine: of the angle between the two, -1..1; NaN where one of them has no length, and for integers.
        sign_flips: elements that went from below to above zero or back; None for integers and complex numbers.
        largest: greatest absolute difference of an element, NaN where nothing is finite on both sides.
        largest_at: its index, None where nothing differs.
        largest_from, largest_to: the elements there (of complex ones the magnitudes); None where nothing differs.
    """

    count: int
    equal: int
    identical: bool
    finite: int
    nans: tuple[int, int]
    infinities: tuple[int, int]
    first_norm: float
    second_norm: float
    difference: float
    relative: float
    cosine: float
    sign_flips: int | None
    largest: float
    largest_at: tuple[int, ...] | None
    largest_from: float | int | None
    largest_to: float | int | None
