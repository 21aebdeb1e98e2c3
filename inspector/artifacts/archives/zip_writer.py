"""Zip archives as torch writes them: entries stored as they are, their bytes aligned, sizes of any length.

Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5; caffe2/serialize/inline_container.cc (padding field "FB").
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from struct import Struct
from typing import NamedTuple

from inspector.artifacts.archives.zip_format import (
    CENTRAL_HEADER,
    CENTRAL_SIGNATURE,
    END,
    END64,
    END64_BEFORE_REST,
    END64_LOCATOR,
    END64_LOCATOR_SIGNATURE,
    END64_SIGNATURE,
    END_SIGNATURE,
    LOCAL_HEADER,
    LOCAL_SIGNATURE,
    U16_MAX,
    U32_MAX,
    WIDE_FIELD,
)
from inspector.artifacts.output import Data, Output

ALIGNMENT_BYTES = 64
"""Where torch lets the bytes of an entry begin, so that they can be mapped."""

WIDE_FROM = U32_MAX
"""Sizes and places from here on stand in a field of 64 bits."""

_FIELD = Struct("<2H")
_PADDING_FIELD = 0x4246
_CRC_OFFSET_BYTES = 14
_VERSION, _WIDE_VERSION = 20, 45
_FIRST_DAY = 0x21
"""1980-01-01: a copy of the same file is the same copy."""


class _Entry(NamedTuple):
    name: bytes
    start: int
    size: int
    crc: int


class ZipWriter:
    """An archive that grows entry by entry."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._entries: list[_Entry] = []

    def add(self, name: str, size: int, blocks: Iterable[Data]) -> None:
        """Append an entry.

        Args:
            name: ASCII.
            size: how many bytes the blocks have altogether.
            blocks: its content; each is done with before the next is asked for.

        Raises:
            OSError: as `Output.write`.
            ValueError: the blocks have another size.
        """
        start = self._output.bytes
        self._output.write(_local_header(name.encode("ascii"), start, size))
        crc = written = 0
        for block in blocks:
            self._output.write(block)
            crc = zlib.crc32(block, crc)
            written += len(block)
        if written != size:
            raise ValueError(f"{name}: {written:,} bytes where {size:,} were announced")
        self._output.patch(start + _CRC_OFFSET_BYTES, crc.to_bytes(4, "little"))
        self._entries.append(_Entry(name.encode("ascii"), start, size, crc))

    def close(self) -> None:
        """Append the directory."""
        start = self._output.bytes
        for entry in self._entries:
            self._output.write(_central_header(entry))
        size, count = self._output.bytes - start, len(self._entries)
        if start >= WIDE_FROM or size >= WIDE_FROM or count >= U16_MAX:
            end = self._output.bytes
            wide = (END64.size - END64_BEFORE_REST, _WIDE_VERSION, _WIDE_VERSION, 0, 0, count, count, size, start)
            self._output.write(END64.pack(END64_SIGNATURE, *wide))
            self._output.write(END64_LOCATOR.pack(END64_LOCATOR_SIGNATURE, 0, end, 1))
            count, size, start = U16_MAX, U32_MAX, U32_MAX
        self._output.write(END.pack(END_SIGNATURE, 0, 0, count, count, size, start, 0))


def _wide_field(*numbers: int) -> bytes:
    body = b"".join(number.to_bytes(8, "little") for number in numbers)
    return _FIELD.pack(WIDE_FIELD, len(body)) + body if body else b""


def _local_header(name: bytes, start: int, size: int) -> bytes:
    """The header without its checksum, padded so that the bytes after it are aligned."""
    is_wide = size >= WIDE_FROM
    extra = _wide_field(size, size) if is_wide else b""
    padding = -(start + LOCAL_HEADER.size + len(name) + len(extra)) % ALIGNMENT_BYTES
    if padding:
        padding += ALIGNMENT_BYTES if padding < _FIELD.size else 0
        extra += _FIELD.pack(_PADDING_FIELD, padding - _FIELD.size) + bytes(padding - _FIELD.size)
    shown, version = (U32_MAX, _WIDE_VERSION) if is_wide else (size, _VERSION)
    return (
        LOCAL_HEADER.pack(LOCAL_SIGNATURE, version, 0, 0, 0, _FIRST_DAY, 0, shown, shown, len(name), len(extra))
        + name
        + extra
    )


def _central_header(entry: _Entry) -> bytes:
    wide_size, wide_start = entry.size >= WIDE_FROM, entry.start >= WIDE_FROM
    numbers = ([entry.size, entry.size] if wide_size else []) + ([entry.start] if wide_start else [])
    extra = _wide_field(*numbers)
    version = _WIDE_VERSION if extra else _VERSION
    size = U32_MAX if wide_size else entry.size
    start = U32_MAX if wide_start else entry.start
    header = CENTRAL_HEADER.pack(
        CENTRAL_SIGNATURE, version, version, 0, 0, 0, _FIRST_DAY, entry.crc, size, size, len(entry.name), len(extra),
        0, 0, 0, 0, start,
    )  # fmt: skip
    return header + entry.name + extra
