"""Console text in pieces to curves: its lines, read together where neighbours are alike, else one by one."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.artifacts.logs.console_columns import Columns
from inspector.artifacts.logs.console_damage import READ_BYTES, ConsoleDamage, may_be_damaged
from inspector.artifacts.logs.console_lines import ConsoleLines, Line
from inspector.artifacts.logs.console_text import plain
from inspector.artifacts.logs.console_told import Told
from inspector.artifacts.logs.digit_runs import stretches
from inspector.artifacts.logs.line_forms import LineReader, read_as_written
from inspector.artifacts.logs.series_axes import filled_steps
from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.series import Series, SeriesSet

_LEAST_ALIKE = 0.125
_PIECES_BETWEEN_LOOKS = 8
"""Of a log with fewer lines in stretches of one shape only some pieces are searched for them."""

_CAREFUL = (b"\r", b"\x1b", b"\b", b"\0", b"\xc2\x9b")
"""What a terminal does not show as it is; lines with these are read one by one."""


class ReadLines(NamedTuple):
    """The lines of a console log that gave numbers to curves.

    Attributes:
        lines: (lines,) int64, their numbers from 0, rising.
        steps: (lines,) float64, the step each tells or lies at; NaN where the log tells no step.
        epochs: (lines,) float64, NaN where it tells no epoch.
    """

    lines: IntArray
    steps: FloatArray
    epochs: FloatArray


class ConsoleParser:
    """Named numbers by line, each at the epoch and step that were told last."""

    def __init__(self) -> None:
        self._splitter = ConsoleLines()
        self._told = Told()
        self._damage = ConsoleDamage()
        self._reader = LineReader()
        self._unlike = 0

    @property
    def lines(self) -> int:
        """How many lines there are, the unfinished one included."""
        return self._told.lines + len(self._splitter.unfinished())

    def take(self, data: bytes) -> None:
        """Read on."""
        begin = data.find(b"\n") + 1 if self._splitter.unfinished() else 0
        end = data.rfind(b"\n") + 1
        if end <= begin or any(mark in data for mark in _CAREFUL):
            self._take_bytes(data)
            return
        self._take_bytes(data[:begin])
        at, alike = begin, 0
        looked_for = self._unlike % _PIECES_BETWEEN_LOOKS == 0
        for stretch in stretches(data[begin:end], READ_BYTES) if looked_for else ():
            self._take_bytes(data[at : begin + stretch.start])
            size = stretch.end - stretch.start - stretch.count
            self._damage.note_stretch(self._told.lines + 1, stretch.count, size, stretch.shape)
            self._told.take_stretch(stretch)
            self._splitter.skip(stretch.end - stretch.start)
            at = begin + stretch.end
            alike += stretch.end - stretch.start
        self._unlike = 0 if alike > (end - begin) * _LEAST_ALIKE else self._unlike + 1
        self._take_bytes(data[at:])

    def series(self, path: Path) -> SeriesSet:  # noqa: ARG002 - other parsers name the file in what they raise
        """The curves so far; the number at the very end may be cut off and is not taken."""
        with self._finished() as columns:
            chosen = columns.chosen()
            steps, notes = columns.global_steps()
            axis = filled_steps(steps) if np.isfinite(steps).any() else None
            epochs = np.array(columns.rows.epochs)
            curves = tuple(_curve(tag, *columns.points(key), axis, epochs) for tag, key in chosen.items())
            notes = (*self._damage.texts(), *notes)
            return SeriesSet(series=curves, skipped=self._skipped(len(columns.by_key) - len(chosen)), notes=notes)

    def lines_behind(self, tag: str) -> IntArray:
        """The number of the line, from 0, that each point of a curve was read from: (points,) int64."""
        with self._finished() as columns:
            key = columns.chosen().get(tag)
            rows = np.empty(0, np.int64) if key is None else columns.points(key)[0]
            return np.array(columns.rows.lines, np.int64)[rows]

    def read_lines(self) -> ReadLines:
        """The lines that gave numbers to curves."""
        with self._finished() as columns:
            used = np.zeros(len(columns.rows), np.bool_)
            for key in columns.chosen().values():
                used[columns.points(key)[0]] = True
            steps, _notes = columns.global_steps()
            if np.isfinite(steps).any():
                steps = filled_steps(steps)
            lines, first = np.unique(np.array(columns.rows.lines, np.int64)[used], return_index=True)
            rows = np.flatnonzero(used)[first]
            return ReadLines(lines, steps[rows], np.array(columns.rows.epochs)[rows])

    @contextmanager
    def _finished(self) -> Iterator[Columns]:
        """For a while the columns hold what the unfinished end says, as far as that is certain."""
        columns = self._told.columns
        mark, kept = columns.mark(), (self._told, self._damage)
        self._told, self._damage = self._told.trial(), copy.deepcopy(self._damage)
        try:
            if unfinished := self._splitter.unfinished():
                self._take_lines(unfinished, cut=True)
            self._told.end_box()
            yield columns
        finally:
            columns.return_to(mark)
            self._told, self._damage = kept

    def _take_bytes(self, data: bytes) -> None:
        if data and (lines := self._splitter.take(data)):
            self._take_lines(lines)

    def _take_lines(self, lines: Sequence[Line], *, cut: bool = False) -> None:
        """Read whole lines; `cut` says that it is one, and that a number at its very end may go on."""
        block = b"\n".join([head[:READ_BYTES] for _start, _end, head in lines])
        has_nul = b"\0" in block
        block = plain(block.replace(b"\0", b"") if has_nul else block)
        read = read_as_written(block) if cut else self._reader.read(block)
        if has_nul or may_be_damaged(lines, block):
            text = block.decode("utf-8", "surrogateescape")
            self._damage.note_lines(self._told.lines + 1, lines, text, read.shapes)
        self._told.take_lines(read, block, cut=cut)

    def _skipped(self, left: int) -> tuple[str, ...]:
        """What was read and is no curve, `left` names among it."""
        found = []
        if left:
            found.append(
                "1 number that does not come again" if left == 1 else f"{left:,} numbers that do not come again"
            )
        if folded := self._splitter.folded:
            found.append(f"{folded:,} {'state' if folded == 1 else 'states'} of progress bars that were overwritten")
        return tuple(found)


def _curve(tag: str, rows: IntArray, values: FloatArray, steps: FloatArray | None, epochs: FloatArray) -> Series:
    at = epochs[rows]
    return Series(
        tag=tag,
        steps=np.arange(len(rows), dtype=np.float64) if steps is None else steps[rows],
        values=values,
        epochs=None if np.isnan(at).all() else at,
        stepless=steps is None,
    )
