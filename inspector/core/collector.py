"""The collector of garbage cycles, kept out of work that makes none."""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_FULL_SHARE = 0.01
"""Of the time at most, all objects are looked through."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """For many small values and modules that stay, where looking for cycles would take a good part of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class Collecting:
    """Looks for cycles in one thread alone, with the interpreter's own collector off.

    That one runs in whichever thread makes many objects, and what it finds dies there: an object of Qt that ends in
    another thread than its own leaves timers behind, and the next to go off is a segmentation fault.
    """

    def __init__(self) -> None:
        gc.disable()
        self._full_after_s = 0.0

    def look(self) -> None:
        """Collect what is due by the interpreter's thresholds, in the thread that calls; to be called often."""
        young, _, old = gc.get_count()
        young_threshold, _, old_threshold = gc.get_threshold()
        begun_s = time.perf_counter()
        if old > old_threshold and begun_s >= self._full_after_s:
            gc.collect()
            _give_back()
            ended_s = time.perf_counter()
            self._full_after_s = ended_s + (ended_s - begun_s) / _FULL_SHARE
        elif young > young_threshold:
            gc.collect(1)


def _give_back() -> None:
    """Hand freed memory to the system: GNU's allocator keeps gaps between what lives, in a window a tenth of all."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(ctypes.c_size_t(0))
