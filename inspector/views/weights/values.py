"""Plain values of a checkpoint in a table; only the rows in sight cost anything."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from inspector.display.weights.scene import ValueRow
from inspector.views.fonts import SMALL_PX, mono_font, text_font
from inspector.views.surfaces import quiet
from inspector.views.theme import tokens

_ROW_PX = 24
_Index = QModelIndex | QPersistentModelIndex
_TITLES = ("Path", "Type", "Value")


class ValueModel(QAbstractTableModel):
    """Rows of path, type and value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ValueRow, ...] = ()

    def set_rows(self, rows: tuple[ValueRow, ...]) -> None:
        """Show other rows."""
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, _parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return len(_TITLES)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = role == Qt.ItemDataRole.DisplayRole and way == Qt.Orientation.Horizontal
        return _TITLES[section] if shown else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return (row.path, row.kind, row.text)[index.column()]
        if role == Qt.ItemDataRole.FontRole:
            return text_font(SMALL_PX) if index.column() == 1 else mono_font()
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1:
            return QColor(tokens().faint)
        return None


class ValueTable(QTableView):
    """A table to read and copy from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self._model = ValueModel(self)
        self.setModel(self._model)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAccessibleName("Plain values")
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        head = self.horizontalHeader()
        head.hide()
        head.setStretchLastSection(True)
        head.resizeSection(0, 380)
        head.resizeSection(1, 70)

    def set_rows(self, rows: tuple[ValueRow, ...]) -> None:
        """Show other rows."""
        self._model.set_rows(rows)
