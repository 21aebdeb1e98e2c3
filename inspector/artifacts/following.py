"""Logs that grow: a parser is kept with the place it has come to, and given only the bytes that came since.

Whatever the fragments, a parser ends in the state that one read of the whole file gives; where the file is not a
longer form of what was read (another inode, shorter, other first or last bytes) it is read anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.identity import Identity
from inspector.core.pulse import Pulse
from inspector.formats.series import SeriesSet

CHUNK_BYTES = 128 * 1024
"""Read at a time; the slowest parser takes under 50 ms for it."""

_WINDOW_BYTES = 4096
_KEPT_FILES = 32
_KEPT_POINTS = 20_000_000


class Parser(Protocol):
    """Takes a log's bytes in order and gives the curves so far."""

    def take(self, data: bytes) -> None:
        """Read on."""
        ...

    def series(self, path: Path) -> SeriesSet:
        """The curves of all bytes taken; the unfinished end is read as far as it is certain, and noted.

        Raises:
            FileError: nothing in the bytes is what this parser reads.
        """
        ...


P = TypeVar("P", bound=Parser)


@dataclass(slots=True)
class _Followed(Generic[P]):
    """A log as far as it was read.

    Attributes:
        identity: the file as it was when it was read last.
        taken: bytes that the parser has taken.
        head: the first bytes of the file, at most 4 kB.
        tail: the last bytes taken, at most 4 kB.
    """

    parser: P
    identity: Identity
    taken: int = 0
    head: bytes = b""
    tail: bytes = b""
    answer: SeriesSet | None = None

    def continues(self, file: ByteFile) -> bool:
        """Whether the file still begins with what was taken."""
        now = file.identity
        if now == self.identity:
            return True
        if (now.device, now.inode) != (self.identity.device, self.identity.inode) or now.bytes <= self.taken:
            return False
        head_is_same = file.read(0, len(self.head)) == self.head
        return head_is_same and file.read(self.taken - len(self.tail), len(self.tail)) == self.tail

    def read_on(self, file: ByteFile, pulse: Pulse) -> None:
        """Give the parser what the file holds beyond the bytes taken."""
        while self.taken < file.size:
            pulse.beat(self.taken, file.size, f"Reading {file.path.name}")
            data = file.read(self.taken, CHUNK_BYTES)
            if not data:
                break
            self.answer = None
            self.parser.take(data)
            self.taken += len(data)
            if len(self.head) < _WINDOW_BYTES:
                self.head = (self.head + data)[:_WINDOW_BYTES]
            self.tail = (self.tail + data)[-_WINDOW_BYTES:]
        self.identity = file.identity


@dataclass(slots=True)
class Follower(Generic[P]):
    """The logs read lately, newest last."""

    begin: Callable[[], P]
    _known: OrderedDict[Path, _Followed[P]] = field(default_factory=OrderedDict)

    def series(self, path: Path, pulse: Pulse) -> SeriesSet:
        """The curves of a log, read from where the last look at it ended.

        Raises:
            FileError: the file cannot be read, or is nothing that the parser reads.
            WorkCancelled: the pulse was cancelled; what was read by then is kept.
        """
        log = self._read(path, pulse)
        if log.answer is None:
            log.answer = log.parser.series(path)
            self._forget_old()
        return log.answer

    def parser(self, path: Path, pulse: Pulse) -> P:
        """The parser of a log, having taken all of it; raises as `series`."""
        return self._read(path, pulse).parser

    def _read(self, path: Path, pulse: Pulse) -> _Followed[P]:
        with ByteFile(path) as file:
            log = self._known.pop(path, None)
            if log is None or not log.continues(file):
                log = _Followed(self.begin(), file.identity)
            self._known[path] = log
            log.read_on(file, pulse)
            return log

    def _forget_old(self) -> None:
        def points(log: _Followed[P]) -> int:
            return sum(len(series.values) for series in log.answer.series) if log.answer else 0

        total = sum(map(points, self._known.values()))
        while len(self._known) > 1 and (len(self._known) > _KEPT_FILES or total > _KEPT_POINTS):
            total -= points(self._known.popitem(last=False)[1])
