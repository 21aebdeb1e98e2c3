"""What the errors of predicted points, and of counts, come to over many images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.pulse import QUIET, Pulse


@dataclass(frozen=True, slots=True)
class CountScores:
    """How far counted objects are from those that are there; NaN without an image.

    Attributes:
        images: those whose two counts are known.
        mae, rmse: mean absolute and root mean square difference.
        median: median absolute difference, which a few crowded images do not move.
        nae: mean of the difference over the count; images without an object do not count.
    """

    images: int
    mae: float
    rmse: float
    median: float
    nae: float


def pck(errors_px: FloatArray, radius_px: AnyArray | float) -> float:
    """Share of points that are at most so far off, NaN without a point.

    Args:
        errors_px: (points,), NaN for an object that was missed: it counts as too far off.
        radius_px: one radius, or one of each point.

    Source: percentage of correct keypoints, Yang and Ramanan 2013; the radius is a share of the image's or the box's
        longer side.
    """
    return float((errors_px <= radius_px).mean()) if len(errors_px) else math.nan


def pck_curve(errors_px: FloatArray, radii_px: FloatArray) -> FloatArray:
    """`pck` at ascending radii, (radii,)."""
    if not len(errors_px):
        return np.full(len(radii_px), np.nan)
    known = np.sort(errors_px[np.isfinite(errors_px)])
    return np.searchsorted(known, radii_px, "right") / len(errors_px)


def count_scores(truth: AnyArray, counted: AnyArray) -> CountScores:
    """The scores of counts.

    Args:
        truth: (images,) objects that are there, NaN where unknown.
        counted: (images,) what was counted or predicted, NaN where unknown.
    """
    true, found = np.asarray(truth, np.float64), np.asarray(counted, np.float64)
    known = np.isfinite(true) & np.isfinite(found)
    true, off = true[known], np.abs(found - true)[known]
    if not len(true):
        return CountScores(0, *[math.nan] * 4)
    some = true > 0
    relative = off[some] / true[some]
    return CountScores(
        images=len(true),
        mae=float(off.mean()),
        rmse=float(np.sqrt((off**2).mean())),
        median=float(np.median(off)),
        nae=float(relative.mean()) if some.any() else math.nan,
    )


IMAGES_AT_ONCE = 2_048
"""Of which the cells are counted together, between two beats."""


def mean_games(
    truth: AnyArray, predicted: AnyArray, first: IntArray, sizes: AnyArray, levels: int, pulse: Pulse = QUIET
) -> tuple[float, ...]:
    """GAME, grid average mean absolute errors, at level 0, 1, ... below `levels`; NaN without an image.

    At a level each image is halved so often both ways, and differences of counts are summed over its cells. Points
    outside their image count nowhere; where there are none, level 0 is the mean absolute error of counts.

    Args:
        truth: (points, 2), x and y, the centre of the first pixel at 0, 0, one image after the other; NaN where
            missing.
        predicted: (points, 2), in the same rows.
        first: (images + 1,) where the points of each image begin.
        sizes: (images, 2) height and width in pixels.
        levels: how many.
        pulse: of this work.

    Raises:
        WorkCancelled: the pulse says so.

    Source: Guerrero-Gomez-Olmedo et al. 2015.
    """
    images = len(first) - 1
    if not images:
        return (math.nan,) * levels
    totals = np.zeros(levels)
    side = 2 ** (levels - 1)
    for start in range(0, images, IMAGES_AT_ONCE):
        pulse.beat(start, images, "counts in parts of images")
        stop = min(start + IMAGES_AT_ONCE, images)
        rows = slice(int(first[start]), int(first[stop]))
        of = np.repeat(np.arange(stop - start), np.diff(first[start : stop + 1]))
        fine = (_counts_of_cells(points[rows], of, sizes[start:stop], levels - 1) for points in (truth, predicted))
        apart = np.subtract(*fine).reshape(stop - start, side, side)
        for level in reversed(range(levels)):
            totals[level] += np.abs(apart).sum()
            if level:  # four cells of one level are one of the next
                apart = apart.reshape(stop - start, 2 ** (level - 1), 2, 2 ** (level - 1), 2).sum(axis=(2, 4))
    return tuple((totals / images).tolist())


def _counts_of_cells(points: AnyArray, of: IntArray, sizes: AnyArray, level: int) -> IntArray:
    """Points in each of the 4^level equal cells of images, (images * 4^level,) by rows; `of` is the image of each."""
    side = 2**level
    with np.errstate(invalid="ignore"):
        places = np.floor((np.asarray(points, np.float64) + 0.5) * side / np.asarray(sizes, np.float64)[of, ::-1])
        inside = ((places >= 0) & (places < side)).all(axis=1)
    columns, rows = places[inside].astype(np.int64).T
    return np.bincount((of[inside] * side + rows) * side + columns, minlength=len(sizes) * side * side)
