"""Logs that grow: a parser is kept with the place it has come to, and given only the bytes that came since.

Whatever the fragments, a parser ends in the state that one read of the whole file gives; where the file is not a
longer form of what was read (another inode, shorter, other first or last bytes) it is read anew.
"""

from __future__ import annotations

import codecs
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
_BOM_BYTES = 3


class Parser(Protocol):
    """Takes a log's bytes in order."""

    def take(self, data: bytes) -> None:
        """Read on."""
        ...


class SeriesParser(Parser, Protocol):
    """Gives the curves of the bytes so far."""

    def series(self, path: Path) -> SeriesSet:
        """The curves of all bytes taken; the unfinished end is read as far as it is certain, and noted.

        Raises:
            FileError: nothing in the bytes is what this parser reads.
        """
        ...


P = TypeVar("P", bound=Parser)
S = TypeVar("S", bound=SeriesParser)


@dataclass(slots=True)
class _Followed(Generic[P]):
    """A log as far as it was read.

    Attributes:
        identity: the file as it was when it was read last.
        taken: bytes of the file that were read.
        head: the first bytes of the file, at most 4 kB.
        tail: the last bytes read, at most 4 kB.
        decoder: turns text of another encoding into UTF-8.
        answer: the curves of the bytes read, once they were asked for.
    """

    parser: P
    identity: Identity
    taken: int = 0
    head: bytes = b""
    tail: bytes = b""
    decoder: codecs.IncrementalDecoder | None = None
    answer: SeriesSet | None = None

    def continues(self, file: ByteFile) -> bool:
        """Whether the file still begins with what was read."""
        now = file.identity
        if now == self.identity:
            return True
        if (now.device, now.inode) != (self.identity.device, self.identity.inode) or now.bytes <= self.taken:
            return False
        head_is_same = file.read(0, len(self.head)) == self.head
        return head_is_same and file.read(self.taken - len(self.tail), len(self.tail)) == self.tail

    def read_on(self, file: ByteFile, pulse: Pulse, *, text: bool) -> None:
        """Give the parser what the file holds beyond the bytes read."""
        while self.taken < file.size:
            pulse.beat(self.taken, file.size, f"Reading {file.path.name}")
            data = file.read(self.taken, CHUNK_BYTES)
            if not data or (text and self.taken + len(data) < _BOM_BYTES):
                break
            self.answer = None
            self.parser.take(self._utf8(data) if text else data)
            self.taken += len(data)
            if len(self.head) < _WINDOW_BYTES:
                self.head = (self.head + data)[:_WINDOW_BYTES]
            self.tail = (self.tail + data)[-_WINDOW_BYTES:]
        self.identity = file.identity

    def _utf8(self, data: bytes) -> bytes:
        if self.taken == 0:
            encoding = encoding_of(data)
            if encoding == "utf-16":
                self.decoder = codecs.getincrementaldecoder(encoding)("replace")
            data = data.removeprefix(codecs.BOM_UTF8)
        return self.decoder.decode(data).encode("utf-8", "surrogatepass") if self.decoder else data


def encoding_of(head: bytes) -> str:
    """The encoding that a byte order mark tells; where there is none, UTF-8."""
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"


@dataclass(slots=True)
class Follower(Generic[P]):
    """The logs read lately, newest last.

    Attributes:
        begin: makes the parser of a log that is read from its first byte.
        text: the logs are text, which may begin with a byte order mark.
    """

    begin: Callable[[], P]
    text: bool = True
    _known: OrderedDict[Path, _Followed[P]] = field(default_factory=OrderedDict)

    def parser(self, path: Path, pulse: Pulse) -> P:
        """The parser of a log, having read all of it.

        Raises:
            FileError: the file cannot be read.
            WorkCancelled: the pulse was cancelled; what was read by then is kept.
        """
        return self._read(path, pulse).parser

    def _read(self, path: Path, pulse: Pulse) -> _Followed[P]:
        with ByteFile(path) as file:
            log = self._known.pop(path, None)
            if log is None or not log.continues(file):
                log = _Followed(self.begin(), file.identity)
            self._known[path] = log
            self._forget_old()
            log.read_on(file, pulse, text=self.text)
            return log

    def _forget_old(self) -> None:
        points = [
            sum(len(series.values) for series in log.answer.series) if log.answer else 0 for log in self._known.values()
        ]
        total = sum(points)
        for size in points[:-1]:
            if len(self._known) <= _KEPT_FILES and total <= _KEPT_POINTS:
                break
            self._known.popitem(last=False)
            total -= size


class SeriesFollower(Follower[S]):
    """The logs of curves read lately."""

    def series(self, path: Path, pulse: Pulse) -> SeriesSet:
        """The curves of a log, read from where the last look at it ended.

        Raises:
            FileError: the file cannot be read, or is nothing that the parser reads.
            WorkCancelled: the pulse was cancelled; what was read by then is kept.
        """
        log = self._read(path, pulse)
        if log.answer is None:
            log.answer = log.parser.series(path)
        return log.answer
