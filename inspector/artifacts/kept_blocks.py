"""The last few blocks that were unpacked or decoded, of all sources together: each source may have thousands."""

from __future__ import annotations

from collections import OrderedDict
from itertools import count
from threading import Lock

MAX_BLOCKS = 4
"""Two threads read one or two sources each; a block has up to 8 MB, or one chunk."""

SERIALS = count()
"""Gives each source a number of its own."""

_lock = Lock()
_blocks: OrderedDict[tuple[int, int], bytes] = OrderedDict()


def kept(serial: int, index: int) -> bytes | None:
    """A block of a source; None where it is no longer kept."""
    with _lock:
        block = _blocks.get((serial, index))
        if block is not None:
            _blocks.move_to_end((serial, index))
        return block


def keep(serial: int, index: int, block: bytes) -> None:
    """Keep a block of a source, and let go of the one that was not used for the longest time."""
    with _lock:
        _blocks[serial, index] = block
        while len(_blocks) > MAX_BLOCKS:
            _blocks.popitem(last=False)
