"""Tar checkpoints as torch 0.1 wrote them, made by an independent small writer for tests."""

from __future__ import annotations

import io
import pickle  # makes the files that are read
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.artifacts.packed import tar_of

_CLASSES = {"f4": "Float", "f8": "Double", "i8": "Long", "i4": "Int", "i2": "Short", "i1": "Char", "u1": "Byte"}


class Stored(NamedTuple):
    """A storage: its key and its elements."""

    key: int
    elements: Any
    location: str = "cpu"


class View(NamedTuple):
    """A storage that is a stretch of another one."""

    key: int
    root: int
    offset: int
    elements: int


class Tensor(NamedTuple):
    """A tensor on a storage."""

    key: int
    storage: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0


class Reference:
    """Stands in the object for a tensor or a storage; is written as its key."""

    def __init__(self, key: int) -> None:
        self.key = key


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return str(obj.key) if isinstance(obj, Reference) else None


def _record(key: int, middle: str, class_: str) -> bytes:
    """A pickle of protocol 2 of (key, middle, torch.CLASS), written by hand as torch need not be there."""
    number = b"K" + bytes([key]) if key < 256 else b"J" + struct.pack("<i", key)
    text = b"X" + struct.pack("<I", len(middle)) + middle.encode()
    return b"\x80\x02" + number + text + b"ctorch\n" + class_.encode() + b"\n\x87."


def _tensor_record(tensor: Tensor, class_: str) -> bytes:
    keys = b"".join(b"J" + struct.pack("<i", key) for key in (tensor.key, tensor.storage))
    return b"\x80\x02" + keys + b"ctorch\n" + class_.encode() + b"\n\x87."


def members(
    value: Any, storages: Sequence[Stored], tensors: Sequence[Tensor], views: Sequence[View] = ()
) -> dict[str, bytes]:
    """The members of the archive by name, in the order that torch wrote them."""
    kinds = {stored.key: _CLASSES[np.asarray(stored.elements).dtype.str[1:]] for stored in storages}
    out = io.BytesIO()
    _Pickler(out, 2).dump(value)
    held = pickle.dumps(len(storages), 2)
    for stored in storages:
        array = np.asarray(stored.elements)
        held += _record(stored.key, stored.location, f"{kinds[stored.key]}Storage")
        held += struct.pack("<q", array.size) + array.tobytes()
    held += pickle.dumps([tuple(view) for view in views], 2)
    kinds |= {view.key: kinds[view.root] for view in views}
    laid = pickle.dumps(len(tensors), 2)
    for tensor in tensors:
        laid += _tensor_record(tensor, f"{kinds[tensor.storage]}Tensor")
        laid += struct.pack("<i4x", len(tensor.shape))
        laid += struct.pack(f"<{2 * len(tensor.shape) + 1}q", *tensor.shape, *tensor.strides, tensor.offset)
    info = {"protocol_version": 1000, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 8}}
    return {"sys_info": pickle.dumps(info, 2), "pickle": out.getvalue(), "tensors": laid, "storages": held}


def saved(path: Path, *args: Any) -> Path:
    """A tar checkpoint of `members(*args)`."""
    path.write_bytes(tar_of(members(*args)))
    return path
