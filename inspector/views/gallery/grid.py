"""The grid of a gallery: only what is on the screen is painted, so its length costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from inspector.display.gallery.order import Samples
from inspector.views.gallery.model import Index, SampleModel
from inspector.views.keys import ENTER, MOVE, keep
from inspector.views.surfaces import quiet, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

GAP_PX = 8
_RADIUS_PX = 4
_LEAST_SHARE = 0.88
"""Of their height, so much is left at least of rows that shrink so that a whole number of them is seen."""

_TURN_ROWS = 0.6
"""A notch of the wheel goes on by so much of a row."""

PaintTile = Callable[[QPainter, int, QRect, bool], bool]
"""Paints the tile of a sample into its place; with False at last only one that is ready, and tells whether it was."""

_BESIDE = 0.55
"""How strong the frame is of a sample that is selected beside the chosen one."""

_MOST_SPANS = 1000
"""A selection of more spans is given up when the order changes: each of them is looked through for every tile."""

PAINTING_S = 0.012
"""So long tiles are made in one turn; those left follow in the next."""

_Move = QAbstractItemView.CursorAction
_Select = QItemSelectionModel.SelectionFlag


class SampleGrid(QAbstractItemView):
    """Tiles of equal size in rows.

    Args:
        paint_tile: paints a tile.
        tile_px: the width of a tile, about.

    Signals:
        chosen: the sample that was pressed or moved to.
        opened: the sample that was pressed twice, or opened with Enter.
        scrolled: other samples may be on the screen.
        menu_wanted: where on the screen a menu of what can be done with the selected samples is wanted (QPoint).
    """

    chosen = Signal(int)
    opened = Signal(int)
    scrolled = Signal()
    menu_wanted = Signal(object)

    def __init__(self, model: SampleModel, paint_tile: PaintTile, tile_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self._paint_tile = paint_tile
        self._painting = QTimer(self, singleShot=True, interval=0)
        self._painting.timeout.connect(self.viewport().update)
        self._late = False
        self._tile_px = tile_px
        self._aspect = 1.0
        self._anchor = 0
        self._laid_out = 1, 1
        self._samples = model
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAutoScroll(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setAccessibleName("Samples")
        self.verticalScrollBar().valueChanged.connect(self.scrolled)

    def set_aspect(self, aspect: float) -> None:
        """Change the tiles' width over height."""
        self._aspect = min(max(aspect, 0.5), 2.5)
        self.updateGeometries()
        self.renew()

    def columns(self) -> int:
        """How many stand in a row."""
        return max(1, (self.viewport().width() + GAP_PX) // (self._tile_px + GAP_PX))

    def row_px(self) -> int:
        """From the top of one row to the next; a little less than there is room for where one more row fits so."""
        columns = self.columns()
        width = (self.viewport().width() + GAP_PX) / columns - GAP_PX
        full_px, height = max(8, round(width / self._aspect)) + GAP_PX, self.viewport().height() + GAP_PX
        rows = -(-height // full_px)
        least_px = _LEAST_SHARE * full_px
        fits = -(-len(self._samples.samples) // columns) * full_px <= height
        return full_px if fits or height // rows < least_px else height // rows

    def area_of(self, row: int) -> QRect:
        """Where a sample stands on the screen."""
        return next(self._areas(range(row, row + 1)))

    def _areas(self, rows: range) -> Iterator[QRect]:
        """Where samples stand on the screen."""
        columns, row_px, offset = self.columns(), self.row_px(), self.verticalOffset()
        pitch = (self.viewport().width() + GAP_PX) / columns
        widest_px = round((row_px - GAP_PX) * self._aspect) + 1
        for row in rows:
            line, column = divmod(row, columns)
            left, right = round(column * pitch), round((column + 1) * pitch) - GAP_PX
            yield QRect(left, line * row_px - offset, max(min(right - left, widest_px), 1), row_px - GAP_PX)

    def shown_rows(self) -> range:
        """The rows of the model that are on the screen, at least in part."""
        first = self.verticalOffset() // self.row_px()
        last = (self.verticalOffset() + self.viewport().height() - 1) // self.row_px()
        return range(first * self.columns(), min((last + 1) * self.columns(), len(self._samples.samples)))

    def selected_samples(self) -> Samples:
        """The samples that a mark is set on, in their order."""
        selection = self.selectionModel().selection()
        parts = [selection.at(place) for place in range(selection.count())]
        rows = np.concatenate([np.arange(part.top(), part.bottom() + 1) for part in parts] or [np.zeros(0, np.int64)])
        samples: Samples = self._samples.samples[np.sort(rows)]
        return samples

    def selected(self) -> int:
        """How many samples are selected."""
        selection = self.selectionModel().selection()
        return sum(selection.at(place).height() for place in range(selection.count()))

    def show_samples(self, samples: Samples, *, stay: bool) -> bool:
        """Show these samples; whether they are others. Those that were selected together stay so if they are shown.

        Args:
            samples: in their order.
            stay: those on the screen stay there, about.
        """
        selected, scrolled = self.selected_samples(), self.verticalOffset()
        if not self._samples.show_samples(samples):
            return False
        if stay:
            self.verticalScrollBar().setValue(scrolled)
        if selected.size > 1:
            rows = np.flatnonzero(np.isin(samples, selected))
            breaks = np.flatnonzero(np.diff(rows) > 1) + 1
            if rows.size and breaks.size < _MOST_SPANS:
                chosen = QItemSelection()
                for span in np.split(rows, breaks):
                    chosen.select(self._samples.index(int(span[0])), self._samples.index(int(span[-1])))
                self.selectionModel().select(chosen, _Select.ClearAndSelect)
        return True

    def sample_after(self, samples: Samples) -> int | None:
        """The sample that stands after all of these, None where they are the last or are not shown."""
        rows = np.flatnonzero(np.isin(self._samples.samples, samples))
        after = int(rows[-1]) + 1 if rows.size else len(self._samples.samples)
        return int(self._samples.samples[after]) if after < len(self._samples.samples) else None

    def selectAll(self) -> None:
        if not self.selectionModel().hasSelection() and len(self._samples.samples):
            self._go(0, together=False)  # a mark is set on what is selected with the chosen one
        super().selectAll()

    def extend(self, by: int) -> None:
        """Select the next sample too, or the one before, as far as from the one that was chosen alone."""
        row = self.currentIndex().row() + by
        if self.currentIndex().isValid() and 0 <= row < len(self._samples.samples):
            self._go(row, together=True)

    def show_current(self, sample: int, *, scroll: bool) -> None:
        """Show which sample is the chosen one; others that are selected with it stay so."""
        row = self._samples.row_of(sample)
        if row is None:
            self.selectionModel().clear()
            return
        index = self._samples.index(row)
        if index != self.currentIndex() or not self.selectionModel().isSelected(index):
            others_stay = not self.currentIndex().isValid() and self.selectionModel().isSelected(index)
            self.selectionModel().setCurrentIndex(index, _Select.NoUpdate if others_stay else _Select.ClearAndSelect)
            self._anchor = row
        if scroll:
            self.scrollTo(index)

    def renew(self) -> None:
        """Paint all tiles anew; `pending` until each of them has been made."""
        self._late = True
        self.viewport().update()

    def pending(self) -> bool:
        """Whether tiles are left to be painted, where any can be seen."""
        return self._late and not self.viewport().visibleRegion().isEmpty()

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def visualRect(self, index: Index) -> QRect:
        return self.area_of(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        columns = self.columns()
        line = (point.y() + self.verticalOffset()) // self.row_px()
        row = line * columns + min(int(point.x() * columns // max(self.viewport().width() + GAP_PX, 1)), columns - 1)
        inside = 0 <= row < len(self._samples.samples) and self.area_of(row).contains(point)
        return self._samples.index(row) if inside else QModelIndex()

    def scrollTo(
        self, index: Index, _hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        if not index.isValid():
            return
        area, bar, row_px = self.area_of(index.row()), self.verticalScrollBar(), self.row_px()
        top = bar.value() + area.top()
        below = area.bottom() + 1 - self.viewport().height()
        if area.top() < 0:
            bar.setValue(top)
        elif below > 0:
            # On to the next whole row, so that the first one is not cut.
            bar.setValue(min(-(-(bar.value() + below) // row_px) * row_px, top))

    def moveCursor(self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        return self._samples.index(self._moved(action))

    def _moved(self, action: QAbstractItemView.CursorAction) -> int:
        """The row that a key goes to."""
        last, columns = len(self._samples.samples) - 1, self.columns()
        row = max(self.currentIndex().row(), 0)
        page = max(1, self.viewport().height() // self.row_px()) * columns
        steps = {
            _Move.MoveLeft: -1, _Move.MovePrevious: -1, _Move.MoveRight: 1, _Move.MoveNext: 1,
            _Move.MoveUp: -columns, _Move.MoveDown: columns, _Move.MovePageUp: -page, _Move.MovePageDown: page,
            _Move.MoveHome: -last, _Move.MoveEnd: last,
        }  # fmt: skip
        return min(max(row + steps[action], 0), max(last, 0))

    def isIndexHidden(self, _index: Index) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        chosen = QItemSelection()
        for row in self.shown_rows():
            if self.area_of(row).intersects(rect):
                index = self._samples.index(row)
                chosen.select(index, index)
        self.selectionModel().select(chosen, command)

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    def updateGeometries(self) -> None:
        super().updateGeometries()
        lines = -(-len(self._samples.samples) // self.columns())
        bar = self.verticalScrollBar()
        bar.setSingleStep(max(1, round(self.row_px() * _TURN_ROWS / 3)))
        bar.setPageStep(max(1, self.viewport().height()))
        # The end is a whole number of rows away, as the first row would be cut there.
        columns, row_px = self.columns(), self.row_px()
        hidden = -(-max(0, lines * row_px - GAP_PX - self.viewport().height()) // row_px)
        first = bar.value() // self._laid_out[1] * self._laid_out[0]
        bar.setRange(0, hidden * row_px)
        if (columns, row_px) != self._laid_out:
            bar.setValue(first // columns * row_px)
            self._laid_out = columns, row_px

    def reset(self) -> None:
        super().reset()
        self.updateGeometries()
        self.renew()
        self.scrolled.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometries()
        self.scrolled.emit()

    def event(self, event: QEvent) -> bool:
        keep(event, MOVE | ENTER)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = _MOVES.get(Qt.Key(event.key()))
        if action is not None and len(self._samples.samples):
            together = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._go(self._moved(action), together=together)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(int(self._samples.samples[self.currentIndex().row()]))
        elif event.key() == Qt.Key.Key_A and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.currentIndex().isValid():
            self._go(self.currentIndex().row(), together=False)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._toggle(index)
            return
        self._go(index.row(), together=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(int(self._samples.samples[index.row()]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if not index.isValid():
            return
        if not self.selectionModel().isSelected(index):
            self._go(index.row(), together=False)
        place = event.pos() if by_mouse else self.area_of(index.row()).center()
        self.menu_wanted.emit(self.viewport().mapToGlobal(place))

    def _toggle(self, index: QModelIndex) -> None:
        """Select a sample beside others, which makes it the chosen one, or leave it; one at least stays selected."""
        model = self.selectionModel()
        model.select(index, _Select.Toggle)
        rows = np.flatnonzero(np.isin(self._samples.samples, self.selected_samples()))
        if not rows.size:
            model.select(index, _Select.Select)
            return
        row = int(rows[np.argmin(np.abs(rows - index.row()))])  # itself, where it is selected now
        self._anchor = index.row()
        if model.isSelected(index) or index == self.currentIndex():
            model.setCurrentIndex(self._samples.index(row), _Select.NoUpdate)
            self.chosen.emit(int(self._samples.samples[row]))

    def _go(self, row: int, *, together: bool) -> None:
        """Choose a sample, alone or together with all from the last one that was chosen alone."""
        index = self._samples.index(row)
        if together:
            first, last = sorted((self._anchor, row))
            chosen = QItemSelection(self._samples.index(first), self._samples.index(last))
            self.selectionModel().select(chosen, _Select.ClearAndSelect)
            self.selectionModel().setCurrentIndex(index, _Select.NoUpdate)
        else:
            self._anchor = row
            self.selectionModel().setCurrentIndex(index, _Select.ClearAndSelect)
        self.scrollTo(index)
        self.chosen.emit(int(self._samples.samples[row]))

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selection, current = self.selectionModel(), self.currentIndex().row()
        several, late, until_s = selection.hasSelection(), False, time.perf_counter() + PAINTING_S
        accent = tokens().accent
        pens = {True: QPen(colour(accent), 2), False: QPen(colour(accent, _BESIDE), 2)}
        rows = self.shown_rows()
        for row, area in zip(rows, self._areas(rows), strict=True):
            if not area.intersects(event.rect()):
                continue
            ready = self._paint_tile(painter, int(self._samples.samples[row]), area, time.perf_counter() < until_s)
            late = late or not ready
            if several and selection.isSelected(self._samples.index(row)):
                painter.setPen(pens[row == current])
                painter.drawPath(rounded(QRectF(area), _RADIUS_PX))
        self._late = late
        if late:
            self._painting.start()


_MOVES = {
    Qt.Key.Key_Left: _Move.MoveLeft,
    Qt.Key.Key_Right: _Move.MoveRight,
    Qt.Key.Key_Up: _Move.MoveUp,
    Qt.Key.Key_Down: _Move.MoveDown,
    Qt.Key.Key_PageUp: _Move.MovePageUp,
    Qt.Key.Key_PageDown: _Move.MovePageDown,
    Qt.Key.Key_Home: _Move.MoveHome,
    Qt.Key.Key_End: _Move.MoveEnd,
}
