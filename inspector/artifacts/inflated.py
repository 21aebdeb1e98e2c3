"""Bytes packed with gzip or deflate, readable by offset.

They are unpacked once from end to end, and every few megabytes the unpacker's state is kept; a read goes on from the
state before it.

Source: RFC 1951 and 1952; the access points of zlib/examples/zran.c.
"""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ByteFile, ReadableFile
from inspector.core.errors import DamagedError
from inspector.core.pulse import Pulse

MAX_INFLATED_BYTES = 512_000_000
MAX_INFLATION = 200
"""A stream that grows more than this is taken for a bomb once it passes INFLATION_FREE_BYTES."""

INFLATION_FREE_BYTES = 1 << 20
BLOCK_BYTES = 4 << 20
"""Plain bytes between two kept states: about 15 ms to unpack; a state takes 50 kB."""

GZIP, DEFLATE = 31, -15
"""How zlib calls the two packings (`wbits`)."""

_PACKED_BYTES = 1 << 16


class _State(NamedTuple):
    """An unpacker, and the place of the first packed byte that it has not taken."""

    unpacker: Any
    place: int


class Inflated:
    """A packed stretch of a file as a source of its plain bytes.

    Attributes:
        size: plain bytes that can be read.
        problem: why that is not all, as a sentence without its subject; empty where it is all.
    """

    __slots__ = ("_block", "_block_index", "_end", "_identity", "_path", "_states", "_wbits", "problem", "size")

    def __init__(self, file: ReadableFile, place: int, packed_bytes: int, wbits: int, pulse: Pulse) -> None:
        self._path = file.path
        self._identity = file.identity
        self._wbits = wbits
        self._end = place + packed_bytes
        self._states: list[_State] = []
        self._block, self._block_index = b"", -1
        self.size = 0
        self.problem = ""
        self._index(_State(zlib.decompressobj(wbits), place), packed_bytes, pulse)

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`.

        Raises:
            DamagedError: the file is not what it was when it was opened.
        """
        end = min(self.size, offset + count)
        pieces = []
        while 0 <= offset < end:
            index, start = divmod(offset, BLOCK_BYTES)
            if index != self._block_index:
                self._block, _ = self._unpacked(self._states[index], BLOCK_BYTES)
                self._block_index = index
            piece = self._block[start : start + end - offset]
            if not piece:
                break
            pieces.append(piece)
            offset += len(piece)
        return b"".join(pieces)

    def place(self, offset: int) -> int | None:  # noqa: ARG002 - no plain byte is in the file
        """As `Source.place`."""
        return None

    def _index(self, state: _State, packed_bytes: int, pulse: Pulse) -> None:
        """Unpack everything once, and keep a state at every block's start."""
        limit = min(MAX_INFLATED_BYTES, max(INFLATION_FREE_BYTES, MAX_INFLATION * packed_bytes))
        ended = False
        while not ended:
            pulse.beat(self.size, 0, "unpacking")
            self._states.append(_State(state.unpacker.copy(), state.place))
            self._block_index = len(self._states) - 1
            self._block, after = self._unpacked(state, BLOCK_BYTES)
            self.size += len(self._block)
            if self.size > limit:
                self.size = limit
                self.problem = self.problem or f"grows to more than {limit:,} bytes; no more than that is read"
            ended = after is None or bool(self.problem)
            state = after or state

    def _unpacked(self, state: _State, count: int) -> tuple[bytes, _State | None]:
        """Up to `count` plain bytes from a state on, and the state after them; None where the stream ends before."""
        unpacker, place = state.unpacker.copy(), state.place
        pieces: list[bytes] = []
        got, tail = 0, b""
        with ByteFile(self._path) as file:
            if file.identity != self._identity:
                raise DamagedError(self._path, "the file as it was when it was opened", "a changed one", "reload it")
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
                        more = self._packed(file, place)
                        tail, place = tail + more, place + len(more)
                    if self._wbits != GZIP or tail[:2] != b"\x1f\x8b":
                        return b"".join(pieces), None
                    unpacker = zlib.decompressobj(self._wbits)
                if got == count:
                    return b"".join(pieces), _State(unpacker, place - len(tail))
                if not tail:
                    tail = self._packed(file, place)
                    place += len(tail)
                    if not tail:
                        self.problem = "breaks off: it was cut off while it was written or copied"
                        return b"".join(pieces), None

    def _packed(self, file: ByteFile, place: int) -> bytes:
        return file.read(place, max(0, min(_PACKED_BYTES, self._end - place)))


def _before_fault(unpacker: Any, tail: bytes, count: int) -> bytes:
    """The plain bytes that come before the one at which unpacking fails."""
    plain = b""
    for step in (1024, 1):
        while len(plain) < count:
            before = unpacker.copy()
            try:
                piece = unpacker.decompress(tail, min(step, count - len(plain)))
            except zlib.error:
                unpacker = before
                break
            if not piece:
                break
            plain += piece
            tail = unpacker.unconsumed_tail
    return plain


def _fault(error: zlib.error) -> str:
    wrong_sum = "incorrect data check" in str(error) or "incorrect length check" in str(error)
    return "does not have the checksum that it gives" if wrong_sum else "has bytes that do not unpack"
