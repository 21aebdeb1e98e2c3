"""Whole lines out of bytes that come in any fragments."""

from __future__ import annotations

from inspector.artifacts.logs.tally import Reason, Tally

MAX_LINE_BYTES = 16 * 2**20
"""A longer line is no record of numbers; it is passed over without being held in memory."""

_TOO_LONG = Reason(
    f"line {{where}} is longer than {MAX_LINE_BYTES // 2**20} MB and was left out",
    f"{{count}} lines are longer than {MAX_LINE_BYTES // 2**20} MB and were left out, the first is line {{where}}",
)


class WholeLines:
    """Cuts bytes into whole lines and holds back the last one until its end comes.

    Attributes:
        line: number of the next line to come, from 1.
        held: the bytes of the line that has no end yet.
        too_long: how many lines were passed over.
    """

    __slots__ = ("_passing", "_untold", "held", "line", "too_long")

    def __init__(self) -> None:
        self.line = 1
        self.held = b""
        self.too_long = 0
        self._untold: list[int] = []
        self._passing = False

    def take(self, data: bytes) -> tuple[int, list[bytes]]:
        """The lines that end in these bytes, without their newline, and the number of the first."""
        first, block = self.take_block(data)
        return first, block.split(b"\n") if self.line > first else []

    def take_block(self, data: bytes) -> tuple[int, bytes]:
        """The same with the lines in one piece; `line` tells how many there are."""
        if self._passing:
            end = data.find(b"\n")
            if end < 0:
                return self.line, b""
            data = data[end + 1 :]
            self._passing = False
            self.line += 1
        first = self.line
        end = data.rfind(b"\n")
        if end < 0:
            block, self.held = b"", self.held + data
        else:
            block, self.held = self.held + data[:end], data[end + 1 :]
            self.line += block.count(b"\n") + 1
        if len(self.held) > MAX_LINE_BYTES:
            self.held = b""
            self._passing = True
            self.too_long += 1
            self._untold.append(self.line)
        return first, block

    def tell_too_long(self, damage: Tally) -> None:
        """Count the lines that were passed over since this was asked last."""
        for line in self._untold:
            damage.add(_TOO_LONG, line)
        self._untold.clear()
