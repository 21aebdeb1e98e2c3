"""A strict reader of zip archives: what stands in the central directory, checked against what it points at.

Readers of zip disagree about archives that contradict themselves, so that one can be shown a file and another load
a different one. Every such contradiction becomes a note here.

Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from operator import attrgetter

import msgspec

from inspector.artifacts.archives.zip_format import (
    CENTRAL_FIELDS,
    CENTRAL_HEADER,
    CENTRAL_SIGNATURE,
    ENCRYPTED,
    END,
    END64,
    END64_BEFORE_REST,
    END64_LOCATOR,
    END64_LOCATOR_SIGNATURE,
    END64_SIGNATURE,
    END_SIGNATURE,
    KNOWN_FLAGS,
    LOCAL_FIELDS,
    LOCAL_HEADER,
    LOCAL_SIGNATURE,
    STORED,
    U16_MAX,
    U32_MAX,
    WIDE_FIELD,
)
from inspector.artifacts.byte_file import ReadableFile
from inspector.artifacts.reading_limits import limits_of
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse

MAX_DIRECTORY_BYTES = 256_000_000
_BEAT_MEMBERS = 100
_BEAT_COMPARED = 10_000
_BEAT_NAME_BYTES = 1_000_000
_READ_BYTES = 1 << 23


class Member(msgspec.Struct, frozen=True):
    """One entry; `data_start` is where its payload begins in the file, `problem` why it cannot be read.

    Of an entry that is cut off where the file ends, the sizes are those of what is there. `mode` is the file's mode
    where a Unix program packed it, else 0.
    """

    name: str
    method: int
    flags: int
    crc: int
    packed_bytes: int
    plain_bytes: int
    header_start: int
    data_start: int
    problem: str = ""
    cut_off: bool = False
    mode: int = 0


class Archive(msgspec.Struct, frozen=True):
    """The entries in the order of the central directory; of a repeated name the last one counts.

    `cut_off` where there is no directory and the entries were found by their own headers.
    """

    file: ReadableFile
    members: tuple[Member, ...]
    by_name: dict[str, Member]
    cut_off: bool = False


class _End(msgspec.Struct, frozen=True):
    """Where the central directory is: as its end record says, and how far the whole archive is shifted."""

    entries: int
    size: int
    start: int
    shift: int
    after: int


def looks_like_zip(head: bytes) -> bool:
    """Whether a file that begins so may be an archive."""
    return head[:4] in (LOCAL_SIGNATURE, END_SIGNATURE)


def open_archive(
    file: ReadableFile, notes: Notes, pulse: Pulse = QUIET, *, headers: bool = True, most: int | None = None
) -> Archive:
    """Read the directory of an archive, and the header of every entry unless only the names are wanted.

    Args:
        file: the archive.
        notes: take what is odd.
        pulse: of this work.
        headers: whether the entries' own headers are wanted.
        most: how many entries are wanted; all there are where it is None.

    Raises:
        DamagedError: there is no directory, or it contradicts itself.
        LimitError: it is larger than any real one.
        UnsupportedError: it is one of several disks.
    """
    end = _find_end(file, notes)
    directory = _directory(file, end, pulse)
    members: list[Member] = []
    allowed = limits_of(pulse).members
    name_bytes = 0
    for entry, name in _central_entries(file, directory, end.shift, notes):
        if len(members) == most:
            return archive_of(file, members)
        if len(members) == allowed:
            notes.limit(f"only the first {allowed:,} of {end.entries:,} entries are looked at")
            break
        members.append(_with_payload(file, entry, name, notes) if headers else entry)
        name_bytes += len(name)
        if len(members) % _BEAT_MEMBERS == 0 or name_bytes > _BEAT_NAME_BYTES:
            name_bytes = 0
            pulse.beat(len(members), end.entries, "reading the archive")
    else:
        if len(members) != end.entries:
            notes.add(f"the archive says it has {end.entries:,} entries, its directory holds {len(members):,}")
    if headers:
        _note_reach(members, end.start + end.shift, notes)
        note_ambiguities(members, notes, pulse)
    return archive_of(file, members)


def archive_of(file: ReadableFile, members: list[Member], *, cut_off: bool = False) -> Archive:
    """The archive of these entries."""
    return Archive(file, tuple(members), {member.name: member for member in members}, cut_off)


def words_in_directory(file: ReadableFile, words: Collection[bytes], pulse: Pulse = QUIET) -> frozenset[bytes]:
    """Which of some words stand in an archive's directory, in which every name stands as it is.

    Raises:
        FileError: as `open_archive`.
    """
    overlap = max(map(len, words)) - 1
    found: set[bytes] = set()
    last = b""
    for piece in _pieces(file, _find_end(file, Notes()), pulse):
        both = last[-overlap:] + piece[:overlap]
        found.update(word for word in words if word in piece or word in both)
        last = piece
    return frozenset(found)


def _directory(file: ReadableFile, end: _End, pulse: Pulse) -> bytes:
    return b"".join(_pieces(file, end, pulse))


def _pieces(file: ReadableFile, end: _End, pulse: Pulse) -> Iterator[bytes]:
    """The bytes of the directory, as many at a time as are read between two beats."""
    for at in range(0, end.size, _READ_BYTES):
        pulse.beat(at, end.size, "reading the archive")
        wanted = min(_READ_BYTES, end.size - at)
        piece = file.read(end.start + end.shift + at, wanted)
        if len(piece) < wanted:
            raise DamagedError(file.path, f"a zip directory of {end.size:,} bytes", f"{at + len(piece):,} of them")
        yield piece


def _find_end(file: ReadableFile, notes: Notes) -> _End:
    tail_start = max(0, file.size - U16_MAX - END.size - END64_LOCATOR.size)
    tail = file.read(tail_start, file.size - tail_start)
    place = tail.rfind(END_SIGNATURE)
    if place < 0 or place + END.size > len(tail):
        raise DamagedError(
            file.path,
            "a zip archive with its directory at the end",
            f"none in {file.size:,} bytes",
            "the file was cut off while it was written or copied",
        )
    _, disk, first_disk, count_here, count, size, start, comment = END.unpack_from(tail, place)
    end_start = tail_start + place
    after = end_start + END.size + comment
    before = end_start
    locator_at = place - END64_LOCATOR.size
    if locator_at >= 0 and tail[locator_at : locator_at + 4] == END64_LOCATOR_SIGNATURE:
        before, disk, first_disk, count_here, count, size, start = _end64(file, tail, locator_at, end_start, notes)
    if disk or first_disk or count_here != count:
        raise UnsupportedError(file.path, "a zip archive in one piece", "one of several disks")
    if size > MAX_DIRECTORY_BYTES:
        raise LimitError(
            file.path, f"a zip directory of at most {MAX_DIRECTORY_BYTES:,} bytes", f"{count:,} entries in {size:,}"
        )
    shift = before - size - start
    if shift < 0:
        raise DamagedError(file.path, "a zip directory inside the file", f"one of {size:,} bytes at byte {start:,}")
    if shift:
        notes.add(
            f"{shift:,} bytes stand before the archive or inside it where nothing points; torch refuses such a file"
        )
    if after < file.size:
        notes.add(f"{file.size - after:,} bytes follow the end of the archive")
    elif after > file.size:
        notes.add("the archive's closing comment is cut off")
    return _End(count, size, start, shift, after)


def _end64(
    file: ReadableFile, tail: bytes, locator_at: int, end_start: int, notes: Notes
) -> tuple[int, int, int, int, int, int, int]:
    """The 64-bit end record: its own place, then disk, first disk, counts, size and start of the directory."""
    _, _, declared, _ = END64_LOCATOR.unpack_from(tail, locator_at)
    locator_start = end_start - END64_LOCATOR.size
    for start in (declared, locator_start - END64.size):
        record = file.read(start, END64.size)
        if len(record) == END64.size and record[:4] == END64_SIGNATURE:
            _, rest, _, _, disk, first_disk, count_here, count, size, directory = END64.unpack(record)
            if start + END64_BEFORE_REST + rest != locator_start:
                # Some readers go by the place that the locator gives, others take the record that stands before it.
                notes.add("ambiguous archive: its 64-bit end record is not beside its locator; some take another")
            return start, disk, first_disk, count_here, count, size, directory
    raise DamagedError(file.path, "a 64-bit zip directory where its locator says", f"none at byte {declared:,}")


def _central_entries(file: ReadableFile, directory: bytes, shift: int, notes: Notes) -> Iterator[tuple[Member, bytes]]:
    """Each entry, and its name as the directory writes it."""
    at = 0
    while at + CENTRAL_HEADER.size <= len(directory):
        (signature, flags, method, crc, packed, plain, name_length, extra_length, comment_length, disk,
         attributes, header) = CENTRAL_FIELDS.unpack_from(directory, at)  # fmt: skip
        if signature != CENTRAL_SIGNATURE:
            raise DamagedError(file.path, "an entry of the zip directory", f"other bytes at {at:,} of it")
        names_at = at + CENTRAL_HEADER.size
        if disk:
            notes.add(f"an entry is said to be on disk {disk:,}; torch refuses such a file")
        name = directory[names_at : names_at + name_length]
        if U32_MAX in (packed, plain, header):
            extra = directory[names_at + name_length : names_at + name_length + extra_length]
            plain, packed, header = wide_numbers(extra, plain, packed, header)
        yield Member(name_text(name), method, flags, crc, packed, plain, header + shift, 0, mode=attributes >> 16), name
        at = names_at + name_length + extra_length + comment_length
    if at != len(directory):
        notes.add("ambiguous archive: the entries of its directory do not fill it")


def wide_numbers(extra: bytes, plain: int, packed: int, header: int) -> tuple[int, int, int]:
    """The three numbers with those that did not fit 32 bits taken from the ZIP64 field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        if kind == WIDE_FIELD:
            numbers = [int.from_bytes(extra[i : i + 8], "little") for i in range(at + 4, at + 4 + length - 7, 8)]
            wide = iter(numbers)
            return (
                next(wide, plain) if plain == U32_MAX else plain,
                next(wide, packed) if packed == U32_MAX else packed,
                next(wide, header) if header == U32_MAX else header,
            )
        at += 4 + length
    return plain, packed, header


