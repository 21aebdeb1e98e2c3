"""How the cells of the table of many runs are painted, findings as shapes with counts."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inspector.core.language import tr
from inspector.display.fleet.columns import Column, severity_counts
from inspector.formats.fleet import FleetRow
from inspector.views.fleet.model import FleetModel, Index
from inspector.views.fonts import SMALL_PX, cut_to, text_font, text_width
from inspector.views.severity_mark import paint_severity
from inspector.views.surfaces import Ink
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

ROW_PX = 26
PADDING_PX = 8
_SHAPE_PX = 8.0
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter)
_SIDES = (_MIDDLE | int(Qt.AlignmentFlag.AlignLeft), _MIDDLE | int(Qt.AlignmentFlag.AlignRight))
"""Of texts, and of numbers."""
_STATUS_INKS: dict[str, Ink] = {
    "live": "good",
    "failed": "critical",
    "presumed crashed": "critical",
    "stalled": "warning",
}


_NONE = tr("none")


class Cells(QStyledItemDelegate):
    """Paints what a cell says; hundreds of them in a frame, so that the table itself paints what is behind a row."""

    def __init__(self, model: FleetModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, theme = self._model, tokens()
        row, column = model.row(index.row()), model.column(index.column())
        area: QRect = option.rect
        inside = area.adjusted(PADDING_PX, 0, -PADDING_PX, -1)
        read = model.is_read(row)
        if column.kind == "findings":
            _paint_findings(painter, QRectF(inside), row, read=read)
            return
        text = model.text(row, column)
        if not text:
            return
        named = column.kind == "name"
        painter.setFont(_name_font() if named else _cell_font())
        painter.setPen(colour(getattr(theme, _ink(row, column, read=read))))
        painter.drawText(inside, _SIDES[column.kind == "number"], _cut(text, inside.width(), named))


def _ink(row: FleetRow, column: Column, *, read: bool) -> Ink:
    if not read:
        return "faint"
    if row.unread and column.key in ("status", "worst"):
        return "critical"
    if column.key == "status":
        return _STATUS_INKS.get(row.status, "dim")
    return "text" if column.kind in ("name", "number", "setting") else "dim"


@cache
def _name_font() -> QFont:
    return text_font(weight="medium")


@cache
def _cell_font() -> QFont:
    return text_font(SMALL_PX)


@lru_cache(16_384)
def _cut(text: str, room_px: int, named: bool) -> str:
    """A text within so many pixels."""
    metrics = QFontMetricsF(_name_font() if named else _cell_font())
    return cut_to(metrics, text, Qt.TextElideMode.ElideRight, room_px)


def _paint_findings(painter: QPainter, area: QRectF, row: FleetRow, *, read: bool) -> None:
    """The shape of each severity with how many there are, worst first; a word where there are none."""
    theme = tokens()
    painter.setFont(_cell_font())
    counts = severity_counts(row)
    if not counts:
        painter.setPen(colour(theme.faint))
        painter.drawText(area, _SIDES[False], "" if not read or row.unread else _NONE)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    left, top = area.left(), area.center().y() - _SHAPE_PX / 2
    for severity, count in counts:
        paint_severity(painter, QRectF(left, top, _SHAPE_PX, _SHAPE_PX), severity)
        left += _SHAPE_PX + 4
        painter.setPen(colour(theme.text))
        painter.drawText(QRectF(left, area.top(), area.right() - left, area.height()), _SIDES[False], str(count))
        left += text_width(str(count), SMALL_PX) + 9
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
