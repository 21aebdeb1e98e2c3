"""Numbers of every sample's points, all at once: what a gallery is sorted and filtered by."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.dumps.dump_points import Points
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
        "count": points.count,
        "count_predicted": points.count_predicted,
        "count_error": points.count_predicted - points.count,
        "done": points.done,
        "gt_done": points.gt_done,
        "done_error": np.abs(points.done - points.gt_done),
        "sequence_step": points.sequence_step,
    }
    return {name: values for name, values in found.items() if not np.isnan(values).all()}


def _of_worst(points: Points, values: FloatArray) -> FloatArray:
    """(samples,) of each sample's first object, which is the most wrong one; NaN where there is no object."""
    found = np.full(points.samples, np.nan)
    some = points.first[:-1] < points.first[1:]
    found[some] = values[points.first[:-1][some]]
    return found
