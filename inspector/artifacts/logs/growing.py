"""Arrays that grow at their end and are given out without a copy."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import FloatArray, IntArray

_FIRST_ITEMS = 16
_GROWTH = 1.5
_SLACK = 8
"""An array that is filled at once has an eighth more, so that the next look at a log that grows copies nothing."""

N = TypeVar("N", np.float64, np.int64)


class GrowingArray(Generic[N]):
    """Numbers in the order they are added.

    What `view` gives stays as it is: numbers that come later stand behind it, and where some were taken back, others
    in their place go into a new buffer.

    Args:
        dtype: of the numbers.

    Attributes:
        count: how many there are.
    """

    __slots__ = ("_buffer", "_lent", "count")

    def __init__(self, dtype: type[N]) -> None:
        self.count = 0
        self._buffer: npt.NDArray[N] = np.empty(_FIRST_ITEMS, dtype)
        self._lent = 0

    def extend(self, numbers: npt.NDArray[N]) -> None:
        """Add (numbers,) of them."""
        end = self.count + len(numbers)
        if end > len(self._buffer):
            self._move(max(end + end // _SLACK, int(len(self._buffer) * _GROWTH)))
        elif self._lent > self.count:
            overlap = min(self._lent, end) - self.count
            if self._buffer[self.count : self.count + overlap].tobytes() != numbers[:overlap].tobytes():
                self._move(len(self._buffer))
        self._buffer[self.count : end] = numbers
        self.count = end

    def _move(self, size: int) -> None:
        moved = np.empty(size, self._buffer.dtype)
        moved[: self.count] = self._buffer[: self.count]
        self._buffer, self._lent = moved, 0

    def view(self) -> npt.NDArray[N]:
        """All of them: (count,), without a copy."""
        self._lent = max(self._lent, self.count)
        return self._buffer[: self.count]

    def cut(self, count: int) -> None:
        """Take back all behind the first `count`."""
        self.count = min(self.count, count)


class Column:
    """The numbers of one name, each with the record it stands in, counted from 0.

    Args:
        first: the record of the first.

    Attributes:
        first: as given.
        values: the numbers.
        dense: every record has one so far, so the records are not kept.
    """

    __slots__ = ("_records", "_single_records", "_single_values", "dense", "first", "values")

    def __init__(self, first: int) -> None:
        self.first = first
        self.values = GrowingArray(np.float64)
        self.dense = True
        self._records = GrowingArray(np.int64)
        self._single_records: list[int] = []
        self._single_values: list[float] = []

    def put(self, record: int, value: float) -> None:
        """Add one number."""
        self._single_records.append(record)
        self._single_values.append(value)

    def extend(self, records: IntArray, values: FloatArray) -> None:
        """Add the numbers of several records, (points,) each."""
        if self._single_values:
            self.settle()
        self._extend(records, values)

    def extend_rows(self, first: int, values: FloatArray) -> None:
        """Add the numbers of records from `first` on, each of which has one: (points,)."""
        if self._single_values:
            self.settle()
        if self.dense and first == self.values.count:
            self.values.extend(values)
        else:
            self._extend(np.arange(first, first + len(values)), values)

    def settle(self) -> None:
        """Bring what was put one by one to the rest."""
        if self._single_values:
            records, values = np.array(self._single_records, np.int64), np.array(self._single_values, np.float64)
            self._single_records, self._single_values = [], []
            self._extend(records, values)

    def _extend(self, records: IntArray, values: FloatArray) -> None:
        count = self.values.count
        if self.dense and not _follows(records, count):
            self.dense = False
            self._records.extend(np.arange(count))
        if not self.dense:
            self._records.extend(records)
        self.values.extend(values)

    def records(self, start: int = 0) -> IntArray:
        """The records of the points from `start` on, (points,) int64."""
        return np.arange(start, self.values.count) if self.dense else self._records.view()[start:]

    def cut(self, count: int) -> None:
        """Take back all points behind the first `count`."""
        self.values.cut(count)
        self._records.cut(count)


def _follows(records: IntArray, first: int) -> bool:
    """Whether these are the records from `first` on without a gap."""
    count = len(records)
    if not count or records[0] != first or records[-1] != first + count - 1:
        return not count
    return count == 1 or bool((records[1:] > records[:-1]).all())
