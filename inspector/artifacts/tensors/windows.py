"""Where a tensor's elements are in a file, and how they are laid out; nothing is read yet."""

from __future__ import annotations

from operator import mul
from pathlib import Path
from typing import Literal

import msgspec

from inspector.artifacts.byte_file import Source
from inspector.artifacts.identity import Identity
from inspector.artifacts.tensors.dtypes import ITEM_BYTES

Packing = Literal["plain", "deflate", "latin1"]
"""How a storage is kept: as it is, deflated, or as text whose code points are its bytes."""

WhyNot = Literal["lost", "unwritten", "unread"]
"""`lost`: elements that should be in the opened files, and are not. `unwritten`: no file was to hold them, as those of
a tensor on the device meta. `unread`: of a kind that is not read, or in a file that was not opened."""

MAX_AXES = 64
LONGEST_AXIS = 2**63
"""No length, stride or offset is so large: they have 64 bits and a sign."""


class Storage(msgspec.Struct, frozen=True):
    """A run of elements that tensors share.

    Attributes:
        start: absolute place of its first byte in the file, or in `source` where there is one.
        packed_bytes: how many bytes are there; differs from `plain_bytes` when it is packed.
        plain_bytes: how many there are once unpacked.
        source: gives the bytes where no place in the file holds them as they are.
    """

    start: int
    plain_bytes: int
    packed_bytes: int
    packing: Packing = "plain"
    source: Source | None = None


class TensorWindow(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor as a view on a storage.

    Attributes:
        dtype: torch's short name, or numpy's descriptor where there is none.
        strides: in elements, one an axis, never negative.
        offset: elements from the start of the storage.
        item_bytes: size of one element.
        byteorder: `little` or `big`.
    """

    path: Path
    identity: Identity
    name: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    item_bytes: int
    storage: Storage
    byteorder: str = "little"


class Unreadable(msgspec.Struct, frozen=True):
    """Why a tensor has no window: the rest of a sentence that begins with its name, and of which kind that is."""

    reason: str
    kind: WhyNot


def storage_at(source: Source, start: int, plain_bytes: int) -> Storage:
    """A run of bytes of a source as a storage: at its place in the file where it has one, else read through it."""
    place = source.place(start)
    if place is None:
        return Storage(start, plain_bytes, plain_bytes, source=source)
    return Storage(place, plain_bytes, plain_bytes)


def stretch_of(storage: Storage, offset: int, elements: int, item_bytes: int) -> Storage | None:
    """Some elements of a plain storage as a storage of their own; None where they reach past it."""
    start, size = offset * item_bytes, elements * item_bytes
    if start < 0 or size < 0 or start + size > storage.plain_bytes:
        return None
    return Storage(storage.start + start, size, size, source=storage.source)


def reach(shape: tuple[int, ...], strides: tuple[int, ...]) -> int:
    """How many elements from its first one a view spans; 0 for an empty one."""
    return 0 if 0 in shape else 1 + sum(map(mul, shape, strides)) - sum(strides)


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides in elements of a tensor stored row by row."""
    strides = []
    step = 1
    for length in reversed(shape):
        strides.append(step)
        step *= max(1, length)
    return tuple(reversed(strides))


def column_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides in elements of a tensor stored column by column, as Fortran does."""
    return contiguous_strides(shape[::-1])[::-1]


def misfit(
    shape: tuple[int, ...], strides: tuple[int, ...], offset: int, item_bytes: int, storage_bytes: int
) -> Unreadable | None:
    """Why a view does not fit its storage; None when it does.

    Lengths and strides are not negative.
    """
    if len(shape) != len(strides) or len(shape) > MAX_AXES:
        return Unreadable(f"has {len(shape)} axes and {len(strides)} strides", "unread")
    if offset < 0:
        return Unreadable("has a negative offset", "unread")
    span = reach(shape, strides)
    needed = (offset + span) * item_bytes if span else 0
    if needed > storage_bytes:
        return Unreadable(f"needs {needed:,} bytes of a storage that has {storage_bytes:,}", "lost")
    return None


def item_bytes_of(dtype: str) -> int:
    """Bytes of one element; 0 for a type that is not known."""
    return ITEM_BYTES.get(dtype, 0)
