"""What memory this process has, and a bound on more of it while a library works that believes what a file declares."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

_PAGES = "/proc/self/statm"
_MAPPED, _DATA = 0, 5
"""Fields of it: all that is mapped, and what of it is the process's own to write."""


def mapped_bytes() -> int:
    """All that this process has mapped.

    Raises:
        OSError: the system does not tell.
    """
    return _pages(_MAPPED)


def keep_in_sight() -> None:
    """Open now what the bound needs to know: in a process that shuts itself in it can be opened no more."""
    with suppress(OSError):
        _opened(os.getpid())


@contextmanager
def memory_bounded(more_bytes: int) -> Iterator[None]:
    """Refuse this process, in all its threads, more memory than it has and `more_bytes`; no bound where none is kept.

    What is refused memory says so by an error of its own. Linux alone counts all that is mapped for writing. One within
    another is right, two threads in it at once are not: who leaves last would put back the other's bound.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with suppress(OSError):
        wanted = _pages(_DATA) + more_bytes
        if before == resource.RLIM_INFINITY or wanted < before:
            resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


def _pages(field: int) -> int:
    descriptor = _opened(os.getpid())
    return int(os.pread(descriptor, 128, 0).split()[field]) * os.sysconf("SC_PAGE_SIZE")


@cache
def _opened(_pid: int) -> int:
    """Open as long as the process lives; a fork has another."""
    return os.open(_PAGES, os.O_RDONLY | os.O_CLOEXEC)
