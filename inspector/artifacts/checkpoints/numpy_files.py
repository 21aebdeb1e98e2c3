"""Arrays as numpy saves them: `.npy`, and `.npz`, a zip of them. Arrays of objects go through the inert machine.

Source: numpy/lib/_format_impl.py (header versions 1.0, 2.0 and 3.0).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from inspector.artifacts.archives.zip_content import source_of
from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import InnerFile, ReadableFile, Section
from inspector.artifacts.checkpoints.listing import LARGEST_BYTES, MAX_NAME_CHARACTERS, Listed, Lister
from inspector.artifacts.checkpoints.literals import LiteralError, literal
from inspector.artifacts.checkpoints.pickle_file import nested_lister
from inspector.artifacts.pickles.node_text import clean, cut
from inspector.artifacts.pickles.pickle_machine import note_problem, run
from inspector.artifacts.tensors.dtypes import ITEM_BYTES, NUMPY_DTYPES
from inspector.artifacts.tensors.tensor_roles import OTHER, role_of
from inspector.artifacts.tensors.windows import MAX_AXES, TensorWindow, contiguous_strides, storage_at
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import TensorFacts

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 1 << 16
"""numpy itself refuses more than 10,000."""

ARRAY = "array"
"""What the only array of a file is called."""

_PREFIX_BYTES = len(MAGIC) + 2
_LENGTH_BYTES = {1: 2, 2: 4, 3: 4}


class _Header(NamedTuple):
    """What stands before the elements; `data_start` is the place of the first one."""

    descr: Any
    fortran: bool
    shape: tuple[int, ...]
    data_start: int


class _Type(NamedTuple):
    """The type of an array's elements; `problem` says why they are no numbers, as the rest of a sentence."""

    name: str
    item_bytes: int
    byteorder: str
    problem: str = ""


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
            notes.add(f"{cut(name, 200)}: expected {error.expected}, found {error.found}")
    return Listed(lister, names)


def _add(file: ReadableFile, name: str, lister: Lister, notes: Notes, pulse: Pulse, *, keyed: bool) -> tuple[str, ...]:
    """Add one array; gives what its objects would import."""
    header = _header(file)
    kind = _type_of(header.descr)
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


def _window(file: ReadableFile, name: str, header: _Header, kind: _Type, size: int) -> TensorWindow | str:
    if kind.problem:
        return kind.problem
    if size > file.size - header.data_start:
        return f"needs {size:,} bytes and the file has {file.size - header.data_start:,}"
    strides = contiguous_strides(header.shape)
    if header.fortran:
        strides = tuple(reversed(contiguous_strides(header.shape[::-1])))
    return TensorWindow(
        path=file.path,
        identity=file.identity,
        name=name,
        dtype=kind.name,
        shape=header.shape,
        strides=strides,
        offset=0,
        item_bytes=kind.item_bytes,
        storage=storage_at(file, header.data_start, size),
        byteorder=kind.byteorder,
    )


def _header(file: ReadableFile) -> _Header:
    prefix = file.read(0, _PREFIX_BYTES + 4)
    if prefix[: len(MAGIC)] != MAGIC or len(prefix) < _PREFIX_BYTES + 4:
        raise DamagedError(file.path, "the beginning of a numpy array", clean(repr(prefix[:8])[1:]))
    version = prefix[len(MAGIC)]
    if version not in _LENGTH_BYTES:
        raise UnsupportedError(file.path, "version 1, 2 or 3 of numpy's format", f"version {version}")
    start = _PREFIX_BYTES + _LENGTH_BYTES[version]
    length = int.from_bytes(prefix[_PREFIX_BYTES:start], "little")
    if length > min(MAX_HEADER_BYTES, file.size - start):
        raise DamagedError(file.path, "a numpy header in the file", f"one of {length:,} bytes in {file.size:,}")
    text = file.read(start, length).decode("utf-8" if version == 3 else "latin-1", "replace")
    try:
        fields = literal(text)
    except LiteralError as fault:
        raise DamagedError(file.path, "a numpy header", f"one that cannot be read ({clean(str(fault))})") from fault
    fields = fields if isinstance(fields, dict) else {}
    shape, fortran = fields.get("shape"), fields.get("fortran_order")
    lengths = isinstance(shape, tuple) and all(type(length) is int and 0 <= length < 2**63 for length in shape)
    if not lengths or type(fortran) is not bool or "descr" not in fields or len(shape or ()) > MAX_AXES:
        raise DamagedError(file.path, "a numpy header with descr, fortran_order and shape", cut(text.strip(), 200))
    return _Header(fields["descr"], fortran, shape or (), start + length)


def _type_of(descr: Any) -> _Type:
    """The type behind a header's `descr`; of a structured one all fields in its name."""
    if type(descr) is not str:
        fields = _fields(descr)
        return _Type(f"{{{', '.join(text for text, _ in fields)}}}", sum(size for _, size in fields), "little",
                     "holds records, not numbers")  # fmt: skip
    order, code = (descr[0], descr[1:]) if descr[:1] in "<>|=" else ("=", descr)
    byteorder = "big" if order == ">" else "little"
    if code[:1] == "O":
        return _Type("object", 8, byteorder)
    if order == "<" and code == "V2":
        return _Type("bfloat16", 2, "little")  # how ml_dtypes' type is saved
    name = NUMPY_DTYPES.get(code)
    if name:
        return _Type(name, ITEM_BYTES[name], byteorder)
    kind, digits = code[:1], code[1:].partition("[")[0]
    size = int(digits) * (4 if kind == "U" else 1) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    if kind in ("S", "U") and size:
        return _Type(code, size, byteorder)
    return _Type(cut(code, 40), size, byteorder, f"holds elements of type {cut(code, 40)}")


def _fields(descr: Any) -> list[tuple[str, int]]:
    """Name and type of each field of a structured type, and its size in bytes."""
    found: list[tuple[str, int]] = []
    for field in descr if isinstance(descr, list) else ():
        if not isinstance(field, tuple) or len(field) not in (2, 3):
            continue
        name = field[0][-1] if isinstance(field[0], tuple) and field[0] else field[0]
        kind = _type_of(field[1])
        shape = field[2] if len(field) == 3 else ()
        lengths = shape if isinstance(shape, tuple) else (shape,)
        if all(type(length) is int and 0 <= length < 2**31 for length in lengths):
            suffix = f"[{', '.join(map(str, lengths))}]" if lengths else ""
            found.append((f"{cut(str(name), 80)}: {kind.name}{suffix}", kind.item_bytes * math.prod(lengths)))
    return found
