"""The table of many runs on the screen: dense rows, findings as shapes with counts, keys and clicks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from inspector.core.language import tr
from inspector.formats.fleet import FleetRow
from inspector.views.fleet.model import FleetModel
from inspector.views.fleet.painting import PADDING_PX, ROW_PX, Cells
from inspector.views.fonts import SMALL_PX, text_width
from inspector.views.headings import Headings
from inspector.views.keys import LIST, PRESS, keep
from inspector.views.surfaces import hover_colour, quiet
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_MOST_HEADING_PX = 140
_OPENING = PRESS - {Qt.Key.Key_Space}


class FleetTable(QTableView):
    """Runs in rows; a click on a heading sorts, Enter or a double click opens, Ctrl+C copies.

    Signals:
        opened: FleetRow.
        filter_wanted: `/` was pressed.
    """

    opened = Signal(object)
    filter_wanted = Signal()

    def __init__(self, model: FleetModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._hovered = -1
        self.setModel(model)
        quiet(self)
        self.setItemDelegate(Cells(model, self))
        headings = Headings(ROW_PX, PADDING_PX, self)
        headings.setSectionsMovable(True)
        headings.setSortIndicatorClearable(True)
        self.setHorizontalHeader(headings)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(tr("Runs of the folder"))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setSortingEnabled(True)
        clear = QPalette()
        for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Highlight):
            clear.setBrush(role, Qt.BrushStyle.NoBrush)
        self.setPalette(clear)
        self.activated.connect(self._on_activated)
        model.modelReset.connect(self._size_all)
        model.columnsInserted.connect(self._on_new_columns)
        self._size_all()

    def chosen(self) -> tuple[FleetRow, ...]:
        """The selected rows, from above."""
        return tuple(self._model.row(place) for place in self._chosen_places())

    def _chosen_places(self) -> list[int]:
        chosen = self.selectionModel().selection().toList()
        return sorted({place for one in chosen for place in range(one.top(), one.bottom() + 1)})

    def begin_at_top(self) -> None:
        """Make the first row the current one where there is none, so that keys have one to act on."""
        if self._model.rowCount() and not self.currentIndex().isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(self._model.index(0, 0), flags.ClearAndSelect | flags.Rows)

    def _on_activated(self, index: QModelIndex) -> None:
        self.opened.emit(self._model.row(index.row()))

    def _size_all(self) -> None:
        self._size(0, self._model.columnCount() - 1)

    def _on_new_columns(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._size(first, last)
        chosen = QItemSelection()
        for place in self._chosen_places():
            chosen.select(self._model.index(place, first), self._model.index(place, last))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.Select)

    def _size(self, first: int, last: int) -> None:
        for place in range(first, last + 1):
            column = self._model.column(place)
            heading = round(text_width(column.title, SMALL_PX, "medium")) + 2 * PADDING_PX + 1
            self.setColumnWidth(place, max(column.width_px, min(heading, _MOST_HEADING_PX)))

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        self._paint_rows(event.rect())
        super().paintEvent(event)

    def _paint_rows(self, area: QRect) -> None:
        """What is behind the rows that are seen: the chosen ones, the one under the pointer, a line below each."""
        painter, theme, chosen = QPainter(self.viewport()), tokens(), set(self._chosen_places())
        place = max(self.rowAt(max(area.top(), 0)), 0)
        while place < self._model.rowCount() and (top := self.rowViewportPosition(place)) <= area.bottom():
            if place in chosen or place == self._hovered:
                behind = colour(theme.selection) if place in chosen else hover_colour()
                painter.fillRect(0, top, self.viewport().width(), ROW_PX, behind)
            painter.fillRect(0, top + ROW_PX - 1, self.viewport().width(), 1, colour(theme.line, 0.5))
            place += 1
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.rowAt(int(event.position().y())))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.viewport().update()

    def event(self, event: QEvent) -> bool:
        keep(event, LIST | {Qt.Key.Key_Slash})
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            standard = QKeySequence.StandardKey
            if event.matches(standard.Copy) or event.matches(standard.SelectAll):
                event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OPENING and self.currentIndex().isValid():
            self._on_activated(self.currentIndex())
        elif event.key() == Qt.Key.Key_Slash:
            self.filter_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self._model.tsv(self._chosen_places()))
        else:
            super().keyPressEvent(event)
