"""Rows of runs as Qt's item model: all are there from the beginning, and filled as they are read."""

from __future__ import annotations

import time
from collections.abc import Iterable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.core.language import tr
from inspector.diagnosis.values import Severity
from inspector.display.fleet.columns import (
    FIXED,
    Column,
    SettingColumns,
    heading_tip,
    metric_lines,
    notes_of,
    setting_columns,
    text_of,
    unread_text,
)
from inspector.display.fleet.order import kept, ordered
from inspector.formats.fleet import FleetRow, FleetRun
from inspector.views.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ALSO = "    " + tr("and {also}")
_FALLING_FIRST = frozenset(("findings",))
"""Columns whose first click shows the largest first."""


class FleetModel(QAbstractTableModel):
    """The runs that the filter keeps, in the order chosen; a run that was not read yet is its name alone."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: dict[str, FleetRow] = {}
        self._read: set[str] = set()
        self._shown: list[FleetRow] = []
        self._place: dict[str, int] = {}
        self._settings = SettingColumns()
        self._columns: tuple[Column, ...] = FIXED
        self._filter = ""
        self._sorted_by: tuple[Column, bool] | None = None
        self._now_s = time.time()
        self._texts: dict[tuple[str, str], str] = {}

    def set_runs(self, runs: Iterable[FleetRun]) -> None:
        """Show other runs, none of which is read yet."""
        self.beginResetModel()
        self._all = {run.key: FleetRow(run=run) for run in runs}
        self._read = set()
        self._settings = SettingColumns()
        self._columns = FIXED
        self._now_s = time.time()
        self._texts.clear()
        self._arrange()
        self.endResetModel()

    def take(self, rows: Iterable[FleetRow]) -> None:
        """Fill rows in; where a row stands is settled by `arrange` anew."""
        for row in rows:
            key = row.run.key
            if key not in self._all:
                continue
            self._all[key] = row
            for column in self._columns:
                self._texts.pop((key, column.key), None)
            self._read.add(key)
            self._settings.add(row)
            place = self._place.get(key)
            if place is not None:
                self._shown[place] = row
                self.dataChanged.emit(self.index(place, 0), self.index(place, self.columnCount() - 1))
        self._show_settings()

    def arrange(self) -> None:
        """Filter and sort anew."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        keys = [self._shown[index.row()].run.key for index in before]
        self._arrange()
        after = [
            self.index(self._place[key], index.column()) if key in self._place else QModelIndex()
            for key, index in zip(keys, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def set_filter(self, text: str) -> None:
        """Show the runs that a filter keeps."""
        if text != self._filter:
            self._filter = text
            self.arrange()

    @property
    def arranged(self) -> bool:
        """Whether what is read may move a row: the rows are filtered or sorted."""
        return bool(self._filter.strip()) or self._sorted_by is not None

    @property
    def read_count(self) -> int:
        """How many runs are read."""
        return len(self._read)

    @property
    def run_count(self) -> int:
        """How many runs there are, those that the filter drops among them."""
        return len(self._all)

    def row(self, place: int) -> FleetRow:
        """The row that stands at a place."""
        return self._shown[place]

    def is_read(self, row: FleetRow) -> bool:
        """Whether a row is more than a name."""
        return row.run.key in self._read

    def column(self, place: int) -> Column:
        """The column that stands at a place."""
        return self._columns[place]

    def text(self, row: FleetRow, column: Column) -> str:
        """A cell in words."""
        known = self._texts.get((row.run.key, column.key))
        if known is None:
            known = self._texts[row.run.key, column.key] = text_of(row, column, self._now_s)
        return known

    def tsv(self, places: Iterable[int]) -> str:
        """Rows as lines of cells between tabs, under their headings."""
        lines = ["\t".join(column.key for column in self._columns)]
        for place in places:
            cells = (" ".join(self.text(self._shown[place], column).split()) for column in self._columns)
            lines.append("\t".join(cells))
        return "\n".join(lines) + "\n"

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(heading_tip(column, self._all.values()))
            case Qt.ItemDataRole.TextAlignmentRole:
                return alignment(column)
            case Qt.ItemDataRole.InitialSortOrderRole:
                falling = column.key in _FALLING_FIRST
                return Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
            case _:
                return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._shown[index.row()], self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(_tip(row, column, self.text(row, column)))
            case Qt.ItemDataRole.TextAlignmentRole:
                return alignment(column)
            case _:
                return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, by none below 0."""
        known = 0 <= column < len(self._columns)
        self._sorted_by = (self._columns[column], order == Qt.SortOrder.DescendingOrder) if known else None
        self.arrange()

    def _arrange(self) -> None:
        self._shown = kept(self._all.values(), self._filter)
        if self._sorted_by is not None:
            column, falling = self._sorted_by
            self._shown = ordered(self._shown, column, falling=falling)
        self._place = {row.run.key: place for place, row in enumerate(self._shown)}

    def _show_settings(self) -> None:
        """Columns of the settings that differ by now; those that are shown stay where they are."""
        known = [column.key for column in self._columns[len(FIXED) :]]
        differing = self._settings.differing()
        paths = (*known, *(path for path in differing if path not in known))
        columns = (*FIXED, *setting_columns(paths))
        if len(columns) > len(self._columns):
            self.beginInsertColumns(QModelIndex(), len(self._columns), len(columns) - 1)
            self._columns = columns
            self.endInsertColumns()


def alignment(column: Column) -> Qt.AlignmentFlag:
    """Where the text of a column stands."""
    return _RIGHT if column.kind == "number" else _LEFT


def _tip(row: FleetRow, column: Column, text: str) -> str:
    """All that a cell has no room for."""
    match column.key:
        case "run":
            return "\n".join((*row.run.paths, *notes_of(row)))
        case "status":
            return unread_text(row) or tr(row.because)
        case "findings" | "worst":
            lines = [
                text
                for one in row.findings
                for text in (
                    f"{tr(Severity(one.severity).word)}: {one.title}",
                    *(_ALSO.format(also=also) for also in one.consequences),
                )
            ]
            lack = [tr("{count} not assessable").format(count=row.not_assessable)] if row.not_assessable else []
            return unread_text(row) or "\n".join((*lines, *lack))
        case "best" | "at" | "last" | "metric" if row.score is not None:
            return "\n".join(metric_lines(row.score.tag))
        case _:
            return text
