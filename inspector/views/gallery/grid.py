"""The grid of a gallery: only what is on the screen is painted, so its length costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QWidget

from inspector.core.language import tr
from inspector.display.gallery.order import Samples
from inspector.views.gallery.model import SampleModel
from inspector.views.gallery.tiled import Move, TiledView
from inspector.views.keys import ENTER, MOVE, keep
from inspector.views.surfaces import rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_RADIUS_PX = 4

PaintTile = Callable[[QPainter, int, QRect, bool], bool]
"""Paints the tile of a sample into its place; with False at last only one that is ready, and tells whether it was."""

_BESIDE = 0.55
"""How strong the frame is of a sample that is selected beside the chosen one."""

_MOST_SPANS = 1000
"""A selection of more spans is given up when the order changes: each of them is looked through for every tile."""

PAINTING_S = 0.012
"""So long tiles are made in one turn; those left follow in the next."""

_Select = QItemSelectionModel.SelectionFlag


class SampleGrid(TiledView):
    """The samples of a gallery, of which some are selected together with the chosen one.

    Args:
        model: the samples.
        paint_tile: paints a tile.
        tile_px: the width of a tile, about.

    Signals:
        chosen: the sample that was pressed or moved to.
        opened: the sample that was pressed twice, or opened with Enter.
        menu_wanted: where on the screen a menu of what can be done with the selected samples is wanted (QPoint).
    """

    chosen = Signal(int)
    opened = Signal(int)
    menu_wanted = Signal(object)

    def __init__(self, model: SampleModel, paint_tile: PaintTile, tile_px: int, parent: QWidget | None = None) -> None:
        super().__init__(model, tile_px, parent)
        self._paint_tile = paint_tile
        self._painting = QTimer(self, singleShot=True, interval=0)
        self._painting.timeout.connect(self.viewport().update)
        self._late = False
        self._anchor = 0
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(tr("Samples"))

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
        super().renew()

    def pending(self) -> bool:
        """Whether tiles are left to be painted, where any can be seen."""
        return self._late and not self.viewport().visibleRegion().isEmpty()

    def event(self, event: QEvent) -> bool:
        keep(event, MOVE | ENTER)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = _MOVES.get(Qt.Key(event.key()))
        if action is not None and len(self._samples.samples):
            together = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._go(self.moved(action), together=together)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(int(self._samples.samples[self.currentIndex().row()]))
        elif event.key() == Qt.Key.Key_A and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.selected() > 1:
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
        for row, area in zip(rows, self.areas(rows), strict=True):
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
    Qt.Key.Key_Left: Move.MoveLeft,
    Qt.Key.Key_Right: Move.MoveRight,
    Qt.Key.Key_Up: Move.MoveUp,
    Qt.Key.Key_Down: Move.MoveDown,
    Qt.Key.Key_PageUp: Move.MovePageUp,
    Qt.Key.Key_PageDown: Move.MovePageDown,
    Qt.Key.Key_Home: Move.MoveHome,
    Qt.Key.Key_End: Move.MoveEnd,
}
