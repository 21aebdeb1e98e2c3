"""Which predicted point is meant for which object, where the order of the two says nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.matching import assign
from inspector.core.arrays import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class PointPairs:
    """Objects and predictions of one image, paired one to one.

    Attributes:
        truth, predicted: (pairs,) places in the two lists.
        missed: objects without a prediction; spurious: predictions without an object. Points that are missing
            themselves (NaN) are neither.
    """

    truth: IntArray
    predicted: IntArray
    missed: IntArray
    spurious: IntArray


def pairs_within(truth: AnyArray, predicted: AnyArray, radius_px: float) -> PointPairs:
    """The pairs that lie within a radius, so that their distances and the radius for each missed object sum to least.

    Args:
        truth: (objects, 2), NaN where missing.
        predicted: (predictions, 2), NaN where missing.
        radius_px: the largest distance of a pair; infinite pairs all that there are.
    """
    truths = np.asarray(truth, np.float64).reshape(-1, 2)
    guesses = np.asarray(predicted, np.float64).reshape(-1, 2)
    known = np.flatnonzero(np.isfinite(truths).all(axis=1))
    given = np.flatnonzero(np.isfinite(guesses).all(axis=1))
    distance = np.hypot(*np.moveaxis(truths[known, None] - guesses[given][None], -1, 0))
    if np.isinf(radius_px):
        rows, columns = assign(distance)
    else:
        rows, columns = _within(distance, radius_px)
    return PointPairs(known[rows], given[columns], np.delete(known, rows), np.delete(given, columns))


def _within(distance: FloatArray, radius: float) -> tuple[IntArray, IntArray]:
    """As `assign`, of pairs within the radius only; points that share none are looked at apart, which is far faster."""
    rows: list[IntArray] = [np.empty(0, np.int64)]
    columns: list[IntArray] = [np.empty(0, np.int64)]
    for members, others in _clusters(distance <= radius):
        near = distance[np.ix_(members, others)]
        # A column of its own for each object stands for being missed.
        alone = np.full((len(members), len(members)), radius)
        costs = np.concatenate([np.where(near <= radius, near, 2 * radius + 1), alone], axis=1)
        picked, chosen = assign(costs)
        paired = chosen < len(others)
        paired &= np.take_along_axis(costs, chosen[:, None], axis=1)[:, 0] <= radius
        rows.append(members[picked[paired]])
        columns.append(others[chosen[paired]])
    found, chosen = np.concatenate(rows), np.concatenate(columns)
    order = np.argsort(found)
    return found[order], chosen[order]


def _clusters(near: AnyArray) -> list[tuple[IntArray, IntArray]]:
    """Rows and columns that hang together through pairs, at least one of each."""
    clusters = []
    waiting = near.any(axis=1)
    while waiting.any():
        members = np.zeros(near.shape[0], bool)
        members[np.argmax(waiting)] = True
        while True:
            others = members @ near
            reached = near @ others
            if np.array_equal(reached, members):
                break
            members = reached
        clusters.append((np.flatnonzero(members), np.flatnonzero(others)))
        waiting &= ~members
    return clusters
