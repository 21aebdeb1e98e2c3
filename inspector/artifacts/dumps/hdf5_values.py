"""Types, filters and attributes of an HDF5 file as short texts and plain values."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np

from inspector.artifacts.dumps.hdf5_library import FAILURES, h5py, sentence_of
from inspector.core.arrays import AnyArray
from inspector.core.memory import memory_bounded
from inspector.core.notes import Notes
from inspector.formats.dump import SAMPLE_SUBSET

MAX_ATTRIBUTES = 256
MAX_ATTRIBUTE_BYTES = 1 << 20
MAX_ATTRIBUTE_ITEMS = 64
_MAX_VALUE_MEMORY_BYTES = 256 << 20
"""What reading one may take: the library makes room for as long a text as a file declares, before it looks for it."""

MAX_SUBSET_ITEMS = 100_000
"""Of SAMPLE_SUBSET, which is needed whole."""

MAX_TEXT = 4096
_MAX_TYPE_DEPTH = 4
_MAX_MEMBERS = 16

_FLOATS = {
    # (sign position, exponent position, exponent bits, mantissa position, mantissa bits)
    (15, 10, 5, 0, 10): "float16",
    (15, 7, 8, 0, 7): "bfloat16",
    (31, 23, 8, 0, 23): "float32",
    (63, 52, 11, 0, 52): "float64",
    (7, 3, 4, 0, 3): "float8_e4m3",
    (7, 2, 5, 0, 2): "float8_e5m2",
}

_FILTERS = {
    1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset",
    307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd",
    32017: "sz", 32018: "fcidecomp", 32024: "sz3", 32026: "blosc2", 32028: "sperr", 32033: "htj2k",
}  # fmt: skip
"""Source: the HDF Group's list of registered filters."""


def shown(name: bytes | str) -> str:
    """A name or text of the file as valid UTF-8; bytes that are none are written out."""
    raw = name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name
    return raw.decode("utf-8", "backslashreplace")


def filters_of(creation: Any) -> tuple[tuple[int, str], ...]:
    """Identifier and name of each filter of a dataset's creation list, in the order they were applied in writing."""
    found: list[tuple[int, str]] = []
    for index in range(creation.get_nfilters()):
        code, _flags, values, _described = creation.get_filter(index)
        name = _FILTERS.get(code, f"filter {code}")
        found.append((code, f"{name}-{values[0]}" if code == 1 and values else name))
    return tuple(found)


def missing_filters(filters: tuple[tuple[int, str], ...]) -> tuple[str, ...]:
    """Names of those that this machine cannot undo."""
    return tuple(
        f"filter {name} ({code})" if code in _FILTERS else name
        for code, name in filters
        if not h5py.h5z.filter_avail(code)
    )


def type_text(kind: Any, depth: int = 0) -> str:
    """A datatype as a person reads it: `float32`, `bfloat16`, `text`, `{x: float64, y: float64}`, `lists of int32`."""
    if depth > _MAX_TYPE_DEPTH:
        return "…"
    describe = _DESCRIBE.get(kind.get_class())
    return describe(kind, depth + 1) if describe else f"unknown ({kind.get_size()} bytes)"


def _integer(kind: Any, _depth: int) -> str:
    return f"{'int' if kind.get_sign() == h5py.h5t.SGN_2 else 'uint'}{8 * kind.get_size()}"


def _float(kind: Any, _depth: int) -> str:
    return _FLOATS.get(kind.get_fields(), f"float{8 * kind.get_size()}")


def _text(kind: Any, _depth: int) -> str:
    return "text" if kind.is_variable_str() else f"text ({kind.get_size()} bytes)"


def _opaque(kind: Any, _depth: int) -> str:
    tag = shown(kind.get_tag())
    return tag.removeprefix("NUMPY:") if tag.startswith("NUMPY:") else f"opaque ({kind.get_size()} bytes)"


def _members(kind: Any) -> list[str]:
    count = kind.get_nmembers()
    names = [shown(kind.get_member_name(index)) for index in range(min(count, _MAX_MEMBERS))]
    return [*names, "…"] if count > _MAX_MEMBERS else names


