"""A line of swatches and names above curves, with the values at the cursor; a press hides or shows a curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.core.units import number_text
from inspector.display.tokens import mixed, series_colour
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_HEIGHT_PX = 18
_SWATCH_PX = 10
_GAP_PX = 18


class LegendEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One name; `ink` is a number of the series palette or the name of a token."""

    label: str
    ink: int | str
    dashed: bool = False
    dim: bool = False


def ink_colour(ink: int | str, *, dim: bool = False) -> str:
    """`#rrggbb` of a curve in the theme shown; a dim one is closer to the panel behind it."""
    theme = tokens()
    full = series_colour(theme, ink) if isinstance(ink, int) else str(getattr(theme, ink))
    return mixed(full, theme.panel, 0.55) if dim else full


class Legend(QWidget):
    """Names of curves on one line; what does not fit is counted at its end and told by the tool tip.

    Signals:
        toggled: the index of the entry that was pressed.
    """

    toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[LegendEntry, ...] = ()
        self._values: tuple[float, ...] = ()
        self._hidden: frozenset[int] = frozenset()
        self._areas: list[QRectF] = []
        self.setFont(text_font(SMALL_PX))
        self.setFixedHeight(_HEIGHT_PX)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_entries(self, entries: Sequence[LegendEntry], hidden: frozenset[int] = frozenset()) -> None:
        """Show names; those at the `hidden` indices are struck out."""
        self._entries, self._hidden = tuple(entries), hidden
        self._values = ()
        self.setAccessibleName(", ".join(entry.label for entry in self._entries))
        self.update()

    def set_hidden(self, hidden: frozenset[int]) -> None:
        """Strike out the names at these indices."""
        self._hidden = hidden
        self.update()

    def set_values(self, values: Sequence[float]) -> None:
        """Write a value beside each name; nothing beside NaN."""
        if tuple(values) != self._values:
            self._values = tuple(values)
            self.update()

    def entry_area(self, index: int) -> QRectF:
        """Where an entry was painted; empty where it did not fit."""
        return self._areas[index] if index < len(self._areas) else QRectF()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for index, area in enumerate(self._areas):
            if area.contains(event.position()):
                self.toggled.emit(index)
                return

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), "\n".join(self._texts(index) for index in range(len(self._entries))))
            return True
        return super().event(event)

    def _texts(self, index: int) -> str:
        label = self._entries[index].label
        value = self._values[index] if index < len(self._values) else math.nan
        return label if math.isnan(value) else f"{label}  {number_text(value)}"

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = QFontMetricsF(self.font())
        middle = self.height() / 2
        left = 0.0
        self._areas = []
        for index, entry in enumerate(self._entries):
            rest = len(self._entries) - index
            more = f"+{rest}"
            text = self._texts(index)
            name_px = metrics.horizontalAdvance(text)
            width = _SWATCH_PX + 6 + name_px
            reserve = 0 if rest == 1 else metrics.horizontalAdvance(more) + _GAP_PX
            if index and left + width + reserve > self.width():
                painter.setPen(colour(tokens().faint))
                painter.drawText(QPointF(left, middle + metrics.capHeight() / 2), more)
                return
            self._paint_entry(painter, metrics, index, entry, left)
            self._areas.append(QRectF(left, 0, width, self.height()))
            left += width + _GAP_PX

    def _paint_entry(
        self, painter: QPainter, metrics: QFontMetricsF, index: int, entry: LegendEntry, left: float
    ) -> None:
        theme = tokens()
        hidden = index in self._hidden
        middle = self.height() / 2
        pen = QPen(colour(theme.line if hidden else ink_colour(entry.ink, dim=entry.dim)), 3)
        if entry.dashed:
            pen.setDashPattern([1.2, 0.8])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(left, middle), QPointF(left + _SWATCH_PX, middle))
        painter.setPen(colour(theme.faint if hidden or entry.dim else theme.dim))
        room = self.width() - left - _SWATCH_PX - 6
        text = metrics.elidedText(self._texts(index), Qt.TextElideMode.ElideMiddle, max(room, 8))
        painter.drawText(QPointF(left + _SWATCH_PX + 6, middle + metrics.capHeight() / 2), text)
