"""Scalars out of serialised TensorBoard events, by the protobuf wire format alone.

Source: tensorboard/compat/proto/{event,summary,tensor,tensor_shape,types}.proto.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

import ml_dtypes
import numpy as np


class WireError(ValueError):
    """Bytes that are no event."""


class Scalar(NamedTuple):
    """One number of a summary."""

    tag: str
    value: float


class Event(NamedTuple):
    """What an event says.

    Attributes:
        wall_time: seconds since 1970, NaN where it is not told.
        scalars: numbers, in order.
        others: a word for each other thing in it (`histogram`, `image`, `text`, `graph`, ...).
    """

    wall_time: float
    step: int
    scalars: list[Scalar]
    others: list[str]


_Field = tuple[int, int, int, int]
"""Field number, wire type, and its number (varint) or the place where its bytes begin; where they end."""

_DOUBLE = struct.Struct("<d")
_FLOAT = struct.Struct("<f")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

_OTHER_EVENTS = {4: "graph", 6: "log message", 7: "session mark", 8: "run profile", 9: "graph"}
_OTHER_VALUES = {3: "histogram", 4: "image", 5: "histogram", 6: "audio clip"}
_PLUGINS = {
    "images": "image",
    "histograms": "histogram",
    "distributions": "histogram",
    "audio": "audio clip",
    "text": "text",
    "hparams": "hyper-parameter record",
    "pr_curves": "precision-recall curve",
    "mesh": "mesh",
    "custom_scalars": "chart layout",
    "graphs": "graph",
    "graph_run_metadata": "run profile",
    "graph_keras_model": "graph",
}

_DTYPES: dict[int, np.dtype[np.generic]] = {
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
_HALF_VAL, _FLOAT_VAL, _DOUBLE_VAL = 13, 5, 6
_INTEGER_VALS = (7, 10, 11, 16, 17)


def _varint(data: bytes, place: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while place < end and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place
        shift += 7
    raise WireError("a number does not end")


def _fields(data: bytes, place: int, end: int) -> Iterator[_Field]:
    while place < end:
        key = data[place]
        if key < 0x80:
            place += 1
        else:
            key, place = _varint(data, place, end)
        wire = key & 7
        if wire == _VARINT:
            value, place = _varint(data, place, end)
            yield key >> 3, wire, value, place
            continue
        if wire == _BYTES:
            length, place = _varint(data, place, end)
        elif wire == _FIXED64:
            length = 8
        elif wire == _FIXED32:
            length = 4
        else:
            raise WireError("a field of a sort that events do not have")
        if place + length > end:
            raise WireError("a field is longer than what holds it")
        yield key >> 3, wire, place, place + length
        place += length


def _text(data: bytes, start: int, end: int) -> str:
    return data[start:end].decode("utf-8", "surrogateescape")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


# Time, step, and a summary of one value that is a tag of under 120 bytes and a float: what most events are.
_COMMON = re.compile(
    rb"\x09(.{8})(?:\x10([\x80-\xff]{0,9}[\x00-\x7f]))?\x2a([\x00-\x7f])\x0a([\x00-\x7f])\x0a([\x00-\x7f])(.*)\x15(.{4})",
    re.DOTALL,
)


def _common(data: bytes) -> Event | None:
    """The event, where it is of the commonest form and every length in it agrees."""
    match = _COMMON.fullmatch(data)
    if match is None:
        return None
    wall_time, step, summary, value, length, tag, number = match.groups()
    size = len(tag)
    if length[0] != size or value[0] != size + 7 or summary[0] != size + 9:
        return None
    return Event(
        wall_time=_DOUBLE.unpack(wall_time)[0],
        step=_signed(_varint(step, 0, len(step))[0]) if step else 0,
        scalars=[Scalar(tag.decode("utf-8", "surrogateescape"), _FLOAT.unpack(number)[0])],
        others=[],
    )


class EventReader:
    """Reads events of one file in order; a tag's plugin is told with its first value only."""

    def __init__(self) -> None:
        self._plugins: dict[str, str] = {}

    def read(self, data: bytes) -> Event:
        """One event.

        Raises:
            WireError: these bytes are no event.
        """
        common = _common(data)
        if common is not None:
            return common
        wall_time, step = math.nan, 0
        scalars: list[Scalar] = []
        others: list[str] = []
        for field, wire, start, end in _fields(data, 0, len(data)):
            if field == 1:
                _expect(wire, _FIXED64)
                wall_time = _DOUBLE.unpack_from(data, start)[0]
            elif field == 2:
                _expect(wire, _VARINT)
                step = _signed(start)
            elif field == 5:
                _expect(wire, _BYTES)
                self._summary(data, start, end, scalars, others)
            elif field in _OTHER_EVENTS:
                others.append(_OTHER_EVENTS[field])
        return Event(wall_time, step, scalars, others)

    def _summary(self, data: bytes, start: int, end: int, scalars: list[Scalar], others: list[str]) -> None:
        for field, wire, first, last in _fields(data, start, end):
            if field == 1:
                _expect(wire, _BYTES)
                self._value(data, first, last, scalars, others)

    def _value(self, data: bytes, start: int, end: int, scalars: list[Scalar], others: list[str]) -> None:
        tag = node = ""
        number: float | None = None
        tensor: tuple[int, int] | None = None
        other = plugin = ""
        for field, wire, first, last in _fields(data, start, end):
            if field == 1:
                tag = _text(data, first, last)
            elif field == 2:
                _expect(wire, _FIXED32)
                number = _FLOAT.unpack_from(data, first)[0]
            elif field == 7:
                node = _text(data, first, last)
            elif field == 8:
                _expect(wire, _BYTES)
                tensor = first, last
            elif field == 9:
                _expect(wire, _BYTES)
                plugin = _plugin(data, first, last)
            elif field in _OTHER_VALUES:
                other = _OTHER_VALUES[field]
        tag = tag or node
        if plugin:
            plugin = self._plugins.setdefault(tag, plugin)
            other = other or _PLUGINS.get(plugin, "")
        if tensor is not None:
            other = _PLUGINS.get(self._plugins.get(tag, ""), "")
            number = None if other else _tensor_number(data, *tensor)
            other = other or "tensor"
        if number is not None:
            scalars.append(Scalar(tag, number))
        elif other:
            others.append(other)


