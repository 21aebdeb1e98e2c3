"""Columns of a tree as Qt's item model; nothing is made of a row before it is looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QWidget

from inspector.core.arrays import IntArray

Index = QModelIndex | QPersistentModelIndex

_ROOT = -1


class ColumnModel(QStandardItemModel):
    """Rows that come depth first, known by the row of their parent.

    Qt asks for every row of a group that opens, and each call into Python counts. So a row is a place in Qt's own model
    without an item, and only groups have items, which are made when the group around them opens.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._set(np.zeros(0, np.int64), ())

    def _set(self, parents: IntArray, paths: Sequence[str]) -> None:
        count = parents.size
        self._paths = paths
        # The children of row n stand in _order from _starts[n + 1] to _starts[n + 2].
        order = np.argsort(parents, kind="stable")
        starts = np.searchsorted(parents[order], np.arange(-1, count + 1))
        rows = np.empty(count, np.int64)
        rows[order] = np.arange(count) - starts[parents[order] + 1]
        # One number is asked for at a time, which lists give four times faster than arrays.
        self._parents: list[int] = parents.tolist()
        self._order: list[int] = order.tolist()
        self._starts: list[int] = starts.tolist()
        self._rows: list[int] = rows.tolist()
        # Qt gives all rows of a group one id.
        self._group_of_id: dict[int, int] = {}
        self._items: dict[int, QStandardItem] = {}
        self._laid: set[int] = set()
        self.blockSignals(True)
        self.removeRows(0, self.rowCount())  # PySide keeps what `clear` takes away for ever
        root = self.invisibleRootItem()
        root.setColumnCount(1)
        root.setRowCount(len(self.below(_ROOT)))
        self._items[_ROOT] = root
        self._lay(_ROOT)
        self.blockSignals(False)

    def set_rows(self, parents: IntArray, paths: Sequence[str]) -> None:
        """Show other rows; `parents` is (rows,) int64, -1 for a root."""
        self._set(parents, paths)
        self.beginResetModel()
        self.endResetModel()

    def _lay(self, number: int) -> None:
        """Make the groups below a group, each with as many rows as are below it."""
        if number in self._laid:
            return
        self._laid.add(number)
        item, starts, below = self._items[number], self._starts, self.below(number)
        for row, child in enumerate(below):
            if rows := starts[child + 2] - starts[child + 1]:
                group = self._items[child] = QStandardItem(rows, 1)
                item.setChild(row, group)
        self._group_of_id[self.index(0, 0, item.index()).internalId()] = number

    def canFetchMore(self, parent: Index) -> bool:
        return parent.isValid() and (number := self.number(parent)) in self._items and number not in self._laid

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self.blockSignals(True)  # the rows are there already, and the view is about to look at them
            self._lay(self.number(parent))
            self.blockSignals(False)

    def number(self, index: Index) -> int:
        """The row of the columns that a valid index stands for."""
        if index.internalId() not in self._group_of_id:  # of a group that has not been opened
            self.fetchMore(index.parent())
        return self._order[self._starts[self._group_of_id[index.internalId()] + 1] + index.row()]

    def below(self, number: int) -> list[int]:
        """Rows below a row, -1 for the roots."""
        return self._order[self._starts[number + 1] : self._starts[number + 2]]

    def path(self, index: Index) -> str:
        """The dotted path of a valid index."""
        return self._paths[self.number(index)]

    def index_at(self, number: int) -> QModelIndex:
        """The index of a row of the columns."""
        group = self._parents[number]
        if group != _ROOT and group not in self._laid:
            self.fetchMore(self.index_at(group))
        return self.index(self._rows[number], 0, self._items[group].index())

    def index_of(self, path: str) -> QModelIndex:
        """Where a path is; invalid where there is none."""
        try:
            return self.index_at(self._paths.index(path))
        except ValueError:
            return QModelIndex()

    def opened_first(self, most_rows: int) -> list[QModelIndex]:
        """The groups to open, outer ones first, while no more rows than `most_rows` come of it."""
        opened: list[QModelIndex] = []
        waiting = deque(self.below(-1))
        rows = len(waiting)
        while waiting:
            number = waiting.popleft()
            inner = self.below(number)
            if not self.opens(number) or rows + len(inner) > most_rows:
                continue
            rows += len(inner)
            opened.append(self.index_at(number))
            waiting.extend(inner)
        return opened

    def is_rule(self, index: Index) -> bool:  # noqa: ARG002 - for models that have one
        """Whether an index is a line between rows, which is passed over.

        Flags would say so too, but Qt asks for those of every row of a group that opens.
        """
        return False

    def opens(self, number: int) -> bool:
        """Whether a group is worth opening by itself."""
        return bool(self.below(number))
