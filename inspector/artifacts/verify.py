"""Whether a checkpoint's bytes are those that were written: by checksums where its container has them, else by sizes.

torch compares no checksum when it loads, so that a flipped bit becomes another weight without a word.

Source: PKWARE APPNOTE 6.3.10, 4.4.7 (CRC-32); RFC 1952, 2.3.1 (gzip).
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoint import Checkpoint, opened
from inspector.artifacts.node_text import clean, cut
from inspector.artifacts.sniff import sniff
from inspector.artifacts.windows import TensorWindow
from inspector.artifacts.zip_archive import DEFLATED, ENCRYPTED, LOCAL_HEADER, STORED, Archive, Member
from inspector.artifacts.zip_scan import DESCRIBED_LATER, open_whole_or_cut
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.verified import CRC32, MAX_DAMAGED, WRONG_CHECKSUM, DamagedRecord, Verified

BLOCK_BYTES = 1 << 22
"""Read between two beats: a few milliseconds from memory."""

MAX_NAMED = 100
"""How many tensors of one damaged record are named."""

GZIP = 31
"""zlib's window bits for a gzip stream, whose checksum it then compares."""

_ELEMENTS_LOST = ("is cut off", "refers to storage", "needs ")
"""How the reason begins why a tensor has no window, where its bytes ought to be there."""

_BY_SIZE: dict[str, str] = {
    "safetensors": "safetensors has no checksums; its tensors follow one another and cover every byte of the file",
    "torch-legacy": "files of torch before 1.6 have no checksums; their storages are as long as they should be",
    "torch-tar": "tar archives have no checksums of what is in them; every tensor lies inside its entry",
    "pickle": "pickles have no checksums; every tensor is as long as it should be",
    "npy": "numpy's files have no checksums; the array is as long as it should be",
    "keras-h5": "HDF5 has checksums only where its writer asked for them, and compares those whenever it reads a chunk",
    "hdf5": "HDF5 has checksums only where its writer asked for them, and compares those whenever it reads a chunk",
}
"""What is said of containers without checksums once their sizes were found right."""

_ZIPS = frozenset(
    ("torch-zip", "torchscript", "torchscript-old", "torch-mobile", "npz", "keras", "zip-of-checkpoints", "zip")
)
_GZIPS = frozenset(("tar-gz", "gzip"))


class _Found(NamedTuple):
    """What one file gave."""

    checked: str
    records: int
    bytes: int
    damaged: list[DamagedRecord]


class _Progress:
    """Beats with how much of all files is done."""

    def __init__(self, pulse: Pulse, total_bytes: int) -> None:
        self._pulse = pulse
        self._total_bytes = total_bytes
        self._done_bytes = 0

    def add(self, count: int, name: str) -> None:
        """So many bytes more were looked at."""
        self._done_bytes += count
        self._pulse.beat(self._done_bytes, self._total_bytes, f"verifying {name}")


def verify(path: Path, pulse: Pulse = QUIET) -> Verified:
    """Check every record of a checkpoint, of one file or of a folder, in constant memory.

    Raises:
        UnsupportedError: it is no checkpoint.
        FileError: it cannot be opened at all.
    """
    path = path.absolute()
    notes = Notes()
    files = _files_of(path, pulse, notes)
    progress = _Progress(pulse, sum(file.stat().st_size for file in files))
    found = [(file, _verified_file(file, progress, notes, pulse)) for file in files]
    several = len(found) > 1
    damaged = [
        _labelled(record, file, path) if several else record for file, result in found for record in result.damaged
    ]
    with_checksums = [result for _, result in found if result.checked == CRC32]
    without = {result.checked: None for _, result in found if result.checked != CRC32}
    if with_checksums:
        for text in without:
            notes.add(text)
    return Verified(
        path=str(path),
        checked=CRC32 if with_checksums else "; ".join(without),
        records=sum(result.records for _, result in found),
        bytes=sum(result.bytes for _, result in found),
        damaged=tuple(damaged[:MAX_DAMAGED]),
        damaged_count=len(damaged),
        notes=tuple(cut(note) for note in notes.texts()),
    )


def _files_of(path: Path, pulse: Pulse, notes: Notes) -> list[Path]:
    """The files whose bytes make up a checkpoint."""
    if not path.is_dir() and sniff(path).container in (_ZIPS | _GZIPS | _BY_SIZE.keys()):
        return [path]
    checkpoint = opened(path, pulse)
    for note in checkpoint.facts.notes:
        notes.add(note)
    windows = (window for window in checkpoint.windows.values() if isinstance(window, TensorWindow))
    files = sorted({window.path for window in windows} | {path})
    return [file for file in files if file.is_file()]


def _labelled(record: DamagedRecord, file: Path, folder: Path) -> DamagedRecord:
    name = file.relative_to(folder) if file.is_relative_to(folder) else file.name
    return msgspec.structs.replace(record, name=f"{clean(str(name))} · {record.name}")


def _verified_file(path: Path, progress: _Progress, notes: Notes, pulse: Pulse) -> _Found:
    container = sniff(path).container
    if container in _ZIPS:
        return _verified_zip(path, progress, notes, pulse)
    if container in _GZIPS:
        return _verified_gzip(path, progress)
    if container not in _BY_SIZE:
        raise UnsupportedError(path, "a checkpoint", f"a file of kind {container}")
    return _verified_sizes(path, container, notes, pulse)


