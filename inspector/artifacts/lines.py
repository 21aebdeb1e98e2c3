"""Whole lines out of bytes that come in any fragments."""

from __future__ import annotations

MAX_LINE_BYTES = 16 * 2**20
"""A longer line is no record of numbers; it is passed over without being held in memory."""


class WholeLines:
    """Cuts bytes into whole lines and holds back the last one until its end comes.

    Attributes:
        line: number of the next line to come, from 1.
        held: the bytes of the line that has no end yet.
        too_long: line numbers that were passed over since the caller last looked.
    """

    __slots__ = ("_passing", "held", "line", "too_long")

    def __init__(self) -> None:
        self.line = 1
        self.held = b""
        self.too_long: list[int] = []
        self._passing = False

    def take(self, data: bytes) -> tuple[int, list[bytes]]:
        """The lines that end in these bytes, without their newline, and the number of the first."""
        if self._passing:
            end = data.find(b"\n")
            if end < 0:
                return self.line, []
            data = data[end + 1 :]
            self._passing = False
            self.line += 1
        lines = data.split(b"\n")
        lines[0] = self.held + lines[0]
        self.held = lines.pop()
        first = self.line
        self.line += len(lines)
        if len(self.held) > MAX_LINE_BYTES:
            self.held = b""
            self._passing = True
            self.too_long.append(self.line)
        return first, lines
