"""The checksums inside one file, or a stretch of one: those of a zip archive's records, and that of a gzip stream.

Source: PKWARE APPNOTE 6.3.10, 4.4.7 (CRC-32); RFC 1952, 2.3.1 (gzip).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from inspector.artifacts.archives.zip_archive import Member
from inspector.artifacts.archives.zip_format import DEFLATED, DESCRIBED_LATER, ENCRYPTED, LOCAL_HEADER, STORED
from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import ByteFile, ReadableFile
from inspector.artifacts.packings import DEFLATE, GZIP
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean
from inspector.formats.verified import CRC32, WRONG_CHECKSUM, DamagedRecord

BLOCK_BYTES = 1 << 22
"""Read between two beats: a few milliseconds from memory."""

Block = bytes | memoryview


class Checked(NamedTuple):
    """What checking one file gave; `how` as `Verified.checked`, empty where nothing was compared."""

    how: str
    records: int
    bytes: int
    damaged: list[DamagedRecord]


class ProgressOfAll:
    """Beats with how much of all files is done."""

    def __init__(self, pulse: Pulse, total_bytes: int) -> None:
        self.pulse = pulse
        self._total_bytes = total_bytes
        self._done_bytes = 0

    def add(self, count: int, name: str) -> None:
        """So many bytes more were looked at."""
        self._done_bytes += count
        self.pulse.beat(self._done_bytes, self._total_bytes, f"verifying {name}")


def checked_zip(file: ReadableFile, progress: ProgressOfAll, notes: Notes) -> Checked:
    """Compare every record of an archive with the checksum in its directory.

    Raises:
        DamagedError: there is neither a directory nor a record.
    """
    archive = open_whole_or_cut(file, notes, progress.pulse)
    damaged: list[DamagedRecord] = []
    if archive.cut_off:
        what = "cannot be read: the file was cut off while it was written or copied"
        damaged.append(DamagedRecord(name="the archive's directory", start=file.size, bytes=0, problem=what))
    for member in archive.members:
        record = _damage(file, member, progress)
        if record is not None:
            damaged.append(record)
        elif not archive.cut_off:
            _compare_header(file, member, notes)
    size = sum(member.packed_bytes for member in archive.members)
    return Checked(CRC32, len(archive.members), size, damaged)


def _damage(file: ReadableFile, member: Member, progress: ProgressOfAll) -> DamagedRecord | None:
    """What is wrong with one entry, None where it is as it was written."""
    found: int | None = None
    problem = _unreadable(member)
    if not problem:
        label = f"{file.path.name}: {clean(member.name)}"
        crc = size = 0
        try:
            for block in _plain_blocks(file, member):
                progress.add(len(block) if member.method == STORED else 0, label)
                crc = zlib.crc32(block, crc)
                size += len(block)
        except zlib.error:
            problem = "cannot be unpacked"
        else:
            progress.add(member.packed_bytes if member.method == DEFLATED else 0, label)
            found = crc
            if size != member.plain_bytes:
                problem = f"has {size:,} bytes where the archive says {member.plain_bytes:,}"
            elif crc != member.crc:
                problem = WRONG_CHECKSUM
    if not problem:
        return None
    return DamagedRecord(
        name=clean(member.name),
        start=file.place(member.data_start) or 0,
        bytes=member.packed_bytes,
        expected_crc=member.crc,
        found_crc=found,
        problem=problem,
    )


def _unreadable(member: Member) -> str:
    """Why the bytes of an entry cannot be looked at; empty where they can."""
    if member.problem:
        return f"cannot be read: {member.problem}"
    if member.flags & ENCRYPTED:
        return "is encrypted, so that its checksum cannot be compared"
    if member.method not in (STORED, DEFLATED):
        return f"is packed by method {member.method}, which is not read"
    return ""


def _plain_blocks(file: ReadableFile, member: Member) -> Iterator[Block]:
    """The unpacked bytes of an entry, at most one block more than it says it has; each valid until the next."""
    inflater = zlib.decompressobj(DEFLATE) if member.method == DEFLATED else None
    size = 0
    for block in _blocks(file, member.data_start, member.packed_bytes):
        if inflater is None:
            yield block
            continue
        packed = block
        while packed and not inflater.eof and size <= member.plain_bytes:
            plain = inflater.decompress(packed, BLOCK_BYTES)
            packed = inflater.unconsumed_tail
            size += len(plain)
            yield plain
        if size > member.plain_bytes:
            return
    if inflater is not None and not inflater.eof:
        yield inflater.flush()


def _blocks(file: ReadableFile, start: int, size: int) -> Iterator[Block]:
    """A stretch of a file as it is; each block is valid until the next."""
    buffer = memoryview(bytearray(min(BLOCK_BYTES, max(1, size))))
    place, end = start, start + size
    while place < end:
        wanted = min(BLOCK_BYTES, end - place)
        if isinstance(file, ByteFile):
            block: Block = buffer[: file.read_into(place, buffer[:wanted])]
        else:
            block = file.read(place, wanted)
        if not block:
            return
        place += len(block)
        yield block


def _compare_header(file: ReadableFile, member: Member, notes: Notes) -> None:
    """Say where an entry's own header gives another checksum than the directory."""
    header = file.read(member.header_start, LOCAL_HEADER.size)
    _, _, flags, _, _, _, crc, *_ = LOCAL_HEADER.unpack(header)
    if not flags & DESCRIBED_LATER and crc not in (0, member.crc):
        notes.add(f"ambiguous archive: {clean(member.name)} has another checksum where its bytes are")


def checked_gzip(file: ReadableFile, progress: ProgressOfAll) -> Checked:
    """Unpack a gzip stream, without keeping anything, and compare it with the checksum at its end."""
    problem = _gzip_problem(file, progress)
    name = clean(file.path.name)
    damaged = [DamagedRecord(name=name, start=0, bytes=file.size, problem=problem)] if problem else []
    return Checked(CRC32, 1, file.size, damaged)


def _gzip_problem(file: ReadableFile, progress: ProgressOfAll) -> str:
    """Why a gzip stream is not what was written; empty where it is."""
    inflater = zlib.decompressobj(GZIP)
    place = 0
    while place < file.size:
        packed = file.read(place, BLOCK_BYTES)
        place += len(packed)
        progress.add(len(packed), file.path.name)
        while packed:
            try:
                inflater.decompress(packed, BLOCK_BYTES)
            except zlib.error as error:
                return WRONG_CHECKSUM if "data check" in str(error) else "cannot be unpacked"
            progress.add(0, file.path.name)
            packed = inflater.unconsumed_tail
            if inflater.eof:
                packed = inflater.unused_data.lstrip(b"\0")  # tapes are padded with zeros
                inflater = zlib.decompressobj(GZIP) if packed else inflater
    return "" if inflater.eof else "ends before its checksum: the file was cut off"
