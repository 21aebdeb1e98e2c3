"""Which of some candidate pairs of objects and predictions are meant, where the order of the two says nothing."""

from __future__ import annotations

import itertools

import numpy as np

from inspector.analysis.matching import assign
from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.pulse import QUIET, Pulse

_MOST_TRIED = 4
"""Points of a kind in a cluster of which every way to pair them is tried, for all such clusters at once."""


def best_pairs(rows: IntArray, columns: IntArray, gains: FloatArray, pulse: Pulse = QUIET) -> AnyArray:
    """(pairs,) bool, the candidates that pair each row and each column at most once and whose gains sum to most.

    With the radius less the distance as its gain, that is the matching within a radius in which the distances and the
    radius for each object that is missed sum to least. Candidates of many images may be mixed where their rows and
    columns are numbered through.

    Args:
        rows: (pairs,) the row of each candidate.
        columns: (pairs,) its column.
        gains: (pairs,) what it is worth, not negative; one that is worth nothing may be left out.
        pulse: of this work.

    Raises:
        WorkCancelled: the pulse says so.
    """
    chosen = np.zeros(len(rows), np.bool_)
    if not len(rows):
        return chosen
    own_rows, row_of = np.unique(rows, return_inverse=True)
    own_columns, column_of = np.unique(columns, return_inverse=True)
    row_cluster, column_cluster = _clusters(row_of, column_of, len(own_rows), len(own_columns))
    cluster = row_cluster[row_of]
    row_place, row_counts = _places(row_cluster)
    column_place, column_counts = _places(column_cluster)
    at = row_place[row_of], column_place[column_of]
    size = np.maximum(row_counts, column_counts)[cluster]
    chosen[size == 1] = True
    for side in range(2, _MOST_TRIED + 1):
        these = np.flatnonzero(size == side)
        if len(these):
            chosen[these] = _tried(cluster[these], at[0][these], at[1][these], gains[these], side)
    for place in np.unique(cluster[size > _MOST_TRIED]).tolist():
        these = np.flatnonzero(cluster == place)
        matrix = np.zeros((row_counts[place], column_counts[place]))
        matrix[at[0][these], at[1][these]] = gains[these]
        partner = np.full(row_counts[place], -1)
        found = assign(-matrix, pulse)
        partner[found[0]] = found[1]
        chosen[these] = partner[at[0][these]] == at[1][these]
    return chosen


def _tried(cluster: IntArray, row: IntArray, column: IntArray, gains: FloatArray, side: int) -> AnyArray:
    """(pairs,) the candidates that are chosen in clusters of at most so many points of a kind."""
    _names, cluster_of = np.unique(cluster, return_inverse=True)
    matrices = np.zeros((int(cluster_of.max()) + 1, side, side))
    matrices[cluster_of, row, column] = gains
    ways = np.array(list(itertools.permutations(range(side))))
    sums = matrices[:, np.arange(side), ways].sum(axis=-1)
    best = ways[sums.argmax(axis=1)]
    found: AnyArray = best[cluster_of, row] == column
    return found


def _clusters(row_of: IntArray, column_of: IntArray, rows: int, columns: int) -> tuple[IntArray, IntArray]:
    """(rows,) and (columns,) the cluster of each, numbered through: what hangs together through candidates."""
    label = np.arange(rows)
    while True:
        reached = np.full(columns, rows)
        np.minimum.at(reached, column_of, label[row_of])
        lower = label.copy()
        np.minimum.at(lower, row_of, reached[column_of])
        lower = lower[lower]  # a row's label is a row of its cluster, whose own may be lower still
        if np.array_equal(lower, label):
            break
        label = lower
    _names, numbered = np.unique(label, return_inverse=True)
    of_column = np.zeros(columns, np.int64)
    of_column[column_of] = numbered[row_of]
    return numbered, of_column


def _places(cluster: IntArray) -> tuple[IntArray, IntArray]:
    """(points,) the place of each in its cluster, and (clusters,) how many points each has."""
    order = np.argsort(cluster, kind="stable")
    counts = np.bincount(cluster)
    place = np.empty(len(cluster), np.int64)
    place[order] = np.arange(len(cluster)) - np.repeat(np.cumsum(counts) - counts, counts)
    return place, counts
