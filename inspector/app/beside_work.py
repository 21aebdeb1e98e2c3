"""Work on values that takes longer than a frame may, done in a thread beside the window's own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QTimer

_LOOK_EVERY_MS = 15


class BesideWork:
    """One piece of work at a time; a newer one takes the place of an older one.

    The thread sees plain values alone: no object of Qt is made, owned or told anything by it.

    Args:
        ready: told, in the window's thread, the name that a piece was given, once its result is there.
    """

    def __init__(self, ready: Callable[[str], Any]) -> None:
        self._ready = ready
        self._name = ""
        self._key: object = None
        self._work: Callable[[], Any] | None = None
        self._future: Future[Any] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._timer: QTimer | None = None

    def result(self, key: object, work: Callable[[], Any], name: str) -> Any:
        """The result of some work, None while it is done.

        Args:
            key: what the work is made of; an equal one means the same work.
            work: is called in the thread.
            name: what `ready` is told.

        Raises:
            Exception: whatever the work raised.
        """
        if self._future is None or self._key != key:
            self._start(key, work, name)
        if self._future is None or not self._future.done():
            return None
        found = self._future.result()
        self._future = self._work = None
        return found

    def _start(self, key: object, work: Callable[[], Any], name: str) -> None:
        if self._future is not None:
            self._future.cancel()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="beside")
        if self._timer is None:
            self._timer = QTimer(interval=_LOOK_EVERY_MS)
            self._timer.timeout.connect(self._look)
        # What the work is made of is kept as long as the key, which may hold addresses.
        self._key, self._work, self._name = key, work, name
        self._future = self._thread.submit(work)
        self._timer.start()

    def _look(self) -> None:
        if self._timer is not None and (self._future is None or self._future.done()):
            self._timer.stop()
            if self._future is not None:
                self._ready(self._name)
