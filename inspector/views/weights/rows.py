"""Rows of text and of bars, painted: however many there are, only those in sight cost anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.core.language import tr_counted
from inspector.views.fonts import SMALL_PX, cut_to, mono_font, text_font
from inspector.views.spoken import MOST_TOLD, Role
from inspector.views.surfaces import Ink, hover_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_GAP_PX = 18
_MEASURED_ROWS = 300


class _Rows(QWidget):
    """Equal rows one below the other; `row_px` high each."""

    row_px = 22

    spoken_role = Role.Table

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def spoken_text(self) -> str:
        """How many rows there are, and what the first say."""
        first = "; ".join(self.tip(row).replace("\n", " ") for row in range(min(self.count(), MOST_TOLD)))
        return f"{tr_counted(self.count(), 'row')}: {first}"

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def tip(self, row: int) -> str:
        """What a row says under the pointer."""
        raise NotImplementedError

    def row_at(self, y: float) -> int | None:
        """The row at a height."""
        row = int(y // self.row_px)
        return row if 0 <= row < self.count() else None

    def _settle(self) -> None:
        self.setFixedHeight(self.count() * self.row_px)
        self.updateGeometry()
        self.update()

    def _in_sight(self, event: QPaintEvent) -> range:
        first = max(0, event.rect().top() // self.row_px)
        return range(first, min(self.count(), event.rect().bottom() // self.row_px + 1))

    def sizeHint(self) -> QSize:
        return QSize(240, self.count() * self.row_px)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            row = self.row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), "" if row is None else self.tip(row), self)
            return True
        return super().event(event)


class TextTable(_Rows):
    """Columns of text, the first in the font of names; with a title line where there are titles."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._titled = False
        self._widths: list[float] = []

    def set_rows(self, rows: Sequence[tuple[str, ...]], head: tuple[str, ...] = ()) -> None:
        """Show other rows."""
        self._titled = bool(head)
        self._rows = (head, *rows) if head else tuple(rows)
        names, texts = QFontMetricsF(mono_font()), QFontMetricsF(text_font(SMALL_PX))
        columns = max((len(row) for row in self._rows), default=0)
        self._widths = [
            max(
                ((texts if column else names).horizontalAdvance(row[column]))
                for row in self._rows[:_MEASURED_ROWS]
                if column < len(row)
            )
            for column in range(columns)
        ]
        self._settle()

    def count(self) -> int:
        return len(self._rows)

    def tip(self, row: int) -> str:
        return "\n".join(text for text in self._rows[row] if text)

    def texts(self) -> list[tuple[str, ...]]:
        """The rows as they are shown, titles first where there are any."""
        return list(self._rows)

    def _room(self) -> list[float]:
        """Widths of the columns: as their texts; where that is too wide, the wide ones share what is left."""
        widths = [width + _GAP_PX for width in self._widths]
        left = float(self.width())
        if len(widths) > 1:  # names are what the eye looks for
            widths[0] = min(widths[0], max(left / 2, left - sum(widths[1:])))
            left -= widths[0]
        others = sorted(range(1, len(widths)), key=lambda column: widths[column])
        for rank, column in enumerate(others):
            widths[column] = min(widths[column], left / (len(others) - rank))
            left -= widths[column]
        return widths

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = tokens(), QPainter(self)
        widths = self._room()
        for row in self._in_sight(event):
            left = 0.0
            for column, text in enumerate(self._rows[row]):
                titled = self._titled and row == 0
                painter.setFont(mono_font() if column == 0 and not titled else text_font(SMALL_PX))
                painter.setPen(colour(theme.faint if titled else theme.text if column else theme.dim))
                metrics = QFontMetricsF(painter.font())
                cut = Qt.TextElideMode.ElideRight if column or titled else Qt.TextElideMode.ElideMiddle
                shown = cut_to(metrics, text, cut, widths[column] - _GAP_PX / 2)
                area = QRectF(left, row * self.row_px, widths[column], self.row_px)
                painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
                left += widths[column]


class Bar(NamedTuple):
    """One row of a bar chart that lies down; `share` is of the chart's width, 0 for no bar."""

    label: str
    value: str
    share: float
    worrying: bool = False
    tip: str = ""
    key: str = ""


class BarRows(_Rows):
    """A label, a bar, and its value after the bar.

    Signals:
        clicked: the key of a row that was pressed.
    """

    clicked = Signal(str)
    row_px = 23

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._bars: tuple[Bar, ...] = ()
        self._label_px = self._value_px = 0.0
        self._hovered: int | None = None

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show other bars; those with a key can be pressed."""
        self._bars = tuple(bars)
        names, texts = QFontMetricsF(mono_font()), QFontMetricsF(text_font(SMALL_PX))
        some = self._bars[:_MEASURED_ROWS]
        self._label_px = max((names.horizontalAdvance(bar.label) for bar in some), default=0.0)
        self._value_px = max((texts.horizontalAdvance(bar.value) for bar in some), default=0.0)
        self._settle()

    def count(self) -> int:
        return len(self._bars)

    def bars(self) -> tuple[Bar, ...]:
        """What is shown."""
        return self._bars

    def tip(self, row: int) -> str:
        bar = self._bars[row]
        return "\n".join(part for part in (f"{bar.label}  {bar.value}", bar.tip) if part)

    def area_of(self, row: int) -> QRectF:
        """Where the bar of a row lies; of no width where it has none."""
        left = min(self._label_px + _GAP_PX, self.width() * 0.5)
        room = max(self.width() - left - self._value_px - 10, 24)
        share = self._bars[row].share
        length = room * min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
        return QRectF(left, row * self.row_px + self.row_px / 2 - 4, length, 8)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in self._in_sight(event):
            bar, area = self._bars[row], self.area_of(row)
            top = row * self.row_px
            if row == self._hovered and bar.key:
                painter.fillPath(rounded(QRectF(-1, top, self.width() + 2, self.row_px)), hover_colour())
            painter.setFont(mono_font())
            painter.setPen(colour(theme.dim))
            names = QFontMetricsF(painter.font())
            label = cut_to(names, bar.label, Qt.TextElideMode.ElideMiddle, area.left() - 8)
            flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            painter.drawText(QRectF(2, top, area.left(), self.row_px), flags, label)
            ink: Ink = "critical" if bar.worrying else "accent"
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(getattr(theme, ink)))
            if area.width() > 0:
                painter.drawRoundedRect(area, 2, 2)
            painter.setFont(text_font(SMALL_PX))
            painter.setPen(colour(theme.critical if bar.worrying else theme.dim))
            left = area.right() + (8 if area.width() > 0 else 0)
            painter.drawText(QRectF(left, top, self.width() - left, self.row_px), flags, bar.value)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().y())
        if row != self._hovered:
            self._hovered = row
            pressable = row is not None and bool(self._bars[row].key)
            self.setCursor(Qt.CursorShape.PointingHandCursor if pressable else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(QPointF(event.position()).y())
        if row is not None and event.button() == Qt.MouseButton.LeftButton and self._bars[row].key:
            self.clicked.emit(self._bars[row].key)
