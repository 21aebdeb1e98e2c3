"""The values of an HDF5 dataset as bytes by offset, for those that do not stand in the file as they are."""

from __future__ import annotations

import math
from pathlib import Path
from threading import Lock

import numpy as np

from inspector.artifacts.dumps.hdf5_open import opened
from inspector.artifacts.dumps.hdf5_window import open_dataset, read
from inspector.artifacts.dumps.part_places import whole_of
from inspector.artifacts.identity import Identity, check_same, identity_of
from inspector.artifacts.kept_blocks import SERIALS, keep, kept

BLOCK_BYTES = 8 << 20
"""Rows are decoded so many bytes at a time, and whole chunks of them."""


class DatasetSource:
    """A dataset as a source of its elements, row by row, little-endian; opened anew for each block, also in threads."""

    __slots__ = (
        "_identity",
        "_lock",
        "_name",
        "_path",
        "_row_bytes",
        "_rows",
        "_serial",
        "_shape",
        "size",
    )

    def __init__(
        self,
        path: Path,
        identity: Identity,
        name: str,
        shape: tuple[int, ...],
        chunks: tuple[int, ...] | None,
        item_bytes: int,
    ) -> None:
        self._lock = Lock()
        self._path = path
        self._identity = identity
        self._name = name
        self._shape = shape
        self._row_bytes = max(1, math.prod(shape[1:]) * item_bytes)
        step = max(1, chunks[0]) if chunks else 1
        self._rows = step * max(1, BLOCK_BYTES // (step * self._row_bytes))
        self._serial = next(SERIALS)
        self.size = math.prod(shape) * item_bytes

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`.

        Raises:
            FileError: as `hdf5_window.read`, or the file is not what it was when it was opened.
        """
        check_same(self._path, identity_of(self._path), self._identity)
        end = min(self.size, offset + count)
        pieces = []
        with self._lock:
            while 0 <= offset < end:
                index, start = divmod(offset, self._rows * self._row_bytes)
                block = kept(self._serial, index)
                if block is None:
                    block = self._decoded(index)
                    keep(self._serial, index, block)
                piece = block[start : start + end - offset]
                if not piece:
                    break
                pieces.append(piece)
                offset += len(piece)
        return b"".join(pieces)

    def place(self, offset: int) -> int | None:  # noqa: ARG002 - its bytes are not in the file as they are
        """As `Source.place`."""
        return None

    def _decoded(self, index: int) -> bytes:
        part = whole_of(self._shape)
        if part:
            part = (slice(index * self._rows, min(self._shape[0], (index + 1) * self._rows)), *part[1:])
        with opened(self._path) as found:
            values = read(self._path, open_dataset(self._path, found.file, self._name, follow=False), part)
        return np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