def _compound(kind: Any, depth: int) -> str:
    names = _members(kind)
    if names == ["r", "i"]:
        return f"complex{8 * kind.get_size()}"
    fields = (
        name if name == "…" else f"{name}: {type_text(kind.get_member_type(index), depth)}"
        for index, name in enumerate(names)
    )
    return "{" + ", ".join(fields) + "}"


def _enum(kind: Any, depth: int) -> str:
    names = _members(kind)
    if names == ["FALSE", "TRUE"]:
        return "bool"
    return f"enum {type_text(kind.get_super(), depth)} ({', '.join(names)})"


def _reference(kind: Any, _depth: int) -> str:
    return "region reference" if kind.equal(h5py.h5t.STD_REF_DSETREG) else "object reference"


def _bits(kind: Any, _depth: int) -> str:
    return f"bits{8 * kind.get_size()}"


def _complex(kind: Any, _depth: int) -> str:
    return f"complex{8 * kind.get_size()}"


def _lists(kind: Any, depth: int) -> str:
    return f"lists of {type_text(kind.get_super(), depth)}"


def _array(kind: Any, depth: int) -> str:
    return f"{type_text(kind.get_super(), depth)}[{', '.join(str(length) for length in kind.get_array_dims())}]"


_DESCRIBE: dict[int, Callable[[Any, int], str]] = {
    h5py.h5t.INTEGER: _integer,
    h5py.h5t.FLOAT: _float,
    h5py.h5t.STRING: _text,
    h5py.h5t.OPAQUE: _opaque,
    h5py.h5t.COMPOUND: _compound,
    h5py.h5t.ENUM: _enum,
    h5py.h5t.REFERENCE: _reference,
    h5py.h5t.ARRAY: _array,
    h5py.h5t.BITFIELD: _bits,
    h5py.h5t.VLEN: _lists,
    h5py.h5t.TIME: _bits,
    h5py.h5t.COMPLEX: _complex,
}


def attributes_of(item: Any, where: str, notes: Notes) -> dict[str, Any]:
    """Small attributes as plain values; of a large or unusual one its type stands in text.

    Args:
        item: a group or dataset.
        where: its path, for notes.
        notes: takes what could not be read.
    """
    found: dict[str, Any] = {}
    try:
        names = list(islice(item.attrs, MAX_ATTRIBUTES + 1))
    except FAILURES as error:
        notes.add(f"{where}: its attributes cannot be listed ({shown(sentence_of(error))})")
        return found
    if len(names) > MAX_ATTRIBUTES:
        notes.add(f"{where}: only the first {MAX_ATTRIBUTES} attributes are shown")
    for name in names[:MAX_ATTRIBUTES]:
        if name in _HOUSEKEEPING:
            continue
        try:
            found[shown(name)] = _attribute(item.attrs, name)
        except FAILURES as error:
            notes.add(f"{where}: its attribute {shown(name)} cannot be read ({shown(sentence_of(error))})")
    return found


_HOUSEKEEPING = frozenset({"DIMENSION_LIST", "REFERENCE_LIST"})
"""What the library keeps beside dimension scales."""

_PLAIN_CLASSES = (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING, h5py.h5t.ENUM)


def _attribute(attributes: Any, name: str) -> Any:
    attribute = attributes.get_id(name)
    kind = attribute.get_type()
    space = attribute.get_space()
    if space.get_simple_extent_type() == h5py.h5s.NULL:
        return None
    items = space.get_simple_extent_npoints()
    if (
        kind.get_class() not in _PLAIN_CLASSES
        or items > (MAX_SUBSET_ITEMS if name == SAMPLE_SUBSET else MAX_ATTRIBUTE_ITEMS)
        or items * kind.get_size() > MAX_ATTRIBUTE_BYTES
    ):
        shape = space.get_simple_extent_dims()
        return f"{type_text(kind)} {shape}" if shape else type_text(kind)
    with memory_bounded(_MAX_VALUE_MEMORY_BYTES):
        return plain(attributes[name])


def plain(value: Any) -> Any:
    """A value of h5py as numbers, texts and lists of them; texts cut at 4,096 characters."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in _items(value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes | str):
        text = shown(value)
        return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
    return value if isinstance(value, bool | int | float | list) or value is None else str(value)


def _items(array: AnyArray) -> list[Any]:
    return list(array) if array.ndim else [array[()]]
