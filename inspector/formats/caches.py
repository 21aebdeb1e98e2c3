"""All caches on disk as one: how much room they take together, and what goes out first."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from inspector.formats import fleet_cache, scan_cache, summary_cache

MB = 1_000_000
CACHES = (summary_cache.CACHE, scan_cache.CACHE, fleet_cache.CACHE)


def cached_bytes() -> int:
    """What the entries of all caches take together."""
    return sum(size for _age, size, _path in _entries())


def bound_caches(most_bytes: int) -> None:
    """Remove the oldest entries until the rest takes no more; 0 clears the caches."""
    total = 0
    for _age, size, path in sorted(_entries(), reverse=True):
        total += size
        if total > most_bytes:
            with suppress(OSError):  # what cannot be removed stays
                path.unlink(missing_ok=True)


def _entries() -> list[tuple[int, int, Path]]:
    """When each was written, its bytes, and where it is."""
    found: list[tuple[int, int, Path]] = []
    for cache in CACHES:
        for path in cache.folder().glob(f"*{cache.suffix}"):
            with suppress(OSError):  # another window removed it
                facts = path.stat()
                found.append((facts.st_mtime_ns, facts.st_size, path))
    return found
