"""What a reader may use: memory, processor time, descriptors, the size of a result."""

from __future__ import annotations

import ctypes
import resource

from inspector.core.memory import mapped_bytes
from inspector.jobs.bounds import Limits

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 64 << 20
_LARGEST_KEPT_BYTES = 32 << 20
"""What is larger is given back at once; the most that glibc takes."""


def _within_hard(kind: int, wanted: int) -> tuple[int, int]:
    hard = resource.getrlimit(kind)[1]
    return (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)), hard


def _bound(kind: int, wanted: int) -> None:
    """Lower a limit, for good."""
    allowed, _ = _within_hard(kind, wanted)
    resource.setrlimit(kind, (allowed, allowed))


def apply(limits: Limits) -> None:
    """Bound this process; processor time is bounded for each request by `renew_cpu`."""
    _bound(resource.RLIMIT_AS, mapped_bytes() + limits.memory_bytes)
    _bound(resource.RLIMIT_NOFILE, limits.open_files)
    # Shared memory counts as a file: at 0 no result could be handed back.
    _bound(resource.RLIMIT_FSIZE, limits.file_bytes)
    _bound(resource.RLIMIT_CORE, 0)


def renew_cpu(budget_s: float) -> None:
    """Let this process use `budget_s` seconds more of processor time, then SIGXCPU ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(
        resource.RLIMIT_CPU, _within_hard(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + budget_s) + 1)
    )


def keep_freed_memory() -> None:
    """Have what is freed kept for what is allocated next: giving back and taking anew cost a third of making a scene.

    Source: `mallopt(3)`; nothing happens where the C library has no such thing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)
