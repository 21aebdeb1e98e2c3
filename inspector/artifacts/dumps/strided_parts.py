"""Parts of an array that stands in a source as its elements: only the bytes that are needed are read."""

from __future__ import annotations

import math

import numpy as np

from inspector.artifacts.byte_file import Source
from inspector.artifacts.dumps.part_places import Part, lengths_of
from inspector.core.arrays import AnyArray

MAX_RUNS = 1024
"""A part in more runs than these is cut out of all that lies between its first and last byte."""


def span_bytes(shape: tuple[int, ...], part: Part, item_bytes: int, *, fortran: bool) -> int:
    """How many bytes are read for a part."""
    if fortran:
        shape, part = shape[::-1], part[::-1]
    lengths = lengths_of(part)
    if min(lengths, default=1) <= 0:
        return 0
    whole = _whole_axes(shape, part)
    runs = math.prod(lengths[: max(0, len(shape) - whole - 1)])
    if runs <= MAX_RUNS:
        return math.prod(lengths) * item_bytes
    steps = _steps(shape, item_bytes)
    return sum((length - 1) * step for length, step in zip(lengths, steps, strict=True)) + item_bytes


def read_part(
    source: Source, start: int, shape: tuple[int, ...], dtype: np.dtype, part: Part, *, fortran: bool
) -> AnyArray | None:
    """A part of an array; None where the source ends before it.

    Args:
        source: what holds the elements.
        start: place of the first one.
        shape: of the whole.
        dtype: of the elements.
        part: within the shape.
        fortran: whether the first axis is the fastest in the source.
    """
    if fortran:
        found = read_part(source, start, shape[::-1], dtype, part[::-1], fortran=False)
        return None if found is None else found.T
    lengths = lengths_of(part)
    if 0 in lengths:
        return np.empty(lengths, dtype)
    steps = _steps(shape, dtype.itemsize)
    first = start + sum(axis.start * step for axis, step in zip(part, steps, strict=True))
    outer = max(0, len(shape) - _whole_axes(shape, part) - 1)
    run_bytes = math.prod(lengths[outer:]) * dtype.itemsize
    if math.prod(lengths[:outer]) > MAX_RUNS:
        size = span_bytes(shape, part, dtype.itemsize, fortran=False)
        data = source.read(first, size)
        return np.ndarray(lengths, dtype, data, 0, steps).copy() if len(data) == size else None
    found = np.empty((*lengths[:outer], run_bytes), np.uint8)
    for place in np.ndindex(lengths[:outer]):
        offset = first + sum(index * step for index, step in zip(place, steps, strict=False))
        data = source.read(offset, run_bytes)
        if len(data) < run_bytes:
            return None
        found[place] = np.frombuffer(data, np.uint8)
    return found.view(dtype).reshape(lengths) if dtype.itemsize else np.zeros(lengths, dtype)


def _whole_axes(shape: tuple[int, ...], part: Part) -> int:
    """How many axes at the end are read whole."""
    count = 0
    for axis, length in zip(reversed(part), reversed(shape), strict=True):
        if axis.start != 0 or axis.stop != length:
            break
        count += 1
    return count


def _steps(shape: tuple[int, ...], item_bytes: int) -> tuple[int, ...]:
    return tuple(item_bytes * math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
