"""Whether a checkpoint's bytes are those that were written: by checksums where its container has them, else by sizes.

torch compares no checksum when it loads, so that a flipped bit becomes another weight without a word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from inspector.artifacts.archives.zip_archive import looks_like_zip
from inspector.artifacts.byte_file import ByteFile, InnerFile, Section
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.checkpoints.dcp_metadata import Place, read_metadata
from inspector.artifacts.checkpoints.record_checks import Checked, ProgressOfAll, checked_gzip, checked_zip
from inspector.artifacts.companions import DCP_METADATA, DCP_SUFFIX, set_container
from inspector.artifacts.opened_paths import file_of_set
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.sniff import container_of, sniff
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.core.texts import clean
from inspector.formats.verified import CRC32, MAX_DAMAGED, DamagedRecord, Verified

MAX_NAMED = 100
"""How many tensors of one damaged record are named."""

_ZIPS = frozenset(
    ("torch-zip", "torchscript", "torchscript-old", "torch-mobile", "npz", "npz-dump", "zip-of-checkpoints", "zip")
)
_GZIPS = frozenset(("tar-gz", "gzip"))

_BY_SIZE: dict[str, str] = {
    "safetensors": "safetensors has no checksums; its tensors follow one another and cover every byte of the file",
    "torch-legacy": "files of torch before 1.6 have no checksums; their storages are as long as they should be",
    "torch-tar": "tar archives have no checksums of what is in them; every tensor lies inside its entry",
    "tar": "tar archives have no checksums of what is in them; every tensor lies inside its entry",
    "pickle": "pickles have no checksums; every tensor is as long as it should be",
    "npy": "numpy's files have no checksums; the array is as long as it should be",
    "npy-dump": "numpy's files have no checksums; the array is as long as it should be",
    "keras-h5": "HDF5 has checksums only where its writer asked for them, and compares those whenever it reads a chunk",
    "hdf5": "HDF5 has checksums only where its writer asked for them, and compares those whenever it reads a chunk",
}
"""What is said of containers without checksums once their sizes were found right."""

_RAW_PIECES = "pieces of a distributed checkpoint that are no archives have no checksums; they lie inside their files"


class _Found(NamedTuple):
    """What one file gave, and what its records are named after."""

    label: str
    path: Path
    checked: Checked


def verify(path: Path, pulse: Pulse = QUIET) -> Verified:
    """Check every record of a checkpoint, of one file or of several, in constant memory.

    Raises:
        UnsupportedError: it is no checkpoint.
        FileError: it cannot be opened at all.
    """
    path = path.absolute()
    pulse = pulse.made_generous()
    notes = Notes()
    if path.is_dir() or set_container(path.name):
        checkpoint = opened(path, pulse)
        for note in checkpoint.facts.notes:
            notes.add(note)
        found = _checked_set(path, checkpoint, notes, pulse)
    else:
        progress = ProgressOfAll(pulse, path.stat().st_size if path.exists() else 0)
        checked = _checked_file(path, sniff(path).container, progress, notes)
        if not checked.damaged:
            with suppress(FileError):  # what is no checkpoint within is checked all the same
                checked = checked._replace(damaged=_lost_tensors(opened(path, pulse)))
        found = [_Found("", path, checked)]
    return _summary(path, found, notes, pulse)


def _summary(path: Path, found: list[_Found], notes: Notes, pulse: Pulse) -> Verified:
    damaged: list[DamagedRecord] = []
    if any(one.checked.damaged for one in found):
        places = _places(path, pulse)
        damaged = [_named(record, one, places.get(one.path, [])) for one in found for record in one.checked.damaged]
    hows = dict.fromkeys(one.checked.how for one in found if one.checked.how)
    with_checksums = CRC32 in hows
    without = [how for how in hows if how != CRC32]
    if with_checksums:
        for text in without:
            notes.add(text)
    return Verified(
        path=str(path),
        checked=CRC32 if with_checksums else "; ".join(without) or "there is nothing in it that could be checked",
        records=sum(one.checked.records for one in found),
        bytes=sum(one.checked.bytes for one in found),
        damaged=tuple(damaged[:MAX_DAMAGED]),
        damaged_count=len(damaged),
        notes=tuple(cut(note) for note in notes.texts()),
    )


def _places(path: Path, pulse: Pulse) -> dict[Path, list[tuple[int, str]]]:
    """Where in each file tensors begin, in order, as far as the checkpoint can be opened."""
    places: dict[Path, list[tuple[int, str]]] = {}
    try:
        checkpoint = opened(path, pulse)
    except FileError:
        return places
    for name, window in checkpoint.windows.items():
        if isinstance(window, TensorWindow) and window.storage.source is None:
            places.setdefault(window.path, []).append((window.storage.start, name))
    for starts in places.values():
        starts.sort()
    return places


def _named(record: DamagedRecord, found: _Found, places: list[tuple[int, str]]) -> DamagedRecord:
    """The record under its file's name, with the tensors that live in it."""
    name = f"{found.label} · {record.name}" if found.label else record.name
    if record.tensors or record.start is None:
        return msgspec.structs.replace(record, name=name)
    first = bisect_left(places, (record.start, ""))
    last = bisect_left(places, (record.start + max(1, record.bytes), ""))
    tensors = tuple(tensor for _, tensor in places[first : min(last, first + MAX_NAMED)])
    return msgspec.structs.replace(record, name=name, tensors=tensors, tensor_count=last - first)


