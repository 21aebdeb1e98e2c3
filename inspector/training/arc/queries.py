"""What is asked of a solver: a pair to complete, and the demonstrations that tell how."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray
from inspector.training.arc.grids import Grid, Pair, Puzzle


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One pair whose output is to be told.

    Attributes:
        puzzle: the name of its puzzle.
        demonstrations: other pairs of it; may be empty.
    """

    puzzle: str
    demonstrations: tuple[Pair, ...]
    pair: Pair


def training_queries(puzzles: Iterable[Puzzle]) -> tuple[Query, ...]:
    """Every demonstration in turn, told by the others of its puzzle."""
    return tuple(
        Query(puzzle.name, puzzle.train[:place] + puzzle.train[place + 1 :], pair)
        for puzzle in puzzles
        for place, pair in enumerate(puzzle.train)
    )


def test_queries(puzzles: Iterable[Puzzle]) -> tuple[Query, ...]:
    """Every test pair, told by all demonstrations of its puzzle."""
    return tuple(Query(puzzle.name, puzzle.train, pair) for puzzle in puzzles for pair in puzzle.test)


def padded(grids: Sequence[Grid], height: int, width: int) -> tuple[AnyArray, npt.NDArray[np.bool_]]:
    """Grids in the upper left corner of canvases, (grids, height, width) uint8 with 0 around them; and where they are.

    Returns:
        The cells, and (grids, height, width) bool, true on a grid's own cells.
    """
    cells = np.zeros((len(grids), height, width), np.uint8)
    valid = np.zeros(cells.shape, np.bool_)
    for place, grid in enumerate(grids):
        rows, columns = grid.shape
        cells[place, :rows, :columns] = grid
        valid[place, :rows, :columns] = True
    return cells, valid
