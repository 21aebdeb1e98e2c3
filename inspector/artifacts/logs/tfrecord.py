"""TFRecord framing: whole records out of bytes that come in any fragments, past whatever is damaged.

A record is its length (8 bytes), the length's masked CRC-32C, the data, the data's masked CRC-32C.
Source: tensorflow/core/lib/io/record_writer.h.

Where records begin is found for a whole piece of a file at once: at every place that looks like the begin of a short
record its length is checked, and what is left must join end to begin. Where it does not, one record is read alone.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.crc32c import masked, masked_many, masked_of_lengths
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.core.arrays import IntArray

MAX_RECORD_BYTES = 256 * 2**20
"""A longer record is taken for a damaged length."""

CHECKED_BYTES = 4096
"""Data up to this length is checked; checking more would take longer than reading it."""

HEADER_BYTES = 12
_HEADER = struct.Struct("<QI")
FRAME_BYTES = 16
_SEARCH_BYTES = 64 * 1024
_SHORT_BYTES = 2**16
_FIRST_BYTE = 0x09
"""What nearly every event begins with: its time. Other records are found too, one by one."""

BAD_DATA = Reason(
    "the record at byte {where} is damaged and was left out",
    "{count} records are damaged and were left out, the first at byte {where}",
)
_BAD_LENGTH = Reason(
    "the record at byte {where} has a damaged length and was left out",
    "{count} records have a damaged length and were left out, the first at byte {where}",
)
_TORN = Reason("the last record, at byte {where}, breaks off and was left out", "")

_PADDING_BYTES = 24
"""Zeros behind a piece of a file: a record at its end is read in whole words, too."""

_GATHERED_PLACES = 8192
"""At once, so that rows turned into columns are still near the processor."""

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


class Records(NamedTuple):
    """Whole records of one piece of a file; their data is not checked yet.

    Attributes:
        data: (bytes,) uint8, the piece, and some zeros after it so that every record can be read in whole words.
        offset: where in the file the piece begins.
        starts: (records,) int64, where in the piece the data of each record begins.
        lengths: (records,) int64, its bytes.
    """

    data: Bytes
    offset: int
    starts: IntArray
    lengths: IntArray

    def place(self, record: int) -> int:
        """Where in the file a record begins."""
        return self.offset + int(self.starts[record]) - HEADER_BYTES


def words_at(data: Bytes, places: IntArray, count: int) -> list[Words]:
    """The words that begin at some places of (bytes,) uint8: (places,) uint64 first ones, second ones and so on."""
    size = 8 * count
    pieces = np.ndarray(max(0, len(data) - size + 1), f"V{size}", data, strides=(1,))  # one at every byte
    words = np.empty((count, len(places)), "<u8")
    for first in range(0, len(places), _GATHERED_PLACES):
        some = slice(first, first + _GATHERED_PLACES)
        words[:, some] = pieces[places[some]].view("<u8").reshape(-1, count).T
    return list(words)


def _headers_at(data: Bytes, places: IntArray) -> tuple[Words, Words]:
    """The same for two words, where a place is seldom what it seems and gathering a row for it would not pay."""
    aligned = data[: len(data) // 8 * 8].view("<u8")
    indices = places >> 3
    low = ((places & 7) << 3).view(np.uint64)
    high = np.uint64(64) - low  # numpy shifts by 64 to nothing
    parts = [aligned[indices + word] for word in range(3)]
    return parts[0] >> low | parts[1] << high, parts[1] >> low | parts[2] << high


class Frames:
    """Cuts bytes into records, the same ones whatever the fragments.

    Attributes:
        records: whole records met.
        taken: bytes met.
    """

    __slots__ = ("_damage", "_held", "_needed", "_offset", "_searching", "records", "taken")

    def __init__(self) -> None:
        self.records = 0
        self.taken = 0
        self._damage = Tally()
        self._held = bytearray()
        self._offset = 0
        self._needed = HEADER_BYTES
        self._searching = False

    def take(self, data: bytes) -> Records | None:
        """The records that end in these bytes; None where none does."""
        self.taken += len(data)
        self._held += data
        if len(self._held) < self._needed:
            return None
        size = len(self._held)
        self._held += bytes(_PADDING_BYTES)
        raw = np.frombuffer(self._held, dtype=np.uint8)
        begins, ends, position = self._cut(raw, raw[:size])
        found = Records(raw, self._offset, begins + HEADER_BYTES, ends - begins - FRAME_BYTES)
        self.records += len(begins)
        self._held = bytearray(raw[position:size].data)
        self._offset += position
        return found if len(begins) else None

    def given_back(self) -> bytes:
        """The begin of a record that is held until its end comes, no longer held."""
        held = bytes(self._held)
        self._held.clear()
        self._needed = HEADER_BYTES
        self.taken -= len(held)
        return held

    def pass_by(self, size: int, records: int) -> None:
        """Count whole records that were read elsewhere; what was held must have been given back."""
        self.taken += size
        self.records += records
        self._offset += size

    def notes(self) -> tuple[str, ...]:
        """What was damaged, the unfinished end included."""
        if not self._held or self._searching:
            return self._damage.texts()
        length = _length_at(np.frombuffer(self._held, dtype=np.uint8), 0)
        whole = length is not None and len(self._held) >= length + FRAME_BYTES
        ending = Tally()
        ending.add(BAD_DATA if whole else _TORN, self._offset)
        return (*self._damage.texts(), *ending.texts())

    @property
    def in_order(self) -> bool:
        """Whether what is held, or comes next, is the begin of a record, and little is held."""
        return not self._searching and len(self._held) < _SHORT_BYTES

    def looks_wrong(self) -> bool:
        """Whether bytes were met and not even the first record begins as one."""
        return self.records == 0 and self._damage.count(_BAD_LENGTH) > 0

    def _cut(self, padded: Bytes, raw: Bytes) -> tuple[IntArray, IntArray, int]:
        """Where whole records begin and end, and where what is held back begins."""
        chains = _Chains(padded, raw)
        found: list[_Chain] = [(np.empty(0, np.int64), np.empty(0, np.int64))]
        position = 0
        while True:
            if self._searching:
                position = self._searched(raw, position)
                if self._searching:
                    break
            length = None
            chain = chains.at(position)
            if chain is None:
                length = _length_at(raw, position)
                if length is not None and len(raw) - position >= length + FRAME_BYTES:
                    chain = np.array([position]), np.array([position + length + FRAME_BYTES])
            if chain is not None:
                found.append(chain)
                position = int(chain[1][-1])
                continue
            if length is not None:
                self._needed = length + FRAME_BYTES
                break
            position, stop = self._broken(raw, found, position)
            if stop:
                break
        return np.concatenate([begins for begins, _ in found]), np.concatenate([ends for _, ends in found]), position

    def _searched(self, raw: Bytes, position: int) -> int:
        """The next whole record whose checksums both hold; where there is none yet, the place to search on from."""
        while True:
            position = _next_header(raw, position)
            length = _length_at(raw, position)
            self._needed = HEADER_BYTES if length is None else length + FRAME_BYTES
            if length is None or len(raw) - position < self._needed:
                return position
            if _data_agrees(raw, position, length):
                self._searching = False
                return position
            position += 1

    def _broken(self, raw: Bytes, found: list[_Chain], position: int) -> tuple[int, bool]:
        """Go on where no record begins, or wait (True) for bytes that tell.

        Where the record before does not agree with its checksum either, bytes may be missing in it or too many, and
        the next one is searched from within it.
        """
        short = len(raw) - position < HEADER_BYTES
        begins, ends = found[-1]
        if len(begins) and not _data_agrees(raw, int(begins[-1]), int(ends[-1] - begins[-1]) - FRAME_BYTES):
            begin = int(begins[-1])
            found[-1] = begins[:-1], ends[:-1]
            if short:
                self._needed = position - begin + HEADER_BYTES
                return begin, True
            self._damage.add(BAD_DATA, self._offset + begin)
            position = begin
        elif short:
            self._needed = HEADER_BYTES
            return position, True
        else:
            self._damage.add(_BAD_LENGTH, self._offset + position)
        self._searching = True
        return position + 1, False


_Chain = tuple[IntArray, IntArray]
"""Records of which each begins where the one before ends: (records,) int64 where each begins and ends."""


class _Chains:
    """The short records of a piece of a file, as far as they join."""

    def __init__(self, padded: Bytes, raw: Bytes) -> None:
        self._begins, self._ends = _joined(padded, raw)
        self._breaks = np.flatnonzero(self._begins[1:] != self._ends[:-1])

    def at(self, position: int) -> _Chain | None:
        """The records from a place on; None where no short record begins."""
        first = int(np.searchsorted(self._begins, position))
        if first == len(self._begins) or self._begins[first] != position:
            return None
        after = int(np.searchsorted(self._breaks, first))
        last = int(self._breaks[after]) if after < len(self._breaks) else len(self._begins) - 1
        return self._begins[first : last + 1], self._ends[first : last + 1]


def _joined(padded: Bytes, raw: Bytes) -> tuple[IntArray, IntArray]:
    """Where short records seem to begin and end, in order: each has a length that its checksum confirms, and is whole.

    Each is (places,) int64. The few that are none are not reached from the record before them.
    """
    places = np.flatnonzero(raw[HEADER_BYTES:] == _FIRST_BYTE)
    found, checks = _headers_at(padded, places)
    short = np.flatnonzero(found < _SHORT_BYTES)
    places, lengths = places[short], found[short].view(np.int64)
    ends = places + lengths + FRAME_BYTES
    right = (checks[short].astype(np.uint32) == masked_of_lengths()[lengths]) & (ends <= len(raw))
    return (places, ends) if right.all() else (places[right], ends[right])


def agreeing(data: Bytes, starts: IntArray, lengths: IntArray) -> npt.NDArray[np.bool_]:
    """Which records agree with the checksum behind their data; (records,) bool.

    Data of more than 4 kB is believed: only its length is checked.
    """
    good = np.ones(len(starts), dtype=np.bool_)
    stored = np.ndarray(len(data) - 3, "<u4", data, strides=(1,))
    for length in np.flatnonzero(np.bincount(lengths[lengths <= CHECKED_BYTES])).tolist():
        of_length = np.flatnonzero(lengths == length)
        places = starts[of_length]
        good[of_length] = masked_many(data, places, length) == stored[places + length]
    return good


def _data_agrees(raw: Bytes, position: int, length: int) -> bool:
    return bool(agreeing(raw, np.array([position + HEADER_BYTES]), np.array([length]))[0])


def _length_at(raw: Bytes, position: int) -> int | None:
    """The length of the record that begins here; None where no length stands here that its checksum confirms."""
    if len(raw) - position < HEADER_BYTES:
        return None
    length: int
    check: int
    length, check = _HEADER.unpack_from(raw.data, position)
    right = length <= MAX_RECORD_BYTES and masked(raw[position : position + 8].data) == check
    return length if right else None


def _next_header(raw: Bytes, position: int) -> int:
    """The next place where a length stands that its checksum confirms, else the last that is yet to be judged."""
    last = max(position, len(raw) - HEADER_BYTES + 1)
    stored = np.ndarray(max(0, len(raw) - 3), "<u4", raw, strides=(1,))
    while position < last:
        places = np.arange(position, min(position + _SEARCH_BYTES, last))
        right = places[masked_many(raw, places, 8) == stored[places + 8]]
        for place in right.tolist():
            if int.from_bytes(raw[place : place + 8].tobytes(), "little") <= MAX_RECORD_BYTES:
                return int(place)
        position = int(places[-1]) + 1
    return position
