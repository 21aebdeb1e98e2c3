"""Summaries of checkpoints in the cache folder, by what those hold; written by the window, read by readers."""

from __future__ import annotations

import re

import msgspec
import numpy as np

from inspector.formats.checkpoint_summary import COLUMNS, INTEGER_COLUMNS, CheckpointSummary
from inspector.formats.sealed_cache import SealedCache

CACHE = SealedCache("summaries", ".summary", b"run-inspector summary 1\n", 256, 128_000_000, 32_000_000)

_CONTENT = re.compile(r"[0-9a-f]{64}")


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a file; `columns` are little-endian 64-bit numbers."""

    content: str
    names: tuple[str, ...]
    unread: dict[str, str]
    columns: dict[str, bytes]


def known_summary(content: str) -> CheckpointSummary | None:
    """The summary of a checkpoint of this content, None where there is none that is sound."""
    body = CACHE.known(content) if _CONTENT.fullmatch(content) else None
    return None if body is None else _decoded(body, content)


def keep_summary(summary: CheckpointSummary) -> None:
    """Put a summary into the cache, and the oldest out where it grows too large; histograms are not kept."""
    if _CONTENT.fullmatch(summary.content):
        CACHE.keep(summary.content, _encoded(summary))


def _encoded(summary: CheckpointSummary) -> bytes:
    columns = {
        column: np.asarray(getattr(summary, column), "<i8" if column in INTEGER_COLUMNS else "<f8").tobytes()
        for column in COLUMNS
    }
    entry = _Entry(content=summary.content, names=summary.names, unread=summary.unread, columns=columns)
    return msgspec.msgpack.encode(entry)


def _decoded(body: bytes, content: str) -> CheckpointSummary | None:
    try:
        entry = msgspec.msgpack.decode(body, type=_Entry)
    except (ValueError, RecursionError):
        return None
    sizes = {len(values) for values in entry.columns.values()}
    if entry.content != content or entry.columns.keys() != set(COLUMNS) or sizes != {8 * len(entry.names)}:
        return None
    columns = {
        column: np.frombuffer(entry.columns[column], "<i8" if column in INTEGER_COLUMNS else "<f8")
        for column in COLUMNS
    }
    return CheckpointSummary(content=content, names=entry.names, unread=entry.unread, **columns)
