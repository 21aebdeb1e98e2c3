"""Numbers of an HDF5 dataset past the library where their storage is plain: it decodes one chunk at a time, locked.

Contiguous numbers are read at their place in the file. Chunks are fetched as stored and decoded in two threads, by the
library where they are filtered in another way than most; those used last are kept, and those that are likely to be
wanted next are decoded ahead. Whatever is unusual, or does not come out as it should, is left to the library, which has
the last word on every file.
"""

from __future__ import annotations

import itertools
import math
import os
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock, local
from typing import Any, NamedTuple

import numpy as np

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.dumps.chunk_filters import ChunkDamagedError, Pipeline, decoded, pipeline_of
from inspector.artifacts.dumps.hdf5_elsewhere import home_of
from inspector.artifacts.dumps.hdf5_library import FAILURES, h5py
from inspector.artifacts.dumps.part_places import Part, chunks_of, lengths_of, runs_of, shared_of, whole_of
from inspector.artifacts.threads import MAX_THREADS
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError

KEPT_BYTES = 64 * 10**6
"""Decoded chunks that are kept of one file, those used last."""

MAX_CHUNK_BYTES = 64 * 10**6
"""Larger chunks are left to the library: they would not be kept, and two at once take much memory."""

MAX_CHUNKS = 4096
"""Chunks of one part that are looked at one by one."""

MAX_RUNS = 64
"""Stretches of a contiguous dataset that are read one by one."""

AHEAD_BYTES = 32 * 10**6
"""What is decoded ahead at most, in whole chunks."""


class _Plan(NamedTuple):
    """How a dataset is read: contiguous numbers at their offset, chunks by undoing their filters.

    Attributes:
        chunks: shape of a chunk; empty for contiguous numbers.
        pipeline: None where the library undoes the filters.
    """

    dtype: np.dtype[Any]
    offset: int = 0
    chunks: tuple[int, ...] = ()
    pipeline: Pipeline | None = None

    @property
    def chunk_bytes(self) -> int:
        return math.prod(self.chunks) * self.dtype.itemsize


_Key = tuple[str, tuple[int, ...]]
"""A dataset's name, and the first index of a chunk of it."""


