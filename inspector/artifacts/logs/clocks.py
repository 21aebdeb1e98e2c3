"""Times in a log: dates as points in time, and where its clock goes back, on which axes and attempts rest."""

from __future__ import annotations

import math
from datetime import datetime
from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray

_TOLERANCE_S = 1.0
"""Threads that log at the same time hand in their records in another order."""

_BLOCK_POINTS = 2**20
"""Looked at together, so that a long log takes no memory of its length."""


def moment_of(text: str) -> float | None:
    """Seconds since 1970 of a date with its time zone; a clock of an unknown place is no point in time."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.timestamp() if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


class Clock(NamedTuple):
    """What the times so far do.

    Attributes:
        read: how many times there were, unknown ones included.
        latest: the last known, NaN before the first.
        backs: how often a time lies before the one before it.
        first: which time was the first to.
        most_s: by how much one does at most.
    """

    read: int = 0
    latest: float = math.nan
    backs: int = 0
    first: int = 0
    most_s: float = 0.0

    def read_on(self, times: FloatArray) -> Clock:
        """This clock with further times: (points,) float64, in seconds, NaN where unknown."""
        clock = self
        for begin in range(0, len(times), _BLOCK_POINTS):
            clock = clock._read_block(times[begin : begin + _BLOCK_POINTS])
        return clock

    def _read_block(self, times: FloatArray) -> Clock:
        known = np.isfinite(times)
        if not known.any():
            return self._replace(read=self.read + len(times))
        finite = times if known.all() else times[known]
        steps = np.diff(finite, prepend=finite[0] if math.isnan(self.latest) else self.latest)
        back = steps < -_TOLERANCE_S
        clock = self._replace(read=self.read + len(times), latest=float(finite[-1]))
        if not back.any():
            return clock
        first = self.first if self.backs else self.read + int(np.flatnonzero(known)[np.argmax(back)])
        most_s = max(self.most_s, float(-steps.min()))
        return clock._replace(backs=self.backs + int(np.count_nonzero(back)), first=first, most_s=most_s)

    def note(self, record: str, of: str = "") -> tuple[str, ...]:
        """What is said where it goes back, of things called `record`, those `of` something."""
        if not self.backs:
            return ()
        if self.backs == 1:
            return (f"the clock goes back by {self.most_s:,.0f} s at {record} {self.first + 1:,}{of}",)
        how_much = f"by {self.most_s:,.0f} s at most"
        return (f"the clock goes back {self.backs:,} times, {how_much}, first at {record} {self.first + 1:,}{of}",)
