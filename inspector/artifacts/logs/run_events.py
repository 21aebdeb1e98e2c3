"""The events among the records of a metrics.jsonl: what was asked of a run of this program, and what became of it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inspector.artifacts.byte_file import ByteFile
from inspector.core.pulse import Pulse
from inspector.formats.metrics import EVENT, decode_record

MOST_KEPT = 100
_CHUNK_BYTES = 4 * 1024 * 1024
_LONGEST_LINE_BYTES = 1024 * 1024
_MARK = b'"%s"' % EVENT.encode()
_FILES_KEPT = 32


@dataclass(slots=True)
class _Read:
    """How far a file was read, the events found up to there, the very first of them, and the last whole line."""

    inode: int
    offset: int = 0
    count: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    first: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)


_read: OrderedDict[Path, _Read] = OrderedDict()


@dataclass(frozen=True, slots=True)
class RunEvents:
    """How many events there were in all, the last of them (oldest first), the first one, and the newest record."""

    count: int
    events: tuple[dict[str, Any], ...]
    first: dict[str, Any]
    last: dict[str, Any]


def events_of(path: Path, pulse: Pulse) -> RunEvents:
    """The events of a metric record; asked again, only what was added is read. A torn last line waits for its end.

    Raises:
        FileError: it cannot be read.
        WorkCancelled: the pulse was cancelled.
    """
    with ByteFile(path) as file:
        known = _known(file)
        while True:
            pulse.beat(what=path.name)
            chunk = file.read(known.offset, _CHUNK_BYTES)
            whole = chunk[: chunk.rfind(b"\n") + 1]
            if not whole and len(chunk) < _CHUNK_BYTES:
                break
            known.offset += len(whole) or len(chunk)  # a line longer than a chunk is none of ours
            _take(known, whole)
    return RunEvents(known.count, tuple(known.events), known.first, known.last)


def _known(file: ByteFile) -> _Read:
    known = _read.pop(file.path, None)
    if known is None or known.inode != file.identity.inode or known.offset > file.size:
        known = _Read(file.identity.inode)
    _read[file.path] = known
    while len(_read) > _FILES_KEPT:
        _read.popitem(last=False)
    return known


def _take(known: _Read, whole: bytes) -> None:
    at = whole.find(_MARK)
    while at >= 0:
        start, end = whole.rfind(b"\n", 0, at) + 1, whole.find(b"\n", at)
        record = _record(whole[start:end])
        if isinstance(record.get(EVENT), str):
            known.count += 1
            known.first = known.first or record
            known.events.append(record)
            del known.events[:-MOST_KEPT]
        at = whole.find(_MARK, end)
    last = _record(whole[whole.rfind(b"\n", 0, len(whole) - 1) + 1 :])
    known.last = last or known.last


def _record(line: bytes) -> dict[str, Any]:
    """A record, empty where the line is none."""
    if len(line) > _LONGEST_LINE_BYTES:
        return {}
    try:
        return decode_record(line)
    except (ValueError, RecursionError):
        return {}
