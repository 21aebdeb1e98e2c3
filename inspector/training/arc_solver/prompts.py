"""What the model is asked: pairs as stacked grids of tokens, the last of which lacks its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inspector.core.arrays import AnyArray
from inspector.core.errors import MissingError
from inspector.formats.recipes.arc_solver import Data
from inspector.formats.recipes.shared import in_use
from inspector.training.arc.augmentation import Augmentation, drawn
from inspector.training.arc.generated import Sizes, generated
from inspector.training.arc.grids import COLOURS
from inspector.training.arc.queries import Query, padded, test_queries, training_queries
from inspector.training.arc.reading import fitting, puzzles_at
from inspector.training.arc.shapes import guessed_shape

OUTSIDE, ASKED = COLOURS, COLOURS + 1
"""Tokens beside the colours: a cell outside its grid, and one that is to be told."""

TOKENS = COLOURS + 2

_TRAIN, _VAL = 0, 1
_SMALLEST = 3
_DRAW = 30_030
"""What tells these draws from others of the same seed."""


@dataclass(frozen=True, slots=True)
class Queries:
    """What is asked in training, and in validation.

    Attributes:
        train: every pair of the training puzzles, told by the others.
        val: the test pairs; of generated puzzles, those of other ones.
    """

    train: tuple[Query, ...]
    val: tuple[Query, ...]


def queries_of(data: Data) -> Queries:
    """The queries that the settings ask for, always the same.

    Raises:
        FileError: there are no tasks at the path, or they are too large.
    """
    if data.path:
        puzzles = fitting(puzzles_at(data.path), data.path, data.grid_size)
        tests = test_queries(puzzles)
        if not tests:
            advice = "put the solutions file beside the challenges, or name other data"
            raise MissingError(data.path, "test pairs with their outputs, to validate with", "none", advice)
        return Queries(training_queries(puzzles[: in_use(len(puzzles), data.subset)]), tests)
    sizes = Sizes(_SMALLEST, data.largest)
    train, val = (
        [generated(data.seed, split, index, pairs=data.pairs, sizes=sizes) for index in range(count)]
        for split, count in ((_TRAIN, in_use(data.train_puzzles, data.subset)), (_VAL, data.val_puzzles))
    )
    return Queries(training_queries(train), test_queries(val))


def varied(query: Query, data: Data, seed: int, epoch: int, index: int) -> Query:
    """A training query as an epoch sees it: some of its demonstrations, augmented; only these numbers decide how."""
    generator = np.random.Generator(np.random.PCG64([seed, _DRAW, epoch, index]))
    order = generator.permutation(len(query.demonstrations))[: data.demonstrations]
    demonstrations = tuple(query.demonstrations[place] for place in order)
    if not data.augment:
        return Query(query.puzzle, demonstrations, query.pair)
    augment: Augmentation = drawn(generator)
    return Query(query.puzzle, tuple(augment.pair(pair) for pair in demonstrations), augment.pair(query.pair))


@dataclass(frozen=True, slots=True)
class Prompts:
    """Some queries as arrays, each pair on a canvas of (height, width) cells with the grid in its upper left corner.

    Attributes:
        given: (queries, pairs, height, width) int64 tokens of the inputs; the last pair is the query itself, those
            before its demonstrations, `OUTSIDE` where there are fewer.
        told: the same of the outputs, `ASKED` all over the last pair.
        seen: bool of that shape, the cells that may be looked at: inside the input or the output, of the last pair
            inside the output's guessed size.
        target: (queries, height, width) int64 colours, 0 outside the grid.
        valid: bool of that shape, the target's own cells.
        shapes: (queries, 2) int64 guessed height and width of the answers.
    """

    given: AnyArray
    told: AnyArray
    seen: AnyArray
    target: AnyArray
    valid: AnyArray
    shapes: AnyArray


def prompts_of(queries: Sequence[Query], demonstrations: int, side: int | None = None) -> Prompts:
    """Queries as arrays.

    Args:
        queries: at least one.
        demonstrations: how many of each are shown, at most: the first.
        side: cells a side of the canvas; without it no more than the largest of these grids needs.
    """
    shown = [query.demonstrations[:demonstrations] for query in queries]
    guesses = [guessed_shape(query.demonstrations, query.pair.input) for query in queries]
    pairs = [(*demos, query.pair) for demos, query in zip(shown, queries, strict=True)]
    shapes = [grid.shape for row in pairs for pair in row for grid in (pair.input, pair.output)]
    height, width = (side, side) if side else map(max, zip(*shapes, *guesses, strict=True))
    count = max(map(len, pairs))
    given = np.full((len(queries), count, height, width), OUTSIDE, np.int64)
    told, seen = given.copy(), np.zeros(given.shape, np.bool_)
    for place, (row, guess) in enumerate(zip(pairs, guesses, strict=True)):
        for at, pair in enumerate(row, count - len(row)):
            rows, columns = pair.input.shape
            given[place, at, :rows, :columns] = pair.input
            seen[place, at, :rows, :columns] = True
            rows, columns = pair.output.shape
            if at < count - 1:
                told[place, at, :rows, :columns] = pair.output
                seen[place, at, :rows, :columns] = True
        seen[place, -1, : guess[0], : guess[1]] = True
    told[:, -1] = ASKED
    target, valid = padded([query.pair.output for query in queries], height, width)
    return Prompts(given, told, seen, target.astype(np.int64), valid, np.array(guesses, np.int64))
