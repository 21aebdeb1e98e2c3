"""What was worked out of whole dumps, in the cache folder, by file and version; written by the window, read by readers.

A file is a line that says what it is, a checksum, and msgpack. What is not exactly as it should be is not there.
"""

from __future__ import annotations

import math
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray
from inspector.core.files import write_atomically
from inspector.core.places import cache_folder

MAX_ENTRIES = 512
MAX_BYTES = 128_000_000
MAX_ENTRY_BYTES = 32_000_000

_MAGIC = b"run-inspector scan 1\n"
_CHECKSUM_BYTES = 32
_SUFFIX = ".scan"
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


def scans_folder() -> Path:
    """Where they are; not made here."""
    return cache_folder() / "scans"


def known_scan(key: str) -> KeptScan | None:
    """What is kept under a key, None where there is none that is sound."""
    try:
        path = _path(key)
        if path.stat().st_size > MAX_ENTRY_BYTES:
            return None
        return _decoded(path.read_bytes(), key)
    except OSError:
        return None


def keep_scan(scan: KeptScan) -> None:
    """Put a scan into the cache, and the oldest out where it grows too large.

    It need not outlive a power cut, so nothing here waits for the disk.
    """
    data = _encoded(scan)
    if len(data) > MAX_ENTRY_BYTES:
        return
    try:
        folder = scans_folder()
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(_path(scan.key), data, durable=False)
        _prune(folder)
    except OSError:
        return  # a cache that cannot be written is no cache


def _path(key: str) -> Path:
    return scans_folder() / f"{blake2b(key.encode(), digest_size=32).hexdigest()}{_SUFFIX}"


def _encoded(scan: KeptScan) -> bytes:
    columns = {}
    for name, array in scan.arrays.items():
        stored = np.asarray(array, "<i8" if array.dtype.kind in "iu" else "<f8")
        columns[name] = _Column(stored.dtype.str, stored.shape, stored.tobytes())
    body = msgspec.msgpack.encode(_Entry(key=scan.key, columns=columns, notes=scan.notes))
    return _MAGIC + blake2b(body, digest_size=_CHECKSUM_BYTES).digest() + body


def _decoded(data: bytes, key: str) -> KeptScan | None:
    start = len(_MAGIC) + _CHECKSUM_BYTES
    body = data[start:]
    if data[:start] != _MAGIC + blake2b(body, digest_size=_CHECKSUM_BYTES).digest():
        return None
    try:
        entry = msgspec.msgpack.decode(body, type=_Entry)
    except msgspec.MsgspecError:
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


def _prune(folder: Path) -> None:
    """Remove the oldest until the rest is few and small enough."""
    entries = sorted(((path.stat().st_mtime_ns, path) for path in folder.glob(f"*{_SUFFIX}")), reverse=True)
    total = 0
    for place, (_, path) in enumerate(entries):
        total += path.stat().st_size
        if place >= MAX_ENTRIES or total > MAX_BYTES:
            path.unlink(missing_ok=True)
