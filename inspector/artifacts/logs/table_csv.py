"""Tables of numbers in text: Lightning's metrics.csv, Keras' CSVLogger, exports of dashboards, Gym monitors."""

from __future__ import annotations

import copy
import json
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec

from inspector.artifacts.logs.csv_cells import (
    best_delimiter,
    cells_of,
    number_of,
    opens_quote,
    plain_rows,
    unique_names,
)
from inspector.artifacts.logs.csv_columns import CsvColumns
from inspector.artifacts.logs.following import CHUNK_BYTES
from inspector.artifacts.logs.lines import WholeLines
from inspector.artifacts.logs.log_reader import LogReader
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.formats.series import SeriesSet

_QUICK_BYTES = 2**20

# A quote that stays open for longer is a stray one; the csv module would swallow the rest of the file.
_MAX_QUOTED_CHARACTERS = 64 * 1024
_MAX_QUOTED_LINES = 200

_WIDTH = Reason(
    "line {where} has another number of cells than the header and was left out",
    "{count} lines have another number of cells than the header and were left out, the first is line {where}",
)
_STRAY_QUOTE = Reason(
    "line {where} opens a quote that is never closed, it was read without it",
    "{count} lines open a quote that is never closed and were read without it, the first is line {where}",
)
_NULS = Reason(
    "line {where} holds NUL bytes, which were passed over",
    "{count} lines hold NUL bytes, which were passed over, the first is line {where}",
)
_HEADER = Reason(
    "line {where} is a header again, what follows is read by it",
    "{count} lines are a header again, what follows is read by them, the first is line {where}",
)
_OTHER_HEADER = Reason("line {where} is no header of the lines below it, which have another number of cells", "")
_NO_HEADER = Reason("line {where}, the first, holds numbers, so the columns are named by their place", "")
_TORN = Reason("line {where}, the last, breaks off and was left out", "")
_CUT_NUMBER = Reason("line {where}, the last, has no end, so its last number may be cut off and was left out", "")
_MISFITS = 3
_MOST_MISFITS = 20
"""So many of the first lines, all of one width, tell that the header above them is not theirs: it is a title, or
damaged. Among more lines without that, the header is believed."""


