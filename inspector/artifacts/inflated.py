"""Bytes packed with gzip or deflate, readable by offset.

Every few megabytes the unpacker's state is kept; a read goes on from the state before it. Several threads may read.

Source: RFC 1951 and 1952; the access points of zlib/examples/zran.c.
"""

from __future__ import annotations

import zlib
from threading import Lock
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ReadableFile, Reopened
from inspector.artifacts.identity import check_same, identity_of
from inspector.artifacts.kept_blocks import SERIALS, keep, kept
from inspector.artifacts.packings import GZIP, GZIP_SIGNATURE
from inspector.artifacts.reading_limits import INFLATION_FREE_BYTES, MAX_INFLATION, MAX_INFLATION_AT_ALL, limits_of
from inspector.core.pulse import Pulse

BLOCK_BYTES = 4 << 20
"""Plain bytes between two kept states: about 15 ms to unpack; a state takes 50 kB."""

HEAD_BYTES = 1 << 16
"""So much of the first block is unpacked alone: to list an array no more is needed than its header."""

_PACKED_BYTES = 1 << 16


class _State(NamedTuple):
    """An unpacker, and the place of the first packed byte that it has not taken."""

    unpacker: Any
    place: int


class Inflated:
    """A packed stretch of a file as a source of its plain bytes.

    Args:
        file: that holds it; opened anew for each read.
        place: of its first byte.
        packed_bytes: how many there are.
        wbits: GZIP or DEFLATE.
        pulse: of this work.
        size: plain bytes, where an archive says so; else all is unpacked once to find out.
        growth: how many times as large it may become.

    Attributes:
        size: plain bytes that can be read.
        problem: why that is not all, as a sentence without its subject; empty where it is all.
        limited: whether that is a limit.
    """

    __slots__ = (
        "_end",
        "_file",
        "_lock",
        "_serial",
        "_states",
        "_wbits",
        "limited",
        "problem",
        "size",
    )

    def __init__(
        self,
        file: ReadableFile,
        place: int,
        packed_bytes: int,
        wbits: int,
        pulse: Pulse,
        size: int | None = None,
        *,
        growth: int = MAX_INFLATION,
    ) -> None:
        self._lock = Lock()
        self._file = Reopened(file.path, file.identity)
        self._wbits = wbits
        self._end = place + packed_bytes
        self._states = [_State(zlib.decompressobj(wbits), place)]
        self._serial = next(SERIALS)
        self.size = 0
        self.problem = ""
        growth = MAX_INFLATION_AT_ALL if pulse.generous else growth
        limit = min(limits_of(pulse).unpacked_bytes, max(INFLATION_FREE_BYTES, growth * packed_bytes))
        if size is None:
            size = self._measured(limit, pulse)
        self.limited = size > limit
        if self.limited:
            self.problem = f"grows to more than {limit:,} bytes; no more than that is read"
        self.size = min(size, limit)

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`.

        Raises:
            DamagedError: the file is not what it was when it was opened.
        """
        check_same(self._file.path, identity_of(self._file.path), self._file.identity)
        end = min(self.size, offset + count)
        pieces = []
        with self._lock:
            while 0 <= offset < end:
                index, start = divmod(offset, BLOCK_BYTES)
                piece = self._block(index, start + end - offset)[start : start + end - offset]
                if not piece:
                    break
                pieces.append(piece)
                offset += len(piece)
        return b"".join(pieces)

    def place(self, offset: int) -> int | None:  # noqa: ARG002 - no plain byte is in the file
        """As `Source.place`."""
        return None

    def _measured(self, limit: int, pulse: Pulse) -> int:
        """How many plain bytes there are; one that is over the limit where there are more than that."""
        index, size = 0, 0
        while size <= limit:
            pulse.beat(size, 0, "unpacking")
            block = self._block(index, BLOCK_BYTES)
            size += len(block)
            index += 1
            if len(block) < BLOCK_BYTES:
                break
        return size

    def _block(self, index: int, count: int) -> bytes:
        """A block, or only its beginning where that is all that is wanted; empty past the end.

        On the way to it those are unpacked whose states are not known.
        """
        block = kept(self._serial, index)
        if block is not None:
            return block
        if index == 0 and count <= HEAD_BYTES < BLOCK_BYTES:
            return self._unpacked(self._states[0], HEAD_BYTES)[0]
        block = b""
        for at in range(min(index, len(self._states) - 1), index + 1):
            if at >= len(self._states):
                return b""
            block, after = self._unpacked(self._states[at], BLOCK_BYTES)
            if after is not None and at + 1 == len(self._states):
                self._states.append(after)
        keep(self._serial, index, block)
        return block

    def _unpacked(self, state: _State, count: int) -> tuple[bytes, _State | None]:
        """Up to `count` plain bytes from a state on, and the state after them; None where the stream ends before."""
        unpacker, place = state.unpacker.copy(), state.place
        pieces: list[bytes] = []
        got, tail = 0, b""
        while True:
            before = unpacker.copy()
            try:
                piece = unpacker.decompress(tail, count - got)
            except zlib.error as error:
                pieces.append(_before_fault(before, tail, count - got))
                self.problem = _fault(error)
                return b"".join(pieces), None
            pieces.append(piece)
            got += len(piece)
            tail = unpacker.unconsumed_tail
            if unpacker.eof:
                # A gzip file may be several streams in a row; what follows the last one is padding.
                tail = unpacker.unused_data
                if len(tail) < 2:
                    more = self._packed(place)
                    tail, place = tail + more, place + len(more)
                if self._wbits != GZIP or tail[:2] != GZIP_SIGNATURE:
                    return b"".join(pieces), None
                unpacker = zlib.decompressobj(self._wbits)
            if got == count:
                return b"".join(pieces), _State(unpacker, place - len(tail))
            if not tail:
                tail = self._packed(place)
                place += len(tail)
                if not tail:
                    self.problem = "breaks off: it was cut off while it was written or copied"
                    return b"".join(pieces), None

    def _packed(self, place: int) -> bytes:
        return self._file.read(place, max(0, min(_PACKED_BYTES, self._end - place)))


def _before_fault(unpacker: Any, packed: bytes, count: int) -> bytes:
    """The plain bytes that come before the packed byte at which unpacking fails."""
    plain = bytearray()
    for code in packed:
        try:
            plain += unpacker.decompress(bytes((code,)))
        except zlib.error:
            break
        if len(plain) >= count:
            break
    return bytes(plain[:count])


def _fault(error: zlib.error) -> str:
    wrong_sum = "incorrect data check" in str(error) or "incorrect length check" in str(error)
    return "does not have the checksum that it gives" if wrong_sum else "has bytes that do not unpack"
