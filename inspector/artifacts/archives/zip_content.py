"""The bytes of an archive's entries, unpacked, and their checksums."""

from __future__ import annotations

import zlib

from inspector.artifacts.archives.zip_archive import Archive, Member
from inspector.artifacts.archives.zip_format import DEFLATED, ENCRYPTED, STORED
from inspector.artifacts.byte_file import Memory, Section, Source
from inspector.artifacts.packings import DEFLATE
from inspector.artifacts.reading_limits import INFLATION_FREE_BYTES, MAX_INFLATION
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse

MAX_INFLATED_BYTES = 256_000_000
_READ_BYTES = 1 << 22


def content(archive: Archive, member: Member, limit: int = MAX_INFLATED_BYTES) -> bytes:
    """The whole of one entry, unpacked.

    Raises:
        DamagedError: it cannot be unpacked, or is shorter than it says.
        LimitError: it is larger than `limit`, or grows as only a bomb does.
        UnsupportedError: it is encrypted, or packed by a method other than deflate.
    """
    path = archive.file.path
    if member.problem:
        raise DamagedError(path, f"{member.name} in the archive", f"that {member.problem}")
    if member.flags & ENCRYPTED:
        raise UnsupportedError(path, "an archive without a password", f"{member.name} encrypted")
    if member.plain_bytes > limit:
        raise LimitError(path, f"at most {limit:,} bytes in {member.name}", f"{member.plain_bytes:,}")
    packed = archive.file.read(member.data_start, member.packed_bytes)
    if member.method == STORED:
        data = packed
    elif member.method == DEFLATED:
        if member.plain_bytes > max(INFLATION_FREE_BYTES, MAX_INFLATION * member.packed_bytes):
            raise LimitError(
                path, f"{member.name} to grow at most {MAX_INFLATION} times", f"{member.plain_bytes:,} bytes"
            )
        data = _inflated(archive, member, packed)
    else:
        raise UnsupportedError(path, "entries stored or deflated", f"{member.name} packed by method {member.method}")
    if len(data) < member.plain_bytes:
        raise DamagedError(path, f"{member.plain_bytes:,} bytes in {member.name}", f"{len(data):,}")
    return data


def source_of(
    archive: Archive, member: Member, notes: Notes, pulse: Pulse = QUIET, growth: int = MAX_INFLATION
) -> Source:
    """The unpacked bytes of one entry, left in the file; what keeps them from being all becomes a note.

    Of an entry that is cut off where the file ends, as many as are there.

    Raises:
        FileError: as `content`.
    """
    readable = (member.cut_off or not member.problem) and not member.flags & ENCRYPTED
    if member.method == STORED and readable:
        return Section(archive.file, member.data_start, member.packed_bytes)
    place = archive.file.place(member.data_start)
    if member.method != DEFLATED or not readable or place is None:
        return Memory(content(archive, member))
    from inspector.artifacts.inflated import Inflated  # brings threads along

    size = None if member.cut_off else member.plain_bytes
    source = Inflated(archive.file, place, member.packed_bytes, DEFLATE, pulse, size, growth=growth)
    if source.limited:
        notes.limit(f"{member.name} {source.problem}")
    return source


def _inflated(archive: Archive, member: Member, packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(DEFLATE).decompress(packed, max(1, member.plain_bytes))
    except zlib.error as error:
        raise DamagedError(archive.file.path, f"deflated bytes in {member.name}", "bytes that are not") from error


def crc_fits(member: Member, data: bytes) -> bool:
    """Whether the unpacked bytes have the checksum that the directory gives."""
    return zlib.crc32(data) == member.crc


def crc_of(source: Source, pulse: Pulse = QUIET) -> int:
    """The CRC-32 of all bytes of a source."""
    crc = 0
    for place in range(0, source.size, _READ_BYTES):
        pulse.beat(place, source.size, "checking")
        crc = zlib.crc32(source.read(place, _READ_BYTES), crc)
    return crc
