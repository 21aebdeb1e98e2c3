"""TFRecord framing: whole records out of bytes that come in any fragments, past whatever is damaged.

A record is its length (8 bytes), the length's masked CRC-32C, the data, the data's masked CRC-32C.
Source: tensorflow/core/lib/io/record_writer.h.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.crc32c import masked, masked_many
from inspector.artifacts.logs.tally import Reason, Tally

MAX_RECORD_BYTES = 256 * 2**20
"""A longer record is taken for a damaged length."""

_CHECKED_BYTES = 4096
"""Data up to this length is checked; checking more would take longer than reading it."""

_HEADER = struct.Struct("<QI")
_HEADER_BYTES = 12
_FRAME_BYTES = 16
_SEARCH_BYTES = 64 * 1024

_BAD_DATA = Reason(
    "the record at byte {where} is damaged and was left out",
    "{count} records are damaged and were left out, the first at byte {where}",
)
_BAD_LENGTH = Reason(
    "the record at byte {where} has a damaged length and was left out",
    "{count} records have a damaged length and were left out, the first at byte {where}",
)
_TORN = Reason("the last record, at byte {where}, breaks off and was left out", "")


class Record(NamedTuple):
    """One whole record and where in the file it begins."""

    offset: int
    data: bytes


class Frames:
    """Cuts bytes into records.

    Attributes:
        records: whole records met, damaged ones not counted.
        taken: bytes met.
    """

    __slots__ = ("_damage", "_held", "_needed", "_offset", "_searching", "records", "taken")

    def __init__(self) -> None:
        self.records = 0
        self.taken = 0
        self._damage = Tally()
        self._held = bytearray()
        self._offset = 0
        self._needed = 0
        self._searching = False

    def take(self, data: bytes) -> list[Record]:
        """The records that end in these bytes."""
        self.taken += len(data)
        self._held += data
        if len(self._held) < self._needed:
            return []
        buffer = bytes(self._held)
        found, position = self._cut(buffer)
        self.records += len(found)
        self._held = bytearray(buffer[position:])
        self._offset += position
        return found

    def notes(self) -> tuple[str, ...]:
        """What was damaged, the unfinished end included."""
        if self._held and not self._searching:
            ending = Tally()
            ending.add(_TORN, self._offset)
            return (*self._damage.texts(), *ending.texts())
        return self._damage.texts()

    def looks_wrong(self) -> bool:
        """Whether bytes were met and not even the first record begins as one."""
        return self.records == 0 and self._damage.count(_BAD_LENGTH) > 0

    def _cut(self, buffer: bytes) -> tuple[list[Record], int]:
        """The whole records, and where what is held back begins."""
        raw = np.frombuffer(buffer, dtype=np.uint8)
        found: list[Record] = []
        position = 0
        while True:
            if self._searching:
                position = _next_header(raw, position)
                self._searching = not _is_header(buffer, position)
                if self._searching:
                    self._needed = _HEADER_BYTES
                    break
            starts, position, whole = _frames(buffer, raw, position)
            found.extend(self._checked(buffer, raw, starts))
            if whole and (len(buffer) - position < _HEADER_BYTES or _is_header(buffer, position)):
                self._needed = _needed(buffer, position)
                break
            self._damage.add(_BAD_LENGTH, self._offset + position)
            self._searching = True
            position += 1
        return found, position

    def _checked(self, buffer: bytes, raw: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> list[Record]:
        """The records that begin at `starts`, without those whose data does not agree with its checksum."""
        lengths = _numbers(raw, starts, 8)
        good = np.ones(len(starts), dtype=np.bool_)
        for length in np.unique(lengths[lengths <= _CHECKED_BYTES]).tolist():
            of_length = np.flatnonzero(lengths == length)
            data = starts[of_length] + _HEADER_BYTES
            good[of_length] = masked_many(raw, data, length) == _numbers(raw, data + length, 4)
        for start in starts[~good].tolist():
            self._damage.add(_BAD_DATA, self._offset + start)
        return [
            Record(self._offset + start, buffer[start + _HEADER_BYTES : start + _HEADER_BYTES + length])
            for start, length in zip(starts[good].tolist(), lengths[good].tolist(), strict=True)
        ]


def _numbers(raw: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.int64]:
    """Little-endian whole numbers of `width` bytes at several places; all are below 2**63 here."""
    values = np.zeros(len(starts), dtype=np.int64)
    for place in range(width):
        values |= raw[starts + place].astype(np.int64) << (8 * place)
    return values


def _frames(buffer: bytes, raw: npt.NDArray[np.uint8], position: int) -> tuple[npt.NDArray[np.int64], int, bool]:
    """Where whole records begin one after another, where they end, and whether the last of them ends well.

    The lengths are believed first and checked together, which is much faster than one by one.
    """
    begins: list[int] = []
    size = len(buffer)
    unpack = _HEADER.unpack_from
    while size - position >= _HEADER_BYTES:
        length = unpack(buffer, position)[0]
        end = position + _FRAME_BYTES + length
        if length > MAX_RECORD_BYTES or end > size:
            break
        begins.append(position)
        position = end
    starts = np.array(begins, dtype=np.int64)
    wrong = np.flatnonzero(masked_many(raw, starts, 8) != _numbers(raw, starts + 8, 4))
    if len(wrong):
        first = int(wrong[0])
        return starts[:first], begins[first], False
    return starts, position, True


def _is_header(buffer: bytes, position: int) -> bool:
    """Whether a length stands here that its checksum confirms."""
    if len(buffer) - position < _HEADER_BYTES:
        return False
    length: int
    check: int
    length, check = _HEADER.unpack_from(buffer, position)
    return length <= MAX_RECORD_BYTES and masked(buffer[position : position + 8]) == check


def _needed(buffer: bytes, position: int) -> int:
    """How many bytes must be there from this place on before there is anything to do."""
    if len(buffer) - position < _HEADER_BYTES:
        return _HEADER_BYTES
    length: int = _HEADER.unpack_from(buffer, position)[0]
    return length + _FRAME_BYTES


def _next_header(raw: npt.NDArray[np.uint8], position: int) -> int:
    """The next place where a length stands that its checksum confirms, else the last that is yet to be judged."""
    last = max(position, len(raw) - _HEADER_BYTES + 1)
    while position < last:
        places = np.arange(position, min(position + _SEARCH_BYTES, last))
        right = places[masked_many(raw, places, 8) == _numbers(raw, places + 8, 4)]
        for place in right.tolist():
            if int.from_bytes(raw[place : place + 8].tobytes(), "little") <= MAX_RECORD_BYTES:
                return int(place)
        position = int(places[-1]) + 1
    return position
