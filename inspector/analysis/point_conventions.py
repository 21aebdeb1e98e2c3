"""Points brought into pixels of the original image, and what their values say of the convention they are kept in."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.formats.point_conventions import Convention, Frame, GuessedConvention, Unit

_OUTSIDE = -25.0
"""Logarithm of how likely a point outside its image is: less than any place inside the largest."""
SURE = math.log(1_000)
"""A convention is sure where the next is a thousand times less likely."""
_LIMITS = {Unit.SHARES: (0.0, 1.0), Unit.SIGNED: (-1.0, 1.0)}
_HINT_POINTS = 2_000
"""So many points tell as much as all."""
_CONVENTIONS = tuple(
    Convention(unit=unit, frame=frame, is_yx=is_yx)
    for unit in Unit
    for frame in (Frame.ORIGINAL, Frame.RESIZED)
    for is_yx in (False, True)
    # As shares, an image that is stretched is as good as the original one.
    if unit is Unit.PIXELS or frame is Frame.ORIGINAL
)
"""What can be told from values; a letterbox cannot."""


def in_original_px(places: AnyArray, convention: Convention, original_hw: AnyArray, given_hw: AnyArray) -> FloatArray:
    """Points as x, y in pixels of the original image, (points, 2) float64, the centre of the first pixel at 0, 0.

    Args:
        places: (points, 2) as the file keeps them; NaN stays.
        convention: how.
        original_hw: (points, 2) or (2,), height and width of the original image.
        given_hw: the same of the image that the network was given; counts for resized and letterboxed ones.
    """
    points = np.asarray(places, np.float64)
    points = points[:, ::-1] if convention.is_yx else points
    original = np.broadcast_to(np.asarray(original_hw, np.float64)[..., ::-1], points.shape)
    given = np.broadcast_to(np.asarray(given_hw, np.float64)[..., ::-1], points.shape)
    side = original if convention.frame is Frame.ORIGINAL else given
    # Between the two conversions edges count, not centres: 0 is the left edge of the first pixel.
    return _to_original(_edges(points, convention.unit, side), convention.frame, original, given) - 0.5


def _edges(points: FloatArray, unit: Unit, side: FloatArray) -> FloatArray:
    """Points from the upper left edge of their image, in its pixels."""
    if unit is Unit.PIXELS:
        return points + 0.5
    shares = points if unit is Unit.SHARES else (points + 1) / 2
    return shares * side


def _to_original(edges: FloatArray, frame: Frame, original: FloatArray, given: FloatArray) -> FloatArray:
    if frame is Frame.RESIZED:
        return edges * original / given
    if frame is Frame.LETTERBOXED:
        scale: FloatArray = (given / original).min(axis=1, keepdims=True)
        return (edges - (given - original * scale) / 2) / scale
    return edges


def guessed_convention(places: AnyArray, original_hw: AnyArray, given_hw: AnyArray | None = None) -> GuessedConvention:
    """The convention under which points fill their images best without leaving them.

    Args:
        places: (points, 2) as the file keeps them, NaN where missing.
        original_hw: (points, 2) or (2,), height and width of the original image; NaN where unknown.
        given_hw: the same of the image that the network was given; None where it is not known, or the same.
    """
    points = np.asarray(places, np.float64)
    original = np.broadcast_to(np.asarray(original_hw, np.float64), points.shape)
    given = original if given_hw is None else np.broadcast_to(np.asarray(given_hw, np.float64), points.shape)
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    known = known[:: max(1, len(known) // _HINT_POINTS)]
    points, original, given = points[known], original[known], given[known]
    if not len(points):
        return GuessedConvention(
            convention=Convention(), sure=False, sure_of_order=False, because="there are no points to tell it by"
        )
    resized = np.isfinite(given).all() and not np.array_equal(given, original)
    tried = [one for one in _CONVENTIONS if resized or one.frame is Frame.ORIGINAL]
    likely = {one: _log_likelihood(points, one, original, given) for one in tried}
    best = max(tried, key=lambda one: likely[one])
    others = [likely[one] for one in tried if (one.unit, one.frame) != (best.unit, best.frame)]
    turned = likely[Convention(unit=best.unit, frame=best.frame, is_yx=not best.is_yx)]
    return GuessedConvention(
        convention=best,
        sure=likely[best] - max(others) >= SURE,
        sure_of_order=likely[best] - turned >= SURE,
        because=_because(best, points, resized=bool(resized)),
    )


def _log_likelihood(points: FloatArray, convention: Convention, original: FloatArray, given: FloatArray) -> float:
    """Of points that lie anywhere in their images with equal chance, and hardly ever outside."""
    points = points[:, ::-1] if convention.is_yx else points
    side = (original if convention.frame is Frame.ORIGINAL else given)[:, ::-1]
    low, high = _LIMITS.get(convention.unit, (-0.5, 0.0))
    lower, upper = np.full_like(side, low), np.full_like(side, high)
    if convention.unit is Unit.PIXELS:
        # An image of unknown size may be as large as its points need.
        upper = np.where(np.isfinite(side), side, max(float(points.max()) + 1, 2.0))
    inside = ((points >= lower) & (points <= upper)).all(axis=1)
    return float(np.where(inside, -np.log(upper - lower).sum(axis=1), _OUTSIDE).sum())


def _because(convention: Convention, points: FloatArray, *, resized: bool) -> str:
    low, high = points.min(axis=0), points.max(axis=0)
    values = f"values reach from {low[0]:.4g}, {low[1]:.4g} to {high[0]:.4g}, {high[1]:.4g}"
    if convention.unit is not Unit.PIXELS:
        return values
    return f"{values}, which fits the {convention.frame if resized else 'image'}"
