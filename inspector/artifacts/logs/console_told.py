"""Numbers of whole console lines by name, each at the epoch and step that were told last."""

from __future__ import annotations

import copy
import math
from itertools import count

from inspector.artifacts.logs.console_columns import NOWHERE, Columns, Numbers, extend
from inspector.artifacts.logs.console_names import EPOCH_NAMES, STEP_NAMES, is_metric, is_noise
from inspector.artifacts.logs.console_said import SILENT, Said, Ways, said_by, ways_of
from inspector.artifacts.logs.console_shapes import Entry, without_clocks
from inspector.artifacts.logs.console_tables import Pair
from inspector.artifacts.logs.digit_runs import Stretch
from inspector.artifacts.logs.line_forms import LinesRead

_KEPT_HEADERS = 4
"""Of tables whose rows are still looked for: a tool may print two tables in turn."""

_MOST_SHAPES = 4096
_MOST_HEADERS = 64
"""Of these and of sets of headers so many are remembered."""

_BLOCK_LINES = 50
"""Indented lines this close below an epoch or step belong to it."""


class Told:
    """What the lines of a log have told so far.

    Attributes:
        columns: their numbers by name.
        lines: how many there were.
    """

    def __init__(self) -> None:
        self.columns = Columns()
        self.lines = 0
        self._epoch = self._step = self._total = NOWHERE
        self._block_end = -1
        self._headers: tuple[str, ...] = ()
        self._heading: tuple[int, str] | None = None
        self._box: dict[str, tuple[int, float]] = {}
        self._group = ""
        self._known: dict[tuple[str, ...], dict[str, Said]] = {}

    def trial(self) -> Told:
        """The same, for reading on for a while: only the columns are shared, which return to a mark."""
        told = copy.copy(self)
        told._box = dict(self._box)  # noqa: SLF001 - its own
        told._known = {}  # noqa: SLF001 - its own; columns that are made now are forgotten
        return told

    def take_lines(self, read: LinesRead, block: bytes, *, cut: bool = False) -> None:
        """Read lines of any shapes, each by what is known of its shape.

        Args:
            read: their shapes and numbers.
            block: their bytes, for the names in headers.
            cut: there is one line, and a number at its very end may go on.
        """
        texts: list[bytes] = []
        rows, values = self.columns.rows, read.values
        lines, epochs, steps, totals = rows.lines, rows.epochs, rows.steps, rows.totals
        known = self._known_shapes()
        before = ""
        for line, shape, first in zip(count(self.lines), read.shapes, read.firsts):
            said = known.get(shape) or known.setdefault(shape, said_by(shape, self._headers, cut=cut))
            if said.header and shape != before:
                texts = texts or block.split(b"\n")
                self._take_header(without_clocks(texts[line - self.lines].decode("utf-8", "surrogateescape")))
                known = self._known_shapes()
                said = known.get(shape) or known.setdefault(shape, said_by(shape, self._headers, cut=cut))
            before = shape
            if said.passed:
                continue
            pair = said.pair
            if pair is not None:
                value = pair.word if pair.place is None else values[first + pair.place]
                self._take_pair(pair, line, value)
                continue
            if self._box or self._group:
                self.end_box()
            plan = said.plan
            if plan is not None and said.placed:
                self._block_end = line + _BLOCK_LINES
                if plan.epoch is not None:
                    self._epoch = values[first + plan.epoch]
                self._step = NOWHERE if plan.step is None else values[first + plan.step]
                self._total = NOWHERE if plan.total is None else values[first + plan.total]
            ways = self._ways_of(said, line)
            if ways.silent:
                continue
            row = len(lines)
            lines.append(line)
            epochs.append(self._epoch)
            steps.append(self._step)
            totals.append(self._total)
            for into_rows, into_values, place, factor, word in ways.columns:
                into_rows.append(row)
                into_values.append(word if place is None else values[first + place] * factor)
        self.lines += len(read.shapes)

    def take_stretch(self, stretch: Stretch) -> None:
        """Read neighbouring lines of one shape as `take_lines` does, with columns in place of numbers."""
        size = stretch.count
        lines = range(self.lines, self.lines + size)
        self.lines += size
        known = self._known_shapes()
        said = known.get(stretch.shape) or known.setdefault(stretch.shape, said_by(stretch.shape, self._headers))

        def told(place: int | None, otherwise: float) -> Numbers:
            return [otherwise] * size if place is None else stretch.column(place)

        if said.passed:
            return
        if said.pair is not None:
            for line, value in zip(lines, told(said.pair.place, said.pair.word), strict=True):
                self._take_pair(said.pair, line, float(value))
            return
        self.end_box()
        plan = said.plan
        if plan is not None and said.placed:
            self._block_end = lines[-1] + _BLOCK_LINES
            epochs, steps = told(plan.epoch, self._epoch), told(plan.step, NOWHERE)
            totals = told(plan.total, NOWHERE)
            self._epoch, self._step, self._total = float(epochs[-1]), float(steps[-1]), float(totals[-1])
            self._put(said, stretch, lines, (epochs, steps, totals))
            return
        near = max(self._block_end + 1 - lines[0], 0)
        for part in filter(len, (lines[:near], lines[near:])):
            at = [self._epoch] * len(part), [self._step] * len(part), [self._total] * len(part)
            self._put(said, stretch, part, at)

    def _put(self, said: Said, stretch: Stretch, lines: range, at: tuple[Numbers, Numbers, Numbers]) -> None:
        """Add the numbers of some lines of a stretch, the last that was taken, at their epochs, steps and totals."""
        ways = self._ways_of(said, lines[0])
        if ways.silent:
            return
        rows = self.columns.rows.add(lines, *at)
        first = lines.start - (self.lines - stretch.count)
        part = slice(first, first + len(lines))
        for into_rows, into_values, place, factor, word in ways.columns:
            extend(into_rows, rows)
            extend(into_values, [word] * len(lines) if place is None else stretch.column(place)[part] * factor)

    def end_box(self) -> None:
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
            if placed and self.columns.first_placed is None:
                self.columns.first_placed = len(self.columns.rows)
            rows = self.columns.rows.add(range(line, line + 1), [epoch], [step], [NOWHERE])
            self.columns.put((not math.isnan(step), tag), entry, rows, [value], placed=placed)
        if placed:
            self._epoch, self._step, self._total = epoch, step, NOWHERE

    def _take_pair(self, pair: Pair, line: int, value: float) -> None:
        """Read a row of a box, whose numbers have one place that any row may tell."""
        if pair.heading:
            self._group = pair.tag
            return
        tag = self._group + pair.tag if pair.member else pair.tag
        if tag in self._box:
            self.end_box()
        self._box[tag] = line, value

    def _ways_of(self, said: Said, line: int) -> Ways:
        """Where the numbers of this line go, and from now on those of lines below it."""
        heading = self._heading
        if heading is not None and 0 <= said.indent <= heading[0]:
            heading = None
        self._heading = said.heading or heading
        if said.plan is None:
            return SILENT
        placed = said.placed or (said.plan.inner and line <= self._block_end)
        above = f"{heading[1]}/" if heading is not None and said.indent > 0 and not said.placed else ""
        key = (placed, self._step == self._step, above)  # a step that is NaN was not told
        ways = said.ways.get(key)
        if ways is None:
            ways = said.ways[key] = ways_of(said.plan, key, self.columns, said.uncertain)
        return ways

    def _known_shapes(self) -> dict[str, Said]:
        """What is known of shapes below the headers at hand."""
        known = self._known.get(self._headers)
        if known is None or len(known) > _MOST_SHAPES:
            if len(self._known) >= _MOST_HEADERS:
                self._known.clear()
            known = self._known[self._headers] = {}
        return known

    def _take_header(self, header: str) -> None:
        older = [known for known in self._headers if known != header]
        self._headers = (header, *older)[:_KEPT_HEADERS]