class CsvParser:
    """Rows by line; columns by the names of the header that stands above them."""

    def __init__(self) -> None:
        self._lines = WholeLines()
        self._damage = Tally()
        self._columns = CsvColumns(self._damage)
        self._names: tuple[str, ...] = ()
        self._comment = ""
        self._delimiter = ","
        self._open: list[tuple[int, str]] = []
        self._header_line = 0
        self._quick = False
        self._misfits: list[tuple[int, str]] | None = []

    @property
    def chunk_bytes(self) -> int:
        """How much to give at a time: so much that it takes a fraction of 50 ms."""
        return _QUICK_BYTES if self._quick else CHUNK_BYTES

    def take(self, data: bytes) -> None:
        """Read on."""
        first, block = self._lines.take_block(data)
        self._lines.tell_too_long(self._damage)
        if self._lines.line == first:
            return
        plain = None if self._open or len(self._names) < 2 else plain_rows(block, self._delimiter, len(self._names))
        self._quick = plain is not None
        if plain is not None:
            self._trust_header()
            self._columns.add_plain(self._names, plain)
        else:
            text = block.decode("utf-8", "surrogateescape").replace("\r", "")
            self._take_lines(deque(enumerate(text.split("\n"), first)))

    def finished(self) -> CsvParser:
        """This parser, its unfinished last line read as far as it is certain."""
        if self._open:  # no further line can close the quote
            self._take_lines(deque(self._without_quote()), last=True)
        self._trust_header()
        held = self._lines.held.decode("utf-8", "surrogateescape").replace("\r", "").strip("\0")
        self._lines.held = b""
        if held.strip():
            row = cells_of(held, self._delimiter)
            if len(row) != len(self._names) or self._is_header(row):
                self._damage.add(_TORN, self._lines.line)
            else:
                if row[-1] and not held.endswith('"'):
                    self._damage.add(_CUT_NUMBER, self._lines.line)
                    row[-1] = ""
                self._add_rows([row], [self._lines.line])
        return self

    def series(self, path: Path) -> SeriesSet:  # noqa: ARG002 - parsers are told the path for their errors
        """The curves so far."""
        if self._lines.held or self._open or self._misfits:
            table = self._columns.table
            mark = table.mark()
            try:
                return copy.deepcopy(self, {id(table): table}).finished().answer()
            finally:
                table.back_to(mark)
        return self.answer()

    def answer(self) -> SeriesSet:
        """The curves of whole rows."""
        found = self._columns.answer()
        if self._names or found.notes:
            return found
        return msgspec.structs.replace(found, notes=("the file holds no table",))

    def _add_rows(self, rows: Sequence[Sequence[str]], lines: Sequence[int]) -> None:
        self._columns.add_rows(self._names, rows, lines, self._delimiter)

    def _take_lines(self, lines: deque[tuple[int, str]], *, last: bool = False) -> None:
        """Read lines one by one; `last` says that no further one will come to close a quote."""
        rows: list[list[str]] = []
        places: list[int] = []
        while lines or (last and self._open):
            if not lines:
                lines.extend(self._without_quote())
            number, line = lines.popleft()
            if "\0" in line:
                self._damage.add(_NULS, number)
                line = line.replace("\0", "")
            if self._open or opens_quote(line, self._delimiter):
                self._open.append((number, line))
                if self._is_quoted_on(line):
                    continue
                number, line = self._open[0][0], "\n".join(text for _, text in self._open)
                if len(self._open) > 1 and not self._fits(line):
                    lines.extendleft(reversed(self._without_quote()))
                    continue
                self._open = []
            elif not line.strip() or self._is_comment(line):
                continue
            row = cells_of(line, self._delimiter)
            if not self._names or self._is_header(row):
                self._add_rows(rows, places)
                rows, places = [], []
                self._take_header(number, line)
            elif (fitted := self._fitted(row)) is not None:
                if self._misfits is not None and any(number_of(cell, self._delimiter) is not None for cell in fitted):
                    self._trust_header()
                rows.append(fitted)
                places.append(number)
            elif self._misfits is None:
                self._damage.add(_WIDTH, number)
            else:
                self._add_rows(rows, places)
                rows, places = [], []
                self._doubt_header(number, line)
        self._add_rows(rows, places)

    def _trust_header(self) -> None:
        """A line has the width of the header, so those that had not are damaged."""
        for number, _ in self._misfits or ():
            self._damage.add(_WIDTH, number)
        self._misfits = None

    def _doubt_header(self, number: int, line: str) -> None:
        """Hold a line that the header does not fit, while none has come that it fits; in the end give up the header."""
        assert self._misfits is not None
        self._misfits.append((number, line))
        below = self._misfits[-_MISFITS:]
        delimiter = best_delimiter(line)
        rows = [cells_of(text, delimiter) for _, text in below]
        if len(below) < _MISFITS or len(set(map(len, rows))) > 1:
            if len(self._misfits) > _MOST_MISFITS:
                self._trust_header()
            return
        for place, _ in self._misfits[:-_MISFITS]:
            self._damage.add(_WIDTH, place)
        self._misfits = None
        self._damage.add(_OTHER_HEADER, self._header_line)
        self._delimiter = delimiter
        named = all(cell.strip() and number_of(cell) is None for cell in rows[0])
        self._names = unique_names(rows[0] if named else [""] * len(rows[0]))
        begin = 1 if named else 0
        self._add_rows(rows[begin:], [place for place, _ in below[begin:]])

    def _is_quoted_on(self, line: str) -> bool:
        """Whether the quote that is open stays open after its newest line."""
        if len(self._open) > _MAX_QUOTED_LINES or sum(len(text) for _, text in self._open) > _MAX_QUOTED_CHARACTERS:
            return False
        joined = "\n".join(text for _, text in self._open)
        return '"' not in line or opens_quote(joined, self._delimiter)

    def _fits(self, joined: str) -> bool:
        """Whether lines joined by a quote make one row, and would not make as many rows each by itself."""
        if opens_quote(joined, self._delimiter):
            return False
        alone = all(len(line.split(self._delimiter)) == len(self._names) for _, line in self._open)
        return not self._names or (not alone and self._fitted(cells_of(joined, self._delimiter)) is not None)

    def _without_quote(self) -> list[tuple[int, str]]:
        """The lines held for an open quote, to be read anew with the first stripped of it."""
        (number, line), *rest = self._open
        self._open = []
        self._damage.add(_STRAY_QUOTE, number)
        return [(number, line.replace('"', "")), *rest]

    def _fitted(self, row: list[str]) -> list[str] | None:
        """The row in the header's width, or None; empty cells at the end are no cells."""
        width = len(self._names)
        if len(row) > width and not any(cell.strip() for cell in row[width:]):
            return row[:width]
        return row if len(row) == width else None

    def _is_comment(self, line: str) -> bool:
        if not line.startswith("#"):
            return False
        self._comment = line[1:]
        try:  # Gym's monitor tells here when its column t began
            start = json.loads(self._comment).get("t_start")
            if isinstance(start, int | float):
                self._columns.started = float(start)
        except (ValueError, AttributeError, RecursionError):
            pass
        return True

    def _is_header(self, row: Sequence[str]) -> bool:
        cells = [cell.strip() for cell in row]
        if not cells[0] or number_of(cells[0]) is not None:
            return False
        return not set(self._names).isdisjoint(cells) and all(cell and number_of(cell) is None for cell in cells)

    def _take_header(self, number: int, line: str) -> None:
        if self._names:
            self._damage.add(_HEADER, number)
            self._names = unique_names(cells_of(line, self._delimiter))
            return
        self._delimiter = best_delimiter(line)
        self._header_line = number
        row = cells_of(line, self._delimiter)
        if any(cell.strip() and number_of(cell) is None for cell in row):
            self._names = unique_names(row)
            return
        comment = cells_of(self._comment, self._delimiter)  # numpy.savetxt writes the header behind a #
        if len(comment) == len(row):
            self._names = unique_names(comment)
        else:
            self._names = unique_names([""] * len(row))
            self._damage.add(_NO_HEADER, number)
        self._add_rows([row], [number])


reader = LogReader("csv", CsvParser)
series, facts = reader.series, reader.facts
