"""How long each turn of the event loop takes: the pauses that a user of the window could feel, and what made them.

A turn is told by a timer of 1 ms. What the thread itself worked in it (CPU) is ours; the rest of the wall clock it
waited for a processor, which other programs of the machine had.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from PySide6.QtCore import QEventLoop, QTimer

NOTICED_MS = 50.0
_SAMPLED_S = 0.001
_QUIET_MS = 250
_PATIENCE_S = 300.0
_CAUSES = 4


@dataclass
class Action:
    """What one thing that a user does cost the window's thread.

    Attributes:
        longest_cpu_ms, longest_wall_ms: of the turns of the event loop until all was quiet again.
        noticed: how many turns took more than 50 ms of CPU.
        cpu_ms: of all turns.
        where: our functions that were found at work in the longest turn, the most frequent first; time that Qt itself
            took is laid to whichever of ours it called next.
        turns: CPU and wall milliseconds of every turn.
    """

    name: str
    longest_cpu_ms: float = 0.0
    longest_wall_ms: float = 0.0
    noticed: int = 0
    cpu_ms: float = 0.0
    where: tuple[str, ...] = ()
    turns: list[tuple[float, float]] = field(default_factory=list)

    def add(self, cpu_ms: float, wall_ms: float, samples: Counter[str]) -> None:
        """Count one turn."""
        if cpu_ms > self.longest_cpu_ms:
            self.longest_cpu_ms = cpu_ms
            self.where = tuple(name for name, _count in Counter(samples.copy()).most_common(_CAUSES))
        self.longest_wall_ms = max(self.longest_wall_ms, wall_ms)
        self.noticed += cpu_ms > NOTICED_MS
        self.cpu_ms += cpu_ms
        self.turns.append((cpu_ms, wall_ms))

    def line(self) -> str:
        """One row of the printed table."""
        causes = ", ".join(self.where) if self.longest_cpu_ms > NOTICED_MS / 3 else ""
        figures = f"{self.longest_cpu_ms:8.1f} {self.noticed:6d} {self.longest_wall_ms:8.1f} {self.cpu_ms:10.0f}"
        return f"{self.name:<34} {figures}   {causes}"


HEADING = f"{'action':<34} {'CPU ms':>8} {'> 50':>6} {'wall ms':>8} {'CPU in all':>10}   in the longest turn"


class Pauses:
    """Watches the turns of this thread's event loop."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._turn)
        self._samples: Counter[str] = Counter()
        self._wall_s, self._cpu_s = time.perf_counter(), time.thread_time()
        signal.signal(signal.SIGPROF, self._sample)

    def watch(self, name: str, act: Callable[[], object], busy: Callable[[], bool], quiet_ms: int = _QUIET_MS) -> None:
        """Do something and wait until nothing has been busy for a while."""
        action = Action(name)
        self.actions.append(action)
        self._wall_s, self._cpu_s = time.perf_counter(), time.thread_time()
        self._timer.start()
        signal.setitimer(signal.ITIMER_PROF, _SAMPLED_S, _SAMPLED_S)
        loop = QEventLoop()
        began = last_busy = time.perf_counter()

        def look() -> None:
            nonlocal last_busy
            now = time.perf_counter()
            if busy():
                last_busy = now
            if (now - last_busy) * 1000 > quiet_ms or now - began > _PATIENCE_S:
                loop.quit()

        looking = QTimer(interval=10)
        looking.timeout.connect(look)
        looking.start()
        QTimer.singleShot(0, act)
        loop.exec()
        looking.stop()
        self._timer.stop()
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _turn(self) -> None:
        now, used = time.perf_counter(), time.thread_time()
        self.actions[-1].add((used - self._cpu_s) * 1000, (now - self._wall_s) * 1000, self._samples)
        self._samples.clear()
        self._wall_s, self._cpu_s = now, used

    def _sample(self, _signal: int, frame: FrameType | None) -> None:
        name = "Qt"
        while frame is not None:
            module = frame.f_globals.get("__name__", "")
            if module.startswith("inspector."):
                name = f"{module.removeprefix('inspector.')}.{frame.f_code.co_name}"
                break
            frame = frame.f_back
        self._samples[name] += 1
