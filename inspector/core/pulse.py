"""What running work sees of the outside: a place to report progress and to notice a cancel."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from inspector.core.errors import WorkCancelled


class Progress(NamedTuple):  # made at every beat, and a tuple is made ten times faster than a frozen dataclass
    """How far the work is; `total` 0 means unknown."""

    done: int = 0
    total: int = 0
    what: str = ""


def _ignore(_progress: Progress) -> None:
    pass


def _never() -> bool:
    return False


class Pulse:
    """Progress out, cancel in; work beats at least every 50 ms.

    Args:
        report: takes each progress; it may drop most of them.
        cancelled: whether the work should stop.
        generous: whether someone waits for more than the usual limits of reading allow.
        until_s: when a first look is wanted, by `time.monotonic`; infinite where all is waited for.
    """

    __slots__ = ("_cancelled", "_report", "generous", "until_s")

    def __init__(
        self,
        report: Callable[[Progress], None] = _ignore,
        cancelled: Callable[[], bool] = _never,
        *,
        generous: bool = False,
        until_s: float = math.inf,
    ) -> None:
        self._report = report
        self._cancelled = cancelled
        self.generous = generous
        self.until_s = until_s

    def made_generous(self) -> Pulse:
        """The same, for work with generous limits."""
        return Pulse(self._report, self._cancelled, generous=True, until_s=self.until_s)

    def within(self, seconds: float) -> Pulse:
        """The same, for work that stops where it can go on later, once so much time has gone by."""
        return Pulse(
            self._report, self._cancelled, generous=self.generous, until_s=min(self.until_s, time.monotonic() + seconds)
        )

    def due(self) -> bool:
        """Whether a first look is wanted now: work that can go on later stops here with what it has."""
        return self.until_s < math.inf and time.monotonic() >= self.until_s

    def beat(self, done: int = 0, total: int = 0, what: str = "") -> None:
        """Report progress, and stop here if asked to.

        Raises:
            WorkCancelled: someone no longer wants the result.
        """
        if self._cancelled():
            raise WorkCancelled
        self._report(Progress(done, total, what))


QUIET = Pulse()
"""For work that nobody watches."""
