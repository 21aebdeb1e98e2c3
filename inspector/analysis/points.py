"""Predicted points against true ones, in pixels.

A point is (x, y): column and row; the centre of the first pixel is (0, 0).
"""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, ShapeError, check_axes


def are_known(points: AnyArray) -> AnyArray:
    """Whether both coordinates of each of (points, 2) are finite, (points,) bool."""
    # A column after the other: along an axis of two, numpy takes forty times as long.
    known: AnyArray = np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])
    return known


def point_errors(truth: AnyArray, predicted: AnyArray) -> FloatArray:
    """Distance of each predicted point from its true one, (points,) float64 in pixels; NaN where either is missing.

    Args:
        truth: (points, 2), x and y; NaN where missing.
        predicted: as `truth`, in the same order.

    Raises:
        ShapeError: the two are not lists of equally many points.
    """
    if truth.ndim != 2 or truth.shape[1:] != (2,) or truth.shape != predicted.shape:
        message = f"two lists of points (points, 2) are needed, these are {truth.shape} and {predicted.shape}"
        raise ShapeError(message)
    offset = np.asarray(predicted, np.float64) - np.asarray(truth, np.float64)
    return np.hypot(offset[:, 0], offset[:, 1])


def centroid(mask: AnyArray) -> FloatArray:
    """Centre of mass of a soft mask, (2,) float64: x, y in pixels; NaN where the mask has no positive, finite sum."""
    check_axes(mask, "HW", "a mask")
    weights = np.asarray(mask, np.float64)
    total = weights.sum()
    if not (np.isfinite(total) and total > 0):
        return np.full(2, np.nan)
    x = float(weights.sum(axis=0) @ np.arange(weights.shape[1]))
    y = float(weights.sum(axis=1) @ np.arange(weights.shape[0]))
    return np.array([x / total, y / total])
