"""A run folder packed as `.zip`, `.tar` or `.tar.gz`: what of it may be unpacked, and one file of it at a time.

Links, devices and names that leave the folder are not unpacked; sizes and numbers are bounded before anything is
written. Archives that are checkpoints are not taken for runs.
"""

from __future__ import annotations

import stat
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.archives.tar_archive import tar_members
from inspector.artifacts.archives.zip_archive import Archive, Member
from inspector.artifacts.archives.zip_content import source_of
from inspector.artifacts.archives.zip_format import ENCRYPTED
from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import ReadableFile, Reopened, Section, Source
from inspector.artifacts.identity import identity_of
from inspector.artifacts.inflated import Inflated
from inspector.artifacts.output import Output
from inspector.artifacts.packings import GZIP, GZIP_SIGNATURE
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.sniff import sniff
from inspector.core.errors import FileError, LimitError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean
from inspector.formats.packed import PackedFile, PackedRun, UnpackedFile, is_safe_name
from inspector.formats.run_folder import RUN_FILE

MAX_FILES = 5_000
"""A run folder holds tens of files; an archive of more is a data set."""

MAX_BYTES = 16_000_000_000
MAX_GROWTH = 200
"""An archive whose files are so many times as large as it is taken for a bomb, once they pass FREE_BYTES."""

FREE_BYTES = 1_000_000_000

_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
_PLAIN = frozenset({"zip", "other tar"})
_OF_CHECKPOINTS = frozenset({"zip-of-checkpoints", "tar", "tar-gz"})
_LOGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".log", ".wandb", ".h5", ".hdf5")
_SKIPPED = frozenset({"__MACOSX", ".DS_Store", ".git", "__pycache__", ".ipynb_checkpoints"})
_COPY_BYTES = 4 << 20


class _Entry(NamedTuple):
    """One file of an archive: where it goes, its declared size, its time, and what gives its bytes."""

    file: PackedFile
    zipped: Member | None
    source: Source | None


class _Opened(NamedTuple):
    file: ReadableFile
    archive: Archive | None
    entries: dict[str, _Entry]
    notes: tuple[str, ...]


_known: dict[Path, _Opened] = {}
"""What this process has listed; a reader serves one set of paths, so it stays small."""


def holds_run(path: Path, pulse: Pulse) -> bool:
    """Whether a file is an archive to unpack and open as a run: one that is no checkpoint, or that has logs too.

    Raises:
        FileError: it cannot be read.
    """
    if not path.name.lower().endswith(_SUFFIXES) or not path.is_file():
        return False
    container = sniff(path, pulse).container
    if container in _PLAIN:
        return True
    return container in _OF_CHECKPOINTS and any(_is_log(name) for name in _opened(path, pulse).entries)


def packed_run(path: Path, pulse: Pulse) -> PackedRun:
    """The files of an archive that may be unpacked.

    Raises:
        FileError: it cannot be read.
        LimitError: they are more, or larger, than any run.
        UnsupportedError: there are none.
    """
    opened = _opened(path, pulse)
    files = tuple(entry.file for entry in opened.entries.values())
    if not files:
        raise UnsupportedError(path, "an archive of a run folder", "no file that can be unpacked")
    total = sum(file.bytes for file in files)
    allowed = min(MAX_BYTES, max(FREE_BYTES, MAX_GROWTH * opened.file.size))
    if total > allowed:
        raise LimitError(path, f"files of at most {allowed:,} bytes", f"{total:,}", "unpack it and open the folder")
    return PackedRun(files, opened.notes)


def unpack_file(path: Path, name: str, descriptor: int, pulse: Pulse) -> UnpackedFile:
    """Write one file of an archive; what cannot be unpacked of it is noted.

    Args:
        path: the archive.
        name: of the file, as `packed_run` gives it.
        descriptor: open for writing; stays the caller's.
        pulse: of this work.

    Raises:
        FileError: nothing of it can be unpacked, or the archive is not what it was.
    """
    opened = _opened(path, pulse)
    entry = opened.entries.get(name)
    if entry is None:
        raise FileError(path, f"{cut(name, 200)} in the archive", "nothing of that name")
    notes = Notes()
    source = entry.source or _zip_source(opened, entry, notes, pulse)
    output = Output(descriptor)
    crc = 0
    while output.bytes < min(source.size, entry.file.bytes):
        pulse.beat(output.bytes, entry.file.bytes, f"unpacking {cut(name, 80)}")
        piece = source.read(output.bytes, min(_COPY_BYTES, entry.file.bytes - output.bytes))
        if not piece:
            break
        crc = zlib.crc32(piece, crc)
        output.write(piece)
    if output.bytes < entry.file.bytes:
        notes.add(f"{cut(name, 200)}: {entry.file.bytes:,} bytes are declared and {output.bytes:,} could be unpacked")
    elif entry.zipped is not None and not entry.zipped.cut_off and crc != entry.zipped.crc:
        notes.add(f"{cut(name, 200)}: its bytes do not have the checksum that the archive gives")
    return UnpackedFile(output.bytes, notes.texts())


