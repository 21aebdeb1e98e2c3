"""Folders that `torch.distributed.checkpoint` writes: `.metadata` tells what is where in the `.distcp` files.

torch unpickles `.metadata` without any restriction; here it goes through the same inert machine as every pickle.

Source: torch/distributed/checkpoint/filesystem.py (`_write_item`: each piece is a whole `torch.save` archive).
"""

from __future__ import annotations

import math
from functools import lru_cache, partial
from pathlib import Path

import msgspec

from inspector.artifacts.archives.zip_archive import looks_like_zip
from inspector.artifacts.byte_file import ByteFile, InnerFile, Section
from inspector.artifacts.checkpoints import torch_legacy, torch_zip
from inspector.artifacts.checkpoints.dcp_metadata import DcpTensor, Place, read_metadata
from inspector.artifacts.checkpoints.folders import DCP_EXTRA
from inspector.artifacts.checkpoints.gathering import Gathering
from inspector.artifacts.checkpoints.listing import LARGEST_BYTES, Listed
from inspector.artifacts.checkpoints.paths import below
from inspector.artifacts.companions import DCP_METADATA, inside
from inspector.artifacts.identity import Identity, check_same
from inspector.artifacts.opened_paths import file_of_set
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.tensors.dtypes import ITEM_BYTES
from inspector.artifacts.tensors.pieces import Piece, stitched_storage, uncovered
from inspector.artifacts.tensors.tensor_roles import role_of
from inspector.artifacts.tensors.windows import Storage, TensorWindow, Unreadable, contiguous_strides
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.facts import TensorFacts

MAX_BLOBS = 4_000
"""Values that are no tensors; each is an archive of its own, and takes about a millisecond."""

_PICKLE_START = b"\x80"
_KEPT_WINDOWS = 4_096
_TOO_MANY = Unreadable("is cut into more pieces than are put together", "unread")


def read(path: Path, gathering: Gathering, pulse: Pulse) -> None:
    """List a distributed checkpoint; tensors that are spread over files are put together when they are read.

    Args:
        path: of the folder, or of a file in it.
        gathering: takes what is found.
        pulse: of this work.

    Raises:
        FileError: there is no `.metadata`, or it cannot be read.
    """
    folder = path if path.is_dir() else path.parent
    metadata_path = folder / DCP_METADATA
    gathering.looked_at(metadata_path)
    with ByteFile(metadata_path) as file:
        metadata = read_metadata(file, gathering.notes, pulse)
    gathering.names.update(metadata.names)
    files = _Files(folder, gathering)
    for number, tensor in enumerate(metadata.tensors):
        pulse.beat(number, len(metadata.tensors), "listing tensors")  # each may have thousands of pieces
        _add_tensor(tensor, files, gathering, pulse)
    for number, (name, place) in enumerate(metadata.blobs.items()):
        pulse.beat(number, len(metadata.blobs), "reading values")
        if number >= MAX_BLOBS:
            gathering.notes.add(f"only the first {MAX_BLOBS:,} of {len(metadata.blobs):,} values are read")
            break
        _add_blob(name, place, files, gathering, pulse)
    files.note_lacking()
    if gathering.looked_at(folder / DCP_EXTRA):
        gathering.add(folder / DCP_EXTRA)


class _Files:
    """The files of pieces, each looked at once."""

    def __init__(self, folder: Path, gathering: Gathering) -> None:
        self._folder = folder
        self._gathering = gathering
        self._known: dict[str, tuple[Path, Identity] | Unreadable] = {}
        self._lacking: dict[str, list[str]] = {}

    def find(self, name: str, place: Place | None) -> tuple[Path, Identity, Place] | Unreadable:
        """Where a piece of what is named so is; else why it cannot be read."""
        found = self._sought(place)
        if isinstance(found, Unreadable):
            self._lacking.setdefault(found.reason, []).append(name)
        return found

    def _sought(self, place: Place | None) -> tuple[Path, Identity, Place] | Unreadable:
        if place is None:
            return Unreadable("has a piece whose place is not told", "lost")
        if place.packed:
            return Unreadable(f"has a piece packed with {place.packed}, which is not read", "unread")
        found = self._known.get(place.file)
        if found is None:
            found = self._known[place.file] = self._looked_up(place.file)
        if isinstance(found, Unreadable):
            return found
        if place.start + place.length > found[1].bytes:
            told = f"has a piece in {cut(place.file, 200)} beyond byte {found[1].bytes:,}, where that file ends"
            return Unreadable(told, "lost")
        return (*found, place)

    def _looked_up(self, name: str) -> tuple[Path, Identity] | Unreadable:
        path = file_of_set(self._folder / DCP_METADATA, name)
        if path is None:
            if inside(self._folder, name) is None:
                return Unreadable(f"has a piece in {cut(name, 200)}, outside the folder, which is not opened", "unread")
            return Unreadable(f"has elements in {cut(name, 200)}, which was not opened; open the folder", "unread")
        identity = self._gathering.files[path] if self._gathering.looked_at(path) else None
        if identity is None or path.is_dir():
            return Unreadable(f"has a piece in {cut(name, 200)}, which is missing", "lost")
        return path, identity

    def note_lacking(self) -> None:
        """Say what has no bytes, and why."""
        for reason, names in self._lacking.items():
            others = f", and so have {len(names) - 1:,} others" if len(names) > 1 else ""
            self._gathering.notes.add(f"{cut(names[0], 200)} {reason}{others}")


