"""One descriptor for everything that can happen: whoever watches it calls `turn` when it is readable."""

from __future__ import annotations

import math
import selectors
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from inspector.jobs.alarm import Alarm


class Timed(Protocol):
    """Something that wants to be called at a time."""

    def due_s(self) -> float | None:
        """When, in seconds of `time.monotonic`; None for never."""

    def on_time(self, now_s: float) -> None:
        """Called at that time or later."""


class Pump:
    """Sockets, deadlines and calls to make later, behind one descriptor; no thread, no Qt."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._alarm = Alarm()
        self._selector.register(self._alarm, selectors.EVENT_READ, lambda: None)
        self._timed: list[Timed] = []
        self._later: deque[Callable[[], None]] = deque()
        self._heard: set[int] = set()
        self._closed = False

    def fileno(self) -> int:
        """Readable when `turn` has something to do; the same for the pump's whole life."""
        return self._selector.fileno()  # epoll and kqueue both have one

    def watch(self, descriptor: int, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` whenever the descriptor is readable."""
        self._selector.register(descriptor, selectors.EVENT_READ, on_readable)

    def want_writing(self, descriptor: int, wanted: bool) -> None:
        """Wake up for room to write, too, or no longer."""
        key = self._selector.get_key(descriptor)
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
        if key.events != events:
            self._selector.modify(descriptor, events, key.data)

    def forget(self, descriptor: int) -> None:
        """Watch a descriptor no longer; before it is closed."""
        self._selector.unregister(descriptor)

    def add(self, timed: Timed) -> None:
        """Keep the deadlines of something."""
        self._timed.append(timed)

    def remove(self, timed: Timed) -> None:
        """Keep them no longer."""
        self._timed.remove(timed)

    def later(self, call: Callable[[], None]) -> None:
        """Make a call in the next turn, after those that wait already."""
        self._later.append(call)
        self.arm()

    def arm(self) -> None:
        """Set the alarm to the earliest deadline; after any of them changed outside a turn."""
        if self._closed:
            return
        due = [time.monotonic()] if self._later else [at for timed in self._timed if (at := timed.due_s()) is not None]
        self._alarm.set(min(due, default=None))

    def turn(self, wait_s: float | None = 0.0) -> None:
        """Do what is due: messages, deadlines, calls.

        Args:
            wait_s: how long to wait for something to do, None for as long as it takes.
        """
        try:
            self._hear(self._selector.select(wait_s), math.inf)
            self._call(math.inf)
        finally:
            self.arm()

    def short_turn(self, most_s: float) -> None:
        """Make calls that wait, else hear messages and keep deadlines, but begin nothing more after so long.

        The descriptor is readable again for what is left.
        """
        until_s = time.perf_counter() + most_s
        try:
            if self._later:
                self._call(until_s)
            else:
                self._hear(self._selector.select(0.0), until_s)
        finally:
            self.arm()

    def _hear(self, ready: Sequence[tuple[selectors.SelectorKey, int]], until_s: float) -> None:
        """Hear those that are ready while there is time; who was left out goes before those that were heard since."""
        if all(key.fd in self._heard for key, _ in ready):
            self._heard.clear()
        for key, _ in sorted(ready, key=lambda one: one[0].fd in self._heard):
            self._heard.add(key.fd)
            if self._selector.get_map().get(key.fd) is key:  # an earlier one may have closed it
                key.data()
            if time.perf_counter() >= until_s:
                break
        else:
            self._heard.clear()
        now_s = time.monotonic()
        for timed in tuple(self._timed):
            due_s = timed.due_s()
            if due_s is not None and due_s <= now_s:
                timed.on_time(now_s)

    def _call(self, until_s: float) -> None:
        for _ in range(len(self._later)):
            if self._later:  # a call that turned the pump itself has made the rest
                self._later.popleft()()
            if time.perf_counter() >= until_s:
                return

    def close(self) -> None:
        """Give everything back; calls that wait are dropped."""
        self._closed = True
        self._later.clear()
        self._timed.clear()
        self._selector.close()
        self._alarm.close()
