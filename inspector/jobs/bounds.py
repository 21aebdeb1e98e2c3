"""What a reader may use and give back."""

from __future__ import annotations

import msgspec

MAX_BLOCK_BYTES = 2 << 30
"""The largest result that a reader may give back."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader may use.

    Attributes:
        memory_bytes: address space beyond what its launcher had mapped.
        cpu_s: processor time for one request; an answer's own table may allow more.
        open_files: descriptors.
        file_bytes: the largest file or block of shared memory that it may write.
    """

    memory_bytes: int = 2 << 30
    cpu_s: float = 30.0
    open_files: int = 256
    file_bytes: int = MAX_BLOCK_BYTES
