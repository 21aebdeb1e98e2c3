"""Points by tag while a log is read: arrays that grow, and are given out without a copy."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.series import Series

_FIRST_POINTS = 64
_GROWTH = 2


class GrowingPoints:
    """The points of one tag, in the order they are added.

    What `series` gives are views: points that come later stand behind them, so they stay as they are.
    """

    __slots__ = ("_attempt", "_points", "_starts", "_timed", "count", "tag")

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.count = 0
        self._points = np.empty((3, _FIRST_POINTS))
        self._attempt = -1
        self._starts: list[int] = []
        self._timed = False

    def add(self, steps: FloatArray, times: FloatArray, values: FloatArray, attempt: int) -> None:
        """Add points of one attempt; (points,) float64 each, times NaN where not told."""
        if attempt != self._attempt:
            self._attempt = attempt
            self._starts.append(self.count)
        end = self.count + len(values)
        if end > self._points.shape[1]:
            grown = np.empty((3, max(end, self._points.shape[1] * _GROWTH)))
            grown[:, : self.count] = self._points[:, : self.count]
            self._points = grown
        self._points[0, self.count : end] = steps
        self._points[1, self.count : end] = times
        self._points[2, self.count : end] = values
        self.count = end

    def series(self) -> Series:
        """The points so far."""
        steps, times, values = self._points[:, : self.count]
        self._timed = self._timed or not np.isnan(times).all()
        return Series(
            tag=self.tag,
            steps=steps,
            values=values,
            times=times if self._timed else None,
            starts=self._attempts(),
        )

    def _attempts(self) -> IntArray | None:
        return np.array(self._starts, np.int64) if len(self._starts) > 1 else None
