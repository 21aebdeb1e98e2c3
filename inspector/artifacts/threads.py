"""Work on files in two threads, where what takes the time leaves the interpreter's lock alone."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from inspector.core.pulse import Pulse

Task = TypeVar("Task")
Result = TypeVar("Result")

MAX_THREADS = 2
_BEAT_S = 0.03


def results_in_order(
    work: Callable[[Task, Pulse], Result], tasks: Iterable[Task], pulse: Pulse, what: str
) -> Iterator[Result]:
    """What `work` makes of each task, in their order; few are under way at a time.

    Args:
        work: called in another thread; the pulse that it gets can only stop it.
        tasks: drawn one by one.
        pulse: beaten in this thread while it waits.
        what: is being done.

    Raises:
        WorkCancelled: the pulse was cancelled; the threads have ended by then.
    """
    stop = Event()
    inner = Pulse(cancelled=stop.is_set)
    threads = min(MAX_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else MAX_THREADS)
    pending: deque[Future[Result]] = deque()
    drawn = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        try:
            while True:
                while len(pending) < 2 * threads and (task := next(drawn, None)) is not None:
                    pending.append(pool.submit(work, task, inner))
                if not pending:
                    return
                yield _waited(pending.popleft(), pulse, what)
        finally:
            stop.set()
            for future in pending:
                future.cancel()


def _waited(future: Future[Result], pulse: Pulse, what: str) -> Result:
    while True:
        pulse.beat(what=what)
        try:
            return future.result(timeout=_BEAT_S)
        except TimeoutError:
            if future.done():
                raise
