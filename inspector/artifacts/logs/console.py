"""Console logs: the curves that their lines print, and the lines themselves."""

from __future__ import annotations

import copy
import math
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.identity import identity_of
from inspector.artifacts.logs.console_shapes import GAP, Entry, Plan, number_of, plan_of, shapes_of
from inspector.artifacts.logs.console_text import text_of
from inspector.artifacts.logs.following import Follower, SeriesFollower, encoding_of
from inspector.artifacts.logs.line_index import IndexParser, LineIndex, index_of_text
from inspector.artifacts.logs.lines import ConsoleLines, Line
from inspector.artifacts.logs.series_table import filled_steps, series_facts
from inspector.core.arrays import FloatArray
from inspector.core.errors import LimitError
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.formats.facts import ConsoleFacts
from inspector.formats.series import Series, SeriesSet

__all__ = ["ConsoleParser", "LineIndex", "facts", "lines_of", "series"]

MAX_NAMES = 5_000
"""A log that names more numbers than this prints tables, not curves."""

_READ_BYTES = 8 * 1024
"""Of a line; a longer one is no line of metrics."""

_BLOCK_LINES = 50
"""Indented lines this close below an epoch or step belong to it."""

_MAX_UTF16_BYTES = 64 * 2**20


class _Column:
    """The numbers under one name, and what speaks for their being a curve.

    Attributes:
        rows: for each number the row of epochs and steps that it belongs to.
        placed: whether any stood on a line with an epoch or step, or in the block below one.
        metric: whether the name is one that metrics have.
    """

    __slots__ = ("metric", "placed", "rows", "values")

    def __init__(self, *, metric: bool) -> None:
        self.rows = array("q")
        self.values = array("d")
        self.placed = False
        self.metric = metric

    def is_curve(self) -> bool:
        """A number that is not placed must come again, and change or have the name of a metric."""
        return self.placed or (len(self.values) > 1 and (self.metric or len(set(self.values)) > 1))


