"""A new file that is filled from its first byte on, through a descriptor that its owner opened and puts in place.

It is made durable while it grows, so that putting it in place takes its owner no time.
"""

from __future__ import annotations

import os
from typing import TypeAlias

SYNC_BYTES = 256 << 20
"""After so many bytes they are written to the disk: an end that syncs gigabytes at once would look hung."""

Data: TypeAlias = bytes | bytearray | memoryview


class Output:
    """Bytes that are appended, and may be patched later.

    Args:
        descriptor: open for writing; stays the caller's. What the file held before is dropped.

    Attributes:
        bytes: how many there are so far.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._synced_bytes = 0
        self.bytes = 0
        os.ftruncate(descriptor, 0)

    def write(self, data: Data) -> None:
        """Append bytes.

        Raises:
            OSError: the disk is full, or the file may not be so large.
        """
        self.patch(self.bytes, data)
        self.bytes += len(data)
        if self.bytes - self._synced_bytes >= SYNC_BYTES:
            os.fdatasync(self._descriptor)
            self._synced_bytes = self.bytes

    def patch(self, place: int, data: Data) -> None:
        """Write over bytes that are there already; raises as `write`."""
        left = memoryview(data)
        while left:
            written = os.pwrite(self._descriptor, left, place)
            left = left[written:]
            place += written

    def finish(self) -> None:
        """Make everything durable."""
        os.fsync(self._descriptor)
