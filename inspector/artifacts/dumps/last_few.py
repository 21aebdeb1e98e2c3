"""What was worked out of a dump in one of many ways, as far as it was asked for last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from inspector.artifacts.dumps.dump_file import Dump

T = TypeVar("T")

FEW = 3
"""Of a kind that stay in memory: all points of a dump may take hundreds of megabytes for each radius."""


def last_few(dump: Dump, kind: str, way: Hashable, work: Callable[[], T]) -> T:
    """What `work` gives, done once as long as it is one of the last few ways of its kind.

    Args:
        dump: that remembers it.
        kind: what it is.
        way: tells one of a kind from others.
        work: works it out; raises what it may.
    """
    known: OrderedDict[Hashable, T] = dump.remembered.setdefault(kind, OrderedDict())
    found = known.pop(way) if way in known else work()
    known[way] = found
    while len(known) > FEW:
        known.popitem(last=False)
    return found
