"""Logs that grow: a parser is kept with the place it has come to, and given only the bytes that came since.

Whatever the fragments, a parser ends in the state that one read of the whole file gives; where the file is not a
longer form of what was read (another inode, shorter, other bytes at its ends or at places between) it is read anew.
A log that was renamed, as rotation does, is followed under its new name.
"""

from __future__ import annotations

import codecs
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.identity import Identity, is_settled, stamp_of
from inspector.artifacts.text_encoding import ENCODING_BYTES, UTF8, encoding_of, without_mark
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.formats.series import SeriesSet

CHUNK_BYTES = 128 * 1024
"""Read at a time, unless the parser says `chunk_bytes`; the slowest takes under 50 ms for it."""

KEPT_FILES = 5_000
KEPT_POINTS = 40_000_000
"""More is forgotten, the log that was asked for longest ago first: 40 M points take half of a reader's memory."""

_WINDOW_BYTES = 4096
_PROBE_BYTES = 64
_MOST_PROBES = 256
_LOOKED_AT_PROBES = 16

_HALF_CHARACTER = "the last byte is half a character of UTF-16 and was left out"

_SET_ASIDE_S = 10.0
_SET_ASIDE_FILES = 4


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
        probes: some bytes from places between, with their offsets.
        settled: the file was older than a disk's clock can hide when it was seen to be as it was read.
        encoding: of the text, as far as its first bytes tell; empty where the log is no text.
        decoder: turns text of another encoding into UTF-8.
        answer: the curves of the bytes read, once they were asked for.
        points: how many they have.
    """

    parser: P
    identity: Identity
    taken: int = 0
    head: bytes = b""
    tail: bytes = b""
    probes: list[tuple[int, bytes]] = field(default_factory=list)
    settled: bool = False
    encoding: str = ""
    decoder: codecs.IncrementalDecoder | None = None
    answer: SeriesSet | None = None
    points: int = 0

    @property
    def file(self) -> tuple[int, int]:
        """Device and inode."""
        return self.identity.device, self.identity.inode

    def continues(self, file: ByteFile) -> bool:
        """Whether the file still begins with what was read."""
        now = file.identity
        if now == self.identity:
            if not self.settled:
                self.settled = is_settled(now)
                return self._begins(file)
            return True
        grown = (now.device, now.inode) == self.file and now.bytes > self.taken
        return grown and self._begins(file) and self._is_encoded(file)

    def _is_encoded(self, file: ByteFile) -> bool:
        """Whether the first bytes still tell the encoding that the text was read in."""
        told = not self.encoding or len(self.head) >= ENCODING_BYTES
        return told or encoding_of(file.read(0, ENCODING_BYTES)) == self.encoding

    def _begins(self, file: ByteFile) -> bool:
        """Whether the ends of what was read, and some places between, are as they were."""
        ends = ((0, self.head), (self.taken - len(self.tail), self.tail))
        stride = max(1, len(self.probes) // _LOOKED_AT_PROBES)
        return all(file.read(offset, len(data)) == data for offset, data in (*ends, *self.probes[::-stride]))

    def read_on(self, file: ByteFile, pulse: Pulse, *, text: bool) -> None:
        """Give the parser what the file holds beyond the bytes read."""
        while self.taken < file.size:
            pulse.beat(self.taken, file.size, f"Reading {file.path.name}")
            data = file.read(self.taken, getattr(self.parser, "chunk_bytes", CHUNK_BYTES))
            if not data:
                break
            self.answer = None
            self.parser.take(self._utf8(data) if text else data)
            self._remember(data)
            self.taken += len(data)
            if pulse.due():
                break
        if self.identity != file.identity or not self.settled:
            self.identity, self.settled = file.identity, is_settled(file.identity)

    def _remember(self, data: bytes) -> None:
        """Keep of the bytes just read what tells them from others."""
        if len(self.head) < _WINDOW_BYTES:
            self.head = (self.head + data)[:_WINDOW_BYTES]
        self.tail = data[-_WINDOW_BYTES:] if len(data) >= _WINDOW_BYTES else (self.tail + data)[-_WINDOW_BYTES:]
        self.probes.append((self.taken, data[:_PROBE_BYTES]))
        if len(self.probes) > _MOST_PROBES:
            del self.probes[::2]

    def _utf8(self, data: bytes) -> bytes:
        first = self.taken == 0
        if first:
            self.encoding = encoding_of(data)
            if self.encoding != UTF8:
                self.decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        if self.decoder is None:
            return data.removeprefix(codecs.BOM_UTF8) if first else data
        text = self.decoder.decode(data)
        return (without_mark(text) if first else text).encode("utf-8", "surrogatepass")

    def halves(self) -> int:
        """How many bytes at the end are no whole character of UTF-16 yet."""
        return len(self.decoder.getstate()[0]) if self.decoder else 0


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
    _names: dict[tuple[int, int], Path] = field(default_factory=dict)
    _points: int = 0
    _set_aside: list[tuple[float, _Followed[P]]] = field(default_factory=list)

    def parser(self, path: Path, pulse: Pulse) -> P:
        """The parser of a log, having read all of it.

        Raises:
            FileError: the file cannot be read.
            WorkCancelled: the pulse was cancelled; what was read by then is kept.
        """
        return self._read(path, pulse).parser

    def _read(self, path: Path, pulse: Pulse) -> _Followed[P]:
        with ByteFile(path) as file:
            log = self._forget(path)
            if log is None or not log.continues(file):
                self._put_aside(log, file)
                log = self._renamed(file) or _Followed(self.begin(), file.identity)
            self._known[path] = log
            self._names[log.file] = path
            self._points += log.points
            while len(self._known) > 1 and (len(self._known) > KEPT_FILES or self._points > KEPT_POINTS):
                self._forget(next(iter(self._known)))
            log.read_on(file, pulse, text=self.text)
            return log

    def _forget(self, path: Path) -> _Followed[P] | None:
        log = self._known.pop(path, None)
        if log is not None:
            self._points -= log.points
            if self._names.get(log.file) == path:
                del self._names[log.file]
        return log

    def _put_aside(self, log: _Followed[P] | None, file: ByteFile) -> None:
        """Keep a log whose name another file has taken, for it may have been renamed."""
        now_s = time.monotonic()
        self._set_aside = [kept for kept in self._set_aside if now_s - kept[0] < _SET_ASIDE_S][-_SET_ASIDE_FILES:]
        if log is not None and log.identity.inode != file.identity.inode:
            self._set_aside.append((now_s, log))

    def _renamed(self, file: ByteFile) -> _Followed[P] | None:
        """A log that was followed under another name, which it has no longer."""
        here = file.identity.device, file.identity.inode
        for kept in self._set_aside:
            if kept[1].file == here and kept[1].continues(file):
                self._set_aside.remove(kept)
                return kept[1]
        path = self._names.get(here)
        log = self._known.get(path) if path else None
        if path is None or log is None:
            return None
        stamp = stamp_of(path)
        if (stamp is not None and stamp.inode == here[1]) or not log.continues(file):
            return None
        return self._forget(path)


class SeriesFollower(Follower[S]):
    """The logs of curves read lately."""

    def series(self, path: Path, pulse: Pulse) -> SeriesSet:
        """The curves of a log, read from where the last look at it ended; once the pulse is due, as far as it came.

        Raises:
            FileError: the file cannot be read, or is nothing that the parser reads.
            WorkCancelled: the pulse was cancelled; what was read by then is kept.
        """
        log = self._read(path, pulse)
        while log.answer is None:
            unread = max(log.identity.bytes - log.taken, 0)
            try:
                log.answer = log.parser.series(path)
            except FileError:
                taken = log.taken
                log = self._read(path, pulse) if unread else log  # what was read is not enough to know it by
                if log.taken == taken:
                    raise
                continue
            self._points -= log.points
            log.points = sum(len(series.values) for series in log.answer.series)
            self._points += log.points
            if unread:
                # What is noted of an end is not so where the log goes on.
                log.answer = msgspec.structs.replace(log.answer, notes=(), unread_bytes=unread)
            elif log.halves() % 2:
                log.answer = msgspec.structs.replace(log.answer, notes=(*log.answer.notes, _HALF_CHARACTER))
        return log.answer
