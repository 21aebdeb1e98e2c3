"""Pixels grouped by colour alone: the baseline that sees the image and knows no objects."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray, LabelMap, ShapeError, check_axes

_ROUNDS = 30
_COLOURS = 4096
"""Colours told apart at most: 16 levels of each of red, green and blue, so that photographs take milliseconds."""


def colour_clusters(image: AnyArray, count: int) -> LabelMap:
    """Pixels grouped by colour alone into at most `count` clusters, always the same for the same image.

    Args:
        image: (height, width, channels) of one to four channels, finite.
        count: clusters, at least 1; as many as the slots it is compared with.

    Raises:
        ShapeError: it is no image.

    Source: Lloyd's k-means on the distinct colours, started from the commonest and then the farthest ones.
    """
    check_axes(image, "HWC", "an image")
    if not 1 <= image.shape[2] <= 4:
        raise ShapeError(f"an image needs one to four channels, this has {image.shape[2]}")
    if not image.size:
        return np.zeros(image.shape[:2], np.int64)
    points, of_pixel, weights = _colours(image.reshape(-1, image.shape[2]).astype(np.float64))
    centres = points[[int(np.argmax(weights))]]
    nearest = _squared_distances(points, centres)[:, 0]
    while len(centres) < min(count, len(points)):
        centres = np.vstack([centres, points[int(np.argmax(nearest))]])
        nearest = np.minimum(nearest, _squared_distances(points, centres[-1:])[:, 0])
    cluster = np.argmin(_squared_distances(points, centres), axis=1)
    for _ in range(_ROUNDS):
        sizes = np.bincount(cluster, weights, minlength=len(centres))
        sums = np.stack(
            [np.bincount(cluster, weights * channel, minlength=len(centres)) for channel in points.T], axis=1
        )
        centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
        moved = np.argmin(_squared_distances(points, centres), axis=1)
        if (moved == cluster).all():
            break
        cluster = moved
    labels: LabelMap = cluster[of_pixel].reshape(image.shape[:2]).astype(np.int64)
    return labels


def _colours(pixels: FloatArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Mean of the pixels of each colour, the colour of each pixel, and the pixels of each colour."""
    levels = round(_COLOURS ** (1 / pixels.shape[1]))
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    scale = np.where(high > low, (levels - 1) / np.where(high > low, high - low, 1.0), 0.0)
    level = np.rint((pixels - low) * scale).astype(np.int64)
    keys = level @ levels ** np.arange(pixels.shape[1])
    _keys, of_pixel, weights = np.unique(keys, return_inverse=True, return_counts=True)
    sums = [np.bincount(of_pixel, channel, minlength=len(weights)) for channel in pixels.T]
    return np.stack(sums, axis=1) / weights[:, None], of_pixel, weights


def _squared_distances(points: AnyArray, centres: AnyArray) -> AnyArray:
    """(points, centres), up to rounding; a product of matrices takes a tenth of the time of differences."""
    squares = (points * points).sum(axis=1)[:, None] + (centres * centres).sum(axis=1)[None]
    distances: AnyArray = squares - 2.0 * (points @ centres.T)
    return distances
