"""Puzzles made by rules, without any file: the embedded data of the recipes on ARC grids.

Each family draws a rule for a puzzle (which colour becomes which, which symmetry, how far to move) and shows it in
several pairs; another puzzle of the family has another rule, so that only its demonstrations tell it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inspector.training.arc.augmentation import SYMMETRIES
from inspector.training.arc.grids import COLOURS, Grid, Pair, Puzzle

_FILLED = 0.4
"""Share of the cells of a scattered grid that are no background."""

Rule = Callable[[np.random.Generator, int, int], Pair]
"""Makes a pair of a puzzle: generator, height and width of the input."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the inputs are.

    Attributes:
        smallest, largest: cells of a side, at least 3.
    """

    smallest: int
    largest: int


def generated(seed: int, split: int, index: int, *, pairs: int, sizes: Sizes, families: tuple[str, ...] = ()) -> Puzzle:
    """A puzzle that only these numbers decide.

    Args:
        seed: of the data.
        split: which part of the data, so that parts never share a draw.
        index: of the puzzle; families take turns.
        pairs: demonstrations; one more pair is the test.
        sizes: of the inputs.
        families: names in `FAMILIES`, all where empty.
    """
    names = families or tuple(FAMILIES)
    name = names[index % len(names)]
    generator = np.random.Generator(np.random.PCG64([seed, split, index]))
    rule = FAMILIES[name](generator)
    made = tuple(rule(generator, *_shape(generator, sizes)) for _ in range(pairs + 1))
    return Puzzle(f"{name}-{index}", made[:-1], made[-1:])


def _shape(generator: np.random.Generator, sizes: Sizes) -> tuple[int, int]:
    height, width = generator.integers(sizes.smallest, sizes.largest + 1, 2)
    return int(height), int(width)


def _colours(generator: np.random.Generator, count: int) -> Grid:
    """Different colours, none of them the background."""
    return (1 + generator.permutation(COLOURS - 1)[:count]).astype(np.uint8)


def _scattered(generator: np.random.Generator, height: int, width: int, colours: Grid) -> Grid:
    """Cells of any of the colours on the background, each at least once where there is room."""
    drawn = colours[generator.integers(len(colours), size=(height, width))]
    grid: Grid = np.where(generator.random((height, width)) < _FILLED, drawn, np.uint8(0))
    cells = generator.permutation(height * width)[: len(colours)]
    grid.flat[cells] = colours[: len(cells)]
    return grid


def _rectangle(generator: np.random.Generator, height: int, width: int, least: int) -> tuple[slice, slice]:
    """A place of at least `least` cells a side, that leaves a row or column free where there is room."""
    rows, columns = (int(generator.integers(least, max(least, side - 1) + 1)) for side in (height, width))
    top, left = int(generator.integers(height - rows + 1)), int(generator.integers(width - columns + 1))
    return slice(top, top + rows), slice(left, left + columns)


def _recolour(generator: np.random.Generator) -> Rule:
    """Some colours take each other's places."""
    before = _colours(generator, int(generator.integers(2, 4)))
    lookup = np.arange(COLOURS, dtype=np.uint8)
    lookup[before] = np.roll(before, 1)

    def pair(generator: np.random.Generator, height: int, width: int) -> Pair:
        grid = _scattered(generator, height, width, before)
        return Pair(grid, lookup[grid])

    return pair


def _turned(first: int, last: int) -> Callable[[np.random.Generator], Rule]:
    """The whole grid under one of some symmetries."""

    def family(generator: np.random.Generator) -> Rule:
        symmetry = SYMMETRIES[int(generator.integers(first, last))]

        def pair(generator: np.random.Generator, height: int, width: int) -> Pair:
            grid = _scattered(generator, height, width, _colours(generator, 3))
            return Pair(grid, np.ascontiguousarray(symmetry(grid)))

        return pair

    return family


def _move(generator: np.random.Generator) -> Rule:
    """Everything goes one cell in a direction; what leaves the grid is gone."""
    down, right = ((0, 1), (0, -1), (1, 0), (-1, 0))[int(generator.integers(4))]

    def pair(generator: np.random.Generator, height: int, width: int) -> Pair:
        grid = _scattered(generator, height, width, _colours(generator, 2))
        around = np.pad(grid, 1)
        moved = around[1 - down : 1 - down + height, 1 - right : 1 - right + width]
        return Pair(grid, np.ascontiguousarray(moved))

    return pair


def _fill(generator: np.random.Generator) -> Rule:
    """What a frame encloses takes a colour."""
    frame, inside = _colours(generator, 2)

    def pair(generator: np.random.Generator, height: int, width: int) -> Pair:
        grid = np.zeros((height, width), np.uint8)
        rows, columns = _rectangle(generator, height, width, 3)
        grid[rows, columns] = frame
        hole = slice(rows.start + 1, rows.stop - 1), slice(columns.start + 1, columns.stop - 1)
        grid[hole] = 0
        filled = grid.copy()
        filled[hole] = inside
        return Pair(grid, filled)

    return pair


def _crop(generator: np.random.Generator) -> Rule:
    """Only the picture in the grid is left, without the background around it."""
    colours = _colours(generator, 2)

    def pair(generator: np.random.Generator, height: int, width: int) -> Pair:
        grid = np.zeros((height, width), np.uint8)
        place = _rectangle(generator, height, width, 2)
        grid[place] = colours[generator.integers(len(colours), size=grid[place].shape)]
        return Pair(grid, grid[place].copy())

    return pair


def _count(generator: np.random.Generator) -> Rule:
    """As many cells in a row as there are cells of the colour."""
    colour, mark = _colours(generator, 2)

    def pair(generator: np.random.Generator, height: int, width: int) -> Pair:
        grid = np.zeros((height, width), np.uint8)
        many = int(generator.integers(1, width + 1))
        grid.flat[generator.permutation(height * width)[:many]] = colour
        answer = np.zeros((1, width), np.uint8)
        answer[0, :many] = mark
        return Pair(grid, answer)

    return pair


FAMILIES: dict[str, Callable[[np.random.Generator], Rule]] = {
    "recolour": _recolour,
    "rotate": _turned(1, 4),
    "flip": _turned(4, len(SYMMETRIES)),
    "move": _move,
    "fill": _fill,
    "crop": _crop,
    "count": _count,
}
"""Draws the rule of a puzzle, by the name of the family."""
