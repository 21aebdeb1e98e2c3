"""How well predicted segments agree with the objects that are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray, IntArray, LabelMap, ShapeError

BACKGROUND = 0
"""The label of the background in a ground-truth map, unless a caller says otherwise."""

_DIRECT_CELLS = 1 << 16
"""Labels that make up to this many pairs index a table at once; larger ones, as packed colours, are sorted first."""

MOST_CELLS = 1 << 22
"""Pairs of an object and a segment; a map with more labels holds something else."""


def contingency(truth: LabelMap, predicted: LabelMap) -> IntArray:
    """Pixels shared by each object and each segment, (objects, segments) int64.

    Rows and columns are the labels that occur, ascending; a pixel that is negative in either map is left out.

    Raises:
        ShapeError: the maps differ in shape, or hold so many labels that they are none.
    """
    return labelled_contingency(truth, predicted)[2]


def labelled_contingency(truth: LabelMap, predicted: LabelMap) -> tuple[IntArray, IntArray, IntArray]:
    """As `contingency`, with the labels of its rows and columns.

    Returns:
        (objects,) and (segments,) labels, and the table (objects, segments), int64 each.

    Raises:
        ShapeError: as `contingency`.
    """
    if truth.shape != predicted.shape:
        message = f"two label maps of one shape are needed, these are {truth.shape} and {predicted.shape}"
        raise ShapeError(message)
    rows, columns = _counted(truth.reshape(-1), predicted.reshape(-1))
    objects, segments = int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1
    if objects * segments > _DIRECT_CELLS:
        row_labels, rows = np.unique(rows, return_inverse=True)
        column_labels, columns = np.unique(columns, return_inverse=True)
        if len(row_labels) * len(column_labels) > MOST_CELLS:
            raise ShapeError(f"{len(row_labels)} objects and {len(column_labels)} segments are too many for label maps")
        counts = _table(rows, columns, len(row_labels), len(column_labels))
        return row_labels.astype(np.int64), column_labels.astype(np.int64), counts
    counts = _table(rows, columns, objects, segments)
    row_labels, column_labels = np.flatnonzero(counts.any(axis=1)), np.flatnonzero(counts.any(axis=0))
    return row_labels, column_labels, counts[np.ix_(row_labels, column_labels)]


def _counted(truth: AnyArray, predicted: AnyArray) -> tuple[AnyArray, AnyArray]:
    """The labels of the pixels that are defined in both."""
    if truth.min(initial=0) >= 0 and predicted.min(initial=0) >= 0:
        return truth, predicted
    defined = (truth >= 0) & (predicted >= 0)
    return truth[defined], predicted[defined]


def _table(rows: AnyArray, columns: AnyArray, objects: int, segments: int) -> IntArray:
    cells = rows.astype(np.int64) * segments + columns
    counts: IntArray = np.bincount(cells, minlength=objects * segments).reshape(objects, segments)
    return counts


def _pairs(counts: IntArray) -> int:
    return int((counts * (counts - 1)).sum())


def adjusted_rand_index(truth: LabelMap, predicted: LabelMap) -> float:
    """Agreement of two label maps over all defined pixels, background included.

    1 for the same partition, about 0 for an unrelated one, below 0 for worse; NaN where no pixel is defined. Two
    trivial partitions (one segment each, or one pixel) agree: 1.

    Source: Hubert and Arabie 1985.
    """
    return rand_index_of(contingency(truth, predicted))


def rand_index_of(counts: IntArray) -> float:
    """`adjusted_rand_index` of a contingency table (objects, segments).

    Exact integers up to the one division, as n(n-1) of a picture overflows float32, and its square int64.
    """
    pixels = int(counts.sum())
    if pixels == 0:
        return float("nan")
    together = _pairs(counts)
    objects = _pairs(counts.sum(axis=1))
    segments = _pairs(counts.sum(axis=0))
    total = pixels * (pixels - 1)
    bottom = (objects + segments) * total - 2 * objects * segments
    if bottom == 0:
        return 1.0
    return 2 * (together * total - objects * segments) / bottom


def foreground_adjusted_rand_index(truth: LabelMap, predicted: LabelMap, background: int = BACKGROUND) -> float:
    """Agreement over the pixels whose true label is not the background (FG-ARI).

    Every predicted segment counts, also the one that acts as background. NaN without any object; with one object it
    is 1 or 0, whole or split.

    Source: the protocol of Multi-Object Datasets and SAVi.
    """
    return adjusted_rand_index(np.where(truth == background, -1, truth), predicted)


def mean_agreement(scores: Sequence[float]) -> float:
    """Mean of a score over the images that have one: those without an object are NaN; NaN where none has."""
    values = np.asarray(scores, np.float64)
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def intersection_over_union(truth: LabelMap, predicted: LabelMap, objects: int, segments: int) -> FloatArray:
    """Overlap of each object with each segment, (objects, segments) float64 in 0..1.

    Labels run from 0; a label that occurs in neither map overlaps nothing: NaN where both are empty.
    """
    defined = (truth >= 0) & (predicted >= 0) & (truth < objects) & (predicted < segments)
    shared = np.bincount(truth[defined] * segments + predicted[defined], minlength=objects * segments)
    shared = shared.reshape(objects, segments).astype(np.float64)
    union = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
    return ratio(shared, union)


def blocks(height: int, width: int, rows: int, columns: int) -> LabelMap:
    """A fixed grid of segments that looks at nothing."""
    row = np.arange(height) * rows // max(height, 1)
    column = np.arange(width) * columns // max(width, 1)
    return (row[:, None] * columns + column[None, :]).astype(np.int64)