def _add_tensor(tensor: DcpTensor, files: _Files, gathering: Gathering, pulse: Pulse) -> None:
    item_bytes = ITEM_BYTES[tensor.dtype]
    size = math.prod(tensor.shape) * item_bytes
    if size >= LARGEST_BYTES:
        gathering.notes.add(f"{cut(tensor.name, 200)} would have {size:,} bytes, and is left out")
        return
    role = role_of(tensor.name, tensor.dtype, parameter=None, keyed=True)
    facts = TensorFacts(name=tensor.name, shape=tensor.shape, dtype=tensor.dtype, bytes=size, role=role)
    gathering.add_tensor(facts, _window(tensor, item_bytes, files, gathering, pulse))


def _window(
    tensor: DcpTensor, item_bytes: int, files: _Files, gathering: Gathering, pulse: Pulse
) -> TensorWindow | Unreadable:
    wrong = _TOO_MANY if tensor.too_many else uncovered(tensor.shape, tuple(tensor.pieces), pulse)
    if wrong is not None:
        gathering.notes.add(f"{cut(tensor.name, 200)} {wrong.reason}")
        return wrong
    pieces: list[Piece] = []
    home: tuple[Path, Identity] | None = None
    for box, place in tensor.pieces.items():
        found = files.find(tensor.name, place)
        if isinstance(found, Unreadable):
            return found
        path, identity, where = found
        home = home or (path, identity)
        lengths = tuple(last - first for first, last in box)
        needed = math.prod(lengths) * item_bytes
        if needed > where.length:
            told = f"has a piece of {needed:,} bytes in {where.length:,} of {cut(where.file, 200)}"
            gathering.notes.add(f"{cut(tensor.name, 200)} {told}")
            return Unreadable(told, "lost")
        piece = partial(piece_window, path, identity, where.start, where.length, tensor.dtype, lengths)
        pieces.append(Piece(box, piece))
    if home is None:
        return Unreadable("has no pieces", "unread")
    return TensorWindow(
        path=home[0],
        identity=home[1],
        name=tensor.name,
        dtype=tensor.dtype,
        shape=tensor.shape,
        strides=contiguous_strides(tensor.shape),
        offset=0,
        item_bytes=item_bytes,
        storage=stitched_storage(tensor.shape, item_bytes, pieces),
    )


@lru_cache(maxsize=_KEPT_WINDOWS)
def piece_window(
    path: Path, identity: Identity, start: int, length: int, dtype: str, shape: tuple[int, ...]
) -> TensorWindow:
    """The elements of one piece: in a `torch.save` archive of their own, or as they are.

    Raises:
        DamagedError: another tensor stands there, or none; or the file is not what it was.
    """
    with ByteFile(path) as file:
        check_same(path, file.identity, identity)
        inner = InnerFile(file, Section(file, start, length))
        listed = _listed(inner, Notes(), QUIET)
    if listed is None:
        return _raw_window(path, identity, start, length, dtype, shape)
    window = next(iter(listed.lister.windows.values()), None)
    wanted = f"{dtype} of {shape} at byte {start:,}"
    if not isinstance(window, TensorWindow):
        raise DamagedError(path, wanted, f"a tensor that {window.reason if window else 'is not there'}")
    if (window.dtype, window.shape) != (dtype, shape):
        raise DamagedError(path, wanted, f"{window.dtype} of {window.shape}")
    return window


def _listed(inner: InnerFile, notes: Notes, pulse: Pulse) -> Listed | None:
    """What `torch.save` wrote in a stretch of a file; None where it did not write it."""
    head = inner.read(0, 4)
    if looks_like_zip(head):
        return torch_zip.read(inner, notes, pulse)
    return torch_legacy.read(inner, notes, pulse) if head.startswith(_PICKLE_START) else None


def _raw_window(
    path: Path, identity: Identity, start: int, length: int, dtype: str, shape: tuple[int, ...]
) -> TensorWindow:
    needed = math.prod(shape) * ITEM_BYTES[dtype]
    if needed != length:
        raise DamagedError(path, f"{needed:,} bytes or an archive at byte {start:,}", f"{length:,} bytes of neither")
    return TensorWindow(
        path=path,
        identity=identity,
        name="",
        dtype=dtype,
        shape=shape,
        strides=contiguous_strides(shape),
        offset=0,
        item_bytes=ITEM_BYTES[dtype],
        storage=Storage(start, length, length),
    )


def _add_blob(name: str, place: Place | None, files: _Files, gathering: Gathering, pulse: Pulse) -> None:
    """A value that is no tensor: what `torch.save` made of it, through the inert machine."""
    found = files.find(name, place)
    if isinstance(found, Unreadable):
        return
    path, _, where = found
    notes = Notes()
    try:
        with ByteFile(path) as file:
            listed = _listed(InnerFile(file, Section(file, where.start, where.length)), notes, pulse)
    except FileError as error:
        gathering.notes.add(f"{cut(name, 200)} in {path.name}: {error.mismatch}")
        return
    for note in notes.texts():
        gathering.notes.add(f"{cut(name, 200)}: {note}")
    if listed is None:
        gathering.add_object(name, f"{where.length:,} bytes")
        return
    gathering.names.update(listed.names)
    for tensor in listed.lister.tensors:
        full = below(name, tensor.name)
        gathering.add_tensor(msgspec.structs.replace(tensor, name=full), listed.lister.windows[tensor.name])
    for key, value in listed.lister.objects.items():
        gathering.add_object(below(name, key), value)
