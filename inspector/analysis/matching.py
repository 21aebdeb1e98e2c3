"""One-to-one matching of least total cost."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import FloatArray, IntArray, check_axes
from inspector.core.pulse import QUIET, Pulse


def assign(cost: FloatArray, pulse: Pulse = QUIET) -> tuple[IntArray, IntArray]:
    """The pairs of rows and columns whose summed cost is least.

    Every row is matched where there are at most as many rows as columns, else every column.

    Args:
        cost: (rows, columns), finite; to maximise a score, give its negative.
        pulse: beats once a row.

    Returns:
        Row indices and column indices, both (min(rows, columns),) int64, by ascending row.

    Raises:
        ShapeError: `cost` is not a matrix.
        ValueError: a cost is not finite.
        WorkCancelled: the pulse says so.

    Source: shortest augmenting paths with potentials (Jonker and Volgenant 1987), O(rows² · columns).
    """
    check_axes(cost, "RC", "a cost matrix")
    costs = np.asarray(cost, np.float64)
    if not np.isfinite(costs).all():
        message = "a cost is not finite"
        raise ValueError(message)
    if costs.shape[0] <= costs.shape[1]:
        columns = _columns_of_rows(costs, pulse)
        return np.arange(costs.shape[0]), columns
    rows = _columns_of_rows(costs.T, pulse)
    order = np.argsort(rows)
    return rows[order], order


def _columns_of_rows(cost: FloatArray, pulse: Pulse) -> IntArray:
    """The column of each row, for at most as many rows as columns."""
    rows, columns = cost.shape
    row_potential = cost.min(axis=1, initial=np.inf)
    # The last column is a stand-in: the root of every search.
    column_potential = np.zeros(columns + 1)
    row_of = np.full(columns + 1, -1)
    # Rows whose cheapest columns differ need no search.
    taken, first = np.unique(cost.argmin(axis=1), return_index=True) if cost.size else (np.empty(0, np.int64),) * 2
    row_of[taken] = first
    for row in np.setdiff1d(np.arange(rows), first):
        pulse.beat(what="matching")
        row_of[columns] = row
        distance = np.full(columns, np.inf)
        before = np.full(columns, columns)
        visited = np.zeros(columns + 1, bool)
        column = columns
        while row_of[column] >= 0:
            visited[column] = True
            here = row_of[column]
            reduced = cost[here] - row_potential[here] - column_potential[:columns]
            nearer = ~visited[:columns] & (reduced < distance)
            distance[nearer] = reduced[nearer]
            before[nearer] = column
            column = int(np.argmin(np.where(visited[:columns], np.inf, distance)))
            step = distance[column]
            row_potential[row_of[visited]] += step
            column_potential[visited] -= step
            distance[~visited[:columns]] -= step
        while column != columns:
            row_of[column] = row_of[before[column]]
            column = int(before[column])
    found = np.empty(rows, np.int64)
    matched = np.flatnonzero(row_of[:columns] >= 0)
    found[row_of[matched]] = matched
    return found
