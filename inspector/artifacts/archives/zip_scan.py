"""The entries of a zip archive whose directory is gone, from the headers that stand before their bytes.

torch leaves the sizes in those headers empty and writes them into a descriptor after the bytes. A descriptor is
taken for one only where the size in it is its own distance from the header, so bytes that look like one do not count.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 and 4.3.9; caffe2/serialize/inline_container.cc.
"""

from __future__ import annotations

from typing import NamedTuple

from inspector.artifacts.archives.zip_archive import (
    Archive,
    Member,
    archive_of,
    name_text,
    note_ambiguities,
    open_archive,
    wide_numbers,
)
from inspector.artifacts.archives.zip_format import (
    DESCRIBED_LATER,
    DESCRIPTOR,
    DESCRIPTOR_SIGNATURE,
    LOCAL_HEADER,
    LOCAL_SIGNATURE,
    STORED,
    U32_MAX,
    WIDE_DESCRIPTOR,
)
from inspector.artifacts.byte_file import ReadableFile
from inspector.artifacts.reading_limits import limits_of
from inspector.core.errors import DamagedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse

SEARCH_BYTES = 1 << 22
"""Bytes looked through between two beats: some milliseconds."""

MAX_FALSE_DESCRIPTORS = 10_000
"""More signatures than this without a fitting size in one entry, and its end is given up."""

_BEAT_MEMBERS = 100


class _Described(NamedTuple):
    """What a descriptor says, and the byte after it."""

    crc: int
    packed_bytes: int
    plain_bytes: int
    after: int


def open_whole_or_cut(file: ReadableFile, notes: Notes, pulse: Pulse = QUIET) -> Archive:
    """Read the directory of an archive or, where there is none that can be read, the headers of its entries.

    In the second case the archive has `cut_off` set, and so has an entry that breaks off where the file ends.

    Raises:
        DamagedError: there are no entries either.
        LimitError: the directory is larger than any real one.
        UnsupportedError: the archive is one of several disks.
    """
    directory_notes = Notes()
    try:
        archive = open_archive(file, directory_notes, pulse)
    except DamagedError:
        members, end = _entries(file, pulse)
        if not members:
            raise
        return _cut(file, members, end, notes, pulse)
    first = min((member.header_start for member in archive.members), default=0)
    if first and file.read(0, len(LOCAL_SIGNATURE)) == LOCAL_SIGNATURE:
        # When an archive is cut off, the last directory in it may be that of an archive inside one of its entries.
        members, end = _entries(file, pulse)
        if first < end:
            return _cut(file, members, end, notes, pulse)
    notes.extend(directory_notes)
    return archive


def _cut(file: ReadableFile, members: list[Member], end: int, notes: Notes, pulse: Pulse) -> Archive:
    last = members[-1]
    where = f"{last.name} is cut off there" if last.cut_off else f"{last.name} is the last"
    notes.add(
        f"the archive has no directory that can be read, its entries up to byte {end:,} are listed from their own "
        f"headers, {where}"
    )
    note_ambiguities(members, notes, pulse)
    return archive_of(file, members, cut_off=True)


def _entries(file: ReadableFile, pulse: Pulse) -> tuple[list[Member], int]:
    """The entries that follow one another from the start of the file, and the byte after them."""
    members: list[Member] = []
    place = 0
    while len(members) < limits_of(pulse).members:
        found = _entry(file, place, pulse)
        if found is None:
            break
        member, place = found
        members.append(member)
        if len(members) % _BEAT_MEMBERS == 0:
            pulse.beat(place, file.size, "looking for entries of the archive")
    return members, place


def _entry(file: ReadableFile, place: int, pulse: Pulse) -> tuple[Member, int] | None:
    """The entry whose header is at `place`, and the byte after it; None where there is no whole header."""
    header = file.read(place, LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or header[:4] != LOCAL_SIGNATURE:
        return None
    _, _, flags, method, _, _, crc, packed, plain, name_length, extra_length = LOCAL_HEADER.unpack(header)
    start = place + LOCAL_HEADER.size + name_length + extra_length
    names = file.read(place + LOCAL_HEADER.size, name_length + extra_length)
    if len(names) < name_length + extra_length:
        return None
    if U32_MAX in (packed, plain):
        plain, packed, _ = wide_numbers(names[name_length:], plain, packed, 0)
    described = None
    if flags & DESCRIBED_LATER:
        described = _descriptor(file, start, method, pulse)
        crc, packed, plain, end = described or (0, file.size - start, file.size - start, file.size)
    else:
        end = start + packed
    cut_off = end > file.size or bool(flags & DESCRIBED_LATER and described is None)
    if cut_off:
        packed = plain = file.size - start
        end = file.size
    name = name_text(names[:name_length])
    problem = f"it is cut off at byte {file.size:,}" if cut_off else ""
    return Member(name, method, flags, crc, packed, plain, place, start, problem, cut_off), end


def _descriptor(file: ReadableFile, start: int, method: int, pulse: Pulse) -> _Described | None:
    """The first descriptor after `start` whose size is its distance from there."""
    place, wrong = start, 0
    while place < file.size and wrong < MAX_FALSE_DESCRIPTORS:
        pulse.beat(place, file.size, "looking for entries of the archive")
        block = file.read(place, SEARCH_BYTES + WIDE_DESCRIPTOR.size)
        at = block.find(DESCRIPTOR_SIGNATURE)
        while 0 <= at < SEARCH_BYTES and wrong < MAX_FALSE_DESCRIPTORS:
            found = _fitting(block, at, place - start, method, place)
            if found is not None:
                return found
            wrong += 1
            at = block.find(DESCRIPTOR_SIGNATURE, at + 1)
        place += SEARCH_BYTES
    return None


def _fitting(block: bytes, at: int, before: int, method: int, place: int) -> _Described | None:
    """The descriptor at an index of a block if its size is right; `before` bytes of the entry precede the block."""
    for layout in (DESCRIPTOR, WIDE_DESCRIPTOR):
        if at + layout.size <= len(block):
            _, crc, packed, plain = layout.unpack_from(block, at)
            if packed == before + at and (method != STORED or plain == packed):
                return _Described(crc, packed, plain, place + at + layout.size)
    return None
