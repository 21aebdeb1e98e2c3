"""The lines of a console log by number, read from disk when they are shown."""

from __future__ import annotations

import itertools
from array import array
from pathlib import Path

from inspector.artifacts.byte_file import ByteFile, Memory, Source
from inspector.artifacts.logs.console_text import text_of
from inspector.artifacts.logs.lines import HEAD_BYTES, ConsoleLines
from inspector.core.texts import SHOWN_CHARACTERS, visible
from inspector.core.units import bytes_text

_BLOCK_BYTES = 4 * 2**20


class IndexParser:
    """Where each line begins and ends."""

    def __init__(self) -> None:
        self._lines = ConsoleLines()
        self._bounds = array("q")

    def take(self, data: bytes) -> None:
        """Read on."""
        for start, end, _head in self._lines.take(data):
            self._bounds.append(start)
            self._bounds.append(end)

    def bounds(self) -> array[int]:
        """First byte and end of every line, one after another, the unfinished one included."""
        unfinished = [place for start, end, _head in self._lines.unfinished() for place in (start, end)]
        return self._bounds + array("q", unfinished)

    @property
    def folded(self) -> int:
        """States of progress bars that were overwritten."""
        return self._lines.folded


class LineIndex:
    """The lines of a console log as a terminal shows them; holds places, not text.

    Attributes:
        count: how many lines there are.
        folded: states of progress bars that were overwritten and are not shown.
    """

    __slots__ = ("_bounds", "_path", "_text", "count", "folded")

    def __init__(self, path: Path, bounds: array[int], folded: int, text: bytes | None = None) -> None:
        self._path = path
        self._bounds = bounds
        self._text = text
        self.count = len(bounds) // 2
        self.folded = folded

    def texts(self, first: int, count: int) -> tuple[str, ...]:
        """Lines ready to show: control characters written out, long ones cut.

        Args:
            first: number of the first line, from 0.
            count: how many; fewer come where the log ends.

        Raises:
            FileError: the file is no longer there.
        """
        last = min(first + count, self.count)
        lines = [(self._bounds[2 * line], self._bounds[2 * line + 1]) for line in range(max(first, 0), last)]
        if not lines:
            return ()
        if self._text is not None:
            return tuple(_shown(Memory(self._text), start, end) for start, end in lines)
        with ByteFile(self._path) as file:
            texts: list[str] = []
            for block in _blocks(lines):
                begin = block[0][0]
                whole = len(block) > 1
                source: Source = Memory(file.read(begin, block[-1][1] - begin)) if whole else file
                shift = begin if whole else 0
                texts.extend(_shown(source, start - shift, end - shift) for start, end in block)
            return tuple(texts)


def _blocks(lines: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Neighbouring lines that are read at once."""
    blocks = [[lines[0]]]
    for before, line in itertools.pairwise(lines):
        if line[1] - blocks[-1][0][0] > _BLOCK_BYTES or line[0] < before[1]:
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


def _shown(source: Source, start: int, end: int) -> str:
    text = text_of(source.read(start, min(end - start, HEAD_BYTES)).rstrip(b"\r")).removeprefix("\ufeff")
    if end - start <= HEAD_BYTES:
        return visible(text)
    return f"{visible(text[:SHOWN_CHARACTERS])}… ({bytes_text(end - start)})"


def index_of_text(path: Path, text: bytes) -> LineIndex:
    """The lines of text that is held in memory, because it is not stored as UTF-8."""
    parser = IndexParser()
    parser.take(text)
    return LineIndex(path, parser.bounds(), parser.folded, text)
