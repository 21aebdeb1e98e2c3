"""Points by tag while a log is read, given out without a copy."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.logs.clocks import Clock
from inspector.artifacts.logs.growing import GrowingArray
from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.series import Series


class GrowingPoints:
    """The points of one tag, in the order they are added.

    What `series` gives are views: points that come later stand behind them, so they stay as they are.

    Attributes:
        tag: their name.
        clock: where the times of those given out go back.
    """

    __slots__ = ("_attempt", "_starts", "_steps", "_timed", "_times", "_values", "clock", "tag")

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self._steps = GrowingArray(np.float64)
        self._times = GrowingArray(np.float64)
        self._values = GrowingArray(np.float64)
        self._attempt = -1
        self._starts: list[int] = []
        self._timed = False
        self.clock = Clock()

    @property
    def count(self) -> int:
        """How many there are."""
        return self._values.count

    def add(self, steps: FloatArray, times: FloatArray, values: FloatArray, attempt: int) -> None:
        """Add points of one attempt; (points,) float64 each, times NaN where not told."""
        if attempt != self._attempt:
            self._attempt = attempt
            self._starts.append(self.count)
        self._steps.extend(steps)
        self._times.extend(times)
        self._values.extend(values)

    def series(self) -> Series:
        """The points so far."""
        times = self._times.view()
        self.clock = self.clock.read_on(times[self.clock.read :])
        self._timed = self._timed or not np.isnan(times).all()
        return Series(
            tag=self.tag,
            steps=self._steps.view(),
            values=self._values.view(),
            times=times if self._timed else None,
            starts=self._attempts(),
        )

    def _attempts(self) -> IntArray | None:
        return np.array(self._starts, np.int64) if len(self._starts) > 1 else None
