"""The grids that the recipe learns from, and batches of them on canvases of one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray, FloatArray, IntArray, LabelMap
from inspector.core.errors import MissingError
from inspector.formats.recipes.arc_slots import Data
from inspector.formats.recipes.shared import in_use
from inspector.training.arc.augmentation import drawn
from inspector.training.arc.grids import COLOURS, Grid, Puzzle
from inspector.training.arc.queries import padded
from inspector.training.arc.reading import fitting, puzzles_at
from inspector.training.arc_slots.scenes import scene

BACKGROUND = 0
"""The colour that is no object."""

_TRAIN, _VAL, _SPLIT = 0, 1, 2
_AUGMENTATION = 20_241
"""What tells these draws from others of the same seed."""


@dataclass(frozen=True, slots=True)
class Grids:
    """Grids to learn from, and others to validate with; of real puzzles none is in both."""

    train: tuple[Grid, ...]
    val: tuple[Grid, ...]


def grids_of(data: Data) -> Grids:
    """The grids that the settings ask for, always the same.

    Raises:
        FileError: there are none at the path, or they are too large.
    """
    if not data.path:
        train, val = _generated(data, _TRAIN, data.train_grids), _generated(data, _VAL, data.val_grids)
        return Grids(train[: in_use(len(train), data.subset)], val)
    puzzles = fitting(puzzles_at(data.path), data.path, data.grid_size)
    if len(puzzles) < 2:
        raise MissingError(data.path, "two tasks or more, to train and to validate", f"{len(puzzles)}", _MORE)
    order = np.random.Generator(np.random.PCG64([data.seed, _SPLIT])).permutation(len(puzzles))
    shuffled = [puzzles[place] for place in order]
    before = np.cumsum([0, *(len(puzzle.grids) for puzzle in shuffled)])
    held = min(int(np.searchsorted(before, data.val_grids)), len(puzzles) // 2)
    train = _grids(shuffled[held:])
    return Grids(train[: in_use(len(train), data.subset)], _grids(shuffled[:held]))


_MORE = "add tasks, or leave data.path empty for generated ones"


def _grids(puzzles: Sequence[Puzzle]) -> tuple[Grid, ...]:
    return tuple(chain.from_iterable(puzzle.grids for puzzle in puzzles))


def _generated(data: Data, split: int, count: int) -> tuple[Grid, ...]:
    return tuple(scene(data.seed, split, index, data.largest) for index in range(count))


def augmented(grids: Sequence[Grid], indices: IntArray, seed: int, epoch: int) -> list[Grid]:
    """Some of the grids, those of (n,) int64 indices, each under what its index draws in this epoch."""
    return [
        drawn(np.random.Generator(np.random.PCG64([seed, _AUGMENTATION, epoch, int(index)])))(grids[index])
        for index in indices
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Canvases:
    """Grids in the upper left corners of canvases of one size.

    Attributes:
        cells: (grids, size, size) uint8 colours, 0 outside.
        inside: (grids, size, size) bool, the grids' own cells.
        shapes: (grids, 2) int64 height and width.
    """

    cells: AnyArray
    inside: npt.NDArray[np.bool_]
    shapes: IntArray

    def __getitem__(self, some: slice) -> Canvases:
        """Some of them."""
        return Canvases(self.cells[some], self.inside[some], self.shapes[some])


def canvases(grids: Sequence[Grid], size: int) -> Canvases:
    """Grids on canvases of `size` cells a side."""
    cells, inside = padded(grids, size, size)
    return Canvases(cells, inside, np.array([grid.shape for grid in grids], np.int64).reshape(-1, 2))


def colour_shares(grids: Sequence[Grid], *, permuted: bool) -> FloatArray:
    """Share of each colour among the cells, (10,) float64.

    Args:
        grids: at least one.
        permuted: whether their colours but the background take each other's places.
    """
    counts = sum((np.bincount(grid.ravel(), minlength=COLOURS) for grid in grids), np.zeros(COLOURS))
    if permuted:
        counts[BACKGROUND + 1 :] = counts[BACKGROUND + 1 :].mean()
    shares: FloatArray = counts / counts.sum()
    return shares


def objects(boards: Canvases) -> LabelMap:
    """The object of each cell, (grids, size, size) int64: 0 background, 1.. objects, -1 outside the grid.

    An object is cells of one colour that touch, also by their corners.
    """
    cells = np.where(boards.inside, boards.cells, BACKGROUND).astype(np.int64)
    some = cells != BACKGROUND
    count, rows, columns = cells.shape
    labels = np.where(some, np.arange(1, rows * columns + 1).reshape(rows, columns), 0)
    around = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)]
    while True:
        spread = labels.copy()
        for down, right in around:
            same = _shifted(cells, down, right) == cells
            np.maximum(spread, np.where(same & some, _shifted(labels, down, right), 0), out=spread)
        if np.array_equal(spread, labels):
            break
        labels = spread
    numbered = np.stack([np.unique(one, return_inverse=True)[1].reshape(one.shape) for one in labels])
    first = labels.reshape(count, -1).min(axis=1) > 0
    numbered += first[:, None, None]
    return np.where(boards.inside, numbered, -1)


def _shifted(maps: AnyArray, down: int, right: int) -> AnyArray:
    """Maps moved by a cell; what comes in is 0, the background."""
    around = np.pad(maps, ((0, 0), (1, 1), (1, 1)))
    rows, columns = maps.shape[1:]
    return around[:, 1 - down : 1 - down + rows, 1 - right : 1 - right + columns]
