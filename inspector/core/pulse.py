"""What running work sees of the outside: a place to report progress and to notice a cancel."""

from __future__ import annotations

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
    """

    __slots__ = ("_cancelled", "_report", "generous")

    def __init__(
        self,
        report: Callable[[Progress], None] = _ignore,
        cancelled: Callable[[], bool] = _never,
        *,
        generous: bool = False,
    ) -> None:
        self._report = report
        self._cancelled = cancelled
        self.generous = generous

    def made_generous(self) -> Pulse:
        """The same, for work with generous limits."""
        return Pulse(self._report, self._cancelled, generous=True)

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
