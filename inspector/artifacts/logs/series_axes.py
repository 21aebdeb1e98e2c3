"""The axes of a table's curves, which grow as it does: a look at a growing log does work for its new records only."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from inspector.artifacts.logs.clocks import Clock
from inspector.artifacts.logs.growing import Column, GrowingArray
from inspector.core.arrays import FloatArray
from inspector.formats.series import Series


class AxisState(NamedTuple):
    """How far an axis has come."""

    records: int
    points: int
    lacking: int
    first_lacking: int
    first_known: int
    last: float
    clock: Clock


class Axis:
    """The numbers of one column at every record, NaN where it has none.

    Args:
        name: of the column.
        column: whose numbers these are.
        scale: what they are multiplied by.
        fills: a record without a number has the one before it, at the start the first there is.

    Attributes:
        dense: (records,) float64.
        lacking, first_lacking: how many records have no finite number of their own, and which is the first.
        first_known: the first record with a number that is not NaN, -1 where there is none.
        clock: where the numbers go back.
    """

    __slots__ = (
        "_fills", "_last", "_points", "clock", "column", "dense", "first_known", "first_lacking", "lacking", "name",
        "scale",
    )  # fmt: skip

    def __init__(self, name: str, column: Column, scale: float, *, fills: bool = False) -> None:
        self.name = name
        self.column = column
        self.scale = scale
        self.dense = GrowingArray(np.float64)
        self.lacking = self.first_lacking = 0
        self.first_known = -1
        self._fills = fills
        self._points = 0
        self._last = math.nan
        self.clock = Clock()

    def read_on(self, records: int) -> Axis:
        """This axis, having come to so many records; another one where numbers that it has given out have changed."""
        start = self.dense.count
        if records > start:
            new = np.full(records - start, np.nan)
            new[self.column.records(self._points) - start] = self.column.values.view()[self._points :] * self.scale
            if self._fills and start and math.isnan(self._last) and np.isfinite(new).any():
                return Axis(self.name, self.column, self.scale, fills=True).read_on(records)
            self._points = self.column.values.count
            self._extend(self._filled(new) if self._fills else new)
        return self

    def _filled(self, new: FloatArray) -> FloatArray:
        finite = np.isfinite(new)
        if finite.all():
            return new
        if not self.lacking:
            self.first_lacking = self.dense.count + int(np.argmin(finite))
        self.lacking += len(new) - int(np.count_nonzero(finite))
        return filled_steps(new, self._last)

    def _extend(self, new: FloatArray) -> None:
        if self.first_known < 0 and not (unknown := np.isnan(new)).all():
            self.first_known = self.dense.count + int(np.argmin(unknown))
        self.dense.extend(new)
        self._last = float(new[-1])
        if not self._fills:
            self.clock = self.clock.read_on(new)

    @property
    def is_known(self) -> bool:
        """Whether any record has a number."""
        return self.first_known >= 0

    def state(self) -> AxisState:
        """How far it has come."""
        return AxisState(
            self.dense.count, self._points, self.lacking, self.first_lacking, self.first_known, self._last, self.clock
        )

    def back_to(self, state: AxisState) -> None:
        """Take back the records behind those of a state."""
        self.dense.cut(state.records)
        _, self._points, self.lacking, self.first_lacking, self.first_known, self._last, self.clock = state


class Axes(NamedTuple):
    """What stands below the curves of one table."""

    step: Axis | None = None
    epoch: Axis | None = None
    time: Axis | None = None

    @property
    def names(self) -> frozenset[str]:
        """The columns that are no curves."""
        return frozenset(axis.name for axis in self if axis is not None)

    def known(self) -> tuple[tuple[Axis | None, bool], ...]:
        """Curves that were made for another answer have to be made anew."""
        return tuple((axis, axis is not None and axis.is_known) for axis in self)


class _Along:
    """An axis at the records of a column."""

    __slots__ = ("_axis", "_first_known", "_values")

    def __init__(self, axis: Axis) -> None:
        self._axis = axis
        self._values = GrowingArray(np.float64)
        self._first_known = -1

    def values(self, column: Column) -> FloatArray | None:
        """(points,) float64, or None where no point has a number."""
        count = column.values.count
        if column.dense:
            return self._axis.dense.view()[:count] if 0 <= self._axis.first_known < count else None
        start = self._values.count
        if start < count:
            new = self._axis.dense.view()[column.records(start)]
            if self._first_known < 0 and not (unknown := np.isnan(new)).all():
                self._first_known = start + int(np.argmin(unknown))
            self._values.extend(new)
        return self._values.view() if self._first_known >= 0 else None

    def cut(self, count: int) -> None:
        """Take back all points behind the first `count`."""
        self._values.cut(count)
        if self._first_known >= count:
            self._first_known = -1


class Curve:
    """One column as a curve along the axes."""

    __slots__ = ("_column", "_epochs", "_numbers", "_steps", "_times")

    def __init__(self, column: Column, axes: Axes) -> None:
        self._column = column
        self._steps, self._epochs, self._times = (
            None if axis is None or not axis.is_known else _Along(axis) for axis in axes
        )
        self._numbers = np.empty(0)

    def series(self, tag: str) -> Series:
        """The points so far."""
        column = self._column
        steps = self._steps.values(column) if self._steps else None
        return Series(
            tag=tag,
            steps=self._counted() if steps is None else steps,
            values=column.values.view(),
            epochs=self._epochs.values(column) if self._epochs else None,
            times=self._times.values(column) if self._times else None,
            stepless=steps is None,
        )

    def _counted(self) -> FloatArray:
        count = self._column.values.count
        if len(self._numbers) < count:
            self._numbers = np.arange(count + count // 2, dtype=np.float64)
        return self._numbers[:count]

    def cut(self, count: int) -> None:
        """Take back all points behind the first `count`."""
        for along in (self._steps, self._epochs, self._times):
            if along is not None:
                along.cut(count)


def filled_steps(steps: FloatArray, before: float = math.nan) -> FloatArray:
    """Steps without gaps: a missing one is the one before it, at the start the first there is.

    Args:
        steps: (records,) float64, NaN where a record has no step.
        before: the step before the first, NaN where there is none.
    """
    known = np.isfinite(steps)
    if not known.any():
        return np.full(len(steps), before)
    places = np.maximum.accumulate(np.where(known, np.arange(len(steps)), -1))
    first = before if math.isfinite(before) else float(steps[np.argmax(known)])
    return np.where(places < 0, first, steps[places])
