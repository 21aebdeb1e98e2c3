"""Columns of a tree as Qt's item model; nothing is made of a row before it is looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QWidget

from inspector.core.arrays import IntArray

Index = QModelIndex | QPersistentModelIndex


class ColumnModel(QAbstractItemModel):
    """Rows that come depth first, known by the row of their parent.

    An index has the number of its row, counted from 1, as its id, for Qt gives 0 to one that is not valid: the root.
    Qt asks for thousands of indices at once when a group opens, and each call into Python counts.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._set(np.zeros(0, np.int64), ())

    def _set(self, parents: IntArray, paths: Sequence[str]) -> None:
        count = parents.size
        self._paths = paths
        # The children of id n stand in _order from _starts[n] to _starts[n + 1].
        order = np.argsort(parents, kind="stable")
        starts = np.searchsorted(parents[order], np.arange(-1, count + 1))
        rows = np.empty(count, np.int64)
        rows[order] = np.arange(count) - starts[parents[order] + 1]
        # Qt asks for one number at a time, which lists give four times faster than arrays.
        self._parents: list[int] = parents.tolist()
        self._order: list[int] = order.tolist()
        self._starts: list[int] = starts.tolist()
        self._rows: list[int] = rows.tolist()

    def set_rows(self, parents: IntArray, paths: Sequence[str]) -> None:
        """Show other rows; `parents` is (rows,) int64, -1 for a root."""
        self.beginResetModel()
        self._set(parents, paths)
        self.endResetModel()

    def number(self, index: Index) -> int:
        """The row of the columns that a valid index stands for."""
        return int(index.internalId()) - 1

    def below(self, number: int) -> list[int]:
        """Rows below a row, -1 for the roots."""
        return self._order[self._starts[number + 1] : self._starts[number + 2]]

    def path(self, index: Index) -> str:
        """The dotted path of a valid index."""
        return self._paths[index.internalId() - 1]

    def index_at(self, number: int) -> QModelIndex:
        """The index of a row of the columns."""
        return self.createIndex(self._rows[number], 0, number + 1)

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
        return self._starts[number + 1] < self._starts[number + 2]

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's own signature
        above = parent.internalId()
        place = self._starts[above] + row
        known = row >= 0 and place < self._starts[above + 1]
        return self.createIndex(row, column, self._order[place] + 1) if known else QModelIndex()

    def parent(self, child: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008 - Qt's own signature
        number = child.internalId() - 1
        above = self._parents[number] if number >= 0 else -1
        return QModelIndex() if above < 0 else self.index_at(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        above = parent.internalId()
        return self._starts[above + 1] - self._starts[above]

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008 - Qt's own signature
        above = parent.internalId()
        return self._starts[above] < self._starts[above + 1]

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 1
