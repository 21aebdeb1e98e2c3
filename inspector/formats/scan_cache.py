"""What was worked out of whole dumps, in the cache folder, by file and version: the window writes, readers read."""

from __future__ import annotations

import math
from hashlib import blake2b

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray
from inspector.formats.sealed_cache import SealedCache

CACHE = SealedCache("scans", ".scan", b"run-inspector scan 1\n", 512, 128_000_000, 32_000_000)

_DTYPES = frozenset(("<f8", "<i8"))


class KeptScan(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Arrays by name.

    Attributes:
        key: what they were made of, and how: the identity of a file, what was read in it, and a version.
        arrays: float64 or int64 of any shape.
        notes: what could not be read.
    """

    key: str
    arrays: dict[str, AnyArray]
    notes: tuple[str, ...] = ()


class _Column(msgspec.Struct, frozen=True, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    content: bytes


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a file."""

    key: str
    columns: dict[str, _Column]
    notes: tuple[str, ...]


def known_scan(key: str) -> KeptScan | None:
    """What is kept under a key, None where there is none that is sound."""
    body = CACHE.known(_name(key))
    return None if body is None else _decoded(body, key)


def keep_scan(scan: KeptScan) -> None:
    """Put a scan into the cache, and the oldest out where it grows too large."""
    CACHE.keep(_name(scan.key), _encoded(scan))


def _name(key: str) -> str:
    return blake2b(key.encode(), digest_size=32).hexdigest()


def _encoded(scan: KeptScan) -> bytes:
    columns = {}
    for name, array in scan.arrays.items():
        stored = np.asarray(array, "<i8" if array.dtype.kind in "iu" else "<f8")
        columns[name] = _Column(stored.dtype.str, stored.shape, stored.tobytes())
    return msgspec.msgpack.encode(_Entry(key=scan.key, columns=columns, notes=scan.notes))


def _decoded(body: bytes, key: str) -> KeptScan | None:
    try:
        entry = msgspec.msgpack.decode(body, type=_Entry)
    except (ValueError, RecursionError):
        return None
    if entry.key != key or not all(_sound(column) for column in entry.columns.values()):
        return None
    arrays: dict[str, AnyArray] = {
        name: np.frombuffer(column.content, column.dtype).reshape(column.shape)
        for name, column in entry.columns.items()
    }
    return KeptScan(key=key, arrays=arrays, notes=entry.notes)


def _sound(column: _Column) -> bool:
    sizes = min(column.shape, default=0) >= 0 and 8 * math.prod(column.shape) == len(column.content)
    return column.dtype in _DTYPES and sizes
