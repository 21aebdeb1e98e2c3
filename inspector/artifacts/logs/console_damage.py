"""What of a console log is no text, counted, so that the rest can be read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inspector.artifacts.logs.console_lines import Line
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.artifacts.sniff_text import MAX_CONTROL_FRACTION

READ_BYTES = 8 * 1024
"""Of a line; a longer one is no line of metrics."""

_UNDECODED = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile("[\2-\6\x0e-\x1a\x1c-\x1f]")
"""Without those that shapes stand for numbers and dates."""

_NUL = Reason(
    "line {where} holds NUL bytes, which were left out",
    "{count} lines hold NUL bytes, which were left out, the first is line {where}",
)
_NOT_UTF8 = Reason(
    "line {where} is not UTF-8, its other bytes were read",
    "{count} lines are not UTF-8, their other bytes were read, the first is line {where}",
)
_LONG = Reason(
    "line {where} is longer than 8 kB, its begin was read",
    "{count} lines are longer than 8 kB, their begins were read, the first is line {where}",
)


def is_no_text(shape: str) -> bool:
    """Whether a line is of binary data: bytes that are no characters, and more than now and then one that controls."""
    if shape.isascii() or not _UNDECODED.search(shape):
        return False
    return len(_CONTROL.findall(shape)) > MAX_CONTROL_FRACTION * len(shape)


def may_be_damaged(lines: Sequence[Line], text: bytes) -> bool:
    """Whether one of some lines is too long, or their text is not UTF-8."""
    if any(end - start > READ_BYTES for start, end, _head in lines):
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


class ConsoleDamage:
    """What was met in the lines so far."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._lines = self._bytes = self._first = 0

    def note_lines(self, first: int, lines: Sequence[Line], text: str, shapes: Sequence[str]) -> None:
        """Count what is wrong with lines.

        Args:
            first: the number of the first, from 1.
            lines: as a terminal would show them.
            text: what was read of them.
            shapes: of each.
        """
        for number, ((start, end, head), line, shape) in enumerate(
            zip(lines, text.split("\n"), shapes, strict=True), first
        ):
            if is_no_text(shape):
                self._pass_over(number, 1, end - start)
                continue
            if b"\0" in head:
                self._tally.add(_NUL, number)
            if end - start > READ_BYTES:
                self._tally.add(_LONG, number)
            if _UNDECODED.search(line):
                self._tally.add(_NOT_UTF8, number)

    def note_stretch(self, first: int, count: int, size: int, shape: str) -> None:
        """Count so many lines of one shape, of `size` bytes in all, that hold only what a terminal shows."""
        if is_no_text(shape):
            self._pass_over(first, count, size)
        elif _UNDECODED.search(shape):
            self._tally.add(_NOT_UTF8, first, count)

    def _pass_over(self, first: int, count: int, size: int) -> None:
        self._first = self._first or first
        self._lines += count
        self._bytes += size

    def texts(self) -> tuple[str, ...]:
        """A sentence for each sort."""
        if not self._lines:
            return self._tally.texts()
        if self._lines == 1:
            passed = f"line {self._first:,} is no text, its {self._bytes:,} bytes were passed over"
        else:
            lines = f"{self._lines:,} lines are no text, their {self._bytes:,} bytes were passed over"
            passed = f"{lines}, the first is line {self._first:,}"
        return (passed, *self._tally.texts())
