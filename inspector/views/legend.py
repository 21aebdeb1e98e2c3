"""A line of swatches and names above curves, with the values at the cursor; a press hides or shows a curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.core.language import tr
from inspector.core.units import number_text
from inspector.display.tokens import mixed, series_colour
from inspector.views.fonts import SMALL_PX, cut_to, text_font
from inspector.views.keys import MOVE, PRESS, keep
from inspector.views.more import and_more
from inspector.views.spoken import Role
from inspector.views.theme import colour, tokens
from inspector.views.tips import plain_tip
from inspector.views.view import guarded

_HEIGHT_PX = 18
_SWATCH_PX = 10
_GAP_PX = 18
_LONGEST_PX = 220.0
_MOST_TOLD = 40


class LegendEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One name; `ink` is a number of the series palette or the name of a token, `told` what its tool tip adds."""

    label: str
    ink: int | str
    dashed: bool = False
    dim: bool = False
    told: str = ""


def ink_colour(ink: int | str, *, dim: bool = False) -> str:
    """`#rrggbb` of a curve in the theme shown; a dim one is closer to the panel behind it."""
    theme = tokens()
    full = series_colour(theme, ink) if isinstance(ink, int) else str(getattr(theme, ink))
    return mixed(full, theme.panel, 0.55) if dim else full


class Legend(QWidget):
    """Names of curves on one line; what does not fit is counted at its end and told by the tool tip.

    Left and Right move between names, Space hides or shows one, Enter shows it alone.

    Signals:
        toggled: the index of the entry that was pressed.
        soloed: the index of the entry that was pressed with Alt held.
        pointed: the index of the entry under the pointer, -1 when it leaves.
    """

    toggled = Signal(int)
    soloed = Signal(int)
    pointed = Signal(int)

    spoken_role = Role.List

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[LegendEntry, ...] = ()
        self._values: tuple[float, ...] = ()
        self._hidden: frozenset[int] = frozenset()
        self._areas: list[QRectF] | None = None
        self._at = -1
        self._chosen = 0
        self.setFont(text_font(SMALL_PX))
        self.setFixedHeight(_HEIGHT_PX)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)

    def set_entries(self, entries: Sequence[LegendEntry], hidden: frozenset[int] = frozenset()) -> None:
        """Show names; those at the `hidden` indices are struck out."""
        self._entries, self._hidden = tuple(entries), hidden
        self._values = ()
        self._chosen = min(self._chosen, max(len(self._entries) - 1, 0))
        self.setAccessibleName(", ".join(entry.label for entry in self._entries[:_MOST_TOLD]))
        self._renew()

    def spoken_text(self) -> str:
        """Which of the names are struck out."""
        hidden = [entry.label for index, entry in enumerate(self._entries) if index in self._hidden]
        return tr("hidden: {names}").format(names=", ".join(hidden)) if hidden else tr("all shown")

    def entries(self) -> tuple[LegendEntry, ...]:
        """The names that are shown."""
        return self._entries

    def set_hidden(self, hidden: frozenset[int]) -> None:
        """Strike out the names at these indices."""
        self._hidden = hidden
        self.update()

    def set_values(self, values: Sequence[float]) -> None:
        """Write a value beside each name; nothing beside NaN."""
        if tuple(values) != self._values:
            self._values = tuple(values)
            self._renew()

    def entry_area(self, index: int) -> QRectF:
        """Where an entry is painted; empty where it does not fit."""
        areas = self._laid()
        return areas[index] if index < len(areas) else QRectF()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT_PX)

    def _renew(self) -> None:
        self._areas = None
        self.update()

    def _entry_at(self, position: QPointF) -> int:
        return next((index for index, area in enumerate(self._laid()) if area.contains(position)), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._entry_at(event.position())
        if index < 0 or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.soloed.emit(index)
        else:
            self.toggled.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._entry_at(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:
        self._point(-1)

    def _point(self, index: int) -> None:
        if index != self._at:
            self._at = index
            self.pointed.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._entries) - 1
        to = {
            Qt.Key.Key_Left: self._chosen - 1,
            Qt.Key.Key_Right: self._chosen + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if to is not None:
            self._chosen = min(max(to, 0), max(last, 0))
            self.update()
        elif event.key() == Qt.Key.Key_Space and last >= 0:
            self.toggled.emit(self._chosen)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and last >= 0:
            self.soloed.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._renew()

    def event(self, event: QEvent) -> bool:
        keep(event, MOVE | PRESS)
        if isinstance(event, QHelpEvent):
            index = self._entry_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tip(self.tip_of(index)), self)
            return True
        return super().event(event)

    def tip_of(self, index: int) -> str:
        """All of an entry's name and what is told of it; every name for -1."""
        if index >= 0:
            told = self._entries[index].told
            return f"{self._text(index)}\n{told}" if told else self._text(index)
        lines = [self._text(entry) for entry in range(min(len(self._entries), _MOST_TOLD))]
        more = len(self._entries) - len(lines)
        return "\n".join([*lines, and_more(more)] if more else lines)

    def _text(self, index: int) -> str:
        return self._entries[index].label + self._value_text(index)

    def _value_text(self, index: int) -> str:
        value = self._values[index] if index < len(self._values) else math.nan
        return "" if math.isnan(value) else f"  {number_text(value)}"

    def _shown(self, metrics: QFontMetricsF, index: int) -> str:
        """The text of an entry, its name without its middle where it is long."""
        short = cut_to(metrics, self._entries[index].label, Qt.TextElideMode.ElideMiddle, _LONGEST_PX)
        return short + self._value_text(index)

    def _laid(self) -> list[QRectF]:
        """Where entries stand, as many as fit."""
        if self._areas is None:
            metrics = QFontMetricsF(self.font())
            areas: list[QRectF] = []
            left = 0.0
            for index in range(len(self._entries)):
                rest = len(self._entries) - index
                width = _SWATCH_PX + 6 + metrics.horizontalAdvance(self._shown(metrics, index))
                reserve = 0 if rest == 1 else metrics.horizontalAdvance(f"+{rest}") + _GAP_PX
                if index and left + width + reserve > self.width():
                    break
                areas.append(QRectF(left, 0, width, self.height()))
                left += width + _GAP_PX
            self._areas = areas
        return self._areas

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = QFontMetricsF(self.font())
        areas = self._laid()
        for index, area in enumerate(areas):
            self._paint_entry(painter, metrics, index, area.left())
        rest = len(self._entries) - len(areas)
        if rest:
            left = areas[-1].right() + _GAP_PX
            painter.setPen(colour(tokens().faint))
            painter.drawText(QPointF(left, self.height() / 2 + metrics.capHeight() / 2), f"+{rest}")

    def _paint_entry(self, painter: QPainter, metrics: QFontMetricsF, index: int, left: float) -> None:
        theme = tokens()
        entry = self._entries[index]
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
        text = cut_to(metrics, self._shown(metrics, index), Qt.TextElideMode.ElideMiddle, max(room, 8))
        start = left + _SWATCH_PX + 6
        painter.drawText(QPointF(start, middle + metrics.capHeight() / 2), text)
        if hidden:
            painter.drawLine(QPointF(start, middle), QPointF(start + metrics.horizontalAdvance(text), middle))
        if self.hasFocus() and index == self._chosen:
            painter.setPen(QPen(colour(theme.accent), 1))
            painter.drawLine(
                QPointF(start, self.height() - 1.5), QPointF(left + self.entry_area(index).width(), self.height() - 1.5)
            )
