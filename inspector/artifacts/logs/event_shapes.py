"""Which bytes of an event differ from those of others of its kind: its time, its step, its numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.crc32c import Uint32Array, change_by, change_by_two, crc32c
from inspector.artifacts.logs.event_wire import STEP_PLACE, TIME_PLACE, Event
from inspector.core.arrays import FloatArray, IntArray

STEP_KEY, SUMMARY_KEY = 0x10, 0x2A

_MAX_BYTES = 512
_MAX_STEP_BYTES = 7

_MANY = 2**14
"""From so many events on, two bytes are looked up at once: the table for them takes as long to make as it saves."""


class Span(NamedTuple):
    """Bytes of an event that differ from event to event."""

    place: int
    width: int


class Shape(NamedTuple):
    """Where time, step and numbers of an event stand.

    Attributes:
        length: bytes of the event.
        step_bytes: of its step, 0 where it has none.
        numbers: place and type of each number, in order.
    """

    length: int
    step_bytes: int
    numbers: tuple[tuple[int, np.dtype[Any]], ...]

    @property
    def spans(self) -> list[Span]:
        """The bytes that differ."""
        step = [Span(STEP_PLACE, self.step_bytes)] if self.step_bytes else []
        return [Span(TIME_PLACE, 8), *step, *(Span(place, dtype.itemsize) for place, dtype in self.numbers)]

    def mask(self) -> npt.NDArray[np.uint8]:
        """The bits that do not differ, (length,) uint8; those that tell how long the step is among them."""
        mask = np.full(self.length, 0xFF, np.uint8)
        for place, width in self.spans:
            mask[place : place + width] = 0
        mask[STEP_PLACE : STEP_PLACE + self.step_bytes] = 0x80
        return mask

    def bare_check(self, data: bytes) -> int:
        """The CRC-32C of an event of this shape, the bytes that differ taken as zeros."""
        bare = bytearray(data)
        for place, width in self.spans:
            bare[place : place + width] = bytes(width)
        return crc32c(bytes(bare))


def shape_of(data: bytes, event: Event) -> Shape | None:
    """The shape of an event that was read; None where others of its kind do not have the same one, or it is long."""
    if not event.plain or len(data) > _MAX_BYTES:
        return None
    numbers = []
    for scalar in event.scalars:
        if scalar.dtype is None or scalar.dtype.kind not in "fiu":
            return None
        numbers.append((scalar.place, scalar.dtype))
    step_bytes = 0
    if data[STEP_PLACE - 1] == STEP_KEY:
        step_bytes = 1
        while data[STEP_PLACE + step_bytes - 1] >= 0x80:
            step_bytes += 1
    return Shape(len(data), step_bytes, tuple(numbers)) if step_bytes <= _MAX_STEP_BYTES else None


def changes(column: IntArray, width: int, after: int) -> Uint32Array:
    """What the bytes of a span add to the checksums of events: (events,) uint32.

    Bytes that are the same in all of them, as the upper ones of time and step are, are looked up once.

    Args:
        column: (events,) int64, the bytes as whole numbers, little end first; at least one event.
        width: how many bytes.
        after: bytes from the span's first one to the end of the event.
    """
    same = int(column[0])
    differing = int(np.bitwise_or.reduce(column ^ same))
    constant = 0
    total = np.zeros(len(column), np.uint32)
    at_once = 2 if len(column) >= _MANY else 1
    for byte in range(0, width, at_once):
        two = at_once == 2 and byte + 1 < width
        by_value = change_by_two(after - 1 - byte) if two else change_by(after - 1 - byte)
        bits = 0xFFFF if two else 0xFF
        if differing >> 8 * byte & bits:
            total ^= by_value[column >> 8 * byte & bits]
        else:
            constant ^= int(by_value[same >> 8 * byte & bits])
    total ^= np.uint32(constant)
    return total


def steps_of(column: IntArray, size: int) -> FloatArray:
    """Steps from their bytes, little end first, each of which gives seven bits: (events,) int64 to float64."""
    steps = column & 0x7F
    for byte in range(1, size):
        steps |= (column >> byte) & (0x7F << 7 * byte)
    return steps.astype(np.float64)


def numbers_of(column: IntArray, dtype: np.dtype[Any]) -> FloatArray:
    """Numbers from their bytes as whole numbers: (events,) int64 to float64."""
    raw = column.astype(f"<u{dtype.itemsize}").view(dtype)
    with np.errstate(invalid="ignore"):  # a NaN that signals
        return raw.astype(np.float64)
