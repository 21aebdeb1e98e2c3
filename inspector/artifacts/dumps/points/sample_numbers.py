"""Numbers of every sample's points and counts, all at once: what a gallery is sorted and filtered by."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.dumps.points.all_points import Points
from inspector.artifacts.dumps.points.sample_signals import SampleSignals
from inspector.core.arrays import FloatArray


def point_numbers(points: Points) -> dict[str, FloatArray]:
    """The numbers of `COLUMN_NAMES` that points tell, each (samples,) float64 in pixels of the original image.

    NaN where a sample has none; those that no sample has are left out. Of several objects those of the one that is
    most wrong.
    """
    offset = points.prediction_original - points.gt_original
    found = {
        "err_px": points.worst_px,
        "dx_px": _of_worst(points, offset[:, 0]),
        "dy_px": _of_worst(points, offset[:, 1]),
        "gt_x_px": _of_worst(points, points.gt_original[:, 0]),
        "gt_y_px": _of_worst(points, points.gt_original[:, 1]),
        "confidence": _of_worst(points, points.confidence),
        "missed": points.missed,
        "spurious": points.spurious,
    }
    return _known(found) | signal_numbers(points)


def signal_numbers(told: Points | SampleSignals) -> dict[str, FloatArray]:
    """As `point_numbers`, those of counts, the done signal and steps of a sequence."""
    found = {
        "count": told.count,
        "count_predicted": told.count_predicted,
        "count_error": told.count_predicted - told.count,
        "done": told.done,
        "gt_done": told.gt_done,
        "done_error": np.abs(told.done - told.gt_done),
        "sequence_step": told.sequence_step,
    }
    return _known(found)


def _known(numbers: dict[str, FloatArray]) -> dict[str, FloatArray]:
    return {name: values for name, values in numbers.items() if not np.isnan(values).all()}


def _of_worst(points: Points, values: FloatArray) -> FloatArray:
    """(samples,) of each sample's first object, which is the most wrong one; NaN where there is no object."""
    found = np.full(points.samples, np.nan)
    some = points.first[:-1] < points.first[1:]
    found[some] = values[points.first[:-1][some]]
    return found