def name_text(name: bytes) -> str:
    """A name as text; bytes that are not UTF-8 are written out."""
    return name.decode("utf-8", "backslashreplace")


def _with_payload(file: ReadableFile, member: Member, raw_name: bytes, notes: Notes) -> Member:
    """The entry with the place of its payload, from its local header."""
    name, start, problem = member.name, 0, ""
    header = file.read(member.header_start, LOCAL_HEADER.size + len(raw_name))
    if len(header) < LOCAL_HEADER.size or header[:4] != LOCAL_SIGNATURE:
        problem = "the directory points at no entry"
        notes.add(f"the directory's entry {name} points at byte {member.header_start:,}, where no entry is")
    else:
        flags, method, plain, name_length, extra_length = LOCAL_FIELDS.unpack_from(header)
        name_start = member.header_start + LOCAL_HEADER.size
        start = name_start + name_length + extra_length
        local = header[LOCAL_HEADER.size : LOCAL_HEADER.size + name_length]
        if local != raw_name or name_length != len(raw_name):
            other = name_text(file.read(name_start, name_length))
            notes.add(f"ambiguous archive: {name} in the directory is {other} where its bytes are")
        if member.flags & ~KNOWN_FLAGS:
            notes.add(f"{name} has flags {member.flags:#06x}, which no writer of checkpoints sets; torch may refuse it")
        if method != member.method or (flags ^ member.flags) & ENCRYPTED:
            notes.add(f"ambiguous archive: {name} is packed differently in the directory and where its bytes are")
        if plain not in (0, U32_MAX, member.plain_bytes):
            notes.add(f"ambiguous archive: {name} has two sizes, {member.plain_bytes:,} and {plain:,} bytes")
        if member.method == STORED and member.packed_bytes != member.plain_bytes:
            problem = "it has two sizes"
            notes.add(f"{name} is stored as it is, yet with two sizes")
        elif start + member.packed_bytes > file.size:
            problem = "it reaches past the end of the file"
            notes.add(f"{name} reaches past the end of the file")
    return Member(
        name, member.method, member.flags, member.crc, member.packed_bytes, member.plain_bytes, member.header_start,
        start, problem, mode=member.mode,
    )  # fmt: skip


