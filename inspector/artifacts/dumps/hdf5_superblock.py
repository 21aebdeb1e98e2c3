"""The superblock of an HDF5 file: where it is, and how to look past its state when a writer died or a copy broke off.

Source: HDF5 File Format Specification 3.0, section II.A.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.identity import identity_of, missing
from inspector.core.errors import DamagedError, LimitError, UnknownKindError
from inspector.core.units import bytes_text

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_AS_TEXT = (b"\x89HDF\n\x1a\n", b"\x89HDF\r\r\n\x1a\r\n")

MAX_IMAGE_BYTES = 256 * 10**6
"""The largest file that is read into memory to look past its superblock."""


def superblock_offset(path: Path) -> int:
    """Where the HDF5 data of a file begin: at 0, or at 512 bytes doubled any number of times.

    Raises:
        UnknownKindError: nowhere.
        DamagedError: its line ends were converted, as a transfer as text does.
        MissingError: it cannot be read.
    """
    size = identity_of(path).bytes
    try:
        with path.open("rb") as stream:
            begin = stream.read(len(SIGNATURE) + 2)
            offset = 0
            while offset + len(SIGNATURE) <= size:
                stream.seek(offset)
                if stream.read(len(SIGNATURE)) == SIGNATURE:
                    return offset
                offset = offset * 2 or 512
    except OSError as error:
        raise missing(path, error) from error
    if begin.startswith(_AS_TEXT):
        raise DamagedError(path, "an HDF5 file", "one whose line ends were converted", "copy it again as binary data")
    raise UnknownKindError(path, "an HDF5 file", "no HDF5 signature")


class Mended(NamedTuple):
    """A file's content with a superblock that lets it open, and what was the matter with it."""

    image: bytes
    notes: tuple[str, ...]


class _Fields(NamedTuple):
    """Where a superblock holds what, in bytes from its signature; None where its version has no such field."""

    end_of_file: int
    address_bytes: int
    flags: int | None
    checksum: int | None


def _fields(raw: bytes | bytearray, base: int) -> _Fields | None:
    version = raw[base + 8]
    if version in (0, 1):
        size = raw[base + 13]
        return _Fields((24 if version == 0 else 28) + 2 * size, size, None, None)
    if version in (2, 3):
        size = raw[base + 9]
        return _Fields(12 + 2 * size, size, 11 if version == 3 else None, 12 + 4 * size)
    return None


def mended(path: Path) -> Mended | None:
    """The content of a file that its writer left open or that breaks off, made to open; None where neither is so.

    The file itself stays as it is.

    Raises:
        LimitError: it is too large to hold.
        FileError: as `superblock_offset`.
    """
    base = superblock_offset(path)
    size = identity_of(path).bytes
    if size > MAX_IMAGE_BYTES:
        limit = bytes_text(MAX_IMAGE_BYTES)
        raise LimitError(
            path,
            f"at most {limit} to look past the damage",
            bytes_text(size),
            "copy it again, or run h5clear -s on a copy",
        )
    raw = bytearray(path.read_bytes())
    size = len(raw)
    if size < base + 64:
        return None
    fields = _fields(raw, base)
    if fields is None or fields.address_bytes not in (2, 4, 8) or size < base + fields.end_of_file + 64:
        return None
    notes: list[str] = []
    stated_at = slice(base + fields.end_of_file, base + fields.end_of_file + fields.address_bytes)
    stated = int.from_bytes(raw[stated_at], "little")
    if stated > size:
        notes.append(f"it breaks off: {size:,} of {stated:,} bytes are there, what lies in them is shown")
        raw[stated_at] = size.to_bytes(fields.address_bytes, "little")
    if fields.flags is not None and raw[base + fields.flags]:
        notes.append("its writer did not close it: what it had written out is shown")
        raw[base + fields.flags] = 0
    if not notes:
        return None
    if fields.checksum is not None:
        checksum = lookup3(bytes(raw[base : base + fields.checksum]))
        struct.pack_into("<I", raw, base + fields.checksum, checksum)
    return Mended(bytes(raw), tuple(notes))


_MASK = 0xFFFFFFFF


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> 32 - bits) & _MASK


def lookup3(data: bytes) -> int:
    """The checksum of HDF5's metadata.

    Source: Bob Jenkins, lookup3.c, hashlittle with initial value 0 (public domain).
    """
    a: int
    b: int
    c: int
    a = b = c = (0xDEADBEEF + len(data)) & _MASK
    whole = max(0, (len(data) - 1) // 12 * 12)
    for x, y, z in struct.iter_unpack("<3I", data[:whole]):
        a, b, c = (a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK
        a, c = (a - c & _MASK) ^ _rotated(c, 4), (c + b) & _MASK
        b, a = (b - a & _MASK) ^ _rotated(a, 6), (a + c) & _MASK
        c, b = (c - b & _MASK) ^ _rotated(b, 8), (b + a) & _MASK
        a, c = (a - c & _MASK) ^ _rotated(c, 16), (c + b) & _MASK
        b, a = (b - a & _MASK) ^ _rotated(a, 19), (a + c) & _MASK
        c, b = (c - b & _MASK) ^ _rotated(b, 4), (b + a) & _MASK
    if not data:
        return c
    x, y, z = struct.unpack("<3I", data[whole:].ljust(12, b"\0"))
    a, b, c = (a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK
    c = ((c ^ b) - _rotated(b, 14)) & _MASK
    a = ((a ^ c) - _rotated(c, 11)) & _MASK
    b = ((b ^ a) - _rotated(a, 25)) & _MASK
    c = ((c ^ b) - _rotated(b, 16)) & _MASK
    a = ((a ^ c) - _rotated(c, 4)) & _MASK
    b = ((b ^ a) - _rotated(a, 14)) & _MASK
    return ((c ^ b) - _rotated(b, 24)) & _MASK
