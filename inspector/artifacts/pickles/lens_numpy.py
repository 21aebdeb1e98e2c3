"""numpy's arrays, types and scalars in the words of a pickle, without numpy.

Source: numpy/_core/src/multiarray/methods.c (`array_reduce`, `array_setstate`), descriptor.c (`arraydescr_reduce`).
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from inspector.artifacts.pickles.nodes import Call, Global, Span
from inspector.artifacts.tensors.dtypes import ITEM_BYTES, NUMPY_DTYPES
from inspector.artifacts.tensors.windows import LONGEST_AXIS, MAX_AXES, column_strides, contiguous_strides

_RECONSTRUCT = frozenset(f"numpy.{core}.multiarray._reconstruct" for core in ("core", "_core"))
_FROM_BUFFER = frozenset(f"numpy.{core}.numeric._frombuffer" for core in ("core", "_core"))
_SCALAR = frozenset(f"numpy.{core}.multiarray.scalar" for core in ("core", "_core"))
_DTYPE = "numpy.dtype"

_STRUCT_CODES = {
    "float64": "d", "float32": "f", "float16": "e", "int64": "q", "int32": "i", "int16": "h", "int8": "b",
    "uint64": "Q", "uint32": "I", "uint16": "H", "uint8": "B", "bool": "?",
}  # fmt: skip

MAX_SCALAR_BYTES = 1024


class TypeNode(msgspec.Struct, frozen=True):
    """A numpy type: torch's short name where there is one, else numpy's (`S12`, `O8`)."""

    name: str
    item_bytes: int
    byteorder: str


class ArrayNode(msgspec.Struct, frozen=True):
    """A numpy array; `data` is bytes, a `Span`, text whose code points are the bytes, or a list of objects."""

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    item_bytes: int
    byteorder: str
    data: Any


def _path(node: Any) -> str:
    return node.func.path if type(node) is Call and type(node.func) is Global else ""


def type_of(node: Any) -> TypeNode | None:
    """The numpy type that a call makes; None where it is no such call."""
    if _path(node) != _DTYPE or type(node.args) is not tuple or not node.args:
        return None
    name = node.args[0]
    if type(name) is Global and name.name in ITEM_BYTES:
        return TypeNode(name.name, ITEM_BYTES[name.name], "little")
    if type(name) is not str or len(name) < 1:
        return None
    state = node.states[0] if node.states else None
    order, size = "<", 0
    if type(state) is tuple and len(state) >= 7:
        order = state[1] if type(state[1]) is str else "<"
        size = state[5] if type(state[5]) is int and state[5] > 0 else 0
        if state[4] is not None:
            return TypeNode("structured", size, "little")
    digits = name[1:]
    if name in NUMPY_DTYPES:
        known = NUMPY_DTYPES[name]
        return TypeNode(known, ITEM_BYTES[known], "big" if order == ">" else "little")
    if not size and digits.isascii() and digits.isdigit() and len(digits) < 10:
        size = int(digits) * (4 if name[0] == "U" else 1)
    return TypeNode(name, size, "big" if order == ">" else "little")


def bytes_of(node: Any) -> Any:
    """The bytes behind a node: bytes, a `Span`, or None; text becomes bytes as protocol 2 means it."""
    if type(node) in (bytes, Span):
        return node
    if type(node) is str:  # Python 2 wrote bytes as text
        return node.encode("utf-8", "surrogatepass")
    path = _path(node)
    if path == "_codecs.encode" and type(node.args) is tuple and node.args and type(node.args[0]) in (str, Span):
        text = node.args[0]
        if type(text) is Span:
            return text
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            return None
    if path in ("builtins.bytearray", "builtins.bytes", "__builtin__.bytearray", "__builtin__.bytes"):
        if not node.args:
            return b""
        return bytes_of(node.args[0]) if type(node.args) is tuple and type(node.args[0]) is not int else None
    return None


def array_of(node: Any) -> ArrayNode | None:
    """The array that a call makes; None where it is no such call."""
    path = _path(node)
    if path in _RECONSTRUCT and node.states:
        state = node.states[-1]
        if type(state) is tuple and len(state) == 5:
            return _array(state[1], state[2], bool(state[3]) if type(state[3]) in (bool, int) else False, state[4])
        if type(state) is tuple and len(state) == 4:
            return _array(state[0], state[1], bool(state[2]) if type(state[2]) in (bool, int) else False, state[3])
    if path in _FROM_BUFFER and type(node.args) is tuple and len(node.args) >= 3:
        order = node.args[3] if len(node.args) > 3 else "C"
        return _array(node.args[2], node.args[1], type(order) is str and order == "F", node.args[0])
    return None


def _array(shape: Any, dtype: Any, fortran: bool, data: Any) -> ArrayNode | None:
    kind = type_of(dtype)
    if kind is None or type(shape) is not tuple or len(shape) > MAX_AXES:
        return None
    if any(type(length) is not int or not 0 <= length < LONGEST_AXIS for length in shape):
        return None
    strides = column_strides(shape) if fortran else contiguous_strides(shape)
    content = data if type(data) is list else bytes_of(data)
    return ArrayNode(kind.name, shape, strides, kind.item_bytes, kind.byteorder, content)


def scalar_of(node: Any) -> tuple[Any] | None:
    """The number, truth value or text of a numpy scalar, in a tuple; None where the node is none.

    Also of arrays without axes.
    """
    if _path(node) in _SCALAR and type(node.args) is tuple and len(node.args) == 2:
        kind = type_of(node.args[0])
        return _scalar(kind, bytes_of(node.args[1])) if kind else None
    array = array_of(node)
    if array is not None and array.shape == ():
        return _scalar(TypeNode(array.dtype, array.item_bytes, array.byteorder), array.data)
    return None


def _scalar(kind: TypeNode, data: Any) -> tuple[Any] | None:
    if type(data) is not bytes or not 0 < len(data) <= MAX_SCALAR_BYTES:
        return None
    order = ">" if kind.byteorder == "big" else "<"
    if kind.name in _STRUCT_CODES and len(data) == kind.item_bytes:
        return (struct.unpack(order + _STRUCT_CODES[kind.name], data)[0],)
    if kind.name in ("complex64", "complex128") and len(data) == kind.item_bytes:
        real, imaginary = struct.unpack(order + ("2f" if kind.name == "complex64" else "2d"), data)
        return (f"{real:g}{imaginary:+g}j",)
    if kind.name[:1] == "S":
        return (data.rstrip(b"\0").decode("utf-8", "backslashreplace"),)
    if kind.name[:1] == "U" and len(data) % 4 == 0:
        return (data.decode("utf-32-be" if order == ">" else "utf-32-le", "replace").rstrip("\0"),)
    return None
