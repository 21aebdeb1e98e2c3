"""Tiles of equal size in rows over a model: where each stands, and how far the view is scrolled."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from inspector.views.gallery.model import Index, SampleModel
from inspector.views.surfaces import quiet

GAP_PX = 8
_LEAST_SHARE = 0.88
"""Of their height, so much is left at least of rows that shrink so that a whole number of them is seen."""

_TURN_ROWS = 0.6
"""A notch of the wheel goes on by so much of a row."""

Move = QAbstractItemView.CursorAction


class TiledView(QAbstractItemView):
    """The base of a grid of samples, which paints them and takes keys.

    Args:
        model: the samples.
        tile_px: the width of a tile, about.

    Signals:
        scrolled: other samples may be on the screen.
    """

    scrolled = Signal()

    def __init__(self, model: SampleModel, tile_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self._tile_px = tile_px
        self._aspect = 1.0
        self._laid_out = 1, 1
        self._samples = model
        self.setModel(model)
        self.setAutoScroll(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().valueChanged.connect(self.scrolled)

    def set_aspect(self, aspect: float) -> None:
        """Change the tiles' width over height."""
        self._aspect = min(max(aspect, 0.5), 2.5)
        self.updateGeometries()
        self.renew()

    def renew(self) -> None:
        """Paint all tiles anew."""
        self.viewport().update()

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
        return next(self.areas(range(row, row + 1)))

    def areas(self, rows: range) -> Iterator[QRect]:
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
        return self._samples.index(self.moved(action))

    def moved(self, action: QAbstractItemView.CursorAction) -> int:
        """The row that a key goes to."""
        last, columns = len(self._samples.samples) - 1, self.columns()
        row = max(self.currentIndex().row(), 0)
        page = max(1, self.viewport().height() // self.row_px()) * columns
        steps = {
            Move.MoveLeft: -1, Move.MovePrevious: -1, Move.MoveRight: 1, Move.MoveNext: 1,
            Move.MoveUp: -columns, Move.MoveDown: columns, Move.MovePageUp: -page, Move.MovePageDown: page,
            Move.MoveHome: -last, Move.MoveEnd: last,
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
