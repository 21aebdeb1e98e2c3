"""How many cells of grids are right, and how many would be without a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray, ShapeError


@dataclass(frozen=True, slots=True, eq=False)
class GridScores:
    """Shares of right cells of each grid, (grids,) float64 each, 0..1; NaN of a grid without content.

    Attributes:
        accuracy: of the answers, over the content.
        majority: of the one colour that most cells of all grids have, everywhere.
        copy: of the input, NaN where there is none.
    """

    accuracy: FloatArray
    majority: FloatArray
    copy: FloatArray


def grid_scores(
    truth: AnyArray, answers: AnyArray, content: AnyArray | None = None, inputs: AnyArray | None = None
) -> GridScores:
    """The scores of answers.

    Args:
        truth: (grids, height, width), the colour of each cell.
        answers: as `truth`.
        content: (grids, height, width) bool, False in the padding; None where all counts.
        inputs: as `truth`, what the answers were made from.

    Raises:
        ShapeError: they differ in shape.
    """
    kept = np.ones(truth.shape, bool) if content is None else np.asarray(content, bool)
    if truth.ndim != 3 or answers.shape != truth.shape or kept.shape != truth.shape:
        raise ShapeError(f"grids of one shape are needed, these are {truth.shape}, {answers.shape} and {kept.shape}")
    cells = kept.sum(axis=(1, 2))
    colours, counts = np.unique(truth[kept], return_counts=True)
    commonest = colours[int(np.argmax(counts))] if colours.size else 0

    def share(given: AnyArray) -> FloatArray:
        return ratio(((given == truth) & kept).sum(axis=(1, 2)), cells)

    nothing = np.full(len(truth), np.nan)
    return GridScores(
        accuracy=share(answers),
        majority=share(np.full_like(truth, commonest)),
        copy=nothing if inputs is None or inputs.shape != truth.shape else share(inputs),
    )
