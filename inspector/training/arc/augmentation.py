"""Augmentation of a puzzle: one of eight symmetries, and other colours, the same for all its grids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inspector.training.arc.grids import COLOURS, Grid, Pair

SYMMETRIES: tuple[Callable[[Grid], Grid], ...] = (
    lambda grid: grid,
    lambda grid: np.rot90(grid, 1),
    lambda grid: np.rot90(grid, 2),
    lambda grid: np.rot90(grid, 3),
    np.fliplr,
    np.flipud,
    np.transpose,
    lambda grid: np.rot90(grid, 2).T,
)
"""The dihedral group of the square. Source: its numbering is that of the TRM project's `t0` to `t7`."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What is done to every grid of a puzzle.

    Attributes:
        symmetry: place in `SYMMETRIES`.
        colours: (10,) uint8, the new colour of each; the background, 0, stays.
    """

    symmetry: int
    colours: Grid

    def __call__(self, grid: Grid) -> Grid:
        """The grid under it, contiguous."""
        return np.ascontiguousarray(self.colours[SYMMETRIES[self.symmetry](grid)])

    def pair(self, pair: Pair) -> Pair:
        """Both grids of a pair under it."""
        return Pair(self(pair.input), self(pair.output))


def drawn(generator: np.random.Generator) -> Augmentation:
    """Any of the eight symmetries with any permutation of the colours 1..9."""
    symmetry = int(generator.integers(len(SYMMETRIES)))
    colours = np.concatenate([[0], 1 + generator.permutation(COLOURS - 1)]).astype(np.uint8)
    return Augmentation(symmetry, colours)
