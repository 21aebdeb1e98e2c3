"""How good answers are, on content cells and on padded ones, and what trivial answers would score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.training.arc.grids import COLOURS, Grid
from inspector.training.arc.queries import Query, padded
from inspector.training.arc.shapes import Shape, guessed_shape


@dataclass(frozen=True, slots=True)
class Truth:
    """The right answers to some queries on canvases of one size.

    Attributes:
        cells: (queries, size, size) uint8, 0 outside the grids.
        valid: (queries, size, size) bool, the grids' own cells.
        shapes: (queries, 2) height and width.
        puzzle: (queries,) number of each query's puzzle.
    """

    cells: AnyArray
    valid: AnyArray
    shapes: AnyArray
    puzzle: AnyArray


def truth_of(queries: Sequence[Query], size: int) -> Truth:
    """The right answers, on canvases of `size` cells a side."""
    cells, valid = padded([query.pair.output for query in queries], size, size)
    shapes = np.array([query.pair.output.shape for query in queries], np.int64).reshape(-1, 2)
    numbers = {name: place for place, name in enumerate(dict.fromkeys(query.puzzle for query in queries))}
    return Truth(cells, valid, shapes, np.array([numbers[query.puzzle] for query in queries], np.int64))


def scores(answers: AnyArray, canvases: AnyArray, shapes: AnyArray, truth: Truth) -> dict[str, float]:
    """How right answers are; NaN of no query.

    Args:
        answers: (queries, size, size) uint8, what is said of the cells that the truth has.
        canvases: the same with what is said around the grids; only padded accuracy looks at it.
        shapes: (queries, 2) the sizes that the answers claim.
        truth: the right ones.

    Returns:
        `accuracy_content` over all content cells of the truth, `accuracy_content_macro` the mean of that over puzzles,
        `accuracy_padded` over all cells of the canvases, `exact_match` the share of queries with the right size and
        every content cell right, `shape_match` of those with the right size.
    """
    if not len(truth.cells):
        return dict.fromkeys(SCORES, float("nan"))
    content = np.sum((answers == truth.cells) & truth.valid, (1, 2))
    cells = np.sum(truth.valid, (1, 2))
    same_shape = np.all(shapes == truth.shapes, 1)
    by_puzzle: FloatArray = np.bincount(truth.puzzle, content) / np.bincount(truth.puzzle, cells)
    values = (
        content.sum() / cells.sum(),
        by_puzzle.mean(),
        np.mean(canvases == truth.cells),
        np.mean(same_shape & (content == cells)),
        same_shape.mean(),
    )
    return dict(zip(SCORES, map(float, values), strict=True))


SCORES = ("accuracy_content", "accuracy_content_macro", "accuracy_padded", "exact_match", "shape_match")
"""What `scores` returns."""


def _most_frequent(query: Query, shape: Shape) -> Grid:
    """The colour that most cells of the demonstrations' outputs have."""
    counts = sum(
        (np.bincount(pair.output.ravel(), minlength=COLOURS) for pair in query.demonstrations), np.zeros(COLOURS)
    )
    return np.full(shape, counts.argmax(), np.uint8)


TRIVIAL: dict[str, Callable[[Query, Shape], Grid]] = {
    "all_zeros": lambda _query, shape: np.zeros(shape, np.uint8),
    "copy_input": lambda query, _shape: query.pair.input,
    "most_frequent": _most_frequent,
}
"""Answers that solve nothing: the background, the input as it is, the colour that the demonstrations have most."""


def baselines(queries: Sequence[Query], truth: Truth) -> dict[str, float]:
    """What the trivial answers score, as `accuracy_content_copy_input`.

    On content cells they are asked at the size of the truth; around the grids every one of them says 0.
    """
    size = truth.cells.shape[1]
    found: dict[str, float] = {}
    for name, answer in TRIVIAL.items():
        guessed = [guessed_shape(query.demonstrations, query.pair.input) for query in queries]
        own = [answer(query, shape) for query, shape in zip(queries, guessed, strict=True)]
        shapes = np.array([grid.shape for grid in own], np.int64).reshape(-1, 2)
        at_truth = [_cut(answer(query, query.pair.output.shape), query) for query in queries]
        of_it = scores(padded(at_truth, size, size)[0], padded(own, size, size)[0], shapes, truth)
        found |= {f"{score}_{name}": of_it[score] for score in SCORES if score != "shape_match"}
    return found


def _cut(grid: Grid, query: Query) -> Grid:
    """An answer within the size of the truth."""
    rows, columns = query.pair.output.shape
    return grid[:rows, :columns]


def smoothed_floor(smoothing: float, classes: int = COLOURS) -> float:
    """The least cross-entropy in nats that label smoothing leaves, of a model that is sure and right.

    Source: the entropy of a target of 1 - e + e / C on one class and e / C on each other one.
    """
    right, other = 1 - smoothing + smoothing / classes, smoothing / classes
    return -sum(share * float(np.log(share)) for share in (right, *[other] * (classes - 1)) if share > 0)