class DirectReads:
    """The direct reads of one file.

    Args:
        path: the file; datasets that it leads to in others are left to the library.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: ByteFile | None = None
        self._plans: dict[str, _Plan | None] = {}
        self._datasets: dict[str, Any] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._lock = Lock()
        self._rooms = local()
        self._chunks: OrderedDict[_Key, Future[AnyArray]] = OrderedDict()
        self._coming: set[_Key] = set()
        self._bytes = 0

    def read(self, name: str, dataset: Any, part: Part, *, keep: bool = True) -> AnyArray | None:
        """A part of a dataset, as h5py gives it; None where that is left to h5py.

        Not to be called by a callback of h5py, which holds the library's lock while other threads are waited for.

        Args:
            name: the dataset's own in this file.
            dataset: an `h5py.Dataset` whose values lie in this file.
            part: within its shape.
            keep: whether its chunks are likely to be wanted again.
        """
        plan = self._plan(name, dataset)
        lengths = lengths_of(part)
        if plan is None or min(lengths, default=0) <= 0:
            return None
        if plan.chunks:
            values = self._chunked(name, plan, part, keep=keep)
        else:
            values = self._contiguous(plan, dataset.shape, part)
        if values is not None:
            self._lengths[name] = lengths
        return values

    def again(self, name: str, part: Part, *, keep: bool = True) -> AnyArray | None:
        """As `read`, of a dataset of which a part of the same size was read last: nothing need be checked anew."""
        if self._lengths.get(name) != lengths_of(part):
            return None
        return self.read(name, self._datasets[name], part, keep=keep)

    def apart(self, name: str, part: Part) -> AnyArray | None:
        """As `again`, of a part of any size, in the thread that calls; None where it cannot be so.

        Threads may call it at the same time. What one gets is written over by its next call: to let go of megabytes
        and to be given new ones takes a quarter of the time of decoding them.
        """
        plan = self._plans.get(name)
        if plan is None or not plan.chunks or min(lengths_of(part), default=0) <= 0:
            return None
        starts = list(itertools.islice(chunks_of(part, plan.chunks), MAX_CHUNKS + 1))
        if len(starts) > MAX_CHUNKS:
            return None
        values = self._room(lengths_of(part), plan.dtype)
        try:
            for start in starts:
                into, out_of = shared_of(part, start, plan.chunks)
                room = values[into]
                flat = _flat(room) if room.shape == plan.chunks else None
                chunk = _decoded_chunk(self._datasets[name], plan, start, flat)
                if chunk is not flat:
                    room[...] = chunk.view(plan.dtype).reshape(plan.chunks)[out_of]
        except FAILURES:
            return None
        return values

    def _room(self, lengths: tuple[int, ...], dtype: np.dtype[Any]) -> AnyArray:
        """An array of this thread, of the shape that is wanted, with whatever was in it."""
        room: AnyArray | None = getattr(self._rooms, "room", None)
        if room is None or room.dtype != dtype or room.ndim != len(lengths) or any(np.less(room.shape, lengths)):
            room = self._rooms.room = np.empty(lengths, dtype)
        return room[whole_of(lengths)]

    def ahead(self, name: str, part: Part) -> None:
        """Have the chunks of a part decoded in other threads, of a dataset that was read before; at once done here."""
        plan = self._plans.get(name)
        if plan is None:
            return
        if not plan.chunks:
            self._fetch_ahead(plan, self._datasets[name].shape, part)
            return
        wanted = list(itertools.islice(chunks_of(part, plan.chunks), MAX_CHUNKS))
        if len(wanted) * plan.chunk_bytes <= AHEAD_BYTES:
            for start in wanted:
                self._begin(name, plan, start)

    def drop_ahead(self) -> None:
        """Forget what was to be decoded ahead and has not begun."""
        with self._lock:
            for key in list(self._coming):
                if self._chunks[key].cancel():
                    self._remove(key)
            self._coming.clear()

    def close(self) -> None:
        """Let go of everything; work that has begun ends by itself."""
        self.drop_ahead()
        with self._lock:
            self._chunks.clear()
            self._coming.clear()
            self._bytes = 0
        for known in (self._plans, self._datasets, self._lengths):
            known.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _plan(self, name: str, dataset: Any) -> _Plan | None:
        if name not in self._plans:
            try:
                self._plans[name] = _plan_of(dataset) if home_of(self._path, dataset.id) == self._path else None
            except FAILURES:
                self._plans[name] = None
        if name not in self._datasets:
            self._datasets[name] = dataset
        return self._plans[name]

    def _contiguous(self, plan: _Plan, shape: tuple[int, ...], part: Part) -> AnyArray | None:
        runs = runs_of(shape, part, plan.dtype.itemsize, MAX_RUNS + 1)
        if len(runs) > MAX_RUNS:
            return None
        values = np.empty(lengths_of(part), plan.dtype)
        room = values.reshape(-1).view(np.uint8).data
        each = len(room) // len(runs)
        try:
            file = self._opened()
            for index, run in enumerate(runs):
                if file.read_into(plan.offset + run, room[index * each : (index + 1) * each]) != each:
                    return None
        except FileError:
            return None
        return values

    def _fetch_ahead(self, plan: _Plan, shape: tuple[int, ...], part: Part) -> None:
        """Ask the system for the bytes; it reads them while something else is done."""
        runs = runs_of(shape, part, plan.dtype.itemsize, MAX_RUNS + 1)
        each = math.prod(lengths_of(part)) * plan.dtype.itemsize // len(runs)
        if len(runs) <= MAX_RUNS and len(runs) * each <= AHEAD_BYTES:
            with suppress(FileError):
                file = self._opened()
                for run in runs:
                    file.will_need(plan.offset + run, each)

    def _opened(self) -> ByteFile:
        if self._file is None:
            self._file = ByteFile(self._path)
        return self._file

    def _chunked(self, name: str, plan: _Plan, part: Part, *, keep: bool) -> AnyArray | None:
        starts = list(itertools.islice(chunks_of(part, plan.chunks), MAX_CHUNKS + 1))
        if len(starts) > MAX_CHUNKS:
            return None
        values = np.empty(lengths_of(part), plan.dtype)
        waiting = 2 * MAX_THREADS if len(starts) > 1 else 0
        try:
            for place, start in enumerate(starts):
                # A few at a time, as all of them would take twice the memory of the part.
                for coming in starts[place : place + waiting]:
                    self._begin(name, plan, coming)
                _place(values, part, start, plan, self._taken(name, plan, start))
                if not keep:
                    self._forget(name, [start])
        except FAILURES:
            self._forget(name, starts)
            return None
        return values

    def _begin(self, name: str, plan: _Plan, start: tuple[int, ...]) -> None:
        """Have a chunk decoded in another thread, unless it is or is about to be."""
        with self._lock:
            if (name, start) not in self._chunks:
                future = _pool().submit(_decoded_chunk, self._datasets[name], plan, start)
                self._insert((name, start), future, plan.chunk_bytes)
                self._coming.add((name, start))

    def _taken(self, name: str, plan: _Plan, start: tuple[int, ...]) -> AnyArray:
        """A decoded chunk, (bytes,) uint8: kept, waited for or made here; raises as `_decoded_chunk`."""
        key = (name, start)
        with self._lock:
            future = self._chunks.get(key)
            self._coming.discard(key)
            if future is not None and future.cancel():
                self._remove(key)
                future = None
            elif future is not None:
                self._chunks.move_to_end(key)
        if future is None:
            future = Future()
            future.set_result(_decoded_chunk(self._datasets[name], plan, start))
            with self._lock:
                self._insert(key, future, plan.chunk_bytes)
        return future.result()

    def _forget(self, name: str, starts: list[tuple[int, ...]]) -> None:
        with self._lock:
            for start in starts:
                self._remove((name, start))

    def _insert(self, key: _Key, future: Future[AnyArray], size: int) -> None:
        self._remove(key)
        self._chunks[key] = future
        self._bytes += size
        while self._bytes > KEPT_BYTES and len(self._chunks) > 1:
            self._remove(next(iter(self._chunks)))

    def _remove(self, key: _Key) -> None:
        future = self._chunks.pop(key, None)
        self._coming.discard(key)
        plan = self._plans.get(key[0])
        if future is not None and plan is not None:
            self._bytes -= plan.chunk_bytes


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads of this process, started when they are first needed: a reader is forked from a process with one."""
    return ThreadPoolExecutor(min(MAX_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1))


