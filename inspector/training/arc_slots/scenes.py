"""Generated grids: a few objects on the background, apart from each other.

The puzzles of `arc.generated` scatter single cells, which no few slots can tell apart; here there is something to find.
"""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray
from inspector.training.arc.augmentation import SYMMETRIES
from inspector.training.arc.grids import COLOURS, Grid

_MOST_OBJECTS = 4
_MOST_COLOURS = 3
"""Fewer than objects, so that some share theirs and colour alone does not tell them apart."""

_SMALLEST = 3
_TRIES = 8


def _shape(*rows: str) -> AnyArray:
    return np.array([[cell == "#" for cell in row] for row in rows])


_UPRIGHT = (
    _shape("#"), _shape("##"), _shape("###"), _shape("##", "##"), _shape("###", "###"), _shape("###", "###", "###"),
    _shape("# ", "##"), _shape("#  ", "###"), _shape("###", " # "), _shape(" # ", "###", " # "),
    _shape("###", "# #", "###"), _shape("# #", " # ", "# #"),
)  # fmt: skip

_SHAPES = tuple(np.ascontiguousarray(turned(shape)) for shape in _UPRIGHT for turned in SYMMETRIES)
"""Eight of each, some alike."""


def scene(seed: int, split: int, index: int, largest: int) -> Grid:
    """A grid that only these numbers decide, 3 to `largest` cells a side.

    Args:
        seed: of the data.
        split: which part of the data, so that parts never share a draw.
        index: of the grid.
        largest: cells of a side, at most.
    """
    generator = np.random.Generator(np.random.PCG64([seed, split, index]))
    height, width = (int(side) for side in generator.integers(_SMALLEST, largest + 1, 2))
    grid = np.zeros((height, width), np.uint8)
    colours = 1 + generator.permutation(COLOURS - 1)[: generator.integers(1, _MOST_COLOURS + 1)]
    for _ in range(int(generator.integers(1, _MOST_OBJECTS + 1))):
        _put(grid, generator, int(colours[generator.integers(len(colours))]))
    return grid


def _put(grid: Grid, generator: np.random.Generator, colour: int) -> None:
    """One more object where it touches none, if a place is found."""
    height, width = grid.shape
    for _ in range(_TRIES):
        shape = _SHAPES[int(generator.integers(len(_SHAPES)))]
        rows, columns = shape.shape
        # Every shape fits the smallest grid.
        top, left = int(generator.integers(height - rows + 1)), int(generator.integers(width - columns + 1))
        around = grid[max(top - 1, 0) : top + rows + 1, max(left - 1, 0) : left + columns + 1]
        if not around.any():
            grid[top : top + rows, left : left + columns][shape] = colour
            return