class ConsoleParser:
    """Named numbers by line, each at the epoch and step that were told last."""

    def __init__(self) -> None:
        self._splitter = ConsoleLines()
        self._lines = 0
        self._columns: dict[tuple[bool, str], _Column] = {}
        self._epochs = array("d")
        self._steps = array("d")
        self._totals = array("d")
        self._first_placed: int | None = None
        self._epoch = self._step = self._total = math.nan
        self._since = _BLOCK_LINES

    @property
    def lines(self) -> int:
        """How many lines there are, the unfinished one included."""
        return self._lines + len(self._splitter.unfinished())

    def take(self, data: bytes) -> None:
        """Read on."""
        lines = self._splitter.take(data)
        if lines:
            self._take_lines(lines)

    def finished(self) -> ConsoleParser:
        """This parser, its unfinished last line read as far as it is certain."""
        *whole, last = self._splitter.unfinished()
        self._splitter.end()
        if whole:
            self._take_lines(whole)
        self._take_lines([last], cut=True)
        return self

    def series(self, path: Path) -> SeriesSet:
        """The curves so far; the number at the very end may be cut off and is not taken."""
        if self._splitter.unfinished():
            return copy.deepcopy(self).finished().series(path)
        chosen = {key: column for key, column in self._columns.items() if column.is_curve()}
        by_step = {tag for of_step, tag in chosen if of_step}
        epochs = np.array(self._epochs)
        steps, notes = self._global_steps(epochs)
        axis = filled_steps(steps) if np.isfinite(steps).any() else None
        curves = tuple(
            self._curve(tag if of_step or tag not in by_step else f"epoch/{tag}", column, axis, epochs)
            for (of_step, tag), column in chosen.items()
        )
        return SeriesSet(series=curves, skipped=self._skipped(len(chosen)), notes=notes)

    def _take_lines(self, lines: Sequence[Line], *, cut: bool = False) -> None:
        """Read whole lines; `cut` says that a number at the very end may go on."""
        text = text_of(b"\n".join([head[:_READ_BYTES] for _start, _end, head in lines]).replace(b"\0", b""))
        shapes, numbers = shapes_of(text)
        self._lines += len(lines)
        uncertain = len(numbers) - 1 if cut and shapes[-1].endswith(GAP) else -1
        line = used = 0
        while line < len(shapes):
            shape, first = shapes[line], line
            plan = plan_of(shape)
            line += 1
            if plan is not None and plan.placed:  # lines of one shape mostly come together
                while line < len(shapes) and shapes[line] == shape:
                    line += 1
            self._since += line - first
            wide = shape.count(GAP)
            if plan is not None:
                run = numbers[used : used + wide * (line - first)]
                self._take_run(plan, run, wide, line - first, uncertain - used if uncertain >= used else -1)
            used += wide * (line - first)

    def _take_run(self, plan: Plan, numbers: list[str], wide: int, count: int, uncertain: int) -> None:
        """Read `count` lines of one shape, which have `wide` numbers each."""
        if uncertain in (plan.epoch, plan.step, plan.total):
            return

        def column(place: int) -> list[float]:
            return [number_of(text) for text in numbers[place::wide]]

        if plan.placed:
            epochs = [self._epoch] * count if plan.epoch is None else column(plan.epoch)
            steps = [math.nan] * count if plan.step is None else column(plan.step)
            totals = [math.nan] * count if plan.total is None else column(plan.total)
            self._epoch, self._step, self._total = epochs[-1], steps[-1], totals[-1]
            self._since = 0
        else:
            epochs, steps, totals = [self._epoch] * count, [self._step] * count, [self._total] * count
        placed = plan.placed or (plan.indented and self._since <= _BLOCK_LINES)
        entries = [entry for entry in plan.entries if placed or entry.metric or entry.leads]
        if not entries:
            return
        rows = range(len(self._epochs), len(self._epochs) + count)
        if placed and self._first_placed is None:
            self._first_placed = rows.start
        self._epochs.extend(epochs)
        self._steps.extend(steps)
        self._totals.extend(totals)
        of_step = not math.isnan(steps[0])
        for entry in entries:
            if entry.place is not None and entry.place == uncertain:
                continue
            values = [entry.word] * count if entry.place is None else column(entry.place)
            self._put(entry, rows, values, of_step=of_step, placed=placed)

    def _put(self, entry: Entry, rows: range, values: list[float], *, of_step: bool, placed: bool) -> None:
        known = self._columns.get((of_step, entry.tag))
        if known is None:
            if len(self._columns) >= MAX_NAMES:
                return
            known = self._columns[of_step, entry.tag] = _Column(metric=entry.metric)
        known.placed |= placed
        known.rows.extend(rows)
        known.values.extend(values)

    def _global_steps(self, epochs: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
        """Steps of the whole run, where the log counts them anew in every epoch and tells how many there are."""
        steps, totals = np.array(self._steps), np.array(self._totals)
        told = np.flatnonzero(np.isfinite(steps) & np.isfinite(totals) & np.isfinite(epochs))
        later = np.diff(epochs[told]) > 0
        if not (later & (np.diff(steps[told]) <= 0)).any():
            return steps, ()
        steps[told] += (epochs[told] - epochs[told].min()) * totals[told]
        return steps, (f"steps begin anew in every epoch of {totals[told][0]:,.0f} and are counted on",)

    def _curve(self, tag: str, column: _Column, steps: FloatArray | None, epochs: FloatArray) -> Series:
        rows, values = np.array(column.rows), np.array(column.values)
        if column.placed and self._first_placed is not None:  # what stood above the first epoch was no point of it
            later = rows >= self._first_placed
            rows, values = rows[later], values[later]
        at = epochs[rows]
        return Series(
            tag=tag,
            steps=np.arange(len(rows), dtype=np.float64) if steps is None else steps[rows],
            values=values,
            epochs=None if np.isnan(at).all() else at,
            stepless=steps is None,
        )

    def _skipped(self, chosen: int) -> tuple[str, ...]:
        found = []
        if left := len(self._columns) - chosen:
            found.append(
                "1 number that does not come again" if left == 1 else f"{left:,} numbers that do not come again"
            )
        if folded := self._splitter.folded:
            found.append(f"{folded:,} {'state' if folded == 1 else 'states'} of progress bars that were overwritten")
        return tuple(found)


_follower = SeriesFollower(ConsoleParser)
_indexes = Follower(IndexParser, text=False)


def series(path: Path, pulse: Pulse) -> SeriesSet:
    """Every curve that a console log prints.

    Raises:
        FileError: the file cannot be read.
        WorkCancelled: the pulse was cancelled.
    """
    return _follower.series(path, pulse)


def facts(path: Path, pulse: Pulse) -> ConsoleFacts:
    """What a console log holds; raises as `series`."""
    found = series(path, pulse)
    return ConsoleFacts(
        bytes=identity_of(path).bytes,
        lines=_follower.parser(path, pulse).lines,
        series=series_facts(found.series),
        skipped=found.skipped,
        notes=found.notes,
    )


def lines_of(path: Path, pulse: Pulse) -> LineIndex:
    """The lines of a console log, to be read by number.

    Raises:
        FileError: the file cannot be read.
        LimitError: it is UTF-16 and too large to be held in memory.
        WorkCancelled: the pulse was cancelled.
    """
    with ByteFile(path) as file:
        encoding = encoding_of(file.read(0, 2))
        if encoding != "utf-8":
            if file.size > _MAX_UTF16_BYTES:
                limit = bytes_text(_MAX_UTF16_BYTES)
                raise LimitError(path, f"at most {limit} of {encoding.upper()} text", bytes_text(file.size))
            text = file.read(0, file.size).decode(encoding, "replace")
            return index_of_text(path, text.encode("utf-8", "surrogatepass"))
    parser = _indexes.parser(path, pulse)
    return LineIndex(path, parser.bounds(), parser.folded)
