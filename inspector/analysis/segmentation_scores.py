"""All scores of one predicted segmentation, from one table of shared pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.analysis.matching import assign
from inspector.analysis.ratio import ratio
from inspector.analysis.segmentation import BACKGROUND, labelled_contingency, rand_index_of
from inspector.core.arrays import FloatArray, IntArray, LabelMap


@dataclass(frozen=True, slots=True)
class SegmentationScores:
    """How well the segments of one image fit its objects; the background is no object.

    Attributes:
        fg_ari: adjusted Rand index over the pixels of objects; ari: over all pixels, background included.
        miou: intersection over union of each object with its own segment, mean over objects; segments are given out
            one to one so that it is largest, and an object without one counts 0.
        mbo: the same with the best segment of each object, which may serve several.
        objects: how many there are; without any, every score but `ari` is NaN.
        left_out: share of pixels that are undefined in either map and count nowhere; NaN for an empty image.
    """

    fg_ari: float
    ari: float
    miou: float
    mbo: float
    objects: int
    left_out: float


def segmentation_scores(truth: LabelMap, predicted: LabelMap, background: int = BACKGROUND) -> SegmentationScores:
    """The scores of one image; all are NaN where no pixel is defined in both maps.

    Args:
        truth: the object of each pixel, negative where undefined.
        predicted: the segment of each pixel in the same size, negative where undefined; soft masks are enlarged to the
            truth's size before their winners are taken.
        background: label of the pixels that belong to no object.

    Raises:
        ShapeError: the maps differ in shape, or hold so many labels that they are none.

    Source: Hubert and Arabie 1985 (ARI); Pont-Tuset et al. 2017 (best overlap), as DINOSAUR reports it; the
        one-to-one mean of the object-centric learning framework.
    """
    labels, _segments, counts = labelled_contingency(truth, predicted)
    foreground = labels != background
    overlap = _overlaps(counts)[foreground]
    objects = len(overlap)
    best = overlap.max(axis=1, initial=0.0)
    return SegmentationScores(
        fg_ari=rand_index_of(counts[foreground]),
        ari=rand_index_of(counts),
        miou=float(_one_to_one(overlap, best) / objects) if objects else math.nan,
        mbo=float(best.mean()) if objects else math.nan,
        objects=objects,
        left_out=1.0 - float(counts.sum()) / truth.size if truth.size else math.nan,
    )


def _overlaps(counts: IntArray) -> FloatArray:
    """Intersection over union of each pair in a contingency table, (objects, segments) float64 in 0..1."""
    union = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0, keepdims=True) - counts
    return ratio(counts, union)


def _one_to_one(overlap: FloatArray, best: FloatArray) -> float:
    """Largest sum of overlaps when no segment serves two objects."""
    if np.unique(overlap.argmax(axis=1)).size == len(overlap):
        # Every object can have the segment it likes best.
        return float(best.sum())
    return float(overlap[assign(-overlap)].sum())
