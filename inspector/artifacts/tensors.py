"""The elements of a tensor as a numpy array, and their statistics; read by offset, never mapped.

Views are opened with `np.ndarray`, which checks strides against the buffer; `as_strided` would not.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TypeAlias

import ml_dtypes
import numpy as np

from inspector.artifacts.byte_file import ByteFile, Source
from inspector.artifacts.tensor_statistics import Moments, PatternCounts, TensorStatistics, finish, histogram_of
from inspector.artifacts.windows import Storage, TensorWindow, reach
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.pulse import QUIET, Pulse

MAX_LOADED_BYTES = 256_000_000
"""A larger array is loaded only in slices."""

PIECE_BYTES = 64_000_000
"""A view is read in pieces that span at most so much of the file."""

BLOCK_BYTES = 1 << 18
"""Statistics go over so much at a time, which stays in a core's cache."""

READ_BYTES = 1 << 23
"""Bytes between two beats: a few milliseconds from memory."""

_DTYPES: dict[str, np.dtype[np.generic]] = {
    **{
        name: np.dtype(name)
        for name in (
            "float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8",
            "bool", "complex64", "complex128",
        )
    },
    **{
        name: np.dtype(getattr(ml_dtypes, name))
        for name in (
            "bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu",
        )
    },
    # stored numbers of quantized and packed types, as they are in the file
    "qint8": np.dtype("int8"), "quint8": np.dtype("uint8"), "qint32": np.dtype("int32"),
    "quint4x2": np.dtype("uint8"), "quint2x4": np.dtype("uint8"), "float4_e2m1fn_x2": np.dtype("uint8"),
    "bits8": np.dtype("uint8"), "bits16": np.dtype("uint16"), "bits1x8": np.dtype("uint8"),
    "bits2x4": np.dtype("uint8"), "bits4x2": np.dtype("uint8"),
    # a pair of half-precision numbers, made complex64 when loaded
    "complex32": np.dtype([("real", "f2"), ("imaginary", "f2")]),
}  # fmt: skip

Fetch: TypeAlias = Callable[[int, int, AnyArray | None], AnyArray]
"""(first byte of the storage, count, buffer to reuse) to (count,) uint8."""

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
    dtype = _dtype_of(window)
    with _opened(window, pulse) as fetch:
        array = _gathered(window, fetch, dtype, shape, strides, offset)
    return _plain(array)


def statistics(window: TensorWindow, pulse: Pulse = QUIET, *, histogram: bool = True) -> TensorStatistics:
    """Count, extremes, moments and histogram of a tensor of any size, in constant memory.

    Where a view shows elements of its storage more than once, each stored element counts once.

    Raises:
        LimitError: the storage is packed and larger than 256 MB.
        DamagedError: the file is not what it was when it was opened, or ends too early.
        UnsupportedError: elements of a type that is not read.
    """
    dtype = _dtype_of(window)
    with _opened(window, pulse) as fetch:
        if dtype.itemsize <= 2 and dtype.kind != "c":
            counts = PatternCounts(dtype)
            for block in _blocks(window, fetch, dtype):
                counts.add(block)
            return counts.statistics(histogram=histogram)
        moments = Moments()
        for block in _blocks(window, fetch, dtype):
            moments.add(_real(block))
        bins = None
        if histogram:
            bins = histogram_of((_real(block) for block in _blocks(window, fetch, dtype)), moments)
        return finish(moments, bins)


def _dtype_of(window: TensorWindow) -> np.dtype[np.generic]:
    dtype = _DTYPES.get(window.dtype)
    if dtype is None and window.dtype[:1] in ("S", "U") and window.dtype[1:].isdigit() and window.item_bytes:
        dtype = np.dtype(window.dtype)
    if dtype is None or dtype.itemsize != window.item_bytes:
        raise UnsupportedError(window.path, f"numbers in {window.name}", f"elements of type {window.dtype}")
    return dtype


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


@contextmanager
def _opened(window: TensorWindow, pulse: Pulse) -> Iterator[Fetch]:
    """A function that reads bytes of the window's storage."""
    storage = window.storage
    if storage.packing == "plain" and storage.source is not None:
        source = storage.source
        yield lambda start, count, _out: _read_source(source, window, storage.start + start, count, pulse)
        return
    if storage.packing == "plain":
        with ByteFile(window.path) as file:
            _check_same(window, file)
            yield lambda start, count, out: _read(file, window, storage.start + start, count, pulse, out)
        return
    data = _unpacked(window, storage, pulse)
    yield lambda start, count, _out: data[start : start + count]


def _check_same(window: TensorWindow, file: ByteFile) -> None:
    if file.identity != window.identity:
        raise DamagedError(window.path, "the file as it was when it was opened", "a changed one", "reload it")


def _read(
    file: ByteFile, window: TensorWindow, start: int, count: int, pulse: Pulse, out: AnyArray | None = None
) -> AnyArray:
    data = np.empty(count, np.uint8) if out is None else out[:count]
    view = data.data
    done = 0
    while done < count:
        pulse.beat(done, count, "reading")
        got = file.read_into(start + done, view[done : done + READ_BYTES])
        if not got:
            raise DamagedError(window.path, f"{count:,} bytes of {window.name}", f"{done:,}", "the file was cut off")
        done += got
    return data


