"""The superblock of an HDF5 file: where it is, and how to look past its state when a writer died or a copy broke off.

Source: HDF5 File Format Specification 3.0, section II.A.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.byte_file import ByteFile, Source
from inspector.artifacts.dumps.shown_file import Patch
from inspector.core.errors import DamagedError, UnknownKindError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_AS_TEXT = (b"\x89HDF\n\x1a\n", b"\x89HDF\r\r\n\x1a\r\n")


def signature_place(source: Source) -> int | None:
    """Where HDF5 begins: at 0, or at 512 bytes doubled any number of times; None where it does nowhere."""
    place = 0
    while place + len(SIGNATURE) <= source.size:
        if source.read(place, len(SIGNATURE)) == SIGNATURE:
            return place
        place = place * 2 or 512
    return None


def superblock_offset(path: Path) -> int:
    """Where the HDF5 data of a file begin, as `signature_place` finds it.

    Raises:
        UnknownKindError: nowhere.
        DamagedError: its line ends were converted, as a transfer as text does.
        MissingError: it cannot be read.
    """
    with ByteFile(path) as file:
        begin = file.read(0, len(SIGNATURE) + 2)
        place = signature_place(file)
    if place is not None:
        return place
    if begin.startswith(_AS_TEXT):
        raise DamagedError(path, "an HDF5 file", "one whose line ends were converted", "copy it again as binary data")
    raise UnknownKindError(path, "an HDF5 file", "no HDF5 signature")


class Superblock(NamedTuple):
    """Where a superblock holds what, in bytes from its signature; None where its version has no such field.

    Attributes:
        address_bytes, length_bytes: of an address and of a length, here and in all of the file.
        end_of_file, root: the places of two addresses, that behind the last byte and that of the root's header.
    """

    address_bytes: int
    length_bytes: int
    end_of_file: int
    root: int
    flags: int | None = None
    checksum: int | None = None


def superblock_of(raw: bytes | bytearray) -> Superblock | None:
    """Where a superblock holds what; None where it is of no version that is known, or its addresses of no size in use.

    Args:
        raw: from its signature on, the first 15 bytes at least.
    """
    version = raw[8]
    if version in (0, 1):
        address, length = raw[13], raw[14]
        addresses = 24 if version == 0 else 28
        found = Superblock(address, length, addresses + 2 * address, addresses + 5 * address)
    elif version in (2, 3):
        address, length = raw[9], raw[10]
        flags = 11 if version == 3 else None
        found = Superblock(address, length, 12 + 2 * address, 12 + 3 * address, flags, 12 + 4 * address)
    else:
        return None
    return found if address in (2, 4, 8) else None


class Mended(NamedTuple):
    """What to show of a superblock so that its file opens, and what was the matter with it."""

    patches: tuple[Patch, ...]
    notes: tuple[str, ...]


SUPERBLOCK_BYTES = 128
"""More than the longest superblock takes, of those with a checksum or an open flag."""


def mended(file: ByteFile, base: int) -> Mended | None:
    """How to show a file that its writer left open or that breaks off so that it opens; None where neither is so.

    The file itself stays as it is.

    Args:
        file: the file.
        base: where its signature is.
    """
    raw = bytearray(file.read(base, SUPERBLOCK_BYTES))
    fields = superblock_of(raw) if len(raw) >= 64 else None
    if fields is None:
        return None
    notes: list[str] = []
    stated_at = slice(fields.end_of_file, fields.end_of_file + fields.address_bytes)
    stated = int.from_bytes(raw[stated_at], "little")
    if stated > file.size:
        notes.append(f"it breaks off: {file.size:,} of {stated:,} bytes are there, what lies in them is shown")
        raw[stated_at] = file.size.to_bytes(fields.address_bytes, "little")
    if fields.flags is not None and raw[fields.flags]:
        notes.append("its writer did not close it: what it had written out is shown")
        raw[fields.flags] = 0
    if not notes:
        return None
    end = stated_at.stop
    if fields.checksum is not None:
        struct.pack_into("<I", raw, fields.checksum, lookup3(bytes(raw[: fields.checksum])))
        end = fields.checksum + 4
    return Mended((Patch(base, bytes(raw[:end])),), tuple(notes))


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