def _is_log(name: str) -> bool:
    last = name.rpartition("/")[2]
    return "tfevents" in last or last == RUN_FILE or last.lower().endswith(_LOGS)


def _opened(path: Path, pulse: Pulse) -> _Opened:
    """An archive with its entries listed; the same again as long as its file is the same."""
    identity = identity_of(path)
    known = _known.get(path)
    if known is not None and known.file.identity == identity:
        return known
    file = Reopened(path, identity)
    notes = Notes()
    container = sniff(path, pulse).container
    archive: Archive | None = None
    if container.startswith("zip"):
        archive = open_whole_or_cut(file, notes, pulse)
        found = _zip_entries(archive, notes)
    else:
        found = _tar_entries(file, notes, pulse)
    _known[path] = opened = _Opened(file, archive, _allowed(path, found, notes), notes.texts())
    return opened


def _allowed(path: Path, found: Iterable[_Entry], notes: Notes) -> dict[str, _Entry]:
    """The entries by where they go; of two of one name the later counts, as for every program that unpacks."""
    entries: dict[str, _Entry] = {}
    for entry in found:
        name = entry.file.name
        if not _SKIPPED.isdisjoint(name.split("/")):
            continue
        if not is_safe_name(name):
            notes.add(f"{cut(clean(name), 200)} is not unpacked: its name may lead out of the folder")
            continue
        entries[name] = entry
        if len(entries) > MAX_FILES:
            raise LimitError(path, f"at most {MAX_FILES:,} files", "more", "unpack it and open the folder of one run")
    folders = {name[:at] for name in entries for at in range(len(name)) if name[at] == "/"}
    for name in folders & entries.keys():
        notes.add(f"{cut(name, 200)} is not unpacked: it is a folder too")
        del entries[name]
    return entries


def _zip_entries(archive: Archive, notes: Notes) -> Iterable[_Entry]:
    for member in archive.members:
        if member.name.endswith(("/", "\\")):
            continue
        name = cut(clean(member.name), 200)
        if member.flags & ENCRYPTED:
            notes.add(f"{name} is encrypted, so it is not unpacked")
        elif member.problem and not member.cut_off:
            notes.add(f"{name} is not unpacked: {member.problem}")
        elif stat.S_ISLNK(member.mode):
            notes.add(f"{name} is a link, so it is not unpacked")
        else:
            file = PackedFile(
                member.name.replace("\\", "/").removeprefix("./"), member.plain_bytes, _zip_time_s(archive, member)
            )
            yield _Entry(file, member, None)


def _zip_time_s(archive: Archive, member: Member) -> float | None:
    """When a file was written last, by the clock of whoever packed it, which is taken for ours.

    Source: PKWARE APPNOTE 6.3.10, 4.4.6: MS-DOS date and time.
    """
    fields = archive.file.read(member.header_start + 10, 4)
    if len(fields) < 4:
        return None
    clock, date = int.from_bytes(fields[:2], "little"), int.from_bytes(fields[2:], "little")
    day = (1980 + (date >> 9), date >> 5 & 15, date & 31)
    moment = (clock >> 11, clock >> 5 & 63, 2 * (clock & 31))
    if not (1 <= day[1] <= 12 and day[2]):
        return None
    with suppress(OverflowError, ValueError):
        return time.mktime((*day, *moment, 0, 0, -1))
    return None


def _zip_source(opened: _Opened, entry: _Entry, notes: Notes, pulse: Pulse) -> Source:
    assert opened.archive is not None
    assert entry.zipped is not None
    return source_of(opened.archive, entry.zipped, notes, pulse.made_generous(), growth=MAX_GROWTH)


def _tar_entries(file: Reopened, notes: Notes, pulse: Pulse) -> Iterable[_Entry]:
    source: Source = file
    if file.read(0, len(GZIP_SIGNATURE)) == GZIP_SIGNATURE:
        inflated = Inflated(file, 0, file.size, GZIP, pulse.made_generous())
        if inflated.problem:
            notes.add(f"the archive {inflated.problem}")
        source = inflated
    for member in tar_members(source, notes, pulse):
        if member.kind == "file":
            packed = PackedFile(member.name, member.size, member.modified_s)
            yield _Entry(packed, None, Section(source, member.start, member.size))
