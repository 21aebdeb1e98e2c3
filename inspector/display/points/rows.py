"""From the points of a dump to the rows that are drawn over its samples."""

from __future__ import annotations

import math

import numpy as np

from inspector.artifacts.dumps.points.all_points import Points
from inspector.core.arrays import AnyArray, FloatArray
from inspector.display.points.overlay import PointKind, Row

FURTHEST = 1e12
"""What lies further out is drawn there: float32 ends, and so do the pixels of a painter."""


def rows_of(points: Points, index: int) -> AnyArray:
    """(objects and marked objects, 10) float32, the columns of `Row` of one sample; its worst object first."""
    sample, size = points.sample(index), points.sizes[index]
    rows = np.full((len(sample.errors_px) + len(sample.marked), len(Row._fields)), np.nan)
    pairs, marked = rows[: len(sample.errors_px)], rows[len(sample.errors_px) :]
    to_original = (points.original_sizes[index] / size)[::-1]
    for column, places in enumerate((sample.gt, sample.prediction)):
        pairs[:, 2 * column : 2 * column + 2] = _shares(places, size)
        pairs[:, 6 + column] = _outside_px(places, size, to_original)
    pairs[:, 4], pairs[:, 5], pairs[:, 8] = sample.errors_px, sample.confidence, PointKind.OBJECT
    no_gt, no_prediction = (np.isnan(places).any(axis=1) for places in (sample.gt, sample.prediction))
    if _has_both(points) and not math.isnan(sample.missed):
        pairs[no_prediction, 8] = PointKind.MISSED
        pairs[no_gt, 8] = PointKind.SPURIOUS
    marked[:, :2], marked[:, 8], marked[:, 9] = _shares(sample.marked, size), PointKind.MARKED, sample.marked_numbers
    return _narrow(rows)


def other_rows(predictions: FloatArray) -> AnyArray:
    """(predictions, 10) float32, the columns of `Row` for those of another dump, (predictions, 2) as shares."""
    rows = np.full((len(predictions), len(Row._fields)), np.nan)
    rows[:, 2:4], rows[:, 8] = predictions, PointKind.OTHER
    return _narrow(rows)


def _narrow(rows: AnyArray) -> AnyArray:
    narrow: AnyArray = np.clip(rows, -FURTHEST, FURTHEST).astype(np.float32)
    return narrow


def _shares(places: FloatArray, size: FloatArray) -> FloatArray:
    shares: FloatArray = (places + 0.5) / size[::-1]
    return shares


def _outside_px(places: FloatArray, size: FloatArray, to_original: FloatArray) -> FloatArray:
    """(points,) how far they lie outside a picture of this height and width; 0 inside, and where unknown."""
    beyond = places - np.clip(places, -0.5, size[::-1] - 0.5)
    distances: FloatArray = np.hypot(*(np.nan_to_num(beyond) * to_original).T)
    return distances


def _has_both(points: Points) -> bool:
    """Whether the dump has true and predicted points, so that lone ones are misses; asked for every thumbnail."""
    return bool(np.isfinite(points.worst_px).any() or ((points.missed > 0).any() and (points.spurious > 0).any()))
