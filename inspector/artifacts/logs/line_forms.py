"""Shapes and numbers of many console lines of any forms at once.

Lines that differ in their digits alone have one form (`digit_runs`). A form that comes again is looked up by the
line's letters, and the numbers of all lines are read together; lines that have none yet are read as they are written.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.console_shapes import GAP, number_of, shapes_of
from inspector.artifacts.logs.digit_runs import (
    MOST_DIGITS,
    MOST_POWER,
    ONES,
    POWERS,
    ZERO,
    Form,
    digit_runs,
    form_of,
)
from inspector.core.arrays import FloatArray, IntArray

_LEAST_LINES = 24
"""Fewer are read faster as they are written."""

_MOST_KNOWN = 4096
_MOST_WHOLE_DIGITS = 18
_MOST_EXPONENT_DIGITS = 3
_NEWLINE = 10


class LinesRead(NamedTuple):
    """What lines say.

    Attributes:
        shapes: of each.
        firsts: where in `values` the numbers of each begin.
        values: the numbers of all lines.
    """

    shapes: list[str]
    firsts: list[int]
    values: list[float]


class _Keyed:
    """The forms of lines of the same letters, told apart by digits that are part of names and by lengths of dates."""

    __slots__ = ("constant", "dated", "forms")

    def __init__(self, form: Form) -> None:
        self.constant, self.dated = form.constant, form.dated
        self.forms: dict[tuple[bytes | int, ...], Form | None] = {}

    def form(self, text: bytes, first: int, starts: list[int], ends: list[int], block: bytes) -> Form | None:
        """The form of a line, whose first run of digits is `first` of those in the block."""
        key: list[bytes | int] = [block[starts[first + run] : ends[first + run]] for run in self.constant]
        key.extend(ends[first + run] - starts[first + run] for run in self.dated)
        form = self.forms.get(tuple(key), _NOTHING)
        if form is _NOTHING:
            if len(self.forms) >= _MOST_KNOWN:
                self.forms.clear()
            form = self.forms[tuple(key)] = form_of(text)
        return form


_Known = Form | _Keyed | bool
"""The form of lines of the same letters; True: they were seen once; False: they are read as they are written."""


class _Runs(NamedTuple):
    """The runs of digits in a block of lines: where they begin and end, and which is the first of each line."""

    starts: IntArray
    ends: IntArray
    firsts: IntArray


class LineReader:
    """Reads lines, and keeps the forms that come again."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Known] = {}

    def read(self, block: bytes) -> LinesRead:
        """Read lines, one newline between two of them."""
        if block.count(b"\n") < _LEAST_LINES:
            return read_as_written(block)
        raw = np.frombuffer(block + b"\n", np.uint8)
        starts, ends, letters = digit_runs(raw)
        begins = np.concatenate(([0], np.flatnonzero(raw[:-1] == _NEWLINE) + 1))
        runs = _Runs(starts, ends, np.searchsorted(starts, begins))
        forms, written = self._forms(block, letters.tobytes().split(b"\n"), runs)
        firsts, numbers = _numbers(block, raw, forms, runs)
        shapes, places, values = [form.shape for form in forms], firsts.tolist(), numbers.tolist()
        if written:
            texts = block.split(b"\n")
            others = read_as_written(b"\n".join([texts[line] for line in written]))
            for line, shape, first in zip(written, others.shapes, others.firsts, strict=True):
                shapes[line], places[line] = shape, len(values) + first
            values += others.values
        return LinesRead(shapes, places, values)

    def _forms(self, block: bytes, rows: list[bytes], runs: _Runs) -> tuple[list[Form], list[int]]:
        """The form of each line, and the lines that have none."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        found = list(map(self._known.get, rows[:-1]))
        others = [line for line, known in enumerate(found) if type(known) is not Form]
        written: list[int] = []
        if others:
            texts = block.split(b"\n")
            firsts = np.append(runs.firsts, len(runs.starts))
            counts = firsts[1:][others] - runs.firsts[others]
            begins = np.cumsum(counts) - counts
            theirs = np.repeat(runs.firsts[others] - begins, counts) + np.arange(counts.sum())
            starts, ends = runs.starts[theirs].tolist(), runs.ends[theirs].tolist()
            for line, run in zip(others, begins.tolist(), strict=True):
                known = self._met(rows[line], texts[line])
                form = known.form(texts[line], run, starts, ends, block) if isinstance(known, _Keyed) else known
                if not isinstance(form, Form):
                    form = _NOTHING
                    written.append(line)
                found[line] = form
        return cast("list[Form]", found), written

    def _met(self, letters: bytes, text: bytes) -> _Known:
        """What is known of a line now that it was met."""
        known = self._known.get(letters)
        if known is None:
            self._known[letters] = True
            return True
        if known is True:
            form = form_of(text)
            known = False if form is None else _Keyed(form) if form.constant or form.dated else form
            self._known[letters] = known
        return known


_NOTHING = Form(shape="", numbers=(), constant=(), dated=())


def read_as_written(block: bytes) -> LinesRead:
    """The same by what is written; right for all lines."""
    shapes, numbers = shapes_of(block.decode("utf-8", "surrogateescape"))
    firsts = []
    first = 0
    for shape in shapes:
        firsts.append(first)
        first += shape.count(GAP)
    return LinesRead(shapes, firsts, [number_of(number) for number in numbers])


def _numbers(block: bytes, raw: npt.NDArray[np.uint8], found: list[Form], runs: _Runs) -> tuple[IntArray, FloatArray]:
    """Where the numbers of each line begin, and the numbers of all, equal to what `float` makes of their text."""
    indices: dict[Form, int] = {}
    forms = np.array([indices.setdefault(form, len(indices)) for form in found])
    sizes = np.array([len(form.places) for form in indices])
    counts = sizes[forms]
    ends = np.cumsum(counts)
    firsts = ends - counts
    rows = np.repeat((np.cumsum(sizes) - sizes)[forms] - firsts, counts) + np.arange(ends[-1])
    table = np.ascontiguousarray(np.concatenate([form.places for form in indices]).T)
    begins = np.repeat(runs.firsts, counts)
    none = len(runs.starts)
    lengths = np.append(runs.ends - runs.starts, 0)  # the last is the run of what has none
    wholes = np.append(_wholes(raw, runs.ends, lengths[:-1]), 0)

    def runs_at(field: int) -> IntArray:
        places = table[field][rows]
        return np.where(places < 0, none, places + begins)

    whole, fraction = runs_at(0), runs_at(1)
    decimals = lengths[fraction]
    values = (wholes[whole] * ONES[np.minimum(decimals, len(ONES) - 1)] + wholes[fraction]).astype(np.float64)
    unsure = lengths[whole] + decimals > MOST_DIGITS
    last = np.maximum(np.where(whole < none, whole, 0), np.where(fraction < none, fraction, 0))
    if (table[2] < 0).all():
        values /= POWERS[np.minimum(decimals, MOST_POWER)]
    else:
        exponent = runs_at(2)
        last = np.where(exponent < none, exponent, last)
        power = np.where(table[4][rows], -wholes[exponent], wholes[exponent]) - decimals
        unsure |= (lengths[exponent] > _MOST_EXPONENT_DIGITS) | (np.abs(power) > MOST_POWER)
        scale = POWERS[np.minimum(np.abs(power), MOST_POWER)]
        values = np.where(power < 0, values / scale, values * scale)
    for number in np.flatnonzero(unsure).tolist():
        begin = runs.starts[whole[number]] if whole[number] < none else runs.starts[fraction[number]] - 1
        values[number] = float(block[begin : runs.ends[last[number]]])
    np.negative(values, out=values, where=table[3][rows] > 0)
    return firsts, values


def _wholes(raw: npt.NDArray[np.uint8], ends: IntArray, lengths: IntArray) -> IntArray:
    """Runs of digits as whole numbers: (runs,) int64, wrong where there are more than 18."""
    total = (raw[ends - 1] - np.uint8(ZERO)).astype(np.int64)
    longer = np.flatnonzero(lengths > 1)
    places, left = ends[longer] - 2, lengths[longer]
    for place in range(1, _MOST_WHOLE_DIGITS):
        if not len(longer):
            break
        total[longer] += (raw[places] - np.uint8(ZERO)) * ONES[place]
        keep = np.flatnonzero(left > place + 1)
        longer, places, left = longer[keep], places[keep] - 1, left[keep]
    return total
