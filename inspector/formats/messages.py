"""Messages between the window and a reader: an envelope of msgpack, and arrays beside it.

A value is a frozen msgspec struct; its numpy arrays travel apart, in one block of shared memory, and stand in the
struct as their index.
"""

from __future__ import annotations

import math
import re
from typing import Any, TypeVar

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray
from inspector.core.texts import clean, integer_text

T = TypeVar("T")

ALIGNMENT_BYTES = 64
_DTYPE = re.compile(r"[<>|=]?[?a-zA-Z]\d*(\[\w+\])?")


class ArrayDescriptor(msgspec.Struct, frozen=True, array_like=True):
    """Where an array stands in the block; `dtype` is numpy's string (`<f4`)."""

    dtype: str
    shape: tuple[int, ...]
    offset_bytes: int


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """One message.

    Attributes:
        id: pairs an answer with its request; 0 where no answer is expected.
        kind: a request's name, or `done`, `failed`, `cancelled`, `progress`.
        body: the value, encoded.
        arrays: its arrays, in order.
        block_bytes: size of the shared block that follows, 0 where there is none.
        output: whether the descriptor of a file to write comes along.
    """

    id: int
    kind: str
    body: bytes
    arrays: tuple[ArrayDescriptor, ...] = ()
    block_bytes: int = 0
    output: bool = False


def encode(value: Any) -> tuple[bytes, list[AnyArray]]:
    """A value as msgpack, and the arrays that were in it, contiguous; those over the same memory travel once.

    What UTF-8 cannot hold of a text is written out, and a whole number of more than 64 bits becomes a text.
    """
    arrays: list[AnyArray] = []
    places: dict[tuple[int, tuple[int, ...], str], int] = {}

    def hook(item: Any) -> Any:
        if isinstance(item, np.ndarray):
            array = np.ascontiguousarray(item).reshape(item.shape)
            # the arrays are kept until the end, so an address belongs to one of them
            place = places.setdefault((array.ctypes.data, array.shape, array.dtype.str), len(arrays))
            if place == len(arrays):
                arrays.append(array)
            return place
        if isinstance(item, np.generic):
            return item.item()
        message = f"{type(item).__name__} cannot be sent"
        raise NotImplementedError(message)

    try:
        return msgspec.msgpack.encode(value, enc_hook=hook), arrays
    except (UnicodeEncodeError, OverflowError):  # values of a file, or bytes of its name, that msgpack cannot hold
        arrays.clear()
        places.clear()
        return msgspec.msgpack.encode(_holdable(msgspec.to_builtins(value, enc_hook=hook))), arrays


def _holdable(value: Any) -> Any:
    """Dicts, lists and plain values as msgpack can hold them."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return integer_text(value)
    if isinstance(value, dict):
        return {_holdable(key): _holdable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_holdable(item) for item in value]
    return value


def expect(kind: type) -> None:
    """Work out now how a type is read, for which its first message would wait: some 10 ms for a run."""
    msgspec.msgpack.Decoder(kind, dec_hook=lambda *_told: None)


def decode(body: bytes, kind: type[T], arrays: list[AnyArray] | None = None) -> T:
    """The value that `encode` was given.

    Raises:
        msgspec.ValidationError: the body does not fit the type.
    """
    known = arrays or []

    def hook(wanted: type, item: Any) -> Any:
        origin = getattr(wanted, "__origin__", wanted)
        if origin is np.ndarray and isinstance(item, int) and 0 <= item < len(known):
            return known[item]
        message = f"{wanted} cannot be received"
        raise NotImplementedError(message)

    return msgspec.msgpack.decode(body, type=kind, dec_hook=hook)


def layout(arrays: list[AnyArray]) -> tuple[tuple[ArrayDescriptor, ...], int]:
    """Where each array goes in one block, and the block's size in bytes."""
    descriptors: list[ArrayDescriptor] = []
    offset = 0
    for array in arrays:
        descriptors.append(ArrayDescriptor(array.dtype.str, array.shape, offset))
        offset += -(-array.nbytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    return tuple(descriptors), offset


def arrays_in(block: memoryview | bytes, descriptors: tuple[ArrayDescriptor, ...]) -> list[AnyArray]:
    """Read-only arrays over a block.

    Raises:
        ValueError: a descriptor reaches past the block, or names an object dtype.
    """
    found: list[AnyArray] = []
    for descriptor in descriptors:
        # numpy parses other texts as Python
        dtype = np.dtype(descriptor.dtype) if _DTYPE.fullmatch(descriptor.dtype) else None
        if dtype is None or dtype.hasobject:
            message = "an array of objects, or of no plain type, cannot be received"
            raise ValueError(message)
        start = descriptor.offset_bytes
        size = math.prod(descriptor.shape) * dtype.itemsize
        # numpy takes negative offsets and lengths at their word
        if min((start, *descriptor.shape)) < 0 or start + size > len(block):
            message = f"an array of {size} bytes at {start} does not fit a block of {len(block)}"
            raise ValueError(message)
        array: AnyArray = np.ndarray(descriptor.shape, dtype, block, descriptor.offset_bytes)
        array.flags.writeable = False
        found.append(array)
    return found
