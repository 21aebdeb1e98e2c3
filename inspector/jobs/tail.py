"""The last lines of what a process writes."""

from __future__ import annotations

import codecs
from collections import deque

KEPT_LINES = 200
_LINE_CHARACTERS = 4096


class Tail:
    """Keeps the last lines of a byte stream; what a carriage return overwrites is dropped, as on a terminal."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._open = ""

    def take(self, data: bytes) -> None:
        """Add bytes, cut anywhere."""
        *whole, rest = (self._open + self._decoder.decode(data)).split("\n")
        for line in whole:
            self._lines.append(_shown(line))
        self._open = rest if rest.endswith("\r") else _shown(rest)

    def lines(self) -> tuple[str, ...]:
        """The last lines, an unfinished one included."""
        rest = _shown(self._open)
        return (*self._lines, rest) if rest else tuple(self._lines)


def _shown(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2][-_LINE_CHARACTERS:]
