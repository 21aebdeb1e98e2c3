"""The cells of a text table by the names of its columns: numbers make curves, texts are counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inspector.artifacts.logs.csv_cells import PlainRows, numbers_of
from inspector.artifacts.logs.series_table import TIME_NAMES, SeriesTable
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.texts import visible
from inspector.formats.series import SeriesSet

_GROUPED = Reason(
    "one number in line {where} is read without the marks between its thousands",
    "{count} numbers are read without the marks between their thousands, the first in line {where}",
)

_MONITOR_TIME = "t"
"""Gym's monitor counts seconds here from a time that it tells above the table."""


class CsvColumns:
    """Rows taken so far.

    Args:
        damage: where numbers written unusually are counted.

    Attributes:
        table: the numbers.
        started: seconds since 1970 when column `t` of Gym's monitor began; None where it does not say.
    """

    def __init__(self, damage: Tally) -> None:
        self.table = SeriesTable()
        self.started: float | None = None
        self._damage = damage
        self._texts: dict[str, tuple[int, int]] = {}

    def add_plain(self, names: Sequence[str], rows: PlainRows) -> None:
        """Add rows that hold nothing but numbers."""
        first, count = self.table.records, len(rows.values)
        self.table.records += count
        places = np.arange(first, first + count)
        known = np.count_nonzero(rows.filled, axis=0).tolist()
        for column, name in enumerate(names):
            if known[column] == count and (name != _MONITOR_TIME or self.started is None):
                self.table.extend_rows(name, first, rows.values[:, column])
            elif known[column]:
                filled = rows.filled[:, column]
                self._extend(name, places[filled], rows.values[filled, column])

    def add_rows(
        self, names: Sequence[str], rows: Sequence[Sequence[str]], lines: Sequence[int], delimiter: str
    ) -> None:
        """Add rows of cells, as many in each as there are names, with the numbers of their lines."""
        if not rows:
            return
        places = np.arange(self.table.records, self.table.records + len(rows))
        self.table.records += len(rows)
        for name, cells in zip(names, zip(*rows, strict=True), strict=True):
            found = numbers_of(cells, delimiter, dates=name.lower() in TIME_NAMES)
            if len(found.values):
                self._extend(name, places[found.known], found.values)
            if found.grouped:
                self._damage.add(_GROUPED, lines[found.grouped[0]], len(found.grouped))
            if found.others:
                count, first = self._texts.get(name, (0, lines[found.others[0]]))
                self._texts[name] = (count + len(found.others), first)

    def _extend(self, name: str, places: IntArray, values: FloatArray) -> None:
        self.table.extend(name, places, values)
        if name == _MONITOR_TIME and self.started is not None:
            self.table.extend("time", places, values + self.started)

    def answer(self) -> SeriesSet:
        """The curves, and what is said of what else there is."""
        curves, assumed = self.table.series()
        notes = [*self._damage.texts(), *assumed]
        skipped = []
        numbered = {one.tag for one in curves}
        for name, (count, line) in self._texts.items():
            shown = visible(name, 200)
            if name in numbered:
                cells = "1 cell" if count == 1 else f"{count:,} cells"
                notes.append(f"{cells} of {shown} without a number left out, the first in line {line:,}")
            else:
                skipped.append(f"{shown} ({count:,} × text)")
        return SeriesSet(series=curves, skipped=tuple(skipped), notes=tuple(notes))
