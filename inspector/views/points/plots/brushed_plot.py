"""One plot: dragging over it keeps the samples of a range, or of a box."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.core.arrays import AnyArray
from inspector.core.language import tr
from inspector.display.points.plots.brushing import brushed_ends, kept_range
from inspector.display.points.plots.scene import Bars, Cells, Dots, Plot
from inspector.session.gallery import NumberRange
from inspector.views.keys import keep
from inspector.views.points.plots.frame import ROW_PX, Frame, frame_of, places_px
from inspector.views.points.plots.painting import RING_PX, left_out, paint_plot, paint_sample
from inspector.views.spoken import Role
from inspector.views.theme import colour, theme_name, tokens
from inspector.views.tips import plain_tip
from inspector.views.view import guarded

_CLICK_PX = 3
_KEY_SHARE = 1 / 32
_PALE, _TINT = 0.6, 0.12
"""How much of the panel lies over what is not brushed, and of the accent over what is."""

KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_MOVES = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_CLEAR = frozenset((Qt.Key.Key_Escape,))


class BrushedPlot(QWidget):
    """A plot; a range of it is chosen by dragging, and none by Escape, a click beside its dots or a double click.

    Left and Right move the range while the keyboard is on the plot, with Shift its upper end.

    Args:
        labelled: names of axes and a legend are drawn.

    Signals:
        brushed: the ranges (tuple of NumberRange) that take the place of those of `columns`; told while the drag
            goes on.
        chosen: the sample whose dot was pressed.
    """

    brushed = Signal(object)
    chosen = Signal(int)

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None, *, labelled: bool = True) -> None:
        super().__init__(parent)
        self._labelled = labelled
        self._plot: Plot | None = None
        self._ranges: tuple[NumberRange, ...] = ()
        self._sample = -1
        self._stays: AnyArray | None = None
        self._from: QPointF | None = None
        self._focus_shown = False
        self._kept: tuple[tuple[object, ...], QPixmap] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def columns(self) -> tuple[str, ...]:
        """The numbers of samples that ranges of this plot keep."""
        if self._plot is None:
            return ()
        return tuple(axis.column for axis in (self._plot.x, self._plot.y) if axis.column)

    def show_plot(self, plot: Plot) -> None:
        """Show a plot."""
        if plot is self._plot:
            return
        self._plot, self._kept = plot, None
        self.setAccessibleName(plot.title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.columns else Qt.FocusPolicy.NoFocus)
        self.setAccessibleDescription(". ".join(text for text in (plot.summary, plot.meaning) if text))
        self.setCursor(Qt.CursorShape.CrossCursor if self.columns else Qt.CursorShape.ArrowCursor)
        self.update()

    def show_ranges(self, ranges: Iterable[NumberRange]) -> None:
        """Show which samples are kept."""
        before = self._own()
        self._ranges = tuple(ranges)
        if self._own() != before:
            self.update()

    def show_kept(self, kept: AnyArray | None) -> None:
        """Show which samples all filters keep, (samples,) bool, by their dots and bars; None for all."""
        if kept is not self._stays:
            self._stays = kept
            drawn: tuple[Bars | Dots, ...] = (*self._plot.bars, *self._plot.dots) if self._plot is not None else ()
            if any(one.samples is not None for one in drawn):
                self._kept = None
                self.update()

    def show_sample(self, sample: int) -> None:
        """Show which of the dots are of the chosen sample."""
        if sample != self._sample:
            self._sample = sample
            self.update()

    def _own(self) -> tuple[NumberRange, ...]:
        return tuple(one for one in self._ranges if one.column in self.columns)

    def frame(self) -> Frame | None:
        """Where the axes lie, None without a plot."""
        if self._plot is None:
            return None
        return frame_of(self._plot, QSizeF(self.size()), labelled=self._labelled)

    def text_at(self, position: QPointF) -> str:
        """What lies under a point, in words; above the plot, the names that its legend has no room for."""
        plot, frame = self._plot, self.frame()
        if plot is None or frame is None:
            return ""
        if self._labelled and position.y() < ROW_PX:
            return "\n".join(left_out(plot, frame))
        if not frame.holds(position):
            return ""
        sample = self.sample_at(position)
        if sample is not None:
            return tr("Sample {number:,}").format(number=sample + 1)
        x, y = frame.x_at(position.x()), frame.y_at(position.y())
        for cells in plot.cells:
            if cells.texts:
                return _cell_text(cells, x, y)
        if plot.tips is None:
            return ""
        place = int(np.searchsorted(plot.tips.edges, x, "right")) - 1
        return plot.tips.texts[min(place, len(plot.tips.texts) - 1)] if place >= 0 else ""

    def sample_at(self, position: QPointF) -> int | None:
        """The sample whose dot is next to a point, None where none is near."""
        plot, frame = self._plot, self.frame()
        if plot is None or frame is None:
            return None
        for dots in plot.dots:
            if dots.samples is None or not len(dots.x):
                continue
            away = np.hypot(*(places_px(dots.x, dots.y, frame) - (position.x(), position.y())).T)
            nearest = int(np.argmin(away))
            if away[nearest] <= RING_PX:
                return int(dots.samples[nearest])
        return None

    def sizeHint(self) -> QSize:
        return QSize(240, 120)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.columns:
            self._from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            QToolTip.showText(event.globalPosition().toPoint(), plain_tip(self.text_at(event.position())), self)
        elif (event.position() - self._from).manhattanLength() > _CLICK_PX:
            self._brush(self._from, event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        begun, self._from = self._from, None
        if begun is not None and (event.position() - begun).manhattanLength() <= _CLICK_PX:
            sample = self.sample_at(event.position())
            if sample is None:
                self.clear()
            else:
                self.chosen.emit(sample)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.clear()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            keep(
                event, (_CLEAR if self._own() else frozenset()) | (_MOVES.keys() if self._focus_shown else frozenset())
            )
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CLEAR and self._own():
            self._from = None
            self.clear()
        elif event.key() in _MOVES and self._focus_shown:
            self._move(_MOVES[Qt.Key(event.key())], whole=not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        else:
            super().keyPressEvent(event)

    def _move(self, steps: int, *, whole: bool) -> None:
        """Move the range along the x axis, or its upper end alone; without one it begins at the left."""
        frame = self.frame()
        if frame is None or not frame.x.column:
            return
        axis = frame.x
        step = (axis.high - axis.low) * _KEY_SHARE
        kept = next((one for one in self._own() if one.column == axis.column), None)
        low, high = brushed_ends(axis, kept) or (axis.low, axis.low)
        low = min(max(low + step * steps, axis.low), axis.high) if whole and kept is not None else low
        high = min(max(high + step * steps, low), axis.high)
        rest = tuple(one for one in self._own() if one.column != axis.column)
        self._tell((kept_range(axis, (low, high)), *rest))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._focus_shown = event.reason() in KEYBOARD and bool(self.columns)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._focus_shown = False
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        QToolTip.hideText()

    def clear(self) -> None:
        """Keep all samples again, as far as this plot goes."""
        self._tell(())

    def _brush(self, begun: QPointF, now: QPointF) -> None:
        frame = self.frame()
        if frame is None:
            return
        ranges = []
        if frame.x.column:
            ranges.append(kept_range(frame.x, (frame.x_at(begun.x()), frame.x_at(now.x()))))
        if frame.y.column:
            ranges.append(kept_range(frame.y, (frame.y_at(begun.y()), frame.y_at(now.y()))))
        self._tell(tuple(ranges))

    def _tell(self, ranges: tuple[NumberRange, ...]) -> None:
        if ranges != self._own():
            self._ranges = (*(one for one in self._ranges if one.column not in self.columns), *ranges)
            self.brushed.emit(ranges)
            self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        plot, frame = self._plot, self.frame()
        if plot is None or frame is None:
            return
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture(plot, frame))
        box = self.brush()
        if box is not None:
            around = QPainterPath()
            around.addRect(frame.area.adjusted(-RING_PX, 0, RING_PX, 0))
            around.addRect(box)
            painter.fillPath(around, colour(tokens().panel, _PALE))
            painter.fillRect(box, colour(tokens().accent, _TINT))
            coloured = any(cells.picture is not None for cells in plot.cells)
            painter.setPen(colour(tokens().text if coloured else tokens().accent))
            painter.drawRect(box)
        paint_sample(painter, plot, frame, self._sample)
        if self._focus_shown:
            painter.setPen(colour(tokens().accent, 0.6))
            painter.drawRect(frame.area.adjusted(-0.5, -0.5, -0.5, -0.5))

    def _picture(self, plot: Plot, frame: Frame) -> QPixmap:
        """The plot without its brush, painted once for a size and a theme."""
        scale = self.devicePixelRatioF()
        key = (plot, self.size(), scale, theme_name())
        if self._kept is not None and self._kept[0] == key:
            return self._kept[1]
        picture = QPixmap(self.size() * scale)
        picture.setDevicePixelRatio(scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_plot(painter, plot, frame, self._stays)
        painter.end()
        self._kept = (key, picture)
        return picture

    def brush(self) -> QRectF | None:
        """The part of the plot that is chosen, in pixels; None where none is."""
        frame = self.frame()
        of = {one.column: one for one in self._own()}
        if frame is None or not of:
            return None
        x = brushed_ends(frame.x, of.get(frame.x.column)) if frame.x.column in of else (frame.x.low, frame.x.high)
        y = brushed_ends(frame.y, of.get(frame.y.column)) if frame.y.column in of else (frame.y.low, frame.y.high)
        if x is None or y is None:
            return None
        (left, right), ends = map(frame.x_px, x), [frame.y_px(end) for end in y]
        return QRectF(left, min(ends), max(right - left, 1.0), max(abs(ends[1] - ends[0]), 1.0))


def _cell_text(cells: Cells, x: float, y: float) -> str:
    """What the cell says at a place."""
    assert cells.picture is not None
    rows, columns = (int(side) for side in cells.picture.shape[:2])
    row = int((y - cells.y[0]) / (cells.y[1] - cells.y[0]) * rows)
    column = int((x - cells.x[0]) / (cells.x[1] - cells.x[0]) * columns)
    return cells.texts[min(max(row, 0), rows - 1) * columns + min(max(column, 0), columns - 1)]