def _expect(wire: int, expected: int) -> None:
    if wire != expected:
        raise WireError("a field of another type than events have there")


def _plugin(data: bytes, start: int, end: int) -> str:
    """The plugin named in a summary's metadata, or an empty text."""
    for field, wire, first, last in _fields(data, start, end):
        if field == 1 and wire == _BYTES:
            for inner, inner_wire, begin, stop in _fields(data, first, last):
                if inner == 1 and inner_wire == _BYTES:
                    return _text(data, begin, stop)
    return ""


def _tensor_number(data: bytes, start: int, end: int) -> float | None:
    """The number of a tensor that holds exactly one, else None."""
    dtype = 0
    elements = 1
    found: list[float] = []
    for field, wire, first, last in _fields(data, start, end):
        if field == 1 and wire == _VARINT:
            dtype = first
        elif field == 2 and wire == _BYTES:
            elements = _elements(data, first, last)
        elif field == 4 and wire == _BYTES:
            if dtype in _DTYPES and last - first == _DTYPES[dtype].itemsize:
                found.append(float(np.frombuffer(data[first:last], _DTYPES[dtype])[0]))
        elif field in _VALUES:
            found.extend(_VALUES[field](data, wire, first, last, dtype))
    return found[0] if elements == 1 and len(found) == 1 else None


def _elements(data: bytes, start: int, end: int) -> int:
    count = 1
    for field, wire, first, last in _fields(data, start, end):
        if field == 2 and wire == _BYTES:
            sizes = [_signed(value) for inner, kind, value, _ in _fields(data, first, last) if inner == 1 and not kind]
            count *= sizes[0] if sizes else 0
    return count


def _floats(data: bytes, _wire: int, first: int, last: int, _dtype: int) -> list[float]:
    return [float(value) for value in np.frombuffer(data[first:last], "<f4")] if (last - first) % 4 == 0 else []


def _doubles(data: bytes, _wire: int, first: int, last: int, _dtype: int) -> list[float]:
    return [float(value) for value in np.frombuffer(data[first:last], "<f8")] if (last - first) % 8 == 0 else []


def _varints(data: bytes, wire: int, first: int, last: int) -> list[int]:
    if wire == _VARINT:
        return [first]
    values: list[int] = []
    while first < last and len(values) < 2:  # one is a number, more are a tensor
        value, first = _varint(data, first, last)
        values.append(value)
    return values


def _integers(data: bytes, wire: int, first: int, last: int, dtype: int) -> list[float]:
    unsigned = dtype in (22, 23)
    return [float(value if unsigned else _signed(value)) for value in _varints(data, wire, first, last)]


def _halves(data: bytes, wire: int, first: int, last: int, dtype: int) -> list[float]:
    bits = np.array([value & 0xFFFF for value in _varints(data, wire, first, last)], dtype=np.uint16)
    if dtype not in (_DT_HALF, _DT_BFLOAT16):
        return []
    return [float(value) for value in bits.view(_DTYPES[dtype])]


_VALUES = {
    _FLOAT_VAL: _floats,
    _DOUBLE_VAL: _doubles,
    _HALF_VAL: _halves,
    **dict.fromkeys(_INTEGER_VALS, _integers),
}
