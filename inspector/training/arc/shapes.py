"""The size of an answer, guessed from the demonstrations: what a solver of cells alone does not tell."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from inspector.training.arc.grids import LARGEST, Grid, Pair

Shape = tuple[int, int]
"""Height and width."""


def guessed_shape(demonstrations: Sequence[Pair], given: Grid) -> Shape:
    """The size by the first rule that holds in every demonstration, that of the input where none does.

    The rules: the input's size, a constant one, the input's with height and width exchanged, a multiple of it.
    """
    pairs = [(pair.input.shape, pair.output.shape) for pair in demonstrations]
    height, width = given.shape
    if not pairs or all(one == other for one, other in pairs):
        return height, width
    outputs = {output for _, output in pairs}
    if len(outputs) == 1:
        return next(iter(outputs))
    if all(output == (one[1], one[0]) for one, output in pairs):
        return width, height
    ratios = {(Fraction(output[0], one[0]), Fraction(output[1], one[1])) for one, output in pairs}
    if len(ratios) == 1:
        down, right = next(iter(ratios))
        scaled = height * down, width * right
        if all(side.denominator == 1 and 1 <= side <= LARGEST for side in scaled):
            return int(scaled[0]), int(scaled[1])
    return height, width
