"""Numbers by record and name, and the curves they make once one column is known to be the step."""

from __future__ import annotations

import copy
import math
from typing import NamedTuple

from inspector.artifacts.logs.growing import Column
from inspector.artifacts.logs.series_axes import Axes, Axis, AxisState, Curve
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.texts import clean
from inspector.formats.series import Series

STEP_NAMES = (
    "step",
    "global_step",
    "trainer/global_step",
    "train/global_step",
    "_step",
    "steps",
    "iteration",
    "iterations",
    "iter",
    "total_timesteps",
    "time/total_timesteps",
)
EPOCH_NAMES = ("epoch", "train/epoch", "trainer/epoch", "current_epoch", "_epoch", "epochs")
TIME_NAMES = ("time", "_timestamp", "timestamp", "wall_time", "walltime", "created_at", "datetime", "date")
"""Names of axis columns in lower case; where a log has several, the fullest counts, then the first of these."""

MAX_NAMES = 10_000
"""A log that makes up a new name on every line is not a log of curves."""

_TOO_MANY_NAMES = Reason(
    f"record {{where}} brings more than {MAX_NAMES:,} names, one value was left out",
    f"from record {{where}} on there are more than {MAX_NAMES:,} names, {{count}} values were left out",
)
_STEP_ASSUMED = Reason(
    "record {where} has no step and stands at the one before it",
    "{count} records have no step and stand at the one before them, the first is record {where}",
)

_CLOCKS = ((3e8, 3e11, 1.0), (3e11, 3e14, 1e-3), (3e14, 3e17, 1e-6), (3e17, 3e20, 1e-9))
"""From, to and seconds a count: what lies between 1980 and beyond 2200 in s, ms, us or ns since 1970."""


class TableMark(NamedTuple):
    """A table as it was, to go back to."""

    records: int
    tally: Tally
    counts: tuple[int, ...]
    axes: Axes
    made_for: tuple[tuple[Axis | None, bool], ...]
    states: tuple[AxisState | None, ...]


class SeriesTable:
    """Columns of numbers; a record that lacks a name leaves no point there.

    Asked again for its curves, it does work for what was added since, and gives views of arrays that grow.

    Attributes:
        records: how many records there are, those without a number included.
    """

    __slots__ = ("_axes", "_columns", "_curves", "_made_for", "records", "tally")

    def __init__(self) -> None:
        self.records = 0
        self.tally = Tally()
        self._columns: dict[str, Column] = {}
        self._curves: dict[str, Curve] = {}
        self._axes = Axes()
        self._made_for = self._axes.known()

    def knows(self, name: str) -> bool:
        """Whether any record had a number of this name."""
        return name in self._columns

    def put(self, name: str, record: int, value: float) -> None:
        """Add one number of one record, counted from 0."""
        column = self._column(name, record, 1)
        if column is not None:
            column.put(record, value)

    def extend(self, name: str, records: IntArray, values: FloatArray) -> None:
        """Add numbers of several records: (points,) int64 and (points,) float64, one at least."""
        column = self._column(name, int(records[0]), len(records))
        if column is not None:
            column.extend(records, values)

    def extend_rows(self, name: str, first: int, values: FloatArray) -> None:
        """Add a number of each record from `first` on: (points,) float64, one at least."""
        column = self._column(name, first, len(values))
        if column is not None:
            column.extend_rows(first, values)

    def _column(self, name: str, record: int, values: int) -> Column | None:
        """The column of a name; None where there are too many names already."""
        known = self._columns.get(name)
        if known is None:
            if len(self._columns) >= MAX_NAMES:
                self.tally.add(_TOO_MANY_NAMES, record + 1, values)
                return None
            known = self._columns[name] = Column(record)
        return known

    def series(self) -> tuple[tuple[Series, ...], tuple[str, ...]]:
        """The curves in the order in which their names came, and what was assumed to make them."""
        for column in self._columns.values():
            column.settle()
        axes = self._chosen()
        if axes.known() != self._made_for:
            self._curves, self._made_for = {}, axes.known()
        self._axes = axes
        made = []
        for name, column in sorted(self._columns.items(), key=lambda item: item[1].first):
            if name not in axes.names:
                curve = self._curves.get(name)
                if curve is None:
                    curve = self._curves[name] = Curve(column, axes)
                made.append(curve.series(clean(name)))
        notes = Tally()
        if axes.step is not None and axes.step.is_known and axes.step.lacking:
            notes.add(_STEP_ASSUMED, axes.step.first_lacking + 1, axes.step.lacking)
        backs = axes.time.clock.note("record") if axes.time is not None else ()
        return tuple(made), (*self.tally.texts(), *notes.texts(), *backs)

    def mark(self) -> TableMark:
        """The table as it is now."""
        for column in self._columns.values():
            column.settle()
        counts = tuple(column.values.count for column in self._columns.values())
        states = tuple(axis.state() if axis is not None else None for axis in self._axes)
        return TableMark(self.records, copy.deepcopy(self.tally), counts, self._axes, self._made_for, states)

    def back_to(self, mark: TableMark) -> None:
        """Take back what was added since."""
        self.records, self.tally = mark.records, mark.tally
        for name in tuple(self._columns)[len(mark.counts) :]:
            del self._columns[name]
            self._curves.pop(name, None)
        if self._made_for != mark.made_for:
            self._curves, self._made_for = {}, mark.made_for
        self._axes = mark.axes
        for axis, state in zip(mark.axes, mark.states, strict=True):
            if axis is not None and state is not None:
                axis.back_to(state)
        for (name, column), count in zip(self._columns.items(), mark.counts, strict=True):
            if column.values.count > count:
                column.cut(count)
                if name in self._curves:
                    self._curves[name].cut(count)

    def _chosen(self) -> Axes:
        """The axes, as far as there are records."""
        time_name, time_scale = self._clock()
        step = self._axis(self._axes.step, self._fullest(STEP_NAMES), 1.0, fills=True)
        epoch = self._axis(self._axes.epoch, self._fullest(EPOCH_NAMES), 1.0)
        time = self._axis(self._axes.time, time_name, time_scale)
        return Axes(step, epoch, time)

    def _axis(self, before: Axis | None, name: str | None, scale: float, *, fills: bool = False) -> Axis | None:
        if name is None:
            return None
        column = self._columns[name]
        if before is None or before.column is not column or before.scale != scale:
            before = Axis(name, column, scale, fills=fills)
        return before.read_on(self.records)

    def _fullest(self, names: tuple[str, ...]) -> str | None:
        found = [
            (column.values.count, -names.index(name.lower()), name)
            for name, column in self._named(names)
            if column.values.count
        ]
        return max(found)[2] if found else None

    def _clock(self) -> tuple[str | None, float]:
        """The column of points in time, and what turns it into seconds since 1970; elapsed times are no clock."""
        for name, column in sorted(self._named(TIME_NAMES), key=lambda item: TIME_NAMES.index(item[0].lower())):
            first = sorted(column.values.view()[:101].tolist())
            middle = first[len(first) // 2] if first else math.nan
            for low, high, seconds in _CLOCKS:
                if low <= middle < high:
                    return name, seconds
        return None, math.nan

    def _named(self, names: tuple[str, ...]) -> list[tuple[str, Column]]:
        return [(name, column) for name, column in self._columns.items() if name.lower() in names]
