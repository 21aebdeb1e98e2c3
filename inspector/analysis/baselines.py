"""Partitions that took no learning: what a segmentation score must beat to mean anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from inspector.analysis.segmentation import BACKGROUND, Agreement, blocks, mean_foreground_agreement
from inspector.core.arrays import AnyArray, LabelMap, check_axes

GRIDS = {"2×2 blocks": (2, 2), "3×3 blocks": (3, 3), "4 stripes": (1, 4)}
"""Rows and columns of fixed grids; 2×2 blocks reach an FG-ARI above 0.5.

Source: measured on generated scenes of squares, tetrominoes and sprites.
"""

COLOUR = "colour clusters"

_ROUNDS = 30


def colour_clusters(image: AnyArray, count: int) -> LabelMap:
    """Pixels grouped by colour alone into at most `count` clusters, always the same for the same image.

    Args:
        image: (height, width, channels), finite.
        count: clusters, at least 1; as many as the slots it is compared with.

    Source: Lloyd's k-means on the distinct colours, started from the commonest and then the farthest ones.
    """
    check_axes(image, "HWC", "an image")
    pixels = image.reshape(-1, image.shape[2])
    colours, of_pixel, weights = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    points = colours.astype(np.float64)
    if not len(points):
        return np.empty(image.shape[:2], np.int64)
    centres = points[[int(np.argmax(weights))]]
    while len(centres) < min(count, len(points)):
        nearest = _squared_distances(points, centres).min(axis=1)
        centres = np.vstack([centres, points[int(np.argmax(nearest))]])
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
    labels: LabelMap = cluster[of_pixel.ravel()].reshape(image.shape[:2]).astype(np.int64)
    return labels


def _squared_distances(points: AnyArray, centres: AnyArray) -> AnyArray:
    distances: AnyArray = ((points[:, None] - centres[None]) ** 2).sum(axis=2)
    return distances


def baseline_agreement(
    truths: Sequence[LabelMap], images: Iterable[AnyArray] = (), slots: int = 0, background: int = BACKGROUND
) -> dict[str, Agreement]:
    """FG-ARI of each fixed grid on the same scenes, and of colour clusters where images are given.

    Args:
        truths: the true label maps.
        images: (height, width, channels) each, in the order of `truths`; none for the grids alone.
        slots: clusters by colour.
        background: the label left out.
    """
    found = {
        name: mean_foreground_agreement(((truth, blocks(*_size(truth), *grid)) for truth in truths), background)
        for name, grid in GRIDS.items()
    }
    pictures = list(images)
    if pictures:
        pairs = ((truth, colour_clusters(image, slots)) for truth, image in zip(truths, pictures, strict=True))
        found[COLOUR] = mean_foreground_agreement(pairs, background)
    return found


def _size(labels: LabelMap) -> tuple[int, int]:
    return labels.shape[0], labels.shape[1]
