"""Elements of a tensor as numpy has them: their type, byte order, and what of them is a real number."""

from __future__ import annotations

import ml_dtypes
import numpy as np

from inspector.artifacts.tensors.buffers import Buffers
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.arrays import AnyArray
from inspector.core.errors import UnsupportedError

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)

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


def dtype_of(window: TensorWindow) -> np.dtype[np.generic]:
    """The numpy type of a tensor's elements, in native byte order.

    Raises:
        UnsupportedError: elements of a type that is not read.
    """
    dtype = _DTYPES.get(window.dtype)
    if dtype is None and window.dtype[:1] in ("S", "U") and window.dtype[1:].isdigit() and window.item_bytes:
        dtype = np.dtype(window.dtype)
    if dtype is None or dtype.itemsize != window.item_bytes:
        raise UnsupportedError(window.path, f"numbers in {window.name}", f"elements of type {window.dtype}")
    return dtype


def number_dtype_of(window: TensorWindow) -> np.dtype[np.generic]:
    """As `dtype_of`; text is not read either."""
    dtype = dtype_of(window)
    if dtype.kind in "SU":
        raise UnsupportedError(window.path, f"numbers in {window.name}", "text")
    return dtype


def native(raw: AnyArray, window: TensorWindow, dtype: np.dtype[np.generic]) -> AnyArray:
    """The bytes of numbers, (bytes,) uint8 both, with those of each turned round where the file is big-endian."""
    unit = dtype.itemsize // (2 if dtype.kind == "c" or dtype.names else 1)
    if dtype.kind == "U":
        unit = 4
    if window.byteorder == "little" or unit not in (2, 4, 8) or dtype.kind == "S":
        return raw
    return raw.view(f"u{unit}").byteswap().view(np.uint8)


def whole(array: AnyArray) -> AnyArray:
    """Half-precision complex numbers as complex64, in the same shape; anything else as it is."""
    if not array.dtype.names:
        return array
    return (array["real"].astype(np.float32) + 1j * array["imaginary"].astype(np.float32)).astype(np.complex64)


def real(block: AnyArray, buffers: Buffers | None = None) -> AnyArray:
    """Numbers that have an order, as float32 or float64: magnitudes of complex ones, integers rounded to float64.

    In the shape of `block`, which is (count,) where it is bfloat16; NaN stays NaN. With `buffers` the result
    may be gone with the next one.
    """
    dtype = block.dtype
    if dtype in (np.float32, np.float64):
        return block
    if dtype == BFLOAT16:
        wide = (buffers or Buffers()).array("real", block.size, np.uint32)
        np.copyto(wide, block.view(np.uint16))
        np.left_shift(wide, 16, out=wide)
        return wide.view(np.float32)
    with np.errstate(invalid="ignore", over="ignore"):  # some NaN patterns signal
        if dtype.names or dtype.kind == "c":
            return np.abs(whole(block).astype(np.complex128))
        return block.astype(np.float32 if dtype.itemsize <= 2 else np.float64)
