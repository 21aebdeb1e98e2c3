"""One tensor as a `.npy` file: rows first, native little-endian, of any size.

Source: numpy/lib/format.py ("Format Version 1.0").
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.output import Output
from inspector.artifacts.tensors.elements import Index, load
from inspector.artifacts.tensors.windows import TensorWindow, contiguous_strides
from inspector.core.arrays import AnyArray
from inspector.core.errors import UnsupportedError
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.written import ExportedTensor

PIECE_BYTES = 8_000_000
"""Read and written at a time."""

SCATTERED_PIECE_BYTES = 192_000_000
"""The same of a view whose elements lie apart in the file: each piece may read far more than it gives."""

_RAW = {1: "uint8", 2: "uint16"}


def export_tensor(path: Path, name: str, descriptor: int, pulse: Pulse = QUIET, *, raw: bool = False) -> ExportedTensor:
    """Write a tensor that `numpy.load` reads anywhere; what numpy has no type for becomes one that it has.

    bfloat16 and float8 become float32, which holds each of their values; complex32 becomes complex64; quantized
    types are the stored integers.

    Args:
        path: of the checkpoint.
        name: of the tensor in it.
        descriptor: of the new file, open for writing; what is in it is dropped.
        pulse: of this work.
        raw: keep the bits of bfloat16 and float8 as unsigned integers instead.

    Raises:
        UnknownKindError: the checkpoint has no such tensor.
        UnsupportedError: the tensor has no elements there, or of a type that is not read.
        DamagedError: its bytes are not where they were.
        OSError: the disk is full, or the new file may not be so large.
    """
    window = opened(path.absolute(), pulse, generous=True).window(name)
    first = load(window, tuple(slice(0, 1) for _ in window.shape), pulse)
    dtype, because = _written_type(first.dtype, window, raw=raw)
    output = Output(descriptor)
    output.write(_header(window.shape, dtype))
    total = math.prod(window.shape) * dtype.itemsize
    done = 0
    for index in _pieces(window):
        pulse.beat(done, total, f"exporting {window.name}")
        piece = np.ascontiguousarray(_converted(load(window, index, pulse), dtype))
        output.write(piece.reshape(-1).view(np.uint8).data)
        done += piece.nbytes
    pulse.beat(total, total, "writing to the disk")
    output.finish()
    return ExportedTensor(name=name, shape=window.shape, dtype=dtype.name, bytes=output.bytes, because=because)


def _written_type(found: np.dtype[np.generic], window: TensorWindow, *, raw: bool) -> tuple[np.dtype[np.generic], str]:
    """The type to write, little-endian, and why it is another than the tensor's."""
    if _is_narrow(found):
        if raw:
            kept = np.dtype(_RAW[found.itemsize]).newbyteorder("<")
            return kept, f"the bits of {window.dtype}, for which numpy has no type"
        return np.dtype("<f4"), f"numpy has no {window.dtype}, and float32 holds each of its values"
    if found.hasobject:
        raise UnsupportedError(window.path, f"numbers in {window.name}", "objects")
    dtype = found.newbyteorder("<")
    same = window.dtype == found.name or found.kind in "SU"
    return (
        dtype,
        "" if same else f"{window.dtype} as it is stored" if found.kind in "iu" else f"numpy has no {window.dtype}",
    )


def _is_narrow(dtype: np.dtype[np.generic]) -> bool:
    """Whether only ml_dtypes has this type."""
    return dtype.name.startswith(("bfloat16", "float8"))


def _converted(array: AnyArray, dtype: np.dtype[np.generic]) -> AnyArray:
    if _is_narrow(array.dtype) and dtype.kind == "u":
        return np.ascontiguousarray(array).view(dtype)
    return array.astype(dtype, copy=False)


def _header(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> bytes:
    stream = io.BytesIO()
    facts = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, facts)
    return stream.getvalue()


def _pieces(window: TensorWindow) -> Iterator[tuple[Index, ...]]:
    """Parts of a tensor in the order of rows, each small enough to be loaded."""
    together = window.strides == contiguous_strides(window.shape)
    most = max(1, (PIECE_BYTES if together else SCATTERED_PIECE_BYTES) // max(1, window.item_bytes))
    yield from _parts(window.shape, (), most)


def _parts(shape: tuple[int, ...], before: tuple[int, ...], most: int) -> Iterator[tuple[Index, ...]]:
    if 0 in shape:
        return
    rest = shape[len(before) :]
    if math.prod(rest) <= most:
        yield before
        return
    row = math.prod(rest[1:])
    if row > most:
        for i in range(rest[0]):
            yield from _parts(shape, (*before, i), most)
        return
    step = most // row
    for start in range(0, rest[0], step):
        yield (*before, slice(start, min(start + step, rest[0])))
