"""The one mistake behind the point errors of a dump, and its points without it."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np

from inspector.analysis.point_alignment import likely_pairs
from inspector.analysis.point_patterns import Misplaced, PointPattern, point_pattern
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.points.all_points import Points, all_points
from inspector.artifacts.dumps.points.matching import Located
from inspector.artifacts.dumps.points.placed import placed_points
from inspector.core.pulse import Pulse

MOST_MATCHED = 32
"""Samples of several points without an order that tell as much as all."""


def pattern_of(dump: Dump, pulse: Pulse) -> PointPattern | None:
    """What is systematically wrong with the points of a dump, worked out once; in pixels of the original images.

    Raises:
        FileError: it holds no points.
        WorkCancelled: the pulse says so.
    """
    name = "pattern of points"
    if name not in dump.remembered:
        points = all_points(dump, pulse)
        pulse.beat(what="pattern of the points")
        dump.remembered[name] = _ordered(points) if math.isnan(points.radius_px) else _unordered(dump, points, pulse)
    pattern: PointPattern | None = dump.remembered[name]
    return pattern


def points_without_pattern(dump: Dump, pulse: Pulse, radius_px: float | None = None, *, undo: bool = True) -> Points:
    """As `all_points`; without the mistake that `pattern_of` names, where that can be undone and is to be."""
    pattern = pattern_of(dump, pulse) if undo else None
    return all_points(dump, pulse, radius_px, pattern if isinstance(pattern, get_args(Misplaced)) else None)


def _ordered(points: Points) -> PointPattern | None:
    return point_pattern(points.gt_original, points.prediction_original, points.original_sizes.take(points.of, axis=0))


def _unordered(dump: Dump, points: Points, pulse: Pulse) -> PointPattern | None:
    """Of points matched by what they would be without a mistake: those that are near as they are tell of none."""
    lists = placed_points(dump, pulse)
    truth, predicted = (
        Located(px, rows.first) for px, rows in ((lists.truth_px, lists.truth), (lists.predicted_px, lists.predicted))
    )
    both = np.flatnonzero((truth.counts > 0) & (predicted.counts > 0))
    chosen = both[:: max(1, len(both) // MOST_MATCHED)].tolist()
    pairs = likely_pairs(
        [truth.sample(sample) for sample in chosen],
        [predicted.sample(sample) for sample in chosen],
        points.original_sizes[chosen],
        pulse,
    )
    return point_pattern(pairs.truth, pairs.predicted, pairs.sizes)
