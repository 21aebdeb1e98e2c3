"""Bars, painted: a histogram or one bar a channel, with an optional limit line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.core.arrays import FloatArray, IntArray
from inspector.core.language import tr, tr_many
from inspector.core.units import count_text, number_text
from inspector.display.ticks import Tick
from inspector.views.fonts import text_font
from inspector.views.spoken import Role
from inspector.views.surfaces import Ink
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_FOOT_PX = 20
_TEXT_PX = 11
_GAP_FROM_PX = 3


class BarChart(QWidget):
    """Bars side by side along one axis.

    Signals:
        clicked: the index of the bar that was pressed.
    """

    clicked = Signal(int)

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heights: FloatArray = np.zeros(0)
        self._inks: tuple[Ink, ...] = ()
        self._edges: FloatArray | None = None
        self._ticks: tuple[Tick, ...] = ()
        self._say: Callable[[int], str] | None = None
        self._levels: FloatArray = np.zeros(0)
        self._limit: tuple[float, str, Ink] | None = None
        self._selected: int | None = None
        self._top = 0.0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_bars(
        self,
        heights: FloatArray | Sequence[float],
        *,
        edges: FloatArray | None = None,
        inks: Sequence[Ink] = (),
        ticks: Sequence[Tick] = (),
        say: Callable[[int], str] | None = None,
        top: float | None = None,
    ) -> None:
        """Show bars.

        Args:
            heights: (bars,) 0 or more; NaN leaves the place empty.
            edges: (bars + 1,) where bars begin and end on the axis; None numbers them 0, 1, 2, ...
            inks: one of each bar, the last one for the rest; accent where empty.
            ticks: below the axis, in its values.
            say: what a bar says under the pointer; its edges and height where None.
            top: height that fills the chart; None for the tallest bar.
        """
        self._heights = np.asarray(heights, np.float64)
        self._edges = None if edges is None else np.asarray(edges, np.float64)
        self._inks, self._ticks, self._say = tuple(inks), tuple(ticks), say
        finite = self._heights[np.isfinite(self._heights)]
        self._top = float(finite.max(initial=0.0)) if top is None else top
        self.update()

    def set_limit(self, height: float | None, text: str = "", ink: Ink = "warning") -> None:
        """Draw a dashed level across the bars."""
        self._limit = None if height is None else (height, text, ink)
        self.update()

    def set_levels(self, levels: Sequence[float]) -> None:
        """Draw a line of its own across each bar's column; NaN for none."""
        self._levels = np.asarray(levels, np.float64)
        self.update()

    def set_selected(self, bar: int | None) -> None:
        """Underline one bar."""
        self._selected = bar
        self.update()

    def bar_at(self, position: QPointF) -> int | None:
        """The bar in whose column a point lies."""
        left, right = self._ends()
        share = position.x() / max(self.width(), 1)
        value = left + (right - left) * share
        places = self._places()
        bar = int(np.searchsorted(places, value, "right")) - 1
        return bar if 0 <= bar < self._heights.size else None

    def _places(self) -> FloatArray:
        return np.arange(self._heights.size + 1, dtype=np.float64) if self._edges is None else self._edges

    def _ends(self) -> tuple[float, float]:
        places = self._places()
        return (float(places[0]), float(places[-1])) if places.size > 1 else (0.0, 1.0)

    def _x(self, value: float) -> float:
        left, right = self._ends()
        return (value - left) / (right - left) * self.width() if right > left else 0.0

    def _floor(self) -> float:
        return self.height() - (_FOOT_PX if self._ticks else 2)

    def _y(self, height: float) -> float:
        return self._floor() * (1 - min(height / self._top, 1.0)) if self._top > 0 else self._floor()

    def sizeHint(self) -> QSize:
        return QSize(240, 120)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        bar = self.bar_at(event.position())
        if bar is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(bar)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        bar = self.bar_at(event.position())
        text = "" if bar is None else self.text_of(bar)
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def leaveEvent(self, _event: QEvent) -> None:
        QToolTip.hideText()

    def spoken_text(self) -> str:
        """How many bars there are, and what the tallest says."""
        finite = np.isfinite(self._heights)
        if not finite.any():
            return tr("no bars")
        tallest = int(np.where(finite, self._heights, -1.0).argmax())
        bars = tr_many("{count} bar, the tallest {tallest}", "{count} bars, the tallest {tallest}", self._heights.size)
        return bars.format(count=count_text(self._heights.size), tallest=self.text_of(tallest))

    def text_of(self, bar: int) -> str:
        """What a bar says under the pointer."""
        if self._say is not None:
            return self._say(bar)
        height = float(self._heights[bar])
        shown = count_text(int(height)) if height.is_integer() else number_text(height)
        if self._edges is None:
            return f"{bar}: {shown}"
        return tr("{low} to {high}: {shown}").format(
            low=number_text(float(self._edges[bar])), high=number_text(float(self._edges[bar + 1])), shown=shown
        )

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setFont(text_font(_TEXT_PX))
        floor = self._floor()
        self._paint_bars(painter, floor)
        painter.fillRect(QRectF(0, floor, self.width(), 1), colour(theme.line))
        self._paint_levels(painter)
        self._paint_ticks(painter, floor)
        self._paint_limit(painter)

    def _paint_bars(self, painter: QPainter, floor: float) -> None:
        theme = tokens()
        left, right = self._ends()
        edges = (self._places() - left) / ((right - left) or 1.0) * self.width()
        shown = np.flatnonzero(np.isfinite(self._heights) & (self._heights > 0))
        if shown.size > self.width():
            shown = _tallest(shown, self._heights, edges)
        widths = edges[shown + 1] - edges[shown]
        widths -= widths > _GAP_FROM_PX
        tops = np.minimum(floor * (1 - np.minimum(self._heights[shown] / (self._top or np.inf), 1.0)), floor - 1)
        used: tuple[Ink, ...] = self._inks or ("accent",)
        inks = {ink: colour(getattr(theme, ink)) for ink in set(used)}
        last = len(used) - 1
        for bar, x, y, width in zip(*(column.tolist() for column in (shown, edges[shown], tops, widths)), strict=True):
            painter.fillRect(QRectF(x, y, max(width, 0.75), floor - y), inks[used[min(bar, last)]])
        chosen = self._selected
        if chosen is not None and chosen < self._heights.size and self._heights[chosen] > 0:
            x, end = float(edges[chosen]), float(edges[chosen + 1])
            width = end - x - (end - x > _GAP_FROM_PX)
            painter.fillRect(QRectF(x, floor, max(width, 2), 2), colour(theme.text))

    def _paint_levels(self, painter: QPainter) -> None:
        places, ink = self._places(), colour(tokens().text)
        for bar in np.flatnonzero(np.isfinite(self._levels[: self._heights.size])).tolist():
            left, right = self._x(float(places[bar])), self._x(float(places[bar + 1]))
            level = self._y(float(self._levels[bar]))
            painter.fillRect(QRectF(left, level - 1, max(right - left - 1, 1), 2), ink)

    def _paint_ticks(self, painter: QPainter, floor: float) -> None:
        painter.setPen(colour(tokens().dim))
        metrics = QFontMetricsF(painter.font())
        for tick in self._ticks:
            width = metrics.horizontalAdvance(tick.text)
            left = min(max(self._x(tick.value) - width / 2, 0), self.width() - width)
            painter.drawText(QPointF(left, floor + 4 + metrics.ascent()), tick.text)

    def _paint_limit(self, painter: QPainter) -> None:
        if self._limit is None or self._top <= 0:
            return
        height, text, ink = self._limit
        level, width = self._y(height), QFontMetricsF(painter.font()).horizontalAdvance(text)
        painter.setPen(QPen(colour(getattr(tokens(), ink)), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(0, level), QPointF(self.width(), level))
        painter.drawText(QPointF(self.width() - width - 2, level - 4), text)


def _tallest(bars: IntArray, heights: FloatArray, edges: FloatArray) -> IntArray:
    """Of the bars that share a pixel column the tallest, which hides the others."""
    columns = edges[bars].astype(np.int64)
    order = np.lexsort((heights[bars], columns))
    last = np.append(np.diff(columns[order]) > 0, True)
    kept: IntArray = bars[order[last]]
    return kept