def _checked_file(path: Path, container: str, progress: ProgressOfAll, notes: Notes) -> Checked:
    if container in _BY_SIZE:
        return _checked_sizes(path, container, notes, progress)
    if container not in _ZIPS and container not in _GZIPS:
        raise UnsupportedError(path, "a checkpoint", f"a file of kind {container}")
    with ByteFile(path) as file:
        return checked_gzip(file, progress) if container in _GZIPS else checked_zip(file, progress, notes)


def _checked_sizes(path: Path, container: str, notes: Notes, progress: ProgressOfAll) -> Checked:
    """What can be checked without checksums: that every tensor's bytes are there."""
    size = path.stat().st_size
    progress.add(size, path.name)
    if container == "hdf5":
        return Checked(_BY_SIZE[container], 0, size, [])
    try:
        checkpoint = opened(path, progress.pulse)
    except DamagedError as error:
        problem = f"is damaged: {error.mismatch}"
        record = DamagedRecord(name="the file", start=0, bytes=size, problem=problem)
        return Checked(_BY_SIZE[container], 1, size, [record])
    for note in checkpoint.facts.notes:
        notes.add(note)
    return Checked(_BY_SIZE[container], len(checkpoint.facts.tensors), size, _lost_tensors(checkpoint))


def _lost_tensors(checkpoint: Checkpoint) -> list[DamagedRecord]:
    """Tensors whose elements should be in the files and are not."""
    return [DamagedRecord(name=name, problem=reason) for name, reason in checkpoint.lost().items()]


def _checked_set(path: Path, checkpoint: Checkpoint, notes: Notes, pulse: Pulse) -> list[_Found]:
    """Every file of a checkpoint that is several."""
    root = path if path.is_dir() else path.parent
    files = [file for file in checkpoint.files if file.is_file()]
    distributed = {file.parent for file in files if file.name == DCP_METADATA}
    progress = ProgressOfAll(pulse, sum(file.stat().st_size for file in files))
    found: list[_Found] = []
    for file in files:
        if file.name == DCP_METADATA:
            found += _checked_pieces(file, root, progress, notes)
        elif file.stat().st_size and not (file.name.endswith(DCP_SUFFIX) and file.parent in distributed):
            with ByteFile(file) as opened_file:
                container = container_of(opened_file, file)
            if container in _ZIPS or container in _GZIPS or container in _BY_SIZE:
                found.append(_Found(_label(file, root), file, _checked_file(file, container, progress, notes)))
    told = {record.name for one in found for record in one.checked.damaged}
    lost = [record for record in _lost_tensors(checkpoint) if record.name not in told]
    return [*found, _Found("", path, Checked("", 0, 0, lost))] if lost else found


def _checked_pieces(metadata: Path, root: Path, progress: ProgressOfAll, notes: Notes) -> list[_Found]:
    """The pieces of a distributed checkpoint, each an archive of its own inside a file."""
    with ByteFile(metadata) as file:
        told = read_metadata(file, Notes(), progress.pulse)
    places: dict[Place, str] = {}
    for tensor in told.tensors:
        places.update((place, tensor.name) for place in tensor.pieces.values() if place)
    places.update((place, name) for name, place in told.blobs.items() if place)
    by_file: dict[str, list[tuple[Place, str]]] = {}
    for place, name in places.items():
        by_file.setdefault(place.file, []).append((place, name))
    found: list[_Found] = []
    for name, pieces in by_file.items():
        path = file_of_set(metadata, name)
        if path is not None and path.is_file():
            found += _checked_pieces_of(path, _label(path, root), pieces, progress, notes)
    return found


def _checked_pieces_of(
    path: Path, label: str, pieces: Iterable[tuple[Place, str]], progress: ProgressOfAll, notes: Notes
) -> list[_Found]:
    found: list[_Found] = []
    with ByteFile(path) as file:
        for place, name in pieces:
            inner = InnerFile(file, Section(file, place.start, place.length))
            if not looks_like_zip(inner.read(0, 4)):
                progress.add(inner.size, path.name)
                found.append(_Found(label, path, Checked(_RAW_PIECES, 1, inner.size, [])))
                continue
            checked = _checked_piece(inner, place, progress, notes)
            damaged = [msgspec.structs.replace(record, tensors=(name,), tensor_count=1) for record in checked.damaged]
            found.append(_Found(label, path, checked._replace(damaged=damaged)))
    return found


def _checked_piece(inner: InnerFile, place: Place, progress: ProgressOfAll, notes: Notes) -> Checked:
    try:
        return checked_zip(inner, progress, notes)
    except DamagedError as error:
        problem = f"is damaged: {error.mismatch}"
        record = DamagedRecord(name="an archive", start=place.start, bytes=place.length, problem=problem)
        return Checked(CRC32, 1, place.length, [record])


def _label(file: Path, root: Path) -> str:
    return clean(str(file.relative_to(root)) if file.is_relative_to(root) else file.name)