def _verified_zip(path: Path, progress: _Progress, notes: Notes, pulse: Pulse) -> _Found:
    damaged: list[DamagedRecord] = []
    with ByteFile(path) as file:
        archive = open_whole_or_cut(file, notes, pulse)
        if archive.cut_off:
            what = "cannot be read: the file was cut off while it was written or copied"
            damaged.append(DamagedRecord(name="the archive's directory", start=file.size, bytes=0, problem=what))
        for member in archive.members:
            record = _damage(archive, file, member, progress)
            if record is not None:
                damaged.append(record)
            elif not archive.cut_off:
                _compare_header(file, member, notes)
    if damaged:
        damaged = _with_tensors(path, damaged, pulse)
    size = sum(member.packed_bytes for member in archive.members)
    return _Found(CRC32, len(archive.members), size, damaged)


def _damage(archive: Archive, file: ByteFile, member: Member, progress: _Progress) -> DamagedRecord | None:
    """What is wrong with one entry, None where it is as it was written."""
    problem, found = "", None
    if member.problem:
        problem = f"cannot be read: {member.problem}"
    elif member.flags & ENCRYPTED:
        problem = "is encrypted, so that its checksum cannot be compared"
    elif member.method not in (STORED, DEFLATED):
        problem = f"is packed by method {member.method}, which is not read"
    else:
        crc = size = 0
        label = f"{archive.file.path.name}: {clean(member.name)}"
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
        start=member.data_start,
        bytes=member.packed_bytes,
        expected_crc=member.crc,
        found_crc=found,
        problem=problem,
    )


def _plain_blocks(file: ByteFile, member: Member) -> Iterator[memoryview | bytes]:
    """The unpacked bytes of an entry, at most one block more than it says it has; each valid until the next."""
    buffer = memoryview(bytearray(min(BLOCK_BYTES, max(1, member.packed_bytes))))
    inflater = zlib.decompressobj(-15) if member.method == DEFLATED else None
    place, end, size = member.data_start, member.data_start + member.packed_bytes, 0
    while place < end and size <= member.plain_bytes:
        count = file.read_into(place, buffer[: min(BLOCK_BYTES, end - place)])
        if not count:
            return
        place += count
        if inflater is None:
            yield buffer[:count]
            continue
        packed: memoryview | bytes = buffer[:count]
        while packed and not inflater.eof and size <= member.plain_bytes:
            block = inflater.decompress(packed, BLOCK_BYTES)
            packed = inflater.unconsumed_tail
            size += len(block)
            yield block
    if inflater is not None and not inflater.eof and size <= member.plain_bytes:
        yield inflater.flush()


def _compare_header(file: ByteFile, member: Member, notes: Notes) -> None:
    """Say where an entry's own header gives another checksum than the directory."""
    header = file.read(member.header_start, LOCAL_HEADER.size)
    _, _, flags, _, _, _, crc, *_ = LOCAL_HEADER.unpack(header)
    if not flags & DESCRIBED_LATER and crc not in (0, member.crc):
        notes.add(f"ambiguous archive: {clean(member.name)} has another checksum where its bytes are")


def _with_tensors(path: Path, damaged: list[DamagedRecord], pulse: Pulse) -> list[DamagedRecord]:
    """The records with the names of the tensors that live in them, as far as the checkpoint can be opened."""
    try:
        checkpoint = opened(path, pulse)
    except FileError:
        return damaged
    places = sorted(
        (window.storage.start, name)
        for name, window in checkpoint.windows.items()
        if isinstance(window, TensorWindow) and window.storage.source is None and window.path == path
    )
    named = []
    for record in damaged:
        first = bisect_left(places, (record.start, ""))
        last = bisect_left(places, (record.start + max(1, record.bytes), ""))
        names = tuple(name for _, name in places[first : min(last, first + MAX_NAMED)])
        named.append(msgspec.structs.replace(record, tensors=names, tensor_count=last - first))
    return named


def _verified_gzip(path: Path, progress: _Progress) -> _Found:
    """A gzip file carries the checksum of what is packed in it."""
    with ByteFile(path) as file:
        problem = _gzip_problem(file, progress)
        damaged = [DamagedRecord(name=clean(path.name), start=0, bytes=file.size, problem=problem)] if problem else []
        return _Found(CRC32, 1, file.size, damaged)


def _gzip_problem(file: ByteFile, progress: _Progress) -> str:
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
                inflater = zlib.decompressobj(GZIP) if packed or place < file.size else inflater
    return "" if inflater.eof else "ends before its checksum: the file was cut off"


def _verified_sizes(path: Path, container: str, notes: Notes, pulse: Pulse) -> _Found:
    """What can be checked without checksums: that every tensor's bytes are there."""
    size = path.stat().st_size
    if container == "hdf5":
        return _Found(_BY_SIZE[container], 0, size, [])
    try:
        checkpoint = opened(path, pulse)
    except DamagedError as error:
        problem = f"is damaged: expected {error.expected}, found {error.found}"
        return _Found(
            _BY_SIZE[container], 1, size, [DamagedRecord(name="the file", start=0, bytes=size, problem=problem)]
        )
    for note in checkpoint.facts.notes:
        notes.add(note)
    return _Found(_BY_SIZE[container], len(checkpoint.facts.tensors), size, _lost_tensors(checkpoint))


def _lost_tensors(checkpoint: Checkpoint) -> list[DamagedRecord]:
    """Tensors whose elements should be in the file and are not."""
    lost = []
    for tensor in checkpoint.facts.tensors:
        window = checkpoint.windows.get(tensor.name)
        if isinstance(window, str) and window.startswith(_ELEMENTS_LOST):
            lost.append(DamagedRecord(name=tensor.name, start=0, bytes=tensor.bytes, problem=window))
    return lost
