"""The program's own small files are written by one thread, in the order in which that is asked for.

A home folder on a share that stops answering would hold whoever writes there for good. So who has something written
waits a moment: where the disk answers, it is on the disk before anything else is done; where not, the window goes on,
and it is written as soon as the disk answers.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from inspector.core.outcome import Done
from inspector.jobs.waiting import works

T = TypeVar("T")

PATIENCE_S = 0.1
"""A disk that takes longer is slow or hung; the window waits so long once, and not again until all is written."""

_BUSY_S = 5.0
"""On a busy machine the thread itself waits for the processor; that is no fault of the disk."""

_SINCE_IT_WORKED_S = 0.03
_STEP_S = 0.01
_MOST_LATER = 1000

_log = logging.getLogger(__name__)


class _Work:
    """What is to be written, and what became of it."""

    def __init__(self, work: Callable[[], Any], name: str) -> None:
        self.work = work
        self.name = name
        self.awaited = False
        self.outcome: Done[Any] | BaseException | None = None


class Writing:
    """What is being written. There is a thread only as long as there is anything to write."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._works: deque[_Work] = deque()
        self._thread: threading.Thread | None = None
        self._is_writing = False
        self._begun_s = 0.0
        self._behind = False

    def __call__(self, work: Callable[[], T], *, instead_of: str = "") -> Done[T] | None:
        """Have something written after all that was asked for before, and wait a moment for it.

        Args:
            work: writes it; it sees plain values alone, for no object of Qt may be made, owned or told by its thread.
            instead_of: what is named so and still waits is not written any more.

        Returns:
            What it gave; None where the disk has not answered yet. It is written when it does.

        Raises:
            OSError: it could not be written, as `work` says.
        """
        if threading.current_thread() is self._thread:
            return Done(work())
        asked = _Work(work, instead_of)
        with self._turn:
            self._add(asked)
            asked.awaited = not self._behind
            if asked.awaited and not self._wait(lambda: asked.outcome is not None, PATIENCE_S):
                self._behind, asked.awaited = True, False
            outcome = asked.outcome
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def later(self, work: Callable[[], Any]) -> None:
        """Have something written that nobody waits for; nothing where far too much waits already."""
        with self._turn:
            if len(self._works) < _MOST_LATER:
                self._add(_Work(work, ""))

    def finish(self, patience_s: float) -> bool:
        """Wait until all is written and nothing of the thread is left; whether all is written."""
        with self._turn:
            finished = self._wait(lambda: not self._is_writing, patience_s)
        if finished and self._thread is not None:
            self._thread.join(patience_s)
        return finished

    @property
    def held_s(self) -> float:
        """For how long the disk has held what is being written now; 0.0 where it has not been late."""
        with self._turn:
            return time.monotonic() - self._begun_s if self._behind else 0.0

    def _add(self, asked: _Work) -> None:
        if asked.name:
            self._works = deque(one for one in self._works if one.name != asked.name)
        self._works.append(asked)
        if not self._is_writing:
            self._is_writing = True
            self._begun_s = time.monotonic()
            self._thread = threading.Thread(target=self._write, name="writing", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:  # there can be no more threads
                self._thread = None
                self._write()

    def _wait(self, until: Callable[[], bool], patience_s: float) -> bool:
        now_s = time.monotonic()
        until_s, at_most_s = now_s + patience_s, now_s + max(patience_s, _BUSY_S)
        while not until() and now_s < until_s:
            self._turn.wait(_STEP_S)
            now_s = time.monotonic()
            if self._is_writing and self._thread is not None and works(self._thread):
                until_s = max(until_s, min(now_s + _SINCE_IT_WORKED_S, at_most_s))
        return until()

    def _write(self) -> None:
        """Write what waits, one after the other, until there is nothing."""
        while True:
            with self._turn:
                if not self._works:
                    self._is_writing = self._behind = False
                    self._turn.notify_all()
                    return
                asked = self._works.popleft()
                self._begun_s = time.monotonic()
            try:
                outcome: Done[Any] | BaseException = Done(asked.work())
            except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
                outcome = error
            with self._turn:
                asked.outcome = outcome
                awaited = asked.awaited
                self._turn.notify_all()
            if isinstance(outcome, BaseException) and not awaited:
                _log.warning("not written: %s", outcome)


writing = Writing()
"""That of this process."""
