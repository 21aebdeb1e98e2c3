"""The points of one sample as a file keeps them, in its order."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.core.arrays import FloatArray
from inspector.core.pulse import QUIET


def points_of(dump: Dump, sample: int) -> tuple[FloatArray, FloatArray]:
    """True and predicted points, both (objects, 2); NaN where an object lacks one."""
    found = all_points(dump, QUIET).sample(sample)
    order = np.argsort(found.numbers)
    return found.gt_stored[order], found.prediction_stored[order]
