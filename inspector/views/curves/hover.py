"""The table that follows the pointer: what every curve is worth there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from inspector.core.units import number_text
from inspector.views.fonts import SMALL_PX, cut_to, text_font
from inspector.views.icons import paint_icon
from inspector.views.legend import ink_colour
from inspector.views.more import and_more
from inspector.views.surfaces import outline_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

HoverOrder = Literal["nearness", "value"]

_PAD_PX = 10.0
_ROW_PX = 18.0
_SWATCH_PX = 10.0
_COLUMN_GAP_PX = 14.0
_NAME_PX = 230.0
_OFF_PX = 16
_CLOSE_PX = 12.0
MOST_ROWS = 14


class HoverRow(msgspec.Struct, frozen=True, kw_only=True):
    """One curve at the pointer.

    Attributes:
        trace: its index.
        value: as drawn.
        cells: texts of the columns after the name.
        away_px: how far its point is from the pointer, up or down.
    """

    trace: int
    name: str
    ink: int | str
    dim: bool = False
    value: float
    cells: tuple[str, ...]
    away_px: float


class HoverText(msgspec.Struct, frozen=True, kw_only=True):
    """All that the table says.

    Attributes:
        title: where the pointer is.
        notes: of what stands under it.
        columns: names of the columns after the first.
    """

    title: str
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[HoverRow, ...] = ()


def ordered(rows: Sequence[HoverRow], order: HoverOrder) -> tuple[HoverRow, ...]:
    """Rows, the nearest to the pointer or the greatest first; what is not finite stands last."""
    if order == "value":
        return tuple(sorted(rows, key=lambda row: (not math.isfinite(row.value), -row.value)))
    return tuple(sorted(rows, key=lambda row: (not math.isfinite(row.away_px), row.away_px)))


def placed(size: QSize, beside: QPoint, room: QRect) -> QPoint:
    """The corner of a table beside a point, on its other side where there is no room, always within `room`."""
    left = beside.x() + _OFF_PX
    if left + size.width() > room.right():
        left = beside.x() - _OFF_PX - size.width()
    top = beside.y() + _OFF_PX
    if top + size.height() > room.bottom():
        top = beside.y() - _OFF_PX - size.height()
    left = max(min(left, room.right() - size.width()), room.left())
    return QPoint(left, max(min(top, room.bottom() - size.height()), room.top()))


def value_texts(shown: float, logged: float, *, smoothed: bool) -> tuple[str, ...]:
    """The cells of a value: as drawn and, where that is smoothed, as logged."""
    return (number_text(shown), number_text(logged)) if smoothed else (number_text(shown),)


class HoverTable(QWidget):
    """Rows over the curves; while it follows the pointer the mouse goes through it, pinned it can be dragged.

    Signals:
        closed: a pinned one is no longer wanted.
        order_wanted: a pinned one is to be sorted by nearness or by value.
    """

    closed = Signal()
    order_wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._text = HoverText(title="")
        self._order: HoverOrder = "nearness"
        self._grip: QPoint | None = None
        self.pinned = False
        self.setFont(text_font(SMALL_PX))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_text(self, text: HoverText, order: HoverOrder) -> None:
        """Show rows in an order."""
        self._text = msgspec.structs.replace(text, rows=ordered(text.rows, order))
        self._order = order
        lines = [text.title, *(f"{row.name} {' '.join(row.cells)}" for row in self._text.rows[:MOST_ROWS])]
        self.setAccessibleName("\n".join(lines))
        self.resize(self.sizeHint())
        self.update()

    def text(self) -> HoverText:
        """What is shown, rows in their order."""
        return self._text

    def follow(self, beside: QPoint) -> None:
        """Stand beside a point of the parent, within it."""
        self.move(placed(self.size(), beside, self._over.rect()))
        self.raise_()
        self.show()

    def pin(self) -> None:
        """Stay where it is, until it is closed."""
        self.pinned = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, on=False)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        widths = self._widths(metrics)
        width = 2 * _PAD_PX + sum(widths) + _COLUMN_GAP_PX * max(len(widths) - 1, 0)
        lines = [self._text.title, *self._note_lines()]
        widest = max(metrics.horizontalAdvance(line) for line in lines) + 2 * _PAD_PX + _CLOSE_PX + 8
        rows = len(lines) + self._row_count()
        return QSize(math.ceil(max(width, widest)), math.ceil(2 * 7 + rows * _ROW_PX))

    def _note_lines(self) -> list[str]:
        return [line for note in self._text.notes for line in note.splitlines()]

    def _row_count(self) -> int:
        """Lines below the notes: the heads of the columns, rows, and how many are left out."""
        count = len(self._text.rows)
        return (min(count, MOST_ROWS) + 1 + (count > MOST_ROWS)) if count else 0

    def _widths(self, metrics: QFontMetricsF) -> list[float]:
        rows = self._text.rows[:MOST_ROWS]
        if not rows:
            return [0.0]
        name = max(min(metrics.horizontalAdvance(row.name), _NAME_PX) for row in rows) + _SWATCH_PX + 6
        widths = [name]
        for index, head in enumerate(self._text.columns):
            widths.append(max(metrics.horizontalAdvance(text) for text in (head, *(row.cells[index] for row in rows))))
        return widths

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(QRectF(self.rect()))
        painter.fillPath(path, colour(theme.raised, 0.97))
        painter.setPen(colour(theme.accent) if self.pinned else outline_colour())
        painter.drawPath(path)
        metrics = QFontMetricsF(self.font())
        top = 7.0
        painter.setPen(colour(theme.text))
        self._write(painter, QRectF(_PAD_PX, top, self.width() - 2 * _PAD_PX, _ROW_PX), self._text.title)
        if self.pinned:
            paint_icon(painter, QRectF(self._close_area()), "x", theme.dim)
        painter.setPen(colour(theme.warning))
        for line in self._note_lines():
            top += _ROW_PX
            self._write(painter, QRectF(_PAD_PX, top, self.width() - 2 * _PAD_PX, _ROW_PX), line)
        if self._text.rows:
            self._paint_rows(painter, metrics, top + _ROW_PX)

    def _paint_rows(self, painter: QPainter, metrics: QFontMetricsF, top: float) -> None:
        theme = tokens()
        widths = self._widths(metrics)
        painter.setPen(colour(theme.dim))
        self._paint_cells(painter, widths, top, ("", *self._text.columns))
        for row in self._text.rows[:MOST_ROWS]:
            top += _ROW_PX
            middle = top + _ROW_PX / 2
            painter.setPen(QPen(QColor(ink_colour(row.ink, dim=row.dim)), 3))
            painter.drawLine(QPointF(_PAD_PX, middle), QPointF(_PAD_PX + _SWATCH_PX, middle))
            painter.setPen(colour(theme.dim if row.dim else theme.text))
            name = cut_to(metrics, row.name, Qt.TextElideMode.ElideMiddle, _NAME_PX + 1)
            self._write(painter, QRectF(_PAD_PX + _SWATCH_PX + 6, top, widths[0], _ROW_PX), name)
            self._paint_cells(painter, widths, top, ("", *row.cells))
        more = len(self._text.rows) - MOST_ROWS
        if more > 0:
            painter.setPen(colour(theme.dim))
            self._write(painter, QRectF(_PAD_PX, top + _ROW_PX, self.width(), _ROW_PX), and_more(more))

    def _paint_cells(self, painter: QPainter, widths: Sequence[float], top: float, cells: Sequence[str]) -> None:
        left = _PAD_PX
        for index, (width, text) in enumerate(zip(widths, cells, strict=True)):
            if index:
                self._write(painter, QRectF(left, top, width, _ROW_PX), text, Qt.AlignmentFlag.AlignRight)
            left += width + _COLUMN_GAP_PX

    def _write(
        self, painter: QPainter, area: QRectF, text: str, side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
    ) -> None:
        painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), text)

    def _close_area(self) -> QRect:
        side = int(_CLOSE_PX)
        return QRect(self.width() - side - 8, 10, side, side)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._close_area().adjusted(-4, -4, 4, 4).contains(event.position().toPoint()):
            self.closed.emit()
            return
        heads = 7 + _ROW_PX * (1 + len(self._note_lines()))
        if self._text.rows and heads <= event.position().y() < heads + _ROW_PX:
            self.order_wanted.emit("nearness" if self._order == "value" else "value")
            return
        self._grip = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            corner = self.mapToParent(event.position().toPoint()) - self._grip
            room = self._over.rect()
            self.move(
                max(min(corner.x(), room.right() - self.width()), 0),
                max(min(corner.y(), room.bottom() - self.height()), 0),
            )

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._grip = None
