"""Reads console text line by line into named numbers, each at the epoch and step that were told last."""

from __future__ import annotations

import copy
import functools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.artifacts.logs.console_columns import NOWHERE, Columns, Key, Numbers
from inspector.artifacts.logs.console_damage import READ_BYTES, ConsoleDamage, is_no_text
from inspector.artifacts.logs.console_names import EPOCH_NAMES, SCOPES, STEP_NAMES, is_metric, is_noise, tag_of
from inspector.artifacts.logs.console_shapes import GAP, Entry, Plan, number_of, plan_of, shapes_of
from inspector.artifacts.logs.console_tables import Pair, may_be_header, pair_of, table_plan
from inspector.artifacts.logs.console_text import text_of
from inspector.artifacts.logs.digit_runs import stretches
from inspector.artifacts.logs.lines import ConsoleLines, Line
from inspector.artifacts.logs.series_axes import filled_steps
from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.series import Series, SeriesSet

_KEPT_HEADERS = 4
"""Of tables whose rows are still looked for: a tool may print two tables in turn."""

_BLOCK_LINES = 50
"""Indented lines this close below an epoch or step belong to it."""

_CAREFUL = (b"\r", b"\x1b", b"\b", b"\0", b"\xc2\x9b")
"""What a terminal does not show as it is; lines with these are read one by one."""

_HEADING = re.compile(
    rf"(?P<indent>\s*)(?:\[(?P<title>[A-Za-z][\w -]{{2,50}})\]"
    rf"|(?P<scope>{SCOPES})(?:ing|idation|uation)?(?: (?:set|results?|metrics))?:)\s*",
    re.IGNORECASE,
)


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
        at = begin
        for stretch in stretches(data[begin:end], READ_BYTES):
            self._take_bytes(data[at : begin + stretch.start])
            size = stretch.end - stretch.start - stretch.count
            self._damage.note_stretch(self._lines + 1, stretch.count, size, stretch.shape)
            if is_no_text(stretch.shape):
                self._pass_by(stretch.count)
            else:
                self._take_run(stretch.shape, stretch.count, stretch.column)
            self._splitter.skip(stretch.end - stretch.start)
            at = begin + stretch.end
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
        text = text_of(block.replace(b"\0", b""))
        shapes, numbers = shapes_of(text)
        if b"\0" in block or not text.isascii() or len(block) > READ_BYTES:
            self._damage.note_lines(self._lines + 1, lines, text, shapes)
        uncertain = len(numbers) - 1 if cut and shapes[-1].endswith(GAP) else -1
        line = used = 0
        while line < len(shapes):
            shape, first = shapes[line], line
            line += 1
            while line < len(shapes) and shapes[line] == shape:  # lines of one shape mostly come together
                line += 1
            wide = shape.count(GAP)
            run = numbers[used : used + wide * (line - first)]
            used += len(run)
            if is_no_text(shape):
                self._pass_by(line - first)
                continue
            if may_be_header(shape):
                header = _restored(shape, run)
                older = [known for known in self._headers if known != header]
                self._headers = (header, *older)[:_KEPT_HEADERS]
            self._take_run(shape, line - first, _reader_of(run, wide), uncertain - used + wide if cut else -1)

    def _pass_by(self, count: int) -> None:
        """Pass over lines without reading them."""
        self._lines += count
        self._since += count

    def _take_run(self, shape: str, count: int, column: Callable[[int], Numbers], uncertain: int = -1) -> None:
        """Read `count` lines of one shape; `column` gives the numbers at one place of it.

        The number at the place `uncertain` may go on; below 0 there is none.
        """
        lines = range(self._lines, self._lines + count)
        self._lines += count
        pair = pair_of(shape)
        if pair is not None:
            self._since += count
            if pair.place is None or pair.place != uncertain:
                self._take_pair(pair, lines, column)
            return
        self._end_box()
        if self._heading is not None and shape.strip() and _indent(shape) <= self._heading[0]:
            self._heading = None
        plan = next(filter(None, (table_plan(header, shape) for header in self._headers)), None) or plan_of(shape)
        if plan is None:
            self._since += count
            self._heading = _heading_of(shape) or self._heading
            return
        if uncertain >= 0 and uncertain in (plan.epoch, plan.step, plan.total):
            self._since += count
            return
        if plan.placed:
            self._since = 0
            self._take_placed(plan, shape, lines, column, uncertain)
            return
        near = min(max(_BLOCK_LINES - self._since, 0), count) if plan.inner else 0
        self._since += count
        for part, placed in ((slice(0, near), True), (slice(near, count), False)):
            if part.start < part.stop:
                self._put(plan, shape, lines[part], _part_of(column, part), uncertain, placed=placed)

    def _take_placed(
        self, plan: Plan, shape: str, lines: range, column: Callable[[int], Numbers], uncertain: int
    ) -> None:
        """Read lines that tell an epoch or a step."""

        def told(place: int | None, otherwise: float) -> Numbers:
            return [otherwise] * len(lines) if place is None else column(place)

        epochs, steps, totals = told(plan.epoch, self._epoch), told(plan.step, NOWHERE), told(plan.total, NOWHERE)
        self._put(plan, shape, lines, column, uncertain, placed=True, at=(epochs, steps, totals))
        self._epoch, self._step, self._total = float(epochs[-1]), float(steps[-1]), float(totals[-1])

    def _put(
        self,
        plan: Plan,
        shape: str,
        lines: range,
        column: Callable[[int], Numbers],
        uncertain: int,
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
            if entry.place is None or entry.place != uncertain:
                values = [entry.word] * count if entry.place is None else column(entry.place)
                self._columns.put((of_step, above + entry.tag), entry, rows, values, placed=placed)

    def _take_pair(self, pair: Pair, lines: range, column: Callable[[int], Numbers]) -> None:
        """Read rows of a box, whose numbers have one place that any row may tell."""
        if pair.heading:
            self._group = pair.tag
            return
        tag = self._group + pair.tag if pair.member else pair.tag
        values = [pair.word] * len(lines) if pair.place is None else column(pair.place)
        for line, value in zip(lines, values, strict=True):
            if tag in self._box:
                self._end_box()
            self._box[tag] = line, float(value)

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


def _reader_of(run: list[str], wide: int) -> Callable[[int], Numbers]:
    return lambda place: [number_of(text) for text in run[place::wide]]


def _part_of(column: Callable[[int], Numbers], part: slice) -> Callable[[int], Numbers]:
    return lambda place: column(place)[part]


def _restored(shape: str, numbers: list[str]) -> str:
    """The line that a shape was taken from."""
    pieces = shape.split(GAP)
    return "".join(piece + number for piece, number in zip(pieces, [*numbers[: len(pieces) - 1], ""], strict=True))


def _indent(shape: str) -> int:
    return len(shape) - len(shape.lstrip())


@functools.lru_cache(2048)
def _heading_of(shape: str) -> tuple[int, str] | None:
    """How far a line is set in that names what the lines below it are of, and this name as the begin of a tag."""
    found = _HEADING.fullmatch(shape)
    if found is None:
        return None
    title = found["title"] or found["scope"]
    return len(found["indent"]), "/".join(tag_of(part) for part in title.split(" - "))
