"""Where the window's thread was when the event loop did not turn: a second thread looks at its stack meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from types import FrameType
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer

STALL_S = 0.1
"""A pause that a user feels; Source: J. Nielsen, Usability Engineering (1993), chapter 5."""

KEPT = 50
_BEAT_MS = 50
_LOOK_S = 0.025
_OURS = "inspector."

Stack = tuple[str, ...]


class Stall(NamedTuple):
    """One pause of the event loop.

    Attributes:
        wall_s: from one turn to the next; cpu_s: of it, what the window's own thread worked.
        at_s: when it ended, in seconds since the epoch.
        stack: what was found most often meanwhile, the innermost call first; `module.function:line` each.
    """

    wall_s: float
    cpu_s: float
    at_s: float
    stack: Stack

    @property
    def culprit(self) -> str:
        """The innermost call of the program's own, empty where there is none."""
        return next((call for call in self.stack if call.startswith(_OURS)), "")

    def text(self) -> str:
        """Figures, and the stack below them, one call a line."""
        ended = time.strftime("%H:%M:%S", time.localtime(self.at_s))
        head = f"{self.wall_s * 1000:.0f} ms ({self.cpu_s * 1000:.0f} ms of work), until {ended}"
        return "\n".join((head, *(f"    {call}" for call in self.stack)))


class Stalls(QObject):
    """Watches the event loop of the thread it was made in.

    Args:
        bound_s: pauses from here on are kept.

    Attributes:
        kept: the longest, the longest first, at most `KEPT`.
    """

    def __init__(self, parent: QObject | None = None, bound_s: float = STALL_S) -> None:
        super().__init__(parent)
        self.kept: list[Stall] = []
        self._bound_s = bound_s
        self._watched = threading.get_ident()
        self._found: Counter[Stack] = Counter()
        self._turned_s, self._worked_s = 0.0, 0.0
        self._beat = QTimer(self, interval=_BEAT_MS)
        self._beat.timeout.connect(self._turn)
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def caught(self) -> bool:
        """Whether a pause is under way whose stack has been seen."""
        return bool(self._found)

    def start(self) -> None:
        """Watch from now on."""
        if self._watcher is not None:
            return
        self._turned_s, self._worked_s = time.monotonic(), time.thread_time()
        self._ended.clear()
        self._watcher = threading.Thread(target=self._watch, name="stalls", daemon=True)
        self._watcher.start()
        self._beat.start()

    def stop(self) -> None:
        """Watch no more; what was found is kept."""
        if self._watcher is not None:
            self._beat.stop()
            self._ended.set()
            self._watcher.join()
            self._watcher = None

    def _turn(self) -> None:
        now_s, worked_s = time.monotonic(), time.thread_time()
        found, self._found = self._found, Counter()
        before_s, self._turned_s = self._turned_s, now_s
        if found:
            stack = found.most_common(1)[0][0]
            self.kept.append(Stall(now_s - before_s, worked_s - self._worked_s, time.time(), stack))
            self.kept.sort(key=lambda stall: stall.wall_s, reverse=True)
            del self.kept[KEPT:]
        self._worked_s = worked_s

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_S):
            if time.monotonic() - self._turned_s < self._bound_s:
                continue
            frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - there is no other way to another thread's
            if frame is not None:
                self._found[_stack(frame)] += 1
            del frame  # else it would hold what the call has let go


def _stack(frame: FrameType | None) -> Stack:
    calls = []
    while frame is not None:
        code = frame.f_code
        calls.append(f"{frame.f_globals.get('__name__', '?')}.{code.co_qualname}:{frame.f_lineno}")
        frame = frame.f_back
    return tuple(calls)
