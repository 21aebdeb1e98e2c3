"""Points brought from the convention of a file into pixels of the original image, and into what the network was given.

A pixel is (x, y); the centre of the first is at 0, 0.
"""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.formats.point_conventions import Convention, Frame, Unit


def in_original_px(places: AnyArray, convention: Convention, original_hw: AnyArray, given_hw: AnyArray) -> FloatArray:
    """Points as x, y in pixels of the original image, (points, 2) float64.

    Args:
        places: (points, 2) as the file keeps them; NaN stays.
        convention: how.
        original_hw: (points, 2) or (2,), height and width of the original image.
        given_hw: the same of the image that the network was given; counts for resized and letterboxed ones.
    """
    is_original = convention.frame is Frame.ORIGINAL
    pixels = in_frame_px(places, convention, original_hw if is_original else given_hw)
    return pixels if is_original else from_given_px(pixels, convention.frame, original_hw, given_hw)


def in_frame_px(places: AnyArray, convention: Convention, frame_hw: AnyArray) -> FloatArray:
    """Points as x, y in pixels of the image that the convention speaks of, (points, 2) float64.

    Args:
        places: (points, 2) as the file keeps them; NaN stays.
        convention: how.
        frame_hw: (points, 2) or (2,), height and width of that image; does not count where the unit is pixels.
    """
    points = np.asarray(places, np.float64)
    points = points[:, ::-1] if convention.is_yx else points
    if convention.unit is Unit.PIXELS:
        return points
    shares = points if convention.unit is Unit.SHARES else (points + 1) / 2
    # A share of 0 is the left edge of the first pixel, half a pixel before its centre.
    found: FloatArray = shares * _sides(frame_hw, points) - 0.5
    return found


def from_given_px(points: AnyArray, frame: Frame, original_hw: AnyArray, given_hw: AnyArray) -> FloatArray:
    """Points of a resized or letterboxed image in pixels of the original one, (points, 2) float64; sizes as there."""
    edges = np.asarray(points, np.float64) + 0.5
    scale, pad = _fit(frame, _sides(original_hw, edges), _sides(given_hw, edges))
    found: FloatArray = (edges - pad) / scale - 0.5
    return found


def in_given_px(points: AnyArray, frame: Frame, original_hw: AnyArray, given_hw: AnyArray) -> FloatArray:
    """Points of the original image in pixels of a resized or letterboxed one, (points, 2) float64; sizes as there."""
    edges = np.asarray(points, np.float64) + 0.5
    scale, pad = _fit(frame, _sides(original_hw, edges), _sides(given_hw, edges))
    found: FloatArray = edges * scale + pad - 0.5
    return found


def _sides(hw: AnyArray, points: FloatArray) -> FloatArray:
    """(points, 2), width and height."""
    found: FloatArray = np.broadcast_to(np.asarray(hw, np.float64)[..., ::-1], points.shape)
    return found


def _fit(frame: Frame, original: FloatArray, given: FloatArray) -> tuple[FloatArray, FloatArray]:
    """By how much the original image was scaled, and what was left free on the left and above; (points, 2) both."""
    scale: FloatArray = given / original
    if frame is Frame.LETTERBOXED:
        scale = np.repeat(scale.min(axis=1, keepdims=True), 2, axis=1)
    return scale, (given - original * scale) / 2