def _plan_of(dataset: Any) -> _Plan | None:
    """How the numbers of a dataset can be read directly; None where the library has to."""
    creation, dtype = dataset.id.get_create_plist(), dataset.dtype
    # Only what is stored bit for bit as numpy keeps it: no padding, no other precision.
    if dtype.kind not in "biufc" or not h5py.h5t.py_create(dtype, logical=True).equal(dataset.id.get_type()):
        return None
    layout = creation.get_layout()
    if layout == h5py.h5d.CONTIGUOUS and not creation.get_external_count() and not dataset.file.userblock_size:
        offset = dataset.id.get_offset()
        return None if offset is None else _Plan(dtype, offset)
    if layout != h5py.h5d.CHUNKED:
        return None
    plan = _Plan(dtype, chunks=dataset.chunks, pipeline=pipeline_of(creation, dtype.itemsize))
    return plan if plan.chunk_bytes <= MAX_CHUNK_BYTES else None


def _decoded_chunk(dataset: Any, plan: _Plan, start: tuple[int, ...], room: AnyArray | None = None) -> AnyArray:
    """A whole chunk, (bytes,) uint8; `room` as `decoded` takes it.

    Raises:
        OSError: the library cannot decode it; one of FAILURES.
    """
    if plan.pipeline is not None:
        # One that was never written cannot be fetched; one that is damaged or unusual may yet be read.
        with suppress(*FAILURES, ChunkDamagedError):
            mask, raw = dataset.id.read_direct_chunk(start)
            return decoded(raw, mask, plan.pipeline, plan.chunk_bytes, room)
    inside = tuple(
        slice(first, min(first + length, whole))
        for first, length, whole in zip(start, plan.chunks, dataset.shape, strict=True)
    )
    chunk = np.zeros(plan.chunks, plan.dtype)
    chunk[whole_of(lengths_of(inside))] = dataset[inside]
    return chunk.reshape(-1).view(np.uint8)


def _flat(room: AnyArray) -> AnyArray | None:
    """The bytes of an array, (bytes,) uint8; None where they do not lie side by side."""
    return room.reshape(-1).view(np.uint8) if room.flags.c_contiguous else None


def _place(values: AnyArray, part: Part, start: tuple[int, ...], plan: _Plan, chunk: AnyArray) -> None:
    """Put what a part has of a chunk where it belongs."""
    into, out_of = shared_of(part, start, plan.chunks)
    values[into] = chunk.view(plan.dtype).reshape(plan.chunks)[out_of]