def _note_reach(members: list[Member], directory_start: int, notes: Notes) -> None:
    """Say which entries have bytes that are the directory's."""
    for member in members:
        if not member.problem and member.data_start + member.packed_bytes > directory_start:
            notes.add(f"ambiguous archive: {member.name} reaches into the directory")


def note_ambiguities(members: list[Member], notes: Notes, pulse: Pulse) -> None:
    """Say where readers may disagree: names that are there twice, entries that share bytes."""
    seen: dict[str, str] = {}
    name_bytes = 0
    for i, member in enumerate(members):
        name = member.name
        name_bytes += len(name)
        if i % _BEAT_COMPARED == 0 or name_bytes > _BEAT_NAME_BYTES:
            name_bytes = 0
            pulse.beat(i, len(members), "comparing entries")
        other = seen.setdefault(name.lower(), name)
        if other is not name:
            kind = "twice" if other == name else "in two spellings of case"
            notes.add(f"ambiguous archive: {name} is there {kind}; readers may take either")
    pulse.beat(0, 0, "comparing entries")
    whole = sorted((member for member in members if not member.problem), key=attrgetter("header_start"))
    for i, (last, member) in enumerate(pairwise(whole)):
        if i % _BEAT_COMPARED == 0:
            pulse.beat(i, len(whole), "comparing entries")
        if member.header_start < last.data_start + last.packed_bytes:
            notes.add(f"ambiguous archive: {last.name} and {member.name} share bytes")
