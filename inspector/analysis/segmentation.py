"""How well predicted segments agree with the objects that are there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.core.arrays import FloatArray, IntArray, LabelMap, ShapeError

BACKGROUND = 0
"""The label of the background in a ground-truth map, unless a caller says otherwise."""


def contingency(truth: LabelMap, predicted: LabelMap) -> IntArray:
    """Pixels shared by each object and each segment, (objects, segments) int64.

    Rows and columns are the labels that occur, ascending; a pixel that is negative in either map is left out.

    Raises:
        ShapeError: the maps differ in shape.
    """
    if truth.shape != predicted.shape:
        message = f"two label maps of one shape are needed, these are {truth.shape} and {predicted.shape}"
        raise ShapeError(message)
    defined = (truth >= 0) & (predicted >= 0)
    objects, rows = np.unique(truth[defined], return_inverse=True)
    segments, columns = np.unique(predicted[defined], return_inverse=True)
    counts = np.bincount(rows.ravel() * len(segments) + columns.ravel(), minlength=len(objects) * len(segments))
    return counts.astype(np.int64).reshape(len(objects), len(segments))


def _pairs(counts: IntArray) -> int:
    return int((counts * (counts - 1)).sum())


def adjusted_rand_index(truth: LabelMap, predicted: LabelMap) -> float:
    """Agreement of two label maps over all defined pixels, background included.

    1 for the same partition, about 0 for an unrelated one, below 0 for worse; NaN where no pixel is defined. Two
    trivial partitions (one segment each, or one pixel) agree: 1.

    Source: Hubert and Arabie 1985; exact integers up to the one division, as n(n-1) of a picture overflows float32.
    """
    counts = contingency(truth, predicted)
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


@dataclass(frozen=True, slots=True)
class Agreement:
    """A score over many images.

    Attributes:
        value: mean over the images that have one; NaN without any.
        n: images in the mean.
        n_excluded: images without an object, left out.
        n_under_two_objects: images in the mean with a single object, where the score is all or nothing.
    """

    value: float
    n: int
    n_excluded: int
    n_under_two_objects: int


def mean_foreground_agreement(pairs: Iterable[tuple[LabelMap, LabelMap]], background: int = BACKGROUND) -> Agreement:
    """FG-ARI over (truth, predicted) pairs."""
    scores: list[float] = []
    excluded = single = 0
    for truth, predicted in pairs:
        objects = np.setdiff1d(truth[truth >= 0], [background]).size
        score = foreground_adjusted_rand_index(truth, predicted, background)
        if np.isnan(score):
            excluded += 1
            continue
        scores.append(score)
        single += objects < 2
    return Agreement(float(np.mean(scores)) if scores else float("nan"), len(scores), excluded, single)


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
