"""Values of an HDF5 dataset that numpy keeps as objects: texts, lists and references, read in bounded blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from inspector.artifacts.dumps.hdf5_library import FAILURES, h5py
from inspector.artifacts.dumps.hdf5_values import shown
from inspector.artifacts.dumps.part_places import Part, lengths_of
from inspector.core.arrays import AnyArray
from inspector.core.memory import memory_bounded

MIN_BLOCK_ITEMS = 64
MAX_BLOCK_ITEMS = 1 << 16
"""Items read at once: each may share one text as long as the file, so that a large file is read in small blocks."""

NO_TARGET = ""
"""What a reference that was never set is shown as."""

GONE = "an object that is no longer there"


class TooMuchError(Exception):
    """The values take more bytes than was asked for."""


def read_objects(dataset: Any, part: Part, file_bytes: int, most_bytes: int) -> AnyArray:
    """A part of a dataset: texts as str, lists as arrays, references as the path of their target, records by field.

    Args:
        dataset: an `h5py.Dataset` whose dtype holds objects.
        part: within its shape.
        file_bytes: size of the file, which no text or list in it exceeds.
        most_bytes: what texts and lists may take together.

    Raises:
        TooMuchError: they take more.
    """
    plain = _Plain(dataset, most_bytes)
    lengths = lengths_of(part)
    found = np.empty(lengths, plain_dtype(dataset.dtype))
    if 0 in lengths:
        return found
    items = max(MIN_BLOCK_ITEMS, min(MAX_BLOCK_ITEMS, most_bytes // max(1, file_bytes)))
    for block in blocks(part, items):
        values = np.empty(lengths_of(block), dataset.dtype)
        with memory_bounded(most_bytes):
            dataset.read_direct(values, block) if block else dataset.read_direct(values)
        there = tuple(
            slice(axis.start - whole.start, axis.stop - whole.start) for axis, whole in zip(block, part, strict=True)
        )
        found[there] = plain.values(values)
    return found


def blocks(part: Part, most: int) -> Iterator[Part]:
    """A part in pieces of at most so many items, in row-major order."""
    lengths = lengths_of(part)
    if math.prod(lengths) <= most:
        yield part
        return
    first, rest = part[0], part[1:]
    inner = math.prod(lengths[1:])
    step = max(1, most // inner)
    for start in range(first.start, first.stop, step):
        here = slice(start, min(start + step, first.stop))
        for block in blocks(rest, most) if inner > most else (rest,):
            yield (here, *block)


def plain_dtype(dtype: Any) -> np.dtype[Any]:
    """The dtype of the values as they are given: objects for texts, lists and references, at any depth of records."""
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return np.dtype((plain_dtype(base), shape))
    if dtype.names is not None and dtype.hasobject:
        return np.dtype([(name, plain_dtype(dtype.fields[name][0])) for name in dtype.names])
    return np.dtype(object) if dtype.hasobject else dtype


class _Plain:
    """Turns what h5py gives into plain objects, and counts their bytes."""

    def __init__(self, dataset: Any, most_bytes: int) -> None:
        self._dataset = dataset
        self._most_bytes = most_bytes
        self._bytes = 0
        self._names: dict[tuple[int, int], str] = {}

    def values(self, values: AnyArray) -> AnyArray:
        dtype = values.dtype
        if not dtype.hasobject:
            return values
        found = np.empty(values.shape, plain_dtype(dtype))
        if dtype.names is not None:
            for name in dtype.names:
                found[name] = self.values(values[name])
            return found
        one = self._one(dtype)
        for place in np.ndindex(values.shape):
            found[place] = one(values[place])
        return found

    def _one(self, dtype: Any) -> Callable[[Any], Any]:
        if h5py.check_string_dtype(dtype):
            return self._text
        reference = h5py.check_ref_dtype(dtype)
        if reference is not None:
            return self._region if reference is h5py.RegionReference else self._target
        return self._list

    def _counted(self, count: int) -> None:
        self._bytes += count
        if self._bytes > self._most_bytes:
            raise TooMuchError

    def _text(self, value: Any) -> str:
        text = shown(value) if isinstance(value, bytes | str) else ""
        self._counted(len(text))
        return text

    def _list(self, value: Any) -> AnyArray:
        items = np.asarray(value)
        self._counted(items.nbytes)
        return self.values(items)

    def _target(self, value: Any) -> str:
        """The path of a reference's target; the library searches the whole file for it, so each is kept."""
        if not value:
            return NO_TARGET
        try:
            info = h5py.h5o.get_info(h5py.h5r.dereference(value, self._dataset.id))
            key = (info.fileno, info.addr)
            if key not in self._names:
                self._names[key] = shown(h5py.h5r.get_name(value, self._dataset.id) or GONE)
        except FAILURES:
            return GONE
        return self._names[key]

    def _region(self, value: Any) -> str:
        """The path, and the bounds of what is chosen there (`/x[0:2, 3:4]`), with its count where it is not all."""
        name = self._target(value)
        if name in (NO_TARGET, GONE):
            return name
        try:
            space = h5py.h5r.get_region(value, self._dataset.id)
            chosen = space.get_select_npoints()
            if not chosen:
                return f"{name}[nothing]"
            low, high = space.get_select_bounds()
        except FAILURES:
            return GONE
        bounds = ", ".join(f"{start}:{last + 1}" for start, last in zip(low, high, strict=True))
        all_of_it = math.prod(last + 1 - start for start, last in zip(low, high, strict=True)) == chosen
        return f"{name}[{bounds}]" if all_of_it else f"{name}[{chosen} values in {bounds}]"
