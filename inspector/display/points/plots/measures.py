"""What all plots of points are made of: errors of objects, and numbers of samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.artifacts.dumps.points.all_points import Points
from inspector.artifacts.dumps.points.matching import usual_radius_px
from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.pulse import Pulse
from inspector.runs.loss_threshold import LossThreshold, threshold_px

MOST_BARS = 32
_STEPS = (1.0, 2.0, 3.0, 5.0)
_ROOM = 1.1
_TAIL = 1.6
"""An axis ends before a worst hundredth that is this much larger, which would leave no room for the rest."""

_FAR = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """The objects of all samples, one sample after the other.

    Attributes:
        of: (objects,) the sample of each.
        errors_px: (objects,) NaN where it lacks a point.
        offsets_px: (objects, 2) predicted less true x and y.
        there: (objects,) whether it has a true point.
        close_px: up to which an error counts as close: of images of several sizes, of the middle one.
        longer_px: (samples,) the longer side of the original images.
        threshold_px: of the loss along x and y, NaN where not known; of images of several sizes, of the middle one.
        pulse: of the work on a plot that takes long.
    """

    points: Points
    of: IntArray
    errors_px: FloatArray
    offsets_px: FloatArray
    there: AnyArray
    longer_px: FloatArray
    close_px: float
    threshold: LossThreshold | None
    threshold_px: tuple[float, float]
    pulse: Pulse

    @property
    def known_px(self) -> FloatArray:
        """(objects with both points,) float64 errors."""
        return self.errors_px[np.isfinite(self.errors_px)]

    @property
    def several(self) -> bool:
        """Whether a sample has more than one object, so that a sample is brushed by the worst of them."""
        return bool(len(self.of)) and int(np.diff(self.points.first).max()) > 1

    def by_object(self, numbers: FloatArray) -> FloatArray:
        """(objects,) of numbers of samples."""
        return numbers[self.of]


def measures_of(points: Points, threshold: LossThreshold | None, pulse: Pulse) -> Measures:
    """What is to be plotted of the points of a dump."""
    longer = points.original_sizes.max(axis=1)
    middle = np.nanmedian(points.original_sizes, axis=0) if points.samples else np.full(2, np.nan)
    reach = threshold_px(threshold.value, middle) if threshold is not None else np.full(2, np.nan)
    return Measures(
        points=points,
        of=points.of,
        errors_px=points.errors_px,
        offsets_px=points.prediction_original - points.gt_original,
        there=np.isfinite(points.gt[:, 0]),
        longer_px=longer,
        close_px=usual_radius_px(points.original_sizes) if math.isnan(points.radius_px) else points.radius_px,
        threshold=threshold,
        threshold_px=(float(reach[0]), float(reach[1])),
        pulse=pulse,
    )


def round_edges(high: float, most: int = MOST_BARS) -> FloatArray:
    """(bins + 1,) float64 edges of at most so many equal bins of round width from 0 to `high` or a little more."""
    if not (high > 0 and math.isfinite(high)):
        return np.array([0.0, 1.0])
    magnitude = 10.0 ** (math.floor(math.log10(high / most)))
    step = next(
        step for ten in (1, 10) for nice in _STEPS if (step := nice * ten * magnitude) * most >= high * 0.999_999
    )
    edges: FloatArray = step * np.arange(math.ceil(high / step - 1e-6) + 1, dtype=np.float64)
    return edges


def room_for(values: FloatArray, *wanted: float) -> float:
    """How far an axis from 0 reaches: past the 99th of a hundred values, or to the largest where that is near.

    Args:
        values: (values,) 0 or more.
        wanted: what should lie on it too, where it is not much further than all values; NaN for nothing.
    """
    most = float(values.max(initial=0.0))
    usual = float(np.quantile(values, 0.99)) if values.size else 0.0
    end = most if most <= usual * _TAIL else usual * _ROOM
    return max(end, *(one * _ROOM for one in (*wanted, 0.0) if one <= most * _FAR))
