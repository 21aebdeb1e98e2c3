"""The tensors in TensorBoard events: single numbers, texts, and small arrays.

Source: tensorboard/compat/proto/{tensor,tensor_shape,types}.proto.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

from inspector.artifacts.logs.protobuf import BYTES, FIXED32, FIXED64, VARINT, Field, fields, inner, signed, varint
from inspector.core.arrays import FloatArray

_Dtype = np.dtype[Any]

_DTYPES: dict[int, _Dtype] = {
    1: np.dtype("<f4"),
    2: np.dtype("<f8"),
    3: np.dtype("<i4"),
    4: np.dtype("u1"),
    5: np.dtype("<i2"),
    6: np.dtype("i1"),
    9: np.dtype("<i8"),
    10: np.dtype("?"),
    14: np.dtype(ml_dtypes.bfloat16),
    17: np.dtype("<u2"),
    19: np.dtype("<f2"),
    22: np.dtype("<u4"),
    23: np.dtype("<u8"),
}
_DT_HALF, _DT_BFLOAT16 = 19, 14
_UNSIGNED = (22, 23)
_FIXED: dict[int, tuple[int, _Dtype]] = {5: (FIXED32, np.dtype("<f4")), 6: (FIXED64, np.dtype("<f8"))}
"""float_val and double_val; each number by itself or all in one field."""
_HALF_VAL, _STRING_VAL = 13, 8
_INTEGER_VALS = (7, 10, 11, 16, 17)


class Number(NamedTuple):
    """One number, and where and how it is written; `dtype` is None where it is written at no fixed width."""

    value: float
    place: int
    dtype: _Dtype | None


class Tensor(NamedTuple):
    """A tensor as it is written.

    Attributes:
        shape: None where it is not told in full.
        numbers: the fields that hold numbers.
        texts: the fields of its texts.
    """

    dtype: int
    shape: tuple[int, ...] | None
    numbers: list[Field]
    texts: list[Field]


def tensor(data: bytes, start: int, end: int) -> Tensor:
    """The tensor between two places.

    Raises:
        WireError: the bytes are no tensor.
    """
    dtype = 0
    shape: tuple[int, ...] | None = ()
    numbers: list[Field] = []
    texts: list[Field] = []
    for field in fields(data, start, end):
        if field.number == 1 and field.wire == VARINT:
            dtype = field.start
        elif field.number == 2 and field.wire == BYTES:
            shape = _shape(data, field)
        elif field.number == _STRING_VAL and field.wire == BYTES:
            texts.append(field)
        elif field.number == 4 or field.number in _FIXED or field.number in (_HALF_VAL, *_INTEGER_VALS):
            numbers.append(field)
    return Tensor(dtype, shape, numbers, texts)


def _shape(data: bytes, field: Field) -> tuple[int, ...] | None:
    sizes = []
    for dimension in inner(data, field):
        if dimension.number == 2:
            told = [signed(one.start) for one in inner(data, dimension) if one.number == 1 and one.wire == VARINT]
            sizes.append(told[0] if told else 0)
        elif dimension.number == 3:  # its rank is unknown
            return None
    return tuple(sizes)


def single_number(data: bytes, found: Tensor) -> Number | None:
    """The number of a tensor that holds exactly one, else None."""
    if found.shape is None or any(size != 1 for size in found.shape) or len(found.numbers) != 1:
        return None
    field = found.numbers[0]
    values = _numbers(data, field, found.dtype, most=2)
    if len(values) != 1:
        return None
    dtype = None
    if field.wire != VARINT and field.number in (4, *_FIXED):
        dtype = _DTYPES[found.dtype] if field.number == 4 else _FIXED[field.number][1]
    return Number(float(values[0]), field.start, dtype)


def array(data: bytes, found: Tensor) -> FloatArray | None:
    """The numbers of a tensor in its shape, (its shape) float64; None where they do not fill it.

    One number for all, as protobuf abbreviates, is not spread out.
    """
    parts = [_numbers(data, field, found.dtype) for field in found.numbers]
    values = np.concatenate([np.empty(0), *parts])
    if (
        found.shape is None
        or any(size < 0 for size in found.shape)
        or np.prod(found.shape, dtype=object) != len(values)
    ):
        return None
    return values.reshape(found.shape)


def _numbers(data: bytes, field: Field, dtype: int, most: int = 2**62) -> FloatArray:
    """The numbers of one field, of those at no fixed width at most so many; none where they are not what it says."""
    if field.number == 4 or field.number in _FIXED:
        wire, kind = _FIXED.get(field.number, (BYTES, _DTYPES.get(dtype)))
        size = field.end - field.start
        if kind is None or field.wire not in (wire, BYTES) or size % kind.itemsize:
            return np.empty(0)
        with np.errstate(invalid="ignore"):  # a NaN that signals
            return np.array(np.frombuffer(data, kind, size // kind.itemsize, field.start), np.float64)
    values = _varints(data, field, most)
    if field.number == _HALF_VAL:
        if dtype not in (_DT_HALF, _DT_BFLOAT16):
            return np.empty(0)
        bits = np.array([value & 0xFFFF for value in values], dtype=np.uint16)
        return bits.view(_DTYPES[dtype]).astype(np.float64)
    return np.array([float(value if dtype in _UNSIGNED else signed(value)) for value in values])


def _varints(data: bytes, field: Field, most: int) -> list[int]:
    if field.wire == VARINT:
        return [field.start]
    values: list[int] = []
    place = field.start
    while field.wire == BYTES and place < field.end and len(values) < most:
        value, place = varint(data, place, field.end)
        values.append(value)
    return values
