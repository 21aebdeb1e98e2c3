"""The elements of a tensor as a numpy array, and their statistics; read by offset, never mapped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import msgspec
import numpy as np

from inspector.artifacts.tensors.blocks import blocks, gathered, index_of
from inspector.artifacts.tensors.element_types import dtype_of, number_dtype_of, real, whole
from inspector.artifacts.tensors.histograms import Histogram
from inspector.artifacts.tensors.pattern_counts import PatternCounts
from inspector.artifacts.tensors.ranks import percentiles_of
from inspector.artifacts.tensors.storage_bytes import Fetch, opened_storage
from inspector.artifacts.tensors.tensor_statistics import Moments, TensorStatistics, finish
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.errors import LimitError
from inspector.core.pulse import QUIET, Pulse

MAX_LOADED_BYTES = 256_000_000
"""A larger array is loaded only in slices."""

MAX_FIRST_NOT_FINITE = 16
MAX_OUTPUTS = 16_000_000

_NORM_BYTES = 1 << 23
"""Rows of so much are taken at a time for their norms."""

Index: TypeAlias = int | slice


def load(window: TensorWindow, index: tuple[Index, ...] = (), pulse: Pulse = QUIET) -> AnyArray:
    """The elements of a tensor, or of a part of it.

    Args:
        window: where they are.
        index: integers and slices with positive steps, one an axis from the first; axes left out are whole.
        pulse: of this work.

    Returns:
        Array of the window's shape, or of what `index` leaves of it; native byte order; bfloat16 and float8 as
        ml_dtypes has them, quantized types as the stored integers, complex32 as complex64. Not to be written to.

    Raises:
        LimitError: more than 256 MB; ask for slices.
        DamagedError: the file is not what it was when it was opened, or ends too early.
        UnsupportedError: elements of a type that is not read.
    """
    shape, strides, offset = _indexed(window, index)
    needed = math.prod(shape) * window.item_bytes
    if needed > MAX_LOADED_BYTES:
        raise LimitError(
            window.path, f"at most {MAX_LOADED_BYTES:,} bytes of {window.name} at once", f"{needed:,}", "take a slice"
        )
    dtype = dtype_of(window)
    with opened_storage(window, pulse) as fetch:
        array = whole(gathered(window, fetch, dtype, shape, strides, offset))
    array.flags.writeable = False
    return array


def statistics(window: TensorWindow, pulse: Pulse = QUIET, *, histogram: bool = True) -> TensorStatistics:
    """What the numbers of a tensor of any size are like, in constant memory.

    Where a view shows elements of its storage more than once, each stored element counts once.

    Args:
        window: where they are.
        pulse: of this work.
        histogram: whether histogram and percentiles are wanted, which take three to five passes more.

    Raises:
        LimitError: the storage is packed and larger than 512 MB.
        DamagedError: the file is not what it was when it was opened, or ends too early.
        UnsupportedError: elements of a type that is not read.
    """
    dtype = number_dtype_of(window)
    with opened_storage(window, pulse) as fetch:
        if dtype.itemsize <= 2 and dtype.kind != "c":
            patterns = PatternCounts(dtype)
            places = _gather(window, fetch, dtype, patterns)
            found = patterns.statistics(histogram=histogram, percentiles=histogram)
        else:
            moments = Moments()
            places = _gather(window, fetch, dtype, moments)
            found = _finished(window, fetch, dtype, moments, histogram=histogram)
    indices = (index_of(window, place) for place in places)
    return msgspec.structs.replace(found, first_not_finite=tuple(index for index in indices if index is not None))


def _gather(
    window: TensorWindow, fetch: Fetch, dtype: np.dtype[np.generic], into: Moments | PatternCounts
) -> list[int]:
    """Take in the whole tensor; the positions of the first elements that are not finite."""
    places: list[int] = []
    for first, block in blocks(window, fetch, dtype):
        before = into.not_finite
        numbers = block if isinstance(into, PatternCounts) else real(block)
        into.add(numbers)
        if into.not_finite > before and len(places) < MAX_FIRST_NOT_FINITE:
            found = first + np.flatnonzero(~np.isfinite(real(block)))
            places += found[: MAX_FIRST_NOT_FINITE - len(places)].tolist()
    return places


def _finished(
    window: TensorWindow, fetch: Fetch, dtype: np.dtype[np.generic], moments: Moments, *, histogram: bool
) -> TensorStatistics:
    """The statistics with what takes more passes over the tensor."""
    if not histogram:
        return finish(moments)

    def again() -> Iterator[AnyArray]:
        return (real(block) for _, block in blocks(window, fetch, dtype))

    bins = Histogram(moments)
    if moments.finite:
        for block in again():
            bins.add(block)
    return finish(moments, bins.counts(), percentiles_of(again, moments.finite))


def output_norms(window: TensorWindow, pulse: Pulse = QUIET) -> FloatArray:
    """The L2 norm of what belongs to each output unit, read in pieces.

    Returns:
        (outputs,) float64, one for each index of the first axis; NaN or infinite where an element is so; complex
        numbers by their magnitude. A tensor without axes has one output.

    Raises:
        LimitError: more than 16 million outputs, or one whose elements are spread over too much of a packed storage.
        DamagedError: the file is not what it was when it was opened, or ends too early.
        UnsupportedError: elements of a type that is not read.
    """
    dtype = number_dtype_of(window)
    outputs = window.shape[0] if window.shape else 1
    if outputs > MAX_OUTPUTS:
        raise LimitError(window.path, f"at most {MAX_OUTPUTS:,} outputs of {window.name}", f"{outputs:,}")
    if not window.shape:
        window = msgspec.structs.replace(window, shape=(1,), strides=(1,))
    # Axes along which the same elements repeat are gone over once.
    once = tuple(1 if stride == 0 else length for length, stride in zip(window.shape, window.strides, strict=True))
    repeats = math.prod(window.shape[1:]) // max(1, math.prod(once[1:]))
    norms = np.zeros(once[0])
    if 0 not in window.shape:
        with opened_storage(window, pulse) as fetch:
            for place, piece in _pieces(once, _NORM_BYTES // dtype.itemsize):
                start = window.offset + sum(part.start * step for part, step in zip(piece, window.strides, strict=True))
                shape = tuple(part.stop - part.start for part in piece)
                block = gathered(window, fetch, dtype, shape, window.strides, start)
                rows = real(np.ascontiguousarray(block).reshape(-1)).reshape(shape[0], -1)
                norms[place] = np.hypot(norms[place], _row_norms(rows))
    return np.broadcast_to(norms * math.sqrt(repeats), outputs).copy()


def _row_norms(rows: AnyArray) -> FloatArray:
    """(rows,) float64, without overflow or underflow."""
    wide = rows.astype(np.float64)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        norms: FloatArray = np.sqrt(np.einsum("ij,ij->i", wide, wide))
        doubtful = ~((norms > 1e-140) & (norms < 1e140))
        if doubtful.any():
            largest = np.abs(wide[doubtful]).max(axis=1)
            scaled = wide[doubtful] / np.where((largest > 0) & np.isfinite(largest), largest, 1.0)[:, None]
            norms[doubtful] = np.where(np.isfinite(largest), largest, 1.0) * np.sqrt((scaled**2).sum(axis=1))
    return norms


def _pieces(shape: tuple[int, ...], elements: int) -> Iterator[tuple[slice, tuple[slice, ...]]]:
    """A shape cut into boxes of at most so many elements, each with its part of the first axis; the last axes whole."""
    axis = 0
    while axis < len(shape) - 1 and math.prod(shape[axis + 1 :]) > elements:
        axis += 1
    step = max(1, elements // math.prod(shape[axis + 1 :]))
    for outer in np.ndindex(*shape[:axis]):
        for first in range(0, shape[axis], step):
            cut = slice(first, min(first + step, shape[axis]))
            whole_axes = (slice(0, length) for length in shape[axis + 1 :])
            piece = (*(slice(place, place + 1) for place in outer), cut, *whole_axes)
            yield piece[0], piece


def _indexed(window: TensorWindow, index: tuple[Index, ...]) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Shape, strides and offset of a part of the window."""
    shape: list[int] = []
    strides: list[int] = []
    offset = window.offset
    for axis, (length, stride) in enumerate(zip(window.shape, window.strides, strict=True)):
        wanted = index[axis] if axis < len(index) else slice(None)
        if isinstance(wanted, slice):
            start, stop, step = wanted.indices(length)
            if step < 1:
                raise ValueError("slices go forwards")
            shape.append(max(0, -(-(stop - start) // step)))
            strides.append(stride * step)
            offset += start * stride
        else:
            offset += range(length)[wanted] * stride
    if len(index) > len(window.shape):
        raise ValueError(f"{len(index)} indices for {len(window.shape)} axes")
    return tuple(shape), tuple(strides), offset
