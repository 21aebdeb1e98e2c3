"""Every curve in a row: its best, its last and its value at the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QApplication, QTreeView, QWidget

from inspector.core.language import tr, tr_later
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.display.curves.scene import CurvesScene, Line, TableRow
from inspector.display.x_texts import x_text
from inspector.formats.metric_meanings import tip_of
from inspector.views.curves.drawing import pyramids
from inspector.views.fonts import SMALL_PX, text_font, text_width
from inspector.views.headings import Headings
from inspector.views.keys import LIST, keep
from inspector.views.legend import ink_colour
from inspector.views.surfaces import quiet
from inspector.views.tips import broken_tip
from inspector.views.traces import value_at

_Index = QModelIndex | QPersistentModelIndex
_SWATCH = "▬ "
_ROW_PX = 26
_LONGEST_NAME = 400
COLUMNS = (
    tr_later("Curve"),
    tr_later("Run"),
    tr_later("Best"),
    tr_later("at"),
    tr_later("Last"),
    tr_later("At cursor"),
    tr_later("Points"),
    tr_later("Not finite"),
)
_HEADS = tuple(tr(name) for name in COLUMNS)
_RUN, _AT_CURSOR = COLUMNS.index("Run"), COLUMNS.index("At cursor")
_WIDTHS_PX = (260, 110, 90, 110, 90, 90, 90, 90)
_HEAD_MARGIN_PX = 18
_CELL_PADDING_PX = 3


class Record(msgspec.Struct, frozen=True):
    """A curve of the table."""

    line: Line
    row: TableRow


class CurvesModel(QAbstractTableModel):
    """Rows of all panels; the value at the cursor is looked up only for what is seen, and for sorting."""

    def __init__(self) -> None:
        super().__init__()
        self._records: list[Record] = []
        self._scene: CurvesScene | None = None
        self._cursor_x: float | None = None
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None

    def show_scene(self, scene: CurvesScene) -> None:
        """Show the curves of a scene, sorted as before."""
        self.beginResetModel()
        self._scene = scene
        self._records = [Record(panel.lines[row.line], row) for panel in scene.panels for row in panel.rows]
        if self._sorted_by is not None:
            self._sort(*self._sorted_by)
        self.endResetModel()

    def set_cursor(self, x: float | None) -> None:
        """Tell the values at x from now on."""
        if x != self._cursor_x:
            self._cursor_x = x
            if self._records:
                last = len(self._records) - 1
                self.dataChanged.emit(self.index(0, _AT_CURSOR), self.index(last, _AT_CURSOR))

    def records(self) -> Sequence[Record]:
        """The curves in the order of the rows."""
        return self._records

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._records)

    def columnCount(self, _parent: _Index | None = None) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        record = self._records[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            text = self.text(record, index.column())
            return _SWATCH + text if index.column() == 0 else text
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 0:
            return QColor(ink_colour(record.line.ink))
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 0:
            told = (record.line.tag, record.line.file, tip_of(record.line.tag or record.line.label))
            return broken_tip("\n".join(part for part in told if part))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        return QSize(0, _ROW_PX) if role == Qt.ItemDataRole.SizeHintRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; what is not a number stands last either way."""
        if not 0 <= column < len(COLUMNS):
            return
        self._sorted_by = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._sort(column, order)
        self.layoutChanged.emit()

    def text(self, record: Record, column: int) -> str:
        """A cell in words; empty where there is no such value."""
        value = self._value(record, column)
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            return f"{value:,}" if value or COLUMNS[column] != "Not finite" else ""
        if math.isnan(value):
            return ""
        if COLUMNS[column] == "at" and self._scene is not None:
            return x_text(value, self._scene.x_axis)
        return number_text(value)

    def tsv(self) -> str:
        """The whole table as lines of cells between tabs, numbers in full; its heads are the same in every language."""
        lines = ["\t".join(COLUMNS)]
        for record in self._records:
            values = [self._value(record, column) for column in range(len(COLUMNS))]
            lines.append("\t".join(_plain(value) for value in values))
        return "\n".join(lines) + "\n"

    def _value(self, record: Record, column: int) -> str | float:
        line, row = record.line, record.row
        match COLUMNS[column]:
            case "Curve":
                return visible(line.tag or line.label, _LONGEST_NAME)
            case "Run":
                return line.run
            case "Best":
                return row.best
            case "at":
                return row.best_x
            case "Last":
                return row.last
            case "At cursor":
                return math.nan if self._cursor_x is None else value_at(pyramids(line), self._cursor_x)
            case "Points":
                return row.count
            case _:
                return row.not_finite

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        falling = order == Qt.SortOrder.DescendingOrder
        keyed = [(self._value(record, column), record) for record in self._records]
        known = [pair for pair in keyed if isinstance(pair[0], str) or not math.isnan(pair[0])]
        lost = [record for value, record in keyed if not isinstance(value, str) and math.isnan(value)]
        known.sort(key=lambda pair: pair[0], reverse=falling)
        self._records = [record for _, record in known] + lost


def _plain(value: str | float) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    return "" if math.isnan(value) else repr(value)


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class CurvesTable(QTreeView):
    """The table of curves; Ctrl+C copies it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = CurvesModel()
        self.setModel(self.rows)
        quiet(self)
        self.setFont(text_font())
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName(tr("Curves: best, last and at the cursor"))
        self._headings = Headings(_ROW_PX, _CELL_PADDING_PX, self)
        self._headings.setStretchLastSection(False)
        self.setHeader(self._headings)
        for column, (width_px, head) in enumerate(zip(_WIDTHS_PX, _HEADS, strict=True)):
            self._headings.resizeSection(column, max(width_px, round(text_width(head, SMALL_PX)) + _HEAD_MARGIN_PX))
        self.setSortingEnabled(True)

        self.rows.modelReset.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Runs have a column where there are several; the names of curves take the room that is left."""
        self.setColumnHidden(_RUN, not any(record.line.run for record in self.rows.records()))
        others = self._headings.length() - self._headings.sectionSize(0)
        self._headings.resizeSection(0, max(self.viewport().width() - others, _WIDTHS_PX[0]))

    def copy(self) -> None:
        """Put the table into the clipboard as TSV."""
        QApplication.clipboard().setText(self.rows.tsv())

    def event(self, event: QEvent) -> bool:
        keep(event, LIST)
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy):
            event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)
