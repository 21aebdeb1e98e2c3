"""Writing the layout `ri-dump/1` row by row: bounded memory, packed chunks, and a file that is whole or not there."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import deflate
import h5py
import numpy as np

from inspector.core.arrays import AnyArray
from inspector.core.errors import UsageError
from inspector.core.files import atomic_file
from inspector.formats import dump

CHUNK_BYTES = 64 * 1024
"""Rows are gathered until a chunk has as much; a larger row is a chunk of its own."""

LARGEST_CHUNK_BYTES = 4 * 1024 * 1024
"""A row above it is split along its first axis, so that a part of it can be read."""

LEVEL = 1
"""Of libdeflate, which packs activations as well as zlib's 4 in a third of its time."""

_AXES = {"N": "sample", "F": "frame", "I": "iteration", "L": "layer", "A": "head", "K": "slot", "P": "position",
         "Q": "query", "H": "row", "W": "column", "C": "channel", "D": "feature"}  # fmt: skip


MOST_SCALED = 2_000
"""The scale lists all that it is a scale of in one attribute, which HDF5 holds to 64 kB."""


class _Stream(io.RawIOBase):
    """A file that takes whatever HDF5 writes; why it could not be written is kept.

    HDF5 that hears of a full disk in the middle of a file can neither write on nor close it.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        """As a file's own."""
        if self.failure is None:
            try:
                return self._stream.write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes

    def readinto(self, buffer: Any) -> int:
        """As a file's own; zeros once writing has failed."""
        if self.failure is None:
            return int(self._stream.readinto(buffer))  # type: ignore[attr-defined]  # a buffered file has it
        view = memoryview(buffer).cast("B")
        view[:] = bytes(len(view))
        return len(view)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As a file's own; it may have to write what was gathered."""
        if self.failure is None:
            try:
                return self._stream.seek(offset, whence)
            except OSError as error:
                self.failure = error
        return offset

    def truncate(self, size: int | None = None) -> int:
        """As a file's own."""
        if self.failure is None:
            try:
                return self._stream.truncate(size)
            except OSError as error:
                self.failure = error
        return size or 0

    def flush(self) -> None:
        """As a file's own."""
        if self.failure is None:
            try:
                self._stream.flush()
            except OSError as error:
                self.failure = error


