"""Weights and whole models that Keras keeps in HDF5, as a checkpoint: tensors by path, the configuration as values.

Source: keras/src/legacy/saving/legacy_h5_format.py (`model_config`, `training_config`, `layer_names`,
`optimizer_weights`) and keras/src/saving/saving_lib.py (`layers/NAME/vars/N`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from inspector.artifacts.byte_file import ByteFile, ReadableFile
from inspector.artifacts.checkpoints.archive_parts import MAX_JSON_BYTES, UNPACK, add_plain
from inspector.artifacts.checkpoints.listing import LARGEST_BYTES, NOT_READ, Listed, Lister
from inspector.artifacts.checkpoints.paths import MAX_NAME_CHARACTERS
from inspector.artifacts.dumps.hdf5_library import FAILURES, h5py, sentence_of
from inspector.artifacts.dumps.hdf5_open import Opened, close, opened
from inspector.artifacts.dumps.hdf5_source import DatasetSource
from inspector.artifacts.dumps.hdf5_values import attributes_of, shown
from inspector.artifacts.dumps.hdf5_walk import walk
from inspector.artifacts.dumps.hdf5_window import open_dataset, outside
from inspector.artifacts.dumps.shown_file import ShownFile
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.tensors.dtypes import ITEM_BYTES
from inspector.artifacts.tensors.tensor_roles import BUFFER, role_of
from inspector.artifacts.tensors.windows import Storage, TensorWindow, Unreadable, contiguous_strides, storage_at
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import DatasetFacts, TensorFacts

_JSON = ("model_config", "training_config", "model_metadata")
_STATE = ("moving_mean", "moving_variance", "seed_generator_state")
"""Beginnings of the names of what training changes and no optimizer does."""


def read(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List a Keras file, or another HDF5 file inside an archive.

    Raises:
        FileError: as `hdf5_open.open_file`.
    """
    lister = Lister(file.path, file.identity, lambda _node: NOT_READ, notes, pulse)
    with opened(file.path) if isinstance(file, ByteFile) else _opened_inside(file) as found:
        for note in found.notes:
            notes.add(note)
        try:
            datasets, links = walk(file.path, h5py.h5g.open(found.file.id, b"/"), notes, pulse, follow=False)
        except FAILURES as error:
            raise DamagedError(file.path, "an HDF5 file that opens", shown(sentence_of(error))) from error
        _add_attributes(found, lister, notes)
        for link in links:
            lister.add_object(_dotted(link.path), f"{link.kind} link to {cut(link.target, 200)}, not followed")
        for dataset in datasets:
            _add_dataset(file, found, dataset, lister, notes)
    return Listed(lister, ())


@contextmanager
def _opened_inside(file: ReadableFile) -> Iterator[Opened]:
    """A member of an archive, unpacked as it is read."""
    try:
        found = h5py.File(ShownFile(file), "r")
    except FAILURES as error:
        raise DamagedError(file.path, "an HDF5 file that opens", shown(sentence_of(error))) from error
    try:
        yield Opened(found, ())
    finally:
        close(found)


def _add_attributes(found: Opened, lister: Lister, notes: Notes) -> None:
    for name, value in attributes_of(found.file, "the file", notes).items():
        whole = _parsed(found.file, name, notes) if name in _JSON else value
        add_plain(cut(name, MAX_NAME_CHARACTERS), whole, lister)


def _parsed(file: Any, name: str, notes: Notes) -> Any:
    """The value of an attribute that holds JSON."""
    try:
        text = file.attrs[name]
        raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)
    except FAILURES as error:
        notes.add(f"the attribute {name} cannot be read ({shown(sentence_of(error))})")
        return None
    if len(raw) > MAX_JSON_BYTES:
        return f"{len(raw):,} bytes"
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        notes.add(f"the attribute {name} is no JSON that can be read")
        return shown(raw)


def _add_dataset(file: ReadableFile, found: Opened, dataset: DatasetFacts, lister: Lister, notes: Notes) -> None:
    name = cut(_dotted(dataset.path), MAX_NAME_CHARACTERS)
    if dataset.dtype not in ITEM_BYTES:
        lister.add_object(name, f"{dataset.dtype} {list(dataset.shape)}" if dataset.shape else dataset.dtype)
        return
    size = math.prod(dataset.shape) * ITEM_BYTES[dataset.dtype]
    if size >= LARGEST_BYTES or name in lister.windows:
        notes.add(f"{cut(name, 200)} has a size or a name that no tensor here can have")
        return
    role = role_of(name, dataset.dtype, parameter=None, keyed=True)
    if name.rpartition(".")[2].startswith(_STATE):
        role = BUFFER
    lister.tensors.append(TensorFacts(name=name, shape=dataset.shape, dtype=dataset.dtype, bytes=size, role=role))
    try:
        lister.windows[name] = _window(file, found, dataset, name, size)
    except FileError as error:
        lister.windows[name] = Unreadable(f"cannot be opened: {error.found}", "unread")
    except FAILURES as error:
        lister.windows[name] = Unreadable(f"cannot be opened: {shown(sentence_of(error))}", "unread")


def _window(
    file: ReadableFile, found: Opened, dataset: DatasetFacts, name: str, size: int
) -> TensorWindow | Unreadable:
    """Where the elements are: in the file as they are where they are contiguous, else read through the library."""
    item = open_dataset(file.path, found.file, dataset.path, follow=False)
    creation = item.id.get_create_plist()
    elsewhere = outside(creation)
    if elsewhere:
        return Unreadable(f"is not read: {elsewhere}", "unread")
    kind = item.id.get_type()
    number = kind.get_super() if kind.get_class() == h5py.h5t.ENUM else kind
    byteorder = "big" if number.get_order() == h5py.h5t.ORDER_BE else "little"
    if kind.get_size() != ITEM_BYTES[dataset.dtype]:
        return Unreadable(f"has elements of {kind.get_size()} bytes", "unread")
    start = item.id.get_offset()
    if creation.get_layout() == h5py.h5d.CONTIGUOUS and start is not None:
        if start + size > file.size:
            return Unreadable(f"needs {size:,} bytes from byte {start:,} of a file that has {file.size:,}", "lost")
        storage = storage_at(file, start, size)
    elif not isinstance(file, ByteFile):
        return Unreadable(f"is in chunks or in its header, inside an archive; {UNPACK}", "unread")
    else:
        source = DatasetSource(file.path, file.identity, dataset.path, dataset.shape, dataset.chunks, kind.get_size())
        storage = Storage(0, size, size, source=source)
        byteorder = "little"
    return TensorWindow(
        path=file.path,
        identity=file.identity,
        name=name,
        dtype=dataset.dtype,
        shape=dataset.shape,
        strides=contiguous_strides(dataset.shape),
        offset=0,
        item_bytes=kind.get_size(),
        storage=storage,
        byteorder=byteorder,
    )


def _dotted(path: str) -> str:
    return path.replace("/", ".")
