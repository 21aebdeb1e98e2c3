"""ARC grids and puzzles as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from inspector.core.errors import DamagedError

Grid: TypeAlias = npt.NDArray[np.uint8]
"""(height, width) uint8, 1 to 30 each; colours 0..9, 0 the background."""

COLOURS = 10

LARGEST = 30
"""Cells of a side, at most. Source: the ARC-AGI-1 and -2 data sets."""

LARGEST_TEXT = f"{LARGEST} × {LARGEST}"


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A grid, and what the puzzle's rule makes of it."""

    input: Grid
    output: Grid


@dataclass(frozen=True, slots=True, eq=False)
class Puzzle:
    """One ARC task: pairs that show a rule, and pairs by which an answer is judged.

    Attributes:
        name: its id.
        train: the demonstrations.
        test: those with a known output; may be empty.
    """

    name: str
    train: tuple[Pair, ...]
    test: tuple[Pair, ...]

    @property
    def grids(self) -> tuple[Grid, ...]:
        """All its grids, each pair's input before its output."""
        return tuple(grid for pair in (*self.train, *self.test) for grid in (pair.input, pair.output))


def grid_of(rows: list[list[int]], path: Path, where: str) -> Grid:
    """A grid from the rows of a file.

    Args:
        rows: colours 0..9.
        path: the file, for the sentence.
        where: the place in it, for the sentence.

    Raises:
        DamagedError: it is empty, ragged or larger than 30 × 30.
    """
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise DamagedError(
            path, "rows of one length in a grid", f"{min(widths)} to {max(widths)} cells in {where}", _ADVICE
        )
    shape = (len(rows), *widths)
    if not rows or not all(1 <= side <= LARGEST for side in shape):
        found = " × ".join(str(side) for side in shape)
        raise DamagedError(path, f"grids of 1 × 1 to {LARGEST_TEXT} cells", f"{found} in {where}", _ADVICE)
    return np.array(rows, np.uint8)


def largest_side(grids: Iterable[Grid]) -> int:
    """Cells of the longest side of any of them, 0 of none."""
    return max((max(grid.shape) for grid in grids), default=0)


_ADVICE = "fetch the file again, or remove it"
