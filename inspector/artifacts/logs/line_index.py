"""The lines of a console log by number, read from disk when they are shown."""

from __future__ import annotations

import codecs
import itertools
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from re import Pattern

import numpy as np

from inspector.artifacts.byte_file import ByteFile, Memory, Source
from inspector.artifacts.logs.console_colours import ShownLine, shown_line
from inspector.artifacts.logs.console_lines import HEAD_BYTES, ConsoleLines
from inspector.core.arrays import IntArray
from inspector.core.pulse import Pulse
from inspector.core.texts import SHOWN_CHARACTERS, visible
from inspector.core.units import bytes_text

_BLOCK_BYTES = 4 * 2**20
_SEARCHED_LINES = 4_000


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
        """The texts of `shown`; arguments and errors as there."""
        return tuple(line.text for line in self.shown(first, count))

    def shown(self, first: int, count: int) -> tuple[ShownLine, ...]:
        """Lines ready to show: control characters written out, long ones cut, with the colours they were printed in.

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
            found: list[ShownLine] = []
            for block in _blocks(lines):
                begin = block[0][0]
                whole = len(block) > 1
                source: Source = Memory(file.read(begin, block[-1][1] - begin)) if whole else file
                shift = begin if whole else 0
                found.extend(_shown(source, start - shift, end - shift) for start, end in block)
            return tuple(found)

    def overwritten(self, first: int, count: int) -> tuple[int, ...]:
        """How many states of a progress bar each line took the place of; of very many, those in the last 4 MB."""
        last = min(first + count, self.count)
        gaps = []
        for line in range(max(first, 0), last):
            start = self._bounds[2 * line]
            before = self._bounds[2 * line - 1] + 1 if line else 0
            gaps.append((max(before, start - _BLOCK_BYTES), start))
        if not any(start > before for before, start in gaps):
            return (0,) * len(gaps)
        if self._text is not None:
            return tuple(_states(Memory(self._text), *gap) for gap in gaps)
        with ByteFile(self._path) as file:
            return tuple(_states(file, *gap) for gap in gaps)

    def search(self, wanted: Pattern[str], word: bytes, pulse: Pulse) -> IntArray:
        """(matches,) int64, ascending: numbers of the lines, from 0, whose text holds a match of `wanted`.

        Where `word`, ASCII in lower case, is all that the pattern asks for, most lines need not be decoded; it is empty
        for any other pattern.

        Raises:
            FileError: the file is no longer there.
            WorkCancelled: the pulse was cancelled.
        """
        bounds = np.array(self._bounds, np.int64).reshape(-1, 2)
        found: list[IntArray] = []
        for first in range(0, self.count, _SEARCHED_LINES):
            pulse.beat(first, self.count, f"Searching {self._path.name}")
            block = bounds[first : first + _SEARCHED_LINES]
            begin = int(block[:, 0].min())
            data = self._plain(begin, int(block[:, 1].max()))
            if data is not None and word:
                rows = _rows_with(word, data, block - begin)
            else:
                texts = self.texts(first, len(block)) if data is None else _plain_texts(data, block - begin)
                rows = np.array([row for row, text in enumerate(texts) if wanted.search(text)], np.int64)
            found.append(rows + first)
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def _plain(self, begin: int, end: int) -> bytes | None:
        """Bytes of the log that are shown as they are, but for control characters; None where they are not."""
        if end - begin > _BLOCK_BYTES:
            return None
        if self._text is not None:
            data = self._text[begin:end]
        else:
            with ByteFile(self._path) as file:
                data = file.read(begin, end - begin)
        return data if data.isascii() and not any(mark in data for mark in (b"\x1b", b"\b")) else None


def _rows_with(word: bytes, data: bytes, lines: IntArray) -> IntArray:
    """Which of some lines, given by their ends, hold a word in whatever case."""
    places = np.array([match.start() for match in re.finditer(re.escape(word), data.lower())], np.int64)
    rows = np.searchsorted(lines[:, 0], places, "right") - 1
    inside = (rows >= 0) & (places + len(word) <= lines[np.maximum(rows, 0), 1])
    return np.unique(rows[inside])


def _plain_texts(data: bytes, lines: IntArray) -> Iterator[str]:
    text = data.decode("ascii")
    for start, end in lines.tolist():
        line = text[start:end].rstrip("\r")
        yield line if line.isprintable() and len(line) <= SHOWN_CHARACTERS else visible(line)


def _blocks(lines: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Neighbouring lines that are read at once."""
    blocks = [[lines[0]]]
    for before, line in itertools.pairwise(lines):
        if line[1] - blocks[-1][0][0] > _BLOCK_BYTES or line[0] < before[1]:
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


def _shown(source: Source, start: int, end: int) -> ShownLine:
    line = shown_line(source.read(start, min(end - start, HEAD_BYTES)).rstrip(b"\r").removeprefix(codecs.BOM_UTF8))
    if end - start <= HEAD_BYTES:
        return line
    return ShownLine(f"{line.text[:SHOWN_CHARACTERS]}… ({bytes_text(end - start)})", line.spans)


def _states(source: Source, start: int, end: int) -> int:
    states = source.read(start, end - start).split(b"\r") if end > start else ()
    return sum(1 for state in states if state.strip())


def index_of_text(path: Path, text: bytes) -> LineIndex:
    """The lines of text that is held in memory, because it is not stored as UTF-8."""
    parser = IndexParser()
    parser.take(text)
    return LineIndex(path, parser.bounds(), parser.folded, text)