class _Column:
    """A dataset that grows by rows; its last, unfilled chunk waits in memory."""

    def __init__(self, file: h5py.File, path: str, first: AnyArray, layout: str, attributes: Mapping[str, Any]) -> None:
        self.shape, self.dtype = first.shape[1:], first.dtype
        if 0 in self.shape:
            raise UsageError(f"{path}: expected values in every sample, found rows of shape {self.shape}")
        row_bytes = math.prod(self.shape) * self.dtype.itemsize
        inner = self.shape
        if row_bytes > LARGEST_CHUNK_BYTES and inner:
            inner = (max(1, inner[0] * LARGEST_CHUNK_BYTES // row_bytes), *inner[1:])
        self._chunk = (max(1, CHUNK_BYTES // row_bytes), *inner)
        self._dataset = file.create_dataset(
            path, shape=(0, *self.shape), maxshape=(None, *self.shape), dtype=self.dtype, chunks=self._chunk,
            shuffle=self.dtype.itemsize > 1, compression="gzip", compression_opts=LEVEL,
        )  # fmt: skip
        describe(self._dataset, layout, attributes)
        self.by_sample = layout.startswith("N")
        self._waiting: list[AnyArray] = []
        self._written = 0

    def append(self, rows: AnyArray) -> None:
        """Add rows, (n, *shape) of the column's dtype; those that fill no chunk are kept for later."""
        self._waiting.append(rows)
        if sum(map(len, self._waiting)) >= self._chunk[0]:
            self._write(self._chunk[0])

    def finish(self) -> None:
        """Write what waits."""
        self._write(1)

    def scale(self, name: str) -> None:
        """Let it number an axis of other datasets."""
        self._dataset.make_scale(name)

    def attach(self, scale: _Column) -> None:
        """Let another number its samples, where it has as many."""
        if self.by_sample and len(self._dataset) == len(scale._dataset):
            self._dataset.dims[0].attach_scale(scale._dataset)

    def _write(self, multiple: int) -> None:
        """Write so many of the waiting rows as the multiple allows."""
        waiting = np.concatenate([np.empty((0, *self.shape), self.dtype), *self._waiting])
        count = len(waiting) - len(waiting) % multiple
        self._dataset.resize(self._written + count, axis=0)
        for first in range(0, count, self._chunk[0]):
            self._write_chunks(self._written + first, waiting[first : min(first + self._chunk[0], count)])
        self._written += count
        # A copy, so that a few rows do not hold the whole batch.
        self._waiting = [waiting[count:].copy()]

    def _write_chunks(self, at: int, rows: AnyArray) -> None:
        step = self._chunk[1] if self.shape else 1
        for inner in range(0, self.shape[0] if self.shape else 1, step):
            part = rows[:, inner : inner + step] if self.shape else rows
            if part.shape != self._chunk:
                padded = np.zeros(self._chunk, self.dtype)
                padded[tuple(map(slice, part.shape))] = part
                part = padded
            place = (at, inner, *[0] * (len(self.shape) - 1)) if self.shape else (at,)
            self._dataset.id.write_direct_chunk(place, _packed(part))


def _packed(chunk: AnyArray) -> bytes:
    """A chunk as the filters shuffle and gzip make it."""
    values = np.ascontiguousarray(chunk).reshape(-1).view(np.uint8)
    size = chunk.dtype.itemsize
    shuffled = values.reshape(-1, size).T.tobytes() if size > 1 else values.tobytes()
    return bytes(deflate.zlib_compress(shuffled, LEVEL))


def describe(dataset: h5py.Dataset, layout: str, attributes: Mapping[str, Any]) -> None:
    """Name the axes of a dataset, in the ways of this program, of HDF5 and of xarray, and set its attributes."""
    if layout:
        names = [_AXES[letter] for letter in layout]
        dataset.attrs["layout"] = layout
        dataset.attrs["_ARRAY_DIMENSIONS"] = names
        for axis, name in enumerate(names):
            dataset.dims[axis].label = name
    for name, value in attributes.items():
        dataset.attrs[name] = value


def _size(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    return f"{' × '.join(map(str, shape)) or 'one'} {dtype}"


class DumpWriter:
    """A dump that is being written; `dump_file` makes one."""

    def __init__(self, file: h5py.File, stream: _Stream) -> None:
        self._file = file
        self._stream = stream
        self._columns: dict[str, _Column] = {}
        self._texts: dict[str, h5py.Dataset] = {}

    def append(self, path: str, rows: AnyArray, layout: str = "", attributes: Mapping[str, Any] | None = None) -> None:
        """Add rows to a dataset, made with the first of them.

        Args:
            path: of the dataset.
            rows: samples first, of any plain dtype; truth values are kept as 0 and 1.
            layout: one letter a dimension, empty for none.
            attributes: of the dataset.

        Raises:
            OSError: the disk is full.
            UsageError: the rows are of another shape or type than those before.
        """
        rows = rows.astype(np.uint8) if rows.dtype.kind == "b" else rows
        column = self._columns.get(path)
        if column is None:
            column = self._columns[path] = _Column(self._file, path, rows, layout, attributes or {})
        if rows.shape[1:] != column.shape or rows.dtype != column.dtype:
            expected, found = _size(column.shape, column.dtype), _size(rows.shape[1:], rows.dtype)
            raise UsageError(f"{path}: expected {expected} a sample as before, found {found}; a dump holds one size")
        column.append(rows)
        self._check()

    def append_texts(self, path: str, texts: Iterable[str]) -> None:
        """Add one text a sample."""
        rows = list(texts)
        dataset = self._texts.get(path)
        if dataset is None:
            kind = h5py.string_dtype()
            dataset = self._texts[path] = self._file.create_dataset(path, (0,), kind, maxshape=(None,), chunks=(1024,))
        start = len(dataset)
        dataset.resize(start + len(rows), axis=0)
        dataset[start:] = rows
        self._check()

    def put(self, path: str, array: AnyArray, layout: str = "", attributes: Mapping[str, Any] | None = None) -> None:
        """Write a small dataset whole, of any shape and dtype."""
        describe(self._file.create_dataset(path, data=array), layout, attributes or {})

    def put_text(self, path: str, text: str) -> None:
        """Write one text."""
        self._file.create_dataset(path, data=text, dtype=h5py.string_dtype())

    def set_attributes(self, path: str, attributes: Mapping[str, Any]) -> None:
        """Set attributes of a group or dataset that is there; `/` is the file."""
        self._file[path].attrs.update(attributes)

    def finish(self) -> None:
        """Write what waits, and say that the dump is complete."""
        for column in self._columns.values():
            column.finish()
        index = self._columns.get(dump.SAMPLE_INDEX)
        if index is not None and not index.shape:
            index.scale(_AXES["N"])
            for column in [one for one in self._columns.values() if one is not index][:MOST_SCALED]:
                column.attach(index)
        self._check()
        self._file.attrs["complete"] = True

    def _check(self) -> None:
        if self._stream.failure is not None:
            raise self._stream.failure


@contextmanager
def dump_file(path: Path, about: Mapping[str, Any]) -> Iterator[DumpWriter]:
    """A dump that takes its place when the block ends well, and leaves nothing otherwise.

    Args:
        path: the file.
        about: attributes of the file.

    Raises:
        OSError: the disk is full, or the folder may not be written.
    """
    with atomic_file(path) as stream:
        kept = _Stream(stream)
        try:
            with h5py.File(kept, "w") as file:
                file.attrs.update({"format": dump.FORMAT, "version": dump.VERSION, **about, "complete": False})
                # Layers are listed as the model has them, and not by name.
                file.create_group(dump.ACTIVATIONS, track_order=True)
                writer = DumpWriter(file, kept)
                yield writer
                writer.finish()
        except Exception as error:
            if kept.failure is not None and error is not kept.failure:
                raise kept.failure from error
            raise
        if kept.failure is not None:
            raise kept.failure
