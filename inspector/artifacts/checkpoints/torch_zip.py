"""Checkpoints as torch has written them since 1.6, and TorchScript archives: a zip with a pickle and its storages.

Source: torch/serialization.py (`_save`), caffe2/serialize/inline_container.cc.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector.artifacts.archives.zip_archive import Archive, Member
from inspector.artifacts.archives.zip_content import content, crc_of, source_of
from inspector.artifacts.archives.zip_format import DEFLATED, ENCRYPTED, STORED
from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import ReadableFile
from inspector.artifacts.checkpoints.listing import NOT_READ, FoundStorage, Listed, Lister
from inspector.artifacts.pickles.lens_storage import StorageReference
from inspector.artifacts.pickles.pickle_machine import Pickled, note_problem, run
from inspector.artifacts.reading_limits import MAX_INFLATION_AT_ALL
from inspector.artifacts.tensors.dtypes import ITEM_BYTES
from inspector.artifacts.tensors.windows import Unreadable, storage_at
from inspector.core.errors import DamagedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

_BEAT_NAMES = 10_000

SMALL_BYTES = 1 << 16
"""More than any record beside pickles and storages has."""


def read(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List a zip checkpoint.

    Raises:
        DamagedError: the archive has no directory or no pickle that can be read.
        LimitError: the pickle is larger than any real one.
        UnsupportedError: the archive is encrypted.
    """
    opened = open_torch(file, notes, pulse)
    pickled = opened.pickle("data.pkl")
    opened.lister.walk(pickled.root)
    return Listed(opened.lister, pickled.names + opened.add_constants())


class TorchArchive:
    """An archive of torch, and the lister that collects what its pickles hold."""

    def __init__(self, archive: Archive, top: str, notes: Notes, pulse: Pulse) -> None:
        self.archive = archive
        self.top = top
        self._notes = notes
        self._pulse = pulse
        self._storages = _Storages(archive, top, notes, pulse)
        byteorder = _small_text(archive, f"{top}byteorder") or "little"
        file = archive.file
        self.lister = Lister(file.path, file.identity, self._storages.find, notes, pulse, byteorder)

    def member(self, name: str) -> Member | None:
        """The entry of a name below the folder that holds all entries."""
        return self.archive.by_name.get(f"{self.top}{name}")

    def pickle(self, name: str) -> Pickled:
        """What the pickle in an entry says; what is wrong with it becomes a note.

        Raises:
            FileError: nothing of it can be read.
        """
        return _pickle(self.archive, f"{self.top}{name}", self._notes, self._pulse)

    def add_constants(self) -> tuple[str, ...]:
        """Add the constants of a TorchScript archive; gives what their pickle would import."""
        if self.member("constants.pkl") is None:
            return ()
        self._storages.folder = "constants"
        try:
            constants = self.pickle("constants.pkl")
        except DamagedError as error:
            self._notes.add(f"the constants cannot be read: {error.mismatch}")
            return ()
        self.lister.walk(constants.root, "constants")
        return constants.names


def open_torch(file: ReadableFile, notes: Notes, pulse: Pulse) -> TorchArchive:
    """Open a zip that torch wrote; raises as `read`."""
    archive = open_whole_or_cut(file, notes, pulse)
    top = _top(archive, notes, pulse)
    if not archive.cut_off and archive.by_name.keys().isdisjoint((f"{top}version", f"{top}.data/version")):
        notes.add("the archive has no entry named version; torch refuses such a file")
    return TorchArchive(archive, top, notes, pulse)


def _top(archive: Archive, notes: Notes, pulse: Pulse) -> str:
    """The one folder that holds all entries, with its slash; torch takes that of the first entry."""
    first = archive.members[0].name if archive.members else ""
    top = first[: first.find("/") + 1]
    if f"{top}data.pkl" not in archive.by_name:
        tops = [
            name.removesuffix("data.pkl")
            for names in _some_names(archive, pulse)
            for name in names
            if name == "data.pkl" or name.endswith("/data.pkl")
        ]
        if not tops:
            found = f"none before the file is cut off at byte {archive.file.size:,}" if archive.cut_off else "none"
            raise DamagedError(archive.file.path, "a pickle named data.pkl in the archive", found)
        notes.add(f"torch would look for {clean(top)}data.pkl, which is not there; {clean(tops[0])}data.pkl is shown")
        top = tops[0]
    if not top:
        notes.add("the entries are not in a folder of the archive; torch refuses such a file")
    strays = sum(not name.startswith(top) for names in _some_names(archive, pulse) for name in names)
    if strays:
        notes.add(f"{strays:,} entries lie outside {clean(top)}, where torch does not look")
    return top


