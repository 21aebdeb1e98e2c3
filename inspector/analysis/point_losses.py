"""Losses of points that are squares up to a threshold and straight beyond it, and their gradients."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray


def funnel_loss(distance: AnyArray, threshold: float) -> FloatArray:
    """Squares up to the threshold t, t * d + t * t beyond: at t it jumps from t * t to twice that.

    Args:
        distance: any shape, finite and not negative, in the unit of the threshold.
        threshold: t, above 0.

    Returns:
        The same shape, float64.

    Source: the funnel loss of the counting scripts, of |dx| + |dy| where coordinates run from -1 to 1.
    """
    d = np.asarray(distance, np.float64)
    return np.where(d <= threshold, d * d, threshold * d + threshold * threshold)


def funnel_gradient(distance: AnyArray, threshold: float) -> FloatArray:
    """The slope of `funnel_loss`: 2 * d up to the threshold t, which halves to t beyond; shapes as there."""
    d = np.asarray(distance, np.float64)
    return np.where(d <= threshold, 2 * d, threshold)


def huber_loss(distance: AnyArray, threshold: float) -> FloatArray:
    """Squares up to the threshold t, t * (2 * d - t) beyond: in one piece; shapes as `funnel_loss`.

    Source: Huber 1964, twice the usual form, so that it agrees with the funnel up to the threshold.
    """
    d = np.asarray(distance, np.float64)
    return np.where(d <= threshold, d * d, threshold * (2 * d - threshold))


def huber_gradient(distance: AnyArray, threshold: float) -> FloatArray:
    """The slope of `huber_loss`: 2 * d up to the threshold t, 2 * t beyond; shapes as `funnel_loss`."""
    return 2 * np.minimum(np.asarray(distance, np.float64), threshold)
