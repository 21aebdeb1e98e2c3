"""What some records of a W&B run file hold, gathered until it is known which rows of the history they are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from inspector.artifacts.logs.wandb_records import Item
from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.log_media import LogMedia

Column = tuple[IntArray, FloatArray]
"""Rows of the history and the numbers of one name in them, (points,) each."""

NOTHING: Column = (np.empty(0, np.int64), np.empty(0))


class Values(NamedTuple):
    """Numbers read at once: (values,) int64 places of their records and numbers of their names, (values,) float64."""

    records: IntArray
    names: IntArray
    numbers: FloatArray


class Batch:
    """What some records hold, before it is known which rows they are.

    Attributes:
        is_row: (records,) bool, whether a record is a row of the history.
        row_of: (records,) int64, its number; undefined where it is none.
        steps: (records,) float64, NaN where the record does not say.
        items: values to be read by themselves, with the places of their records.
        found: values read at once.
        singles: values read by themselves: place of the record, number of the name, value.
    """

    def __init__(self, first_row: int, records: int) -> None:
        self.first_row = first_row
        self.is_row = np.zeros(records, np.bool_)
        self.row_of: IntArray = np.zeros(records, np.int64)
        self.steps: FloatArray = np.full(records, np.nan)
        self.items: list[tuple[int, Item]] = []
        self.found: list[Values] = []
        self.singles: list[tuple[int, int, float]] = []
        self.media: list[tuple[int, LogMedia]] = []

    def number_rows(self) -> None:
        """Number the rows, now that all are known."""
        self.row_of = self.first_row + np.cumsum(self.is_row) - 1

    def values(self) -> Values:
        """All numbers."""
        if self.singles:
            records, names, numbers = zip(*self.singles, strict=True)
            self.found.append(
                Values(np.array(records, np.int64), np.array(names, np.int64), np.array(numbers, np.float64))
            )
        if not self.found:
            return Values(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        return Values(*map(np.concatenate, zip(*self.found, strict=True)))

    def columns(self, names: Sequence[str]) -> dict[str, Column]:
        """The numbers of each name, by the texts of all names, in the order of their rows."""
        values = self.values()
        rows = self.row_of[values.records]
        if self.singles:
            order = np.lexsort((rows, values.names))
        else:
            order = np.argsort(values.names.astype(np.uint16), kind="stable")  # in one pass, as they take two bytes
        ends = np.cumsum(np.bincount(values.names, minlength=len(names)))
        sorted_rows, sorted_values = rows[order], values.numbers[order]
        return {
            names[number]: (sorted_rows[begin:end], sorted_values[begin:end])
            for number, (begin, end) in enumerate(pairwise((0, *ends.tolist())))
            if end > begin
        }


def finite(column: FloatArray, first: int) -> Column:
    """The numbers of a (rows,) column that are known, with their rows, which are counted from `first`."""
    places = np.flatnonzero(np.isfinite(column))
    return places + first, column[places]