def _read_source(source: Source, window: TensorWindow, start: int, count: int, pulse: Pulse) -> AnyArray:
    """Bytes that no place in the file holds as they are."""
    pieces: list[bytes] = []
    done = 0
    while done < count:
        pulse.beat(done, count, "reading")
        pieces.append(source.read(start + done, min(READ_BYTES, count - done)))
        if not pieces[-1]:
            raise DamagedError(window.path, f"{count:,} bytes of {window.name}", f"{done:,}", "the file was cut off")
        done += len(pieces[-1])
    return np.frombuffer(pieces[0] if len(pieces) == 1 else b"".join(pieces), np.uint8)


def _unpacked(window: TensorWindow, storage: Storage, pulse: Pulse) -> AnyArray:
    """The whole of a storage that the file does not hold as it is."""
    if max(storage.plain_bytes, storage.packed_bytes) > 2 * MAX_LOADED_BYTES:
        raise LimitError(window.path, f"at most {MAX_LOADED_BYTES:,} packed bytes", f"{storage.plain_bytes:,}")
    if storage.source is not None:
        packed = _read_source(storage.source, window, storage.start, storage.packed_bytes, pulse).tobytes()
    else:
        with ByteFile(window.path) as file:
            _check_same(window, file)
            packed = _read(file, window, storage.start, storage.packed_bytes, pulse).tobytes()
    try:
        if storage.packing == "deflate":
            plain = zlib.decompressobj(-15).decompress(packed, storage.plain_bytes)
        else:
            plain = packed.decode("utf-8", "surrogatepass").encode("latin-1")
    except (zlib.error, UnicodeError) as error:
        raise DamagedError(window.path, f"packed bytes of {window.name}", "bytes that do not unpack") from error
    if len(plain) < storage.plain_bytes:
        raise DamagedError(window.path, f"{storage.plain_bytes:,} bytes of {window.name}", f"{len(plain):,}")
    return np.frombuffer(plain, np.uint8)


def _gathered(
    window: TensorWindow,
    fetch: Fetch,
    dtype: np.dtype[np.generic],
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int,
) -> AnyArray:
    """A view's elements in native byte order, read in pieces along its longest stride where it spans much."""
    item = dtype.itemsize
    span = reach(shape, strides)
    if span * item <= PIECE_BYTES or not any(strides):
        raw = _native(fetch(offset * item, span * item, None), window, dtype)
        return np.ndarray(shape, dtype, raw, 0, tuple(stride * item for stride in strides))
    axis = max(range(len(shape)), key=lambda axis: strides[axis] if shape[axis] > 1 else 0)
    step = max(1, PIECE_BYTES // (2 * strides[axis] * item))
    if step >= shape[axis]:
        step = max(1, shape[axis] // 2)
    out = np.empty(shape, dtype)
    for first, last in pairwise((*range(0, shape[axis], step), shape[axis])):
        piece = (*shape[:axis], last - first, *shape[axis + 1 :])
        place = (*(slice(None),) * axis, slice(first, last))
        out[place] = _gathered(window, fetch, dtype, piece, strides, offset + first * strides[axis])
    return out


def _native(raw: AnyArray, window: TensorWindow, dtype: np.dtype[np.generic]) -> AnyArray:
    """The bytes with every number's turned round where the file is big-endian."""
    unit = dtype.itemsize // (2 if dtype.kind == "c" or dtype.names else 1)
    if dtype.kind == "U":
        unit = 4
    if window.byteorder == "little" or unit not in (2, 4, 8) or dtype.kind == "S":
        return raw
    return raw.view(f"u{unit}").byteswap().view(np.uint8)


def _plain(array: AnyArray) -> AnyArray:
    if array.dtype.names:  # complex32
        array = (array["real"].astype(np.float32) + 1j * array["imaginary"].astype(np.float32)).astype(np.complex64)
    array.flags.writeable = False
    return array


def _real(block: AnyArray) -> AnyArray:
    """Numbers that have an order: magnitudes of complex ones, float64 of integers."""
    if block.dtype.names or block.dtype.kind == "c":
        return np.abs(_plain(block)).astype(np.float64)
    return block if block.dtype == np.float32 else block.astype(np.float64)


def _blocks(window: TensorWindow, fetch: Fetch, dtype: np.dtype[np.generic]) -> Iterator[AnyArray]:
    """The elements that a view shows, each once, as (count,) arrays in native byte order, each valid until the next."""
    if dtype.kind in "SU":
        raise UnsupportedError(window.path, f"numbers in {window.name}", "text")
    axes = [(n, stride) for n, stride in zip(window.shape, window.strides, strict=True) if stride and n > 1]
    axes.sort(key=lambda axis: -axis[1])
    shape = tuple(n for n, _ in axes)
    strides = tuple(stride for _, stride in axes)
    span = 0 if 0 in window.shape else reach(shape, strides)
    item = dtype.itemsize
    if math.prod(shape) >= span:  # dense, whatever the order of its axes; or it overlaps itself
        step = BLOCK_BYTES // item
        buffer = np.empty(BLOCK_BYTES, np.uint8)
        for first in range(0, span, step):
            count = min(step, span - first)
            yield _native(fetch((window.offset + first) * item, count * item, buffer), window, dtype).view(dtype)
        return
    rows = max(1, PIECE_BYTES // (2 * strides[0] * item))
    for first in range(0, shape[0], rows):
        piece = (min(rows, shape[0] - first), *shape[1:])
        array = _gathered(window, fetch, dtype, piece, strides, window.offset + first * strides[0])
        flat = array.reshape(-1)
        for start in range(0, flat.size, BLOCK_BYTES // item):
            yield flat[start : start + BLOCK_BYTES // item]
