"""What stands at the beginning of a numpy array in a file: its type, shape and order; nothing is unpickled.

Source: numpy/lib/_format_impl.py (header versions 1.0, 2.0 and 3.0).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ReadableFile
from inspector.artifacts.literals import LiteralError, literal
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.tensors.dtypes import ITEM_BYTES, NUMPY_DTYPES
from inspector.artifacts.tensors.windows import LONGEST_AXIS, MAX_AXES
from inspector.core.errors import DamagedError, UnsupportedError
from inspector.core.texts import clean

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 1 << 16
"""numpy itself refuses more than 10,000."""

_PREFIX_BYTES = len(MAGIC) + 2
_LENGTH_BYTES = {1: 2, 2: 4, 3: 4}


class NpyHeader(NamedTuple):
    """What stands before the elements; `data_start` is the place of the first one."""

    descr: Any
    fortran: bool
    shape: tuple[int, ...]
    data_start: int


class NpyType(NamedTuple):
    """The type of an array's elements; `problem` says why they are no numbers, as the rest of a sentence."""

    name: str
    item_bytes: int
    byteorder: str
    problem: str = ""


def npy_header(file: ReadableFile) -> NpyHeader:
    """The header of the array that a file holds.

    Raises:
        DamagedError: it is cut off or is none.
        UnsupportedError: it is of a later version of the format.
    """
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
    lengths = isinstance(shape, tuple) and all(type(length) is int and 0 <= length < LONGEST_AXIS for length in shape)
    if not lengths or type(fortran) is not bool or "descr" not in fields or len(shape or ()) > MAX_AXES:
        raise DamagedError(file.path, "a numpy header with descr, fortran_order and shape", cut(text.strip(), 200))
    return NpyHeader(fields["descr"], fortran, shape or (), start + length)


def npy_type(descr: Any) -> NpyType:
    """The type behind a header's `descr`; of a structured one all fields in its name."""
    if type(descr) is not str:
        fields = _fields(descr)
        return NpyType(f"{{{', '.join(text for text, _ in fields)}}}", sum(size for _, size in fields), "little",
                     "holds records, not numbers")  # fmt: skip
    order, code = (descr[0], descr[1:]) if descr[:1] in "<>|=" else ("=", descr)
    byteorder = "big" if order == ">" else "little"
    if code[:1] == "O":
        return NpyType("object", 8, byteorder)
    if order == "<" and code == "V2":
        return NpyType("bfloat16", 2, "little")  # how ml_dtypes' type is saved
    name = NUMPY_DTYPES.get(code)
    if name:
        return NpyType(name, ITEM_BYTES[name], byteorder)
    kind, digits = code[:1], code[1:].partition("[")[0]
    size = int(digits) * (4 if kind == "U" else 1) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    if kind in ("S", "U") and size:
        return NpyType(code, size, byteorder)
    return NpyType(cut(code, 40), size, byteorder, f"holds elements of type {cut(code, 40)}")


def _fields(descr: Any) -> list[tuple[str, int]]:
    """Name and type of each field of a structured type, and its size in bytes."""
    found: list[tuple[str, int]] = []
    for field in descr if isinstance(descr, list) else ():
        if not isinstance(field, tuple) or len(field) not in (2, 3):
            continue
        name = field[0][-1] if isinstance(field[0], tuple) and field[0] else field[0]
        kind = npy_type(field[1])
        shape = field[2] if len(field) == 3 else ()
        lengths = shape if isinstance(shape, tuple) else (shape,)
        if all(type(length) is int and 0 <= length < 2**31 for length in lengths):
            suffix = f"[{', '.join(map(str, lengths))}]" if lengths else ""
            found.append((f"{cut(str(name), 80)}: {kind.name}{suffix}", kind.item_bytes * math.prod(lengths)))
    return found
