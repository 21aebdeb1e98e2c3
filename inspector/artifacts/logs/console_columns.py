"""The numbers of a console log by name while it is read, and what speaks for their being curves."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inspector.artifacts.logs.console_shapes import Entry
from inspector.core.arrays import FloatArray, IntArray

MAX_NAMES = 5_000
"""A log that names more numbers than this prints tables, not curves."""

NOWHERE = math.nan
"""The epoch or step of what was told before any."""

_WEAK_POINTS = 3
_UNITS = {
    "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0, "seconds": 1.0,
    "b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
    "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30, "tib": 2.0**40,
}  # fmt: skip
"""What one of a unit is in seconds or bytes."""

Numbers = Sequence[float] | FloatArray


def extend(numbers: array[Any], more: Numbers | range) -> None:
    """Add numbers; those of an array are copied at once."""
    if isinstance(more, np.ndarray):
        numbers.frombytes(np.ascontiguousarray(more, np.float64).tobytes())
    elif isinstance(more, range):
        numbers.frombytes(np.arange(more.start, more.stop, dtype=np.int64).tobytes())
    else:
        numbers.extend(more)


class Rows:
    """Where the numbers of each line that was read belong.

    Attributes:
        epochs, steps, totals: as told last, NaN where not told; `totals` is how many steps an epoch has.
        lines: the numbers of the lines, from 0.
    """

    __slots__ = ("epochs", "lines", "steps", "totals")

    def __init__(self) -> None:
        self.epochs = array("d")
        self.steps = array("d")
        self.totals = array("d")
        self.lines = array("q")

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, lines: range, epochs: Numbers, steps: Numbers, totals: Numbers) -> range:
        """Add a row for each line; gives their places."""
        first = len(self.lines)
        extend(self.epochs, epochs)
        extend(self.steps, steps)
        extend(self.totals, totals)
        extend(self.lines, lines)
        return range(first, len(self.lines))

    def cut(self, count: int) -> None:
        """Forget all rows but the first ones."""
        for column in (self.epochs, self.steps, self.totals, self.lines):
            del column[count:]


class Column:
    """The numbers under one name.

    Attributes:
        rows: for each number its row.
        placed: whether any stood on a line with an epoch or step, or in the block below one.
        metric: whether the name is one that metrics have.
        weak: whether nothing but their coming again says that they are named so.
        unit: of the first.
    """

    __slots__ = ("metric", "placed", "rows", "unit", "values", "weak")

    def __init__(self, entry: Entry) -> None:
        self.rows = array("q")
        self.values = array("d")
        self.placed = False
        self.metric = entry.metric
        self.weak = entry.weak
        self.unit = entry.unit

    def is_curve(self) -> bool:
        """A number that is not placed must come again, and change or have the name of a metric."""
        if self.weak:
            return self.placed and len(self.values) >= _WEAK_POINTS and self._changes()
        return self.placed or (len(self.values) > 1 and (self.metric or self._changes()))

    def _changes(self) -> bool:
        first = self.values[0]
        return any(value != first for value in self.values)

    def factor(self, entry: Entry) -> float:
        """What turns numbers of an entry into the unit of the first."""
        if entry.unit != self.unit and entry.unit in _UNITS and self.unit in _UNITS:
            return _UNITS[entry.unit] / _UNITS[self.unit]
        return 1.0

    def add(self, entry: Entry, rows: range, values: Numbers) -> None:
        """Add numbers, in the unit of the first."""
        factor = self.factor(entry)
        extend(self.rows, rows)
        extend(self.values, values if factor == 1 else [value * factor for value in values])


Key = tuple[bool, str]
"""Whether the numbers were told at a step, and the tag."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a table of columns had come."""

    rows: int
    columns: dict[Key, tuple[int, bool, bool]]
    first_placed: int | None


class Columns:
    """All named numbers of a log.

    Attributes:
        first_placed: the first row that has an epoch or step.
    """

    __slots__ = ("by_key", "first_placed", "rows")

    def __init__(self) -> None:
        self.by_key: dict[Key, Column] = {}
        self.rows = Rows()
        self.first_placed: int | None = None

    def put(self, key: Key, entry: Entry, rows: range, values: Numbers, *, placed: bool) -> None:
        """Add the numbers of some rows under a name."""
        column = self.column(key, entry, placed=placed)
        if column is not None:
            column.add(entry, rows, values)

    def column(self, key: Key, entry: Entry, *, placed: bool) -> Column | None:
        """Where numbers go that an entry names; None where there are too many names."""
        known = self.by_key.get(key)
        if known is None:
            if len(self.by_key) >= MAX_NAMES:
                return None
            known = self.by_key[key] = Column(entry)
        known.placed |= placed
        known.weak &= entry.weak
        return known

    def mark(self) -> Mark:
        """Where this table stands now."""
        columns = {key: (len(column.values), column.placed, column.weak) for key, column in self.by_key.items()}
        return Mark(len(self.rows), columns, self.first_placed)

    def return_to(self, mark: Mark) -> None:
        """Forget what came after a mark."""
        self.rows.cut(mark.rows)
        self.first_placed = mark.first_placed
        for key in [key for key in self.by_key if key not in mark.columns]:
            del self.by_key[key]
        for key, (count, placed, weak) in mark.columns.items():
            column = self.by_key[key]
            column.placed, column.weak = placed, weak
            del column.rows[count:]
            del column.values[count:]

    def chosen(self) -> dict[str, Key]:
        """The key of each curve by its tag; what is told both by step and by epoch is two curves."""
        keys = [key for key, column in self.by_key.items() if column.is_curve()]
        by_step = {tag for of_step, tag in keys if of_step}
        return {tag if of_step or tag not in by_step else f"epoch/{tag}": (of_step, tag) for of_step, tag in keys}

    def points(self, key: Key) -> tuple[IntArray, FloatArray]:
        """Rows, (points,) int64, and values, (points,) float64, of a curve.

        What stood above the first epoch is no point of a curve that has its place.
        """
        column = self.by_key[key]
        rows, values = np.array(column.rows, np.int64), np.array(column.values)
        if column.placed and self.first_placed is not None and len(rows) and rows[0] < self.first_placed:
            later = rows >= self.first_placed
            return rows[later], values[later]
        return rows, values

    def global_steps(self) -> tuple[FloatArray, tuple[str, ...]]:
        """(rows,) float64, steps of the whole run, NaN where a row tells none; and what was done to them.

        Where the log counts them anew in every epoch, and tells how many there are, they are counted on.
        """
        steps, totals, epochs = (np.array(one) for one in (self.rows.steps, self.rows.totals, self.rows.epochs))
        told = np.flatnonzero(np.isfinite(steps) & np.isfinite(totals) & np.isfinite(epochs))
        later = np.diff(epochs[told]) > 0
        if not (later & (np.diff(steps[told]) <= 0)).any():
            return steps, ()
        with np.errstate(over="ignore"):
            steps[told] += (epochs[told] - epochs[told].min()) * totals[told]
        return steps, (f"steps begin anew in every epoch of {totals[told][0]:,.0f} and are counted on",)
