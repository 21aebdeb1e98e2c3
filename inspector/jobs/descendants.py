"""Every process below one, from /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

_PROCESSES = Path("/proc")


def _parent_of(process: Path) -> int | None:
    try:
        status = (process / "stat").read_bytes()
    except OSError:
        return None  # it ended meanwhile
    # The name stands in brackets and may hold anything; after it come state and parent.
    return int(status[status.rindex(b")") + 1 :].split()[1])


def descendants(pid: int) -> list[int]:
    """The process ids below `pid`, children first; empty where there is no /proc."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    if not _PROCESSES.is_dir():
        return []
    for name in os.listdir(_PROCESSES):  # noqa: PTH208 - only names are wanted
        if name.isdigit() and (parent := _parent_of(_PROCESSES / name)) is not None:
            children[parent].append(int(name))
    found: list[int] = []
    fresh = [pid]
    while fresh:
        fresh = [child for parent in fresh for child in children[parent]]
        found += fresh
    return found
