"""What became of each sample's points from one checkpoint to another: fixed, broken or same."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, ShapeError

GOAL_SHARE = 10.0 / 384.0
"""Error of a point that is good enough, over the longer side of its image. Source: rule S2.01, 3 to 10 px of 384."""


class Change(IntEnum):
    """What became of a sample; ascending numbers sort what was fixed first."""

    FIXED = -1
    SAME = 0
    BROKEN = 1


class ChangeCounts(NamedTuple):
    """Samples of each kind; `unknown` are those whose error is not known on either side."""

    fixed: int
    broken: int
    same: int
    unknown: int


def point_changes(before_px: AnyArray, now_px: AnyArray, limit_px: float) -> FloatArray:
    """What became of each sample, (samples,) float64 of `Change`; NaN where an error is not known.

    A sample is fixed whose error was above the limit and no longer is, and broken whose error was not and now is.

    Args:
        before_px: (samples,) errors of the checkpoint that is compared with, NaN where unknown; infinite where an
            object was missed.
        now_px: (samples,) those of the checkpoint that is shown.
        limit_px: the largest error that is good enough.

    Raises:
        ShapeError: the two are not lists of equal length.
    """
    before, now = np.asarray(before_px, np.float64), np.asarray(now_px, np.float64)
    if before.ndim != 1 or before.shape != now.shape:
        message = f"two lists (samples,) are needed, these are {before.shape} and {now.shape}"
        raise ShapeError(message)
    with np.errstate(invalid="ignore"):
        found = (now > limit_px).astype(np.float64) - (before > limit_px)
    found[np.isnan(before) | np.isnan(now)] = np.nan
    return found


def change_counts(changes: FloatArray) -> ChangeCounts:
    """How many samples of each kind there are.

    Args:
        changes: (samples,) as `point_changes` gives them; NaN where nothing is known.
    """
    fixed, broken, same = (
        int(np.count_nonzero(changes == kind)) for kind in (Change.FIXED, Change.BROKEN, Change.SAME)
    )
    return ChangeCounts(fixed, broken, same, len(changes) - fixed - broken - same)
