"""Sealed shared memory: arrays that a reader gives away and can no longer change.

A block is mapped only after its seals were checked: one that its maker could still shrink would end whoever reads it
with SIGBUS.

Source:
    memfd_create(2), fcntl(2) "File sealing".
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Sequence

import numpy as np

from inspector.core.arrays import AnyArray
from inspector.core.errors import ReaderLostError
from inspector.formats.messages import ArrayDescriptor
from inspector.jobs.bounds import MAX_BLOCK_BYTES

_CONTENT_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class BlockError(ReaderLostError):
    """A block of shared memory that is not what its message says."""


def _write_at(descriptor: int, data: memoryview, offset: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, offset)
        data = data[written:]
        offset += written


def sealed_block(arrays: Sequence[AnyArray], places: Sequence[ArrayDescriptor], total_bytes: int) -> int:
    """The descriptor of new memory that holds the arrays at their places and never changes again.

    Args:
        arrays: contiguous, any shape and dtype but objects.
        places: as `formats.messages.layout` gives them.
        total_bytes: likewise.

    Raises:
        BlockError: it would be larger than `MAX_BLOCK_BYTES`.
        OSError: there is no room for it.
    """
    if total_bytes > MAX_BLOCK_BYTES:
        raise BlockError(f"a result of {total_bytes:,} bytes is larger than the {MAX_BLOCK_BYTES:,} allowed")
    descriptor = os.memfd_create("run-inspector", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, total_bytes)
        for array, place in zip(arrays, places, strict=True):
            if array.nbytes:
                _write_at(descriptor, array.reshape(-1).view(np.uint8).data, place.offset_bytes)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _CONTENT_SEALS | fcntl.F_SEAL_SEAL)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def mapped_block(descriptor: int, total_bytes: int) -> memoryview:
    """A read-only view of a block that was received; the descriptor stays the caller's to close.

    Raises:
        BlockError: it is not sealed memory, or not of the size that the message says.
    """
    if not 0 < total_bytes <= MAX_BLOCK_BYTES:
        raise BlockError(f"a reader announced a result of {total_bytes:,} bytes; {MAX_BLOCK_BYTES:,} are allowed")
    try:
        seals = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
    except OSError as error:
        raise BlockError("a reader handed over a file where sealed memory was expected") from error
    if seals & _CONTENT_SEALS != _CONTENT_SEALS:
        raise BlockError("a reader handed over memory that it could still change")
    found_bytes = os.fstat(descriptor).st_size
    if found_bytes != total_bytes:
        raise BlockError(f"a reader announced {total_bytes:,} bytes and handed over {found_bytes:,}")
    # Private: before Linux 6.7 a shared mapping of write-sealed memory is refused even for reading.
    return memoryview(mmap.mmap(descriptor, total_bytes, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ))
