"""Reads console text line by line into named numbers, each at the epoch and step that were told last."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.artifacts.logs.console_columns import NOWHERE, Columns, Key, Numbers
from inspector.artifacts.logs.console_damage import READ_BYTES, ConsoleDamage, is_no_text, may_be_damaged
from inspector.artifacts.logs.console_names import EPOCH_NAMES, STEP_NAMES, is_metric, is_noise
from inspector.artifacts.logs.console_said import Said, said_by, ways_of
from inspector.artifacts.logs.console_shapes import GAP, Entry, Plan, without_clocks
from inspector.artifacts.logs.console_tables import Pair, pair_of
from inspector.artifacts.logs.console_text import plain
from inspector.artifacts.logs.digit_runs import stretches
from inspector.artifacts.logs.line_forms import LineReader, LinesRead, read_as_written
from inspector.artifacts.logs.lines import ConsoleLines, Line
from inspector.artifacts.logs.series_axes import filled_steps
from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.series import Series, SeriesSet

_KEPT_HEADERS = 4
"""Of tables whose rows are still looked for: a tool may print two tables in turn."""

_MOST_SHAPES = 4096
_MOST_HEADERS = 64
"""Of these and of sets of headers so many are remembered."""

_BLOCK_LINES = 50
"""Indented lines this close below an epoch or step belong to it."""

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
        self._columns = Columns()
        self._lines = 0
        self._epoch = self._step = self._total = NOWHERE
        self._since = _BLOCK_LINES
        self._headers: tuple[str, ...] = ()
        self._heading: tuple[int, str] | None = None
        self._box: dict[str, tuple[int, float]] = {}
        self._group = ""
        self._damage = ConsoleDamage()
        self._reader = LineReader()
        self._unlike = 0
        self._shapes: dict[tuple[str, ...], dict[str, Said]] = {}

    @property
    def lines(self) -> int:
        """How many lines there are, the unfinished one included."""
        return self._lines + len(self._splitter.unfinished())

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
            self._damage.note_stretch(self._lines + 1, stretch.count, size, stretch.shape)
            if is_no_text(stretch.shape):
                self._pass_by(stretch.count)
            else:
                self._take_run(stretch.shape, stretch.count, stretch.column)
            self._splitter.skip(stretch.end - stretch.start)
            at = begin + stretch.end
            alike += stretch.end - stretch.start
        self._unlike = 0 if alike > (end - begin) * _LEAST_ALIKE else self._unlike + 1
        self._take_bytes(data[at:])

    def series(self, path: Path) -> SeriesSet:  # noqa: ARG002 - other parsers name the file in what they raise
        """The curves so far; the number at the very end may be cut off and is not taken."""
        with self._finished():
            chosen = self._columns.chosen()
            steps, notes = self._columns.global_steps()
            axis = filled_steps(steps) if np.isfinite(steps).any() else None
            epochs = np.array(self._columns.rows.epochs)
            curves = tuple(self._curve(tag, key, axis, epochs) for tag, key in chosen.items())
            notes = (*self._damage.texts(), *notes)
            return SeriesSet(series=curves, skipped=self._skipped(len(chosen)), notes=notes)

    def lines_behind(self, tag: str) -> IntArray:
        """The number of the line, from 0, that each point of a curve was read from: (points,) int64."""
        with self._finished():
            key = self._columns.chosen().get(tag)
            rows = np.empty(0, np.int64) if key is None else self._columns.points(key)[0]
            return np.array(self._columns.rows.lines, np.int64)[rows]

    def read_lines(self) -> ReadLines:
        """The lines that gave numbers to curves."""
        with self._finished():
            used = np.zeros(len(self._columns.rows), np.bool_)
            for key in self._columns.chosen().values():
                used[self._columns.points(key)[0]] = True
            steps, _notes = self._columns.global_steps()
            if np.isfinite(steps).any():
                steps = filled_steps(steps)
            lines, first = np.unique(np.array(self._columns.rows.lines, np.int64)[used], return_index=True)
            rows = np.flatnonzero(used)[first]
            return ReadLines(lines, steps[rows], np.array(self._columns.rows.epochs)[rows])

    @contextmanager
    def _finished(self) -> Iterator[None]:
        """For a while this parser has read its unfinished end, as far as that is certain."""
        unfinished = self._splitter.unfinished()
        if not unfinished and not self._box:
            yield
            return
        mark = self._columns.mark()
        kept = dict(vars(self), _box=dict(self._box), _damage=copy.deepcopy(self._damage))
        self._shapes = {}  # columns that are made now are forgotten
        try:
            *whole, last = unfinished or [None]
            if whole:
                self._take_lines([line for line in whole if line is not None])
            if last is not None:
                self._take_lines([last], cut=True)
            self._end_box()
            yield
        finally:
            self._columns.return_to(mark)
            vars(self).update(kept)

    def _take_bytes(self, data: bytes) -> None:
        if data and (lines := self._splitter.take(data)):
            self._take_lines(lines)

    def _take_lines(self, lines: Sequence[Line], *, cut: bool = False) -> None:
        """Read whole lines; `cut` says that a number at the very end may go on."""
        block = b"\n".join([head[:READ_BYTES] for _start, _end, head in lines])
        has_nul = b"\0" in block
        block = plain(block.replace(b"\0", b"") if has_nul else block)
        read = read_as_written(block) if cut else self._reader.read(block)
        if has_nul or may_be_damaged(lines, block):
            self._damage.note_lines(self._lines + 1, lines, block.decode("utf-8", "surrogateescape"), read.shapes)
        uncertain = len(read.values) - 1 if cut and read.shapes[-1].endswith(GAP) else -1
        self._take_each(read, block, uncertain)

    def _take_each(  # noqa: C901, PLR0912, PLR0915 - a call for each of its parts would take as long as the line
        self, read: LinesRead, block: bytes, uncertain: int
    ) -> None:
        """Read lines one by one, each by what is known of its shape.

        The number `uncertain` of theirs may go on; below 0 there is none.
        """
        texts: list[bytes] = []
        columns, values = self._columns.rows, read.values
        add_line, add_epoch = columns.lines.append, columns.epochs.append
        add_step, add_total = columns.steps.append, columns.totals.append
        row, at, heading = len(columns), self._lines, self._heading
        known = self._known_shapes()
        epoch, step, total, since = self._epoch, self._step, self._total, self._since
        before = ""
        for index, (shape, first) in enumerate(zip(read.shapes, read.firsts, strict=True)):
            since += 1
            said = known.get(shape) or known.setdefault(shape, said_by(shape, self._headers))
            if said.header and shape != before:
                texts = texts or block.split(b"\n")
                self._take_header(without_clocks(texts[index].decode("utf-8", "surrogateescape")))
                known = self._known_shapes()
                said = known.get(shape) or known.setdefault(shape, said_by(shape, self._headers))
            before = shape
            if said.passed:
                continue
            pair = said.pair
            if pair is not None or self._box or self._group:
                self._epoch, self._step, self._total = epoch, step, total
                if pair is None:
                    self._end_box()
                elif pair.place is None or first + pair.place != uncertain:
                    self._take_pair(pair, at + index, pair.word if pair.place is None else values[first + pair.place])
                epoch, step, total, row = self._epoch, self._step, self._total, len(columns)
                if pair is not None:
                    continue
            if heading is not None and 0 <= said.indent <= heading[0]:
                heading = None
            plan = said.plan
            if plan is None:
                heading = said.heading or heading
                continue
            unsure = uncertain - first if uncertain >= first else None
            if unsure is not None and unsure in (plan.epoch, plan.step, plan.total):
                continue
            placed, above = said.placed, ""
            if placed:
                since = 0
                if plan.epoch is not None:
                    epoch = values[first + plan.epoch]
                step = NOWHERE if plan.step is None else values[first + plan.step]
                total = NOWHERE if plan.total is None else values[first + plan.total]
            else:
                placed = plan.inner and since <= _BLOCK_LINES
                if heading is not None and said.indent > 0:
                    above = f"{heading[1]}/"
            key = (placed, step == step, above)  # noqa: PLR0124 - a step that is NaN was not told
            ways = said.ways.get(key) if unsure is None else None
            if ways is None:
                ways = ways_of(plan, key, self._columns, unsure)
                if unsure is None:
                    said.ways[key] = ways
            if ways.silent:
                continue
            add_line(at + index)
            add_epoch(epoch)
            add_step(step)
            add_total(total)
            for add_row, add_value, place, factor, word in ways.columns:
                add_row(row)
                add_value(word if place is None else values[first + place] * factor)
            row += 1
        self._epoch, self._step, self._total, self._since = epoch, step, total, since
        self._lines, self._heading = at + len(read.shapes), heading

    def _known_shapes(self) -> dict[str, Said]:
        """What is known of shapes below the headers at hand."""
        known = self._shapes.get(self._headers)
        if known is None or len(known) > _MOST_SHAPES:
            if len(self._shapes) >= _MOST_HEADERS:
                self._shapes.clear()
            known = self._shapes[self._headers] = {}
        return known

    def _take_header(self, header: str) -> None:
        older = [known for known in self._headers if known != header]
        self._headers = (header, *older)[:_KEPT_HEADERS]

    def _pass_by(self, count: int) -> None:
        """Pass over lines without reading them."""
        self._lines += count
        self._since += count

    def _take_run(self, shape: str, count: int, column: Callable[[int], Numbers]) -> None:
        """Read `count` lines of one shape; `column` gives the numbers at one place of it."""
        lines = range(self._lines, self._lines + count)
        self._lines += count
        pair = pair_of(shape)
        if pair is not None:
            self._since += count
            values = [pair.word] * count if pair.place is None else column(pair.place)
            for line, value in zip(lines, values, strict=True):
                self._take_pair(pair, line, float(value))
            return
        self._end_box()
        said = said_by(shape, self._headers)
        if self._heading is not None and 0 <= said.indent <= self._heading[0]:
            self._heading = None
        plan = said.plan
        if plan is None:
            self._since += count
            self._heading = said.heading or self._heading
            return
        if plan.placed:
            self._since = 0
            self._take_placed(plan, shape, lines, column)
            return
        near = min(max(_BLOCK_LINES - self._since, 0), count) if plan.inner else 0
        self._since += count
        for part, placed in ((slice(0, near), True), (slice(near, count), False)):
            if part.start < part.stop:
                self._put(plan, shape, lines[part], _part_of(column, part), placed=placed)

    def _take_placed(self, plan: Plan, shape: str, lines: range, column: Callable[[int], Numbers]) -> None:
        """Read lines that tell an epoch or a step."""

        def told(place: int | None, otherwise: float) -> Numbers:
            return [otherwise] * len(lines) if place is None else column(place)

        epochs, steps, totals = told(plan.epoch, self._epoch), told(plan.step, NOWHERE), told(plan.total, NOWHERE)
        self._put(plan, shape, lines, column, placed=True, at=(epochs, steps, totals))
        self._epoch, self._step, self._total = float(epochs[-1]), float(steps[-1]), float(totals[-1])

    def _put(
        self,
        plan: Plan,
        shape: str,
        lines: range,
        column: Callable[[int], Numbers],
        *,
        placed: bool,
        at: tuple[Numbers, Numbers, Numbers] | None = None,
    ) -> None:
        entries = [entry for entry in plan.entries if placed or entry.metric or entry.leads]
        if not entries:
            return
        count = len(lines)
        at = at or ([self._epoch] * count, [self._step] * count, [self._total] * count)
        if placed and self._columns.first_placed is None:
            self._columns.first_placed = len(self._columns.rows)
        rows = self._columns.rows.add(lines, *at)
        of_step = not math.isnan(at[1][0])
        above = "" if self._heading is None or plan.placed or not shape[:1].isspace() else f"{self._heading[1]}/"
        for entry in entries:
            values = [entry.word] * count if entry.place is None else column(entry.place)
            self._columns.put((of_step, above + entry.tag), entry, rows, values, placed=placed)

    def _take_pair(self, pair: Pair, line: int, value: float) -> None:
        """Read a row of a box, whose numbers have one place that any row may tell."""
        if pair.heading:
            self._group = pair.tag
            return
        tag = self._group + pair.tag if pair.member else pair.tag
        if tag in self._box:
            self._end_box()
        self._box[tag] = line, value

    def _end_box(self) -> None:
        """Give the numbers of a box the step that one of its rows tells."""
        box, self._box, self._group = self._box, {}, ""
        if not box:
            return
        axis = next((name for name in STEP_NAMES if name in box), None)
        epoch = next((box[name][1] for name in EPOCH_NAMES if name in box), NOWHERE)
        step = NOWHERE if axis is None else box[axis][1]
        placed = not (math.isnan(step) and math.isnan(epoch))
        for tag, (line, value) in box.items():
            entry = Entry(tag, None, value, metric=is_metric(tag))
            if tag in EPOCH_NAMES or tag == axis or is_noise(tag) or not (placed or entry.metric):
                continue
            if placed and self._columns.first_placed is None:
                self._columns.first_placed = len(self._columns.rows)
            rows = self._columns.rows.add(range(line, line + 1), [epoch], [step], [NOWHERE])
            self._columns.put((not math.isnan(step), tag), entry, rows, [value], placed=placed)
        if placed:
            self._epoch, self._step, self._total = epoch, step, NOWHERE

    def _curve(self, tag: str, key: Key, steps: FloatArray | None, epochs: FloatArray) -> Series:
        rows, values = self._columns.points(key)
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
        if left := len(self._columns.by_key) - chosen:
            found.append(
                "1 number that does not come again" if left == 1 else f"{left:,} numbers that do not come again"
            )
        if folded := self._splitter.folded:
            found.append(f"{folded:,} {'state' if folded == 1 else 'states'} of progress bars that were overwritten")
        return tuple(found)


def _part_of(column: Callable[[int], Numbers], part: slice) -> Callable[[int], Numbers]:
    return lambda place: column(place)[part]
