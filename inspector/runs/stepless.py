"""Steps for the points of a log that has none, where other logs of the run tell them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray
from inspector.formats.series import Series

Axis = Literal["epochs", "times"]


class StepsBy(msgspec.Struct, frozen=True):
    """Which step was the last at an epoch or a time.

    Attributes:
        axis: what the table is by.
        at: (rows,) float64, epochs or times, rising.
        steps: (rows,) float64, the last step up to there.
    """

    axis: Axis
    at: FloatArray
    steps: FloatArray

    def placed(self, series: Series) -> Series | None:
        """A stepless series with steps; None where it has no such axis, or reaches beyond the table."""
        own = getattr(series, self.axis)
        if own is None or not len(own) or not np.isfinite(own).all():
            return None
        slack = 1.0 if self.axis == "epochs" else 0.0  # the last epoch is logged when all of its steps are done
        if own.min() < self.at[0] or own.max() > self.at[-1] + slack:
            return None
        return msgspec.structs.replace(
            series, steps=self.steps[np.searchsorted(self.at, own, side="right") - 1], stepless=False
        )


def step_tables(series: Iterable[Series]) -> tuple[StepsBy, ...]:
    """The tables that the curves with steps give, by epoch before by time: each from the fullest that has the axis."""
    stepped = sorted((one for one in series if not one.stepless), key=lambda one: -len(one.values))
    found = []
    axes: tuple[Axis, ...] = ("epochs", "times")
    for axis in axes:
        for one in stepped:
            at = getattr(one, axis)
            known = None if at is None else np.isfinite(at) & np.isfinite(one.steps)
            if known is not None and np.count_nonzero(known) > 1:
                order = np.argsort(at[known], kind="stable")
                found.append(StepsBy(axis, at[known][order], np.maximum.accumulate(one.steps[known][order])))
                break
    return tuple(found)
