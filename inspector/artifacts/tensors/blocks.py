"""The elements that a view shows, gone over block by block in constant memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from inspector.artifacts.tensors.element_types import native
from inspector.artifacts.tensors.storage_bytes import Fetch
from inspector.artifacts.tensors.windows import TensorWindow, contiguous_strides, reach
from inspector.core.arrays import AnyArray

BLOCK_ELEMENTS = 1 << 18
"""Elements taken at a time: of float32, one megabyte, about what a core's own cache holds."""

READ_BYTES = 1 << 22
"""Read at a time: a few blocks, which stay in the cache that cores share; a multiple of every element's size."""

PIECE_BYTES = 64_000_000
"""A view is read in pieces that span at most so much of the file."""


class Walk(NamedTuple):
    """How a view is gone over: by its axes, that of the longest stride first, without those that only repeat.

    Attributes:
        axes: which axis of the view each one is.
        shape, strides: their lengths and strides.
        elements: how many positions there are.
        whole: the view shows every element between its first and its last, or overlaps itself, so that what is stored
            is gone over as it lies.
    """

    axes: tuple[int, ...]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    elements: int
    whole: bool

    def steps(self) -> tuple[int, ...]:
        """How many positions apart neighbours along each axis are."""
        return self.strides if self.whole else contiguous_strides(self.shape)


def walk_of(window: TensorWindow) -> Walk:
    """How the elements of a view are gone over, each stored one once."""
    axes = [axis for axis, stride in enumerate(window.strides) if stride and window.shape[axis] > 1]
    axes.sort(key=lambda axis: -window.strides[axis])
    shape = tuple(window.shape[axis] for axis in axes)
    strides = tuple(window.strides[axis] for axis in axes)
    span = 0 if 0 in window.shape else reach(shape, strides)
    whole = math.prod(shape) >= span
    return Walk(tuple(axes), shape, strides, span if whole else math.prod(shape), whole)


def blocks(
    window: TensorWindow,
    fetch: Fetch,
    dtype: np.dtype[np.generic],
    stretch: tuple[int, int] | None = None,
    buffer: AnyArray | None = None,
    walk: Walk | None = None,
) -> Iterator[tuple[int, AnyArray]]:
    """The elements of a view as (first position, (count,) array in native byte order).

    Each is valid until the next READ_BYTES are read.

    Args:
        window: the view.
        fetch: reads its storage.
        dtype: of its elements.
        stretch: first and last + 1 of the positions that are wanted; all without it, or where the view has holes.
        buffer: (READ_BYTES,) uint8, to read into.
        walk: the view's, where it is known.
    """
    walk = walk or walk_of(window)
    item = dtype.itemsize
    if walk.whole:
        start, stop = stretch or (0, walk.elements)
        step = READ_BYTES // item
        if buffer is None:
            buffer = np.empty(min(step, stop - start) * item, np.uint8)
        for read in range(start, stop, step):
            raw = fetch((window.offset + read) * item, min(step, stop - read) * item, buffer)
            elements = native(raw, window, dtype).view(dtype)
            for first in range(0, elements.size, BLOCK_ELEMENTS):
                yield read + first, elements[first : first + BLOCK_ELEMENTS]
        return
    rows = max(1, PIECE_BYTES // (2 * walk.strides[0] * item))
    row_elements = math.prod(walk.shape[1:])
    for row in range(0, walk.shape[0], rows):
        piece = (min(rows, walk.shape[0] - row), *walk.shape[1:])
        flat = gathered(window, fetch, dtype, piece, walk.strides, window.offset + row * walk.strides[0]).reshape(-1)
        for first in range(0, flat.size, BLOCK_ELEMENTS):
            yield row * row_elements + first, flat[first : first + BLOCK_ELEMENTS]


def index_of(window: TensorWindow, position: int) -> tuple[int, ...] | None:
    """Where in the tensor the element at a position of its walk is; None where no index leads to it."""
    walk = walk_of(window)
    index = [0] * len(window.shape)
    for axis, length, step in zip(walk.axes, walk.shape, walk.steps(), strict=True):
        index[axis] = min(position // step, length - 1)
        position -= index[axis] * step
    return None if position else tuple(index)


def gathered(
    window: TensorWindow,
    fetch: Fetch,
    dtype: np.dtype[np.generic],
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int,
) -> AnyArray:
    """A view's elements, of `shape` and `dtype` in native byte order, read in pieces where the view spans much.

    Pieces are taken along its longest stride.

    Views are opened with `np.ndarray`, which checks strides against the buffer; `as_strided` would not.
    """
    item = dtype.itemsize
    span = reach(shape, strides)
    if span * item <= PIECE_BYTES or not any(strides):
        raw = native(fetch(offset * item, span * item, None), window, dtype)
        return np.ndarray(shape, dtype, raw, 0, tuple(stride * item for stride in strides))
    axis = max(range(len(shape)), key=lambda axis: strides[axis] if shape[axis] > 1 else 0)
    step = max(1, PIECE_BYTES // (2 * strides[axis] * item))
    if step >= shape[axis]:
        step = max(1, shape[axis] // 2)
    out = np.empty(shape, dtype)
    for first, last in pairwise((*range(0, shape[axis], step), shape[axis])):
        piece = (*shape[:axis], last - first, *shape[axis + 1 :])
        place = (*(slice(None),) * axis, slice(first, last))
        out[place] = gathered(window, fetch, dtype, piece, strides, offset + first * strides[axis])
    return out
