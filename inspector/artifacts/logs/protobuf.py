"""The protobuf wire format: fields of a message by number, without its description.

Source: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

_MOST = 0xFFFF_FFFF_FFFF_FFFF


class WireError(ValueError):
    """Bytes that are no message."""


class Field(NamedTuple):
    """One field: its number, wire type, its value (varint) or where its bytes begin, and where they end."""

    number: int
    wire: int
    start: int
    end: int


def varint(data: bytes, place: int, end: int) -> tuple[int, int]:
    """A whole number of 0 to 2**64 - 1, and the place behind it.

    Raises:
        WireError: it does not end.
    """
    value = shift = 0
    while place < end and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _MOST, place
        shift += 7
    raise WireError("a number does not end")


def fields(data: bytes, place: int, end: int) -> Iterator[Field]:
    """The fields that stand between two places.

    Raises:
        WireError: the bytes are no fields.
    """
    while place < end:
        key = data[place]
        if key < 0x80:
            place += 1
        else:
            key, place = varint(data, place, end)
        wire = key & 7
        if wire == VARINT:
            value, place = varint(data, place, end)
            yield Field(key >> 3, wire, value, place)
            continue
        if wire == BYTES:
            length, place = varint(data, place, end)
        elif wire == FIXED64:
            length = 8
        elif wire == FIXED32:
            length = 4
        else:
            raise WireError("a field of a sort that is not in use")
        if place + length > end:
            raise WireError("a field is longer than what holds it")
        yield Field(key >> 3, wire, place, place + length)
        place += length


def inner(data: bytes, field: Field) -> Iterator[Field]:
    """The fields of a message within a message.

    Raises:
        WireError: the field holds no bytes, or they are no fields.
    """
    expect(field, BYTES)
    return fields(data, field.start, field.end)


def expect(field: Field, wire: int) -> None:
    """Raise unless a field has this wire type.

    Raises:
        WireError: it has another.
    """
    if field.wire != wire:
        raise WireError("a field of another type than stands there")


def text(data: bytes, field: Field) -> str:
    """The text of a field; bytes that are no UTF-8 are written out.

    Raises:
        WireError: the field holds no bytes.
    """
    expect(field, BYTES)
    return data[field.start : field.end].decode("utf-8", "backslashreplace")


def signed(value: int) -> int:
    """A varint as int64."""
    return value - (1 << 64) if value >> 63 else value
