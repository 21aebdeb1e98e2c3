"""Undoing the filters of an HDF5 chunk outside the library, where they are the usual ones.

Source: HDF5 File Format Specification 3.0, section IV.A.2.l (filter pipeline); RFC 1950 (zlib).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from deflate import DeflateError, zlib_decompress

from inspector.artifacts.dumps.hdf5_library import h5py
from inspector.core.arrays import AnyArray

_USUAL = ((), ("shuffle",), ("gzip",), ("shuffle", "gzip"))


class ChunkDamagedError(Exception):
    """The stored bytes are not what the filters say."""


class Pipeline(NamedTuple):
    """What was done to a chunk before it was stored.

    Attributes:
        steps: `shuffle` and `gzip`, in the order they were applied.
        item_bytes: of one number, which `shuffle` takes apart.
    """

    steps: tuple[str, ...]
    item_bytes: int


def pipeline_of(creation: Any, item_bytes: int) -> Pipeline | None:
    """The filters of a dataset; None where one of them is not undone here, or is used in an unusual way.

    Args:
        creation: the dataset's creation properties.
        item_bytes: of one number.
    """
    names = {h5py.h5z.FILTER_SHUFFLE: "shuffle", h5py.h5z.FILTER_DEFLATE: "gzip"}
    steps: list[str] = []
    for index in range(creation.get_nfilters()):
        code, _flags, values, _name = creation.get_filter(index)
        if code == h5py.h5z.FILTER_SHUFFLE and tuple(values) != (item_bytes,):
            return None
        steps.append(names.get(code, ""))
    return Pipeline(tuple(steps), item_bytes) if tuple(steps) in _USUAL else None


def decoded(raw: bytes, mask: int, pipeline: Pipeline, size: int, room: AnyArray | None = None) -> AnyArray:
    """The bytes of a chunk, (size,) uint8.

    Args:
        raw: as stored.
        mask: bit by bit the steps that were left out when this chunk was written.
        pipeline: of its dataset.
        size: of the whole chunk.
        room: (size,) uint8 that is written over; where it saves a copy, it is what is given back.

    Raises:
        ChunkDamagedError: they do not unpack to that size.
    """
    done = [step for index, step in enumerate(pipeline.steps) if not mask >> index & 1]
    data: bytes | bytearray = raw
    if "gzip" in done:
        try:
            data = zlib_decompress(raw, size)
        except (DeflateError, ValueError, MemoryError) as error:
            raise ChunkDamagedError from error
    if len(data) != size:
        raise ChunkDamagedError
    plain = np.frombuffer(data, np.uint8)
    return unshuffled(plain, pipeline.item_bytes, room) if "shuffle" in done else plain


def unshuffled(planes: AnyArray, item_bytes: int, room: AnyArray | None = None) -> AnyArray:
    """Numbers whose first bytes stood together, then their second ones, and so on, (bytes,) uint8.

    Bytes beyond the last whole number stay where they are.

    Args:
        planes: (bytes,) uint8.
        item_bytes: of one number.
        room: as long, to put them into; None for new memory.
    """
    items = len(planes) // item_bytes
    if item_bytes == 1 or not items:
        return planes
    result = np.empty(len(planes), np.uint8) if room is None else room
    whole = items * item_bytes
    result[whole:] = planes[whole:]
    _put_together(planes[:whole].reshape(item_bytes, items), result[:whole])
    return result


def _put_together(planes: AnyArray, result: AnyArray) -> None:
    """The numbers of (bytes of one, numbers) planes, the first of which is the lowest.

    Neighbouring planes are made one of twice the width: whole words are written, never single bytes that lie apart.
    """
    if len(planes) not in (2, 4, 8):
        result.reshape(-1, len(planes))[:] = planes.T
        return
    while len(planes) > 1:
        kind = np.dtype(f"<u{2 * planes.itemsize}")
        if len(planes) > 2:
            wide = planes[1::2].astype(kind)
        else:
            wide = result.view(kind)[None]
            wide[:] = planes[1:]
        wide <<= kind.type(8 * planes.itemsize)
        wide |= planes[::2]
        planes = wide
