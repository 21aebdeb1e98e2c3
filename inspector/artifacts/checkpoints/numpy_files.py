"""Arrays as numpy saves them: `.npy`, and `.npz`, a zip of them. Arrays of objects go through the inert machine.

Source: numpy/lib/_format_impl.py (header versions 1.0, 2.0 and 3.0).
"""

from __future__ import annotations

import math

from inspector.artifacts.archives.zip_content import source_of
from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import InnerFile, ReadableFile, Section
from inspector.artifacts.checkpoints.listing import LARGEST_BYTES, Listed, Lister
from inspector.artifacts.checkpoints.paths import MAX_NAME_CHARACTERS
from inspector.artifacts.checkpoints.pickle_file import nested_lister
from inspector.artifacts.numpy_headers import NpyHeader, NpyType, npy_header, npy_type
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.pickles.pickle_machine import note_problem, run
from inspector.artifacts.tensors.tensor_roles import OTHER, role_of
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable, column_strides, contiguous_strides, storage_at
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import TensorFacts

ARRAY = "array"
"""What the only array of a file is called."""


def read_npy(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List the one array of a `.npy` file.

    Raises:
        DamagedError: its header is cut off or is none.
        UnsupportedError: it is of a later version of the format.
    """
    lister = nested_lister(file, notes, pulse)
    return Listed(lister, _add(file, ARRAY, lister, notes, pulse, keyed=False))


def read_npz(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List the arrays of a `.npz` file by the names they were saved under.

    Raises:
        DamagedError: no entry can be found.
        LimitError: its directory is larger than any real one.
    """
    archive = open_whole_or_cut(file, notes, pulse)
    lister = nested_lister(file, notes, pulse)
    names: tuple[str, ...] = ()
    for i, member in enumerate(archive.by_name.values()):
        pulse.beat(i, len(archive.by_name), "listing arrays")
        name = cut(member.name.removesuffix(".npy"), MAX_NAME_CHARACTERS)
        try:
            inner = InnerFile(file, source_of(archive, member, notes, pulse))
            names += _add(inner, name, lister, notes, pulse, keyed=True)
        except FileError as error:
            notes.add(f"{cut(name, 200)}: {error.mismatch}")
    return Listed(lister, names)


def _add(file: ReadableFile, name: str, lister: Lister, notes: Notes, pulse: Pulse, *, keyed: bool) -> tuple[str, ...]:
    """Add one array; gives what its objects would import."""
    header = npy_header(file)
    kind = npy_type(header.descr)
    if kind.name == "object":
        pickled = run(Section(file, header.data_start, file.size), 0, pulse)
        note_problem(pickled, cut(name, 200), notes)
        lister.walk(pickled.root, name)
        return pickled.names
    size = math.prod(header.shape) * kind.item_bytes
    if size >= LARGEST_BYTES:
        raise DamagedError(file.path, "an array that can be in a file", f"one of {size:,} bytes")
    role = role_of(name, kind.name, parameter=None, keyed=True) if keyed else OTHER
    lister.tensors.append(TensorFacts(name=name, shape=header.shape, dtype=kind.name, bytes=size, role=role))
    lister.windows[name] = _window(file, name, header, kind, size)
    if size > file.size - header.data_start:
        notes.add(
            f"{cut(name, 200)} is cut off: {size:,} bytes are declared and {file.size - header.data_start:,} are there"
        )
    return ()


def _window(file: ReadableFile, name: str, header: NpyHeader, kind: NpyType, size: int) -> TensorWindow | Unreadable:
    if kind.problem:
        return Unreadable(kind.problem, "unread")
    if size > file.size - header.data_start:
        return Unreadable(f"needs {size:,} bytes and the file has {file.size - header.data_start:,}", "lost")
    return TensorWindow(
        path=file.path,
        identity=file.identity,
        name=name,
        dtype=kind.name,
        shape=header.shape,
        strides=column_strides(header.shape) if header.fortran else contiguous_strides(header.shape),
        offset=0,
        item_bytes=kind.item_bytes,
        storage=storage_at(file, header.data_start, size),
        byteorder=kind.byteorder,
    )
