"""How a `.wandb` file is framed: records in chunks with checksums, chunks in blocks of 32 KB.

Source: the log format of LevelDB with CRC-32 of zlib, behind a header of 7 bytes, as wandb's own DataStore writes it.
"""

from __future__ import annotations

import struct
import zlib

from inspector.artifacts.byte_file import Source
from inspector.artifacts.logs.tally import Reason, Tally

HEADER = b":W&B\xe1\xbe"
"""Then comes one byte, the version."""

_HEADER_BYTES = len(HEADER) + 1
_BLOCK_BYTES = 32 * 1024
_CHUNK = struct.Struct("<IHB")
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_SEEDS = {kind: zlib.crc32(bytes((kind,))) for kind in (_WHOLE, _FIRST, _MIDDLE, _LAST)}

MAX_RECORD_BYTES = 256 * 2**20

_DAMAGED = Reason(
    "the record at byte {where} is damaged and was left out",
    "{count} records are damaged and were left out, the first at byte {where}",
)
_BLOCK_LOST = Reason(
    "the rest of the block at byte {where} is damaged and was left out",
    "the rests of {count} blocks are damaged and were left out, the first at byte {where}",
)
_NO_BEGINNING = Reason(
    "a record at byte {where} has lost its beginning and was left out",
    "{count} records have lost their beginning and were left out, the first at byte {where}",
)
_NO_END = Reason(
    "the record at byte {where} has lost its end and was left out",
    "{count} records have lost their end and were left out, the first at byte {where}",
)
_ZEROS = Reason(
    "the rest of the block at byte {where} is zeros",
    "the rests of {count} blocks are zeros, the first at byte {where}",
)


def record_at(source: Source, place: int) -> bytes | None:
    """The record that begins at this byte of the file; None where no sound one does."""
    parts: list[bytes] = []
    while True:
        room = _BLOCK_BYTES - place % _BLOCK_BYTES
        if room < _CHUNK.size:
            place += room
        header = source.read(place, _CHUNK.size)
        if len(header) < _CHUNK.size:
            return None
        checksum, length, kind = _CHUNK.unpack(header)
        chunk = source.read(place + _CHUNK.size, length)
        begins = kind in (_WHOLE, _FIRST)
        if kind not in _SEEDS or begins == bool(parts) or zlib.crc32(chunk, _SEEDS[kind]) != checksum:
            return None
        parts.append(chunk)
        if kind in (_WHOLE, _LAST):
            return b"".join(parts)
        place += _CHUNK.size + length


class Blocks:
    """Takes the bytes of a file in any fragments and gives the records that are whole and sound.

    Attributes:
        taken: how many bytes there were.
        wrong: the file does not begin as such files do.
    """

    def __init__(self) -> None:
        self.taken = 0
        self.wrong = False
        self._held = b""
        self._parts: list[bytes] = []
        self._parts_place = 0
        self._damage = Tally()

    def take(self, data: bytes) -> list[tuple[int, bytes]]:
        """Every record that these bytes make whole, and where in the file it begins."""
        base = self.taken - len(self._held)
        self.taken += len(data)
        buffer = self._held + data if self._held else data
        at = 0
        if base == 0:
            if len(buffer) < _HEADER_BYTES:
                self._held = buffer
                return []
            self.wrong = not buffer.startswith(HEADER)
            at = _HEADER_BYTES
        records: list[tuple[int, bytes]] = []
        at = self._read(buffer, at, base, records)
        self._held = buffer[at:]
        return records

    def _read(self, buffer: bytes, at: int, base: int, records: list[tuple[int, bytes]]) -> int:
        """Read the chunks that are whole; where in the buffer it ended."""
        view, end = memoryview(buffer), len(buffer)
        unpack, crc32, header = _CHUNK.unpack_from, zlib.crc32, _CHUNK.size
        while True:
            block_end = at + _BLOCK_BYTES - (base + at) % _BLOCK_BYTES
            while at + header <= block_end:
                if at + header > end:
                    return at
                checksum, length, kind = unpack(buffer, at)
                begin = at + header
                stop = begin + length
                possible = kind in _SEEDS and stop <= block_end
                if possible and stop > end:
                    return at
                if possible and crc32(view[begin:stop], _SEEDS[kind]) == checksum:
                    if kind == _WHOLE and not self._parts:
                        records.append((base + at, buffer[begin:stop]))
                    else:
                        self._add(kind, buffer[begin:stop], base + at, records)
                    at = stop
                    continue
                behind = self._behind_damage(view, at, stop if possible else block_end, block_end, base)
                if behind is None:
                    return at
                at = behind
            if end < block_end:
                return at
            at = block_end

    def _behind_damage(self, view: memoryview, at: int, stop: int, block_end: int, base: int) -> int | None:
        """Where to read on behind a chunk that is not sound; None while the bytes that tell are not there."""
        sound = self._sound(view, stop, block_end) if stop < block_end else False
        if sound is None or (not sound and len(view) < block_end):
            return None
        self._parts = []
        if sound:
            self._damage.add(_DAMAGED, base + at)
            return stop
        self._damage.add(_BLOCK_LOST if any(view[at:block_end]) else _ZEROS, base + at)
        return block_end

    @staticmethod
    def _sound(view: memoryview, at: int, block_end: int) -> bool | None:
        """Whether a sound chunk of the same block begins here; None while its bytes are not all there."""
        if block_end - at < _CHUNK.size:
            return True
        if len(view) - at < _CHUNK.size:
            return None
        checksum, length, kind = _CHUNK.unpack_from(view, at)
        stop = at + _CHUNK.size + length
        if kind not in _SEEDS or stop > block_end:
            return False
        if stop > len(view):
            return None
        return bool(zlib.crc32(view[at + _CHUNK.size : stop], _SEEDS[kind]) == checksum)

    def _add(self, kind: int, chunk: bytes, place: int, records: list[tuple[int, bytes]]) -> None:
        if kind in (_WHOLE, _FIRST):
            if self._parts:
                self._damage.add(_NO_END, self._parts_place)
                self._parts = []
            if kind == _WHOLE:
                records.append((place, chunk))
            else:
                self._parts, self._parts_place = [chunk], place
        elif not self._parts:
            if kind == _LAST:
                self._damage.add(_NO_BEGINNING, place)
        else:
            self._parts.append(chunk)
            if kind == _LAST:
                records.append((self._parts_place, b"".join(self._parts)))
                self._parts = []
            elif sum(map(len, self._parts)) > MAX_RECORD_BYTES:
                self._damage.add(_DAMAGED, self._parts_place)
                self._parts = []

    def notes(self) -> tuple[str, ...]:
        """What was left out, and what is not whole yet."""
        unfinished = len(self._held) + sum(map(len, self._parts))
        if not unfinished:
            return self._damage.texts()
        if not any(self._held) and not self._parts:
            return (*self._damage.texts(), f"the file ends in {unfinished:,} zeros")
        return (*self._damage.texts(), f"the last {unfinished:,} bytes are no whole record, it may still be written")
