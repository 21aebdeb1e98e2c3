"""Summaries of checkpoints in the cache folder, by what the checkpoints hold; written by the window, read by readers.

A file is a line that says what it is, a checksum, and msgpack. What is not exactly as it should be is not there.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np

from inspector.core.files import write_atomically
from inspector.core.places import cache_folder
from inspector.formats.checkpoint_summary import COLUMNS, INTEGER_COLUMNS, CheckpointSummary

MAX_ENTRIES = 256
MAX_BYTES = 128_000_000
MAX_ENTRY_BYTES = 32_000_000

_MAGIC = b"run-inspector summary 1\n"
_CHECKSUM_BYTES = 32
_CONTENT = re.compile(r"[0-9a-f]{64}")
_SUFFIX = ".summary"


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a file; `columns` are little-endian 64-bit numbers."""

    content: str
    names: tuple[str, ...]
    unread: dict[str, str]
    columns: dict[str, bytes]


def summaries_folder() -> Path:
    """Where they are; not made here."""
    return cache_folder() / "summaries"


def known_summary(content: str) -> CheckpointSummary | None:
    """The summary of a checkpoint of this content, None where there is none that is sound."""
    try:
        path = summaries_folder() / f"{content}{_SUFFIX}"
        if not _CONTENT.fullmatch(content) or path.stat().st_size > MAX_ENTRY_BYTES:
            return None
        return _decoded(path.read_bytes(), content)
    except OSError:
        return None


def keep_summary(summary: CheckpointSummary) -> None:
    """Put a summary into the cache, and the oldest out where it grows too large; histograms are not kept.

    It need not outlive a power cut, so nothing here waits for the disk.
    """
    if not _CONTENT.fullmatch(summary.content):
        return
    data = _encoded(summary)
    if len(data) > MAX_ENTRY_BYTES:
        return
    try:
        folder = summaries_folder()
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{summary.content}{_SUFFIX}", data, durable=False)
        _prune(folder)
    except OSError:
        return  # a cache that cannot be written is no cache


def _encoded(summary: CheckpointSummary) -> bytes:
    columns = {
        column: np.asarray(getattr(summary, column), "<i8" if column in INTEGER_COLUMNS else "<f8").tobytes()
        for column in COLUMNS
    }
    entry = _Entry(content=summary.content, names=summary.names, unread=summary.unread, columns=columns)
    body = msgspec.msgpack.encode(entry)
    return _MAGIC + blake2b(body, digest_size=_CHECKSUM_BYTES).digest() + body


def _decoded(data: bytes, content: str) -> CheckpointSummary | None:
    start = len(_MAGIC) + _CHECKSUM_BYTES
    body = data[start:]
    if data[:start] != _MAGIC + blake2b(body, digest_size=_CHECKSUM_BYTES).digest():
        return None
    try:
        entry = msgspec.msgpack.decode(body, type=_Entry)
    except msgspec.MsgspecError:
        return None
    sizes = {len(entry.columns.get(column, b"")) for column in COLUMNS}
    if entry.content != content or sizes != {8 * len(entry.names)}:
        return None
    columns = {
        column: np.frombuffer(entry.columns[column], "<i8" if column in INTEGER_COLUMNS else "<f8")
        for column in COLUMNS
    }
    return CheckpointSummary(content=content, names=entry.names, unread=entry.unread, **columns)


def _prune(folder: Path) -> None:
    """Remove the oldest until the rest is few and small enough."""
    entries = sorted(((path.stat().st_mtime_ns, path) for path in folder.glob(f"*{_SUFFIX}")), reverse=True)
    total = 0
    for place, (_, path) in enumerate(entries):
        total += path.stat().st_size
        if place >= MAX_ENTRIES or total > MAX_BYTES:
            path.unlink(missing_ok=True)