def _some_names(archive: Archive, pulse: Pulse) -> Iterator[tuple[str, ...]]:
    """The names of the entries, as many at a time as are looked at between two beats."""
    for at in range(0, len(archive.members), _BEAT_NAMES):
        pulse.beat(at, len(archive.members), "reading the archive")
        yield tuple(member.name for member in archive.members[at : at + _BEAT_NAMES])


def _small_text(archive: Archive, name: str) -> str:
    member = archive.by_name.get(name)
    if member is None or member.cut_off:
        return ""
    return content(archive, member, SMALL_BYTES).decode("ascii", "replace").strip()


def _pickle(archive: Archive, name: str, notes: Notes, pulse: Pulse) -> Pickled:
    """Read a pickle of the archive; what is wrong with it becomes a note."""
    member = archive.by_name[name]
    file = archive.file
    source = source_of(archive, member, notes, pulse)
    if source.size == member.plain_bytes and not member.cut_off and crc_of(source, pulse) != member.crc:
        notes.add(f"{clean(name)} does not have the checksum that the archive gives; torch would load it all the same")
    pickled = run(source, 0, pulse)
    if pickled.problem:
        if pickled.root is None:
            raise DamagedError(file.path, f"a pickle in {clean(name)}", pickled.problem)
        note_problem(pickled, clean(name), notes)
    elif pickled.end < source.size and not member.cut_off:
        notes.add(f"{source.size - pickled.end:,} bytes follow the end of {clean(name)}")
    return pickled


class _Storages:
    """Where the storages of an archive are, by key."""

    def __init__(self, archive: Archive, top: str, notes: Notes, pulse: Pulse) -> None:
        self.folder = "data"
        self._archive = archive
        self._top = top
        self._notes = notes
        self._pulse = pulse
        self._found: dict[str, FoundStorage] = {}

    def find(self, reference: Any) -> FoundStorage:
        """The storage that a tensor refers to, checked against the bytes that are there."""
        if type(reference) is not StorageReference:
            return NOT_READ
        name = f"{self._top}{self.folder}/{reference.key}"
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._storage(self._archive.by_name.get(name), reference)
        return found if isinstance(found, Unreadable) or found[1] == reference.dtype else (found[0], reference.dtype)

    def _storage(self, member: Member | None, reference: StorageReference) -> FoundStorage:
        if member is None and self._archive.cut_off:
            told = f"is cut off: the file ends at byte {self._archive.file.size:,}, before its elements"
            return Unreadable(told, "lost")
        if member is None:
            return Unreadable(f"refers to storage {clean(reference.key)}, which is not in the archive", "lost")
        declared = reference.elements * ITEM_BYTES[reference.dtype]
        if member.cut_off and member.method == STORED:
            return self._cut_storage(member, declared, reference.dtype)
        if member.problem:
            return Unreadable(f"has its elements in {clean(member.name)}, and {member.problem}", "lost")
        if member.flags & ENCRYPTED:
            return Unreadable(f"has its elements in {clean(member.name)}, and it is encrypted", "unread")
        if member.method not in (STORED, DEFLATED):
            return Unreadable(f"has its elements in {clean(member.name)}, packed by method {member.method}", "unread")
        if declared > member.plain_bytes:
            self._notes.add(f"{clean(member.name)} has {member.plain_bytes:,} bytes where the pickle says {declared:,}")
        if member.method == STORED:
            return storage_at(self._archive.file, member.data_start, member.plain_bytes), reference.dtype
        self._notes.add("ambiguous archive: storages are compressed, which torch never writes")
        # Numbers that are all the same shrink as only bombs do elsewhere; they are unpacked piece by piece.
        source = source_of(self._archive, member, self._notes, self._pulse, MAX_INFLATION_AT_ALL)
        if source.size < member.plain_bytes:
            return Unreadable(
                f"has its elements in {clean(member.name)}, which unpacks to more than the limits allow", "unread"
            )
        return storage_at(source, 0, member.plain_bytes), reference.dtype

    def _cut_storage(self, member: Member, declared: int, dtype: str) -> FoundStorage:
        """A storage where the file is cut off: whole if at least as many bytes are left as the pickle says."""
        if declared > member.plain_bytes:
            told = f"is cut off: {clean(member.name)} ends at byte {member.plain_bytes:,} of {declared:,}"
            return Unreadable(told, "lost")
        return storage_at(self._archive.file, member.data_start, declared), dtype
