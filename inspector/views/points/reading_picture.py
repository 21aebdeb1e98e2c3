"""A small picture of what coordinates mean: where the first and the last corner lie, and which number comes first."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.core.language import tr
from inspector.formats.point_conventions import Convention, Frame, Unit
from inspector.views.fonts import mono_font
from inspector.views.spoken import Role
from inspector.views.surfaces import outline_colour
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

WIDTH_PX, HEIGHT_PX = 148, 92
_TEXT_PX = 10
_MARGIN_PX = 16
_BAR_SHARE = 0.18
"""Of the height of a letterboxed image, above the picture and below it."""

_CORNERS = {
    Unit.PIXELS: (("0", "0"), ("W/2", "H/2"), ("W", "H")),
    Unit.SHARES: (("0", "0"), (".5", ".5"), ("1", "1")),
    Unit.SIGNED: (("−1", "−1"), ("0", "0"), ("1", "1")),
}
"""What stands for the first corner, the middle and the last corner, x and y."""


class ReadingPicture(QWidget):
    """An image with the coordinates of its corners and its middle."""

    spoken_role = Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.convention = Convention()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("What coordinates mean"))

    def show_convention(self, convention: Convention) -> None:
        """Show what coordinates mean in it."""
        if convention != self.convention:
            self.convention = convention
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, HEIGHT_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(mono_font(_TEXT_PX))
        frame = QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        bar = frame.height() * _BAR_SHARE if self.convention.frame is Frame.LETTERBOXED else 0.0
        picture = frame.adjusted(0, bar, 0, -bar)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(picture, colour(theme.line))
        painter.setPen(QPen(outline_colour(), 1))
        painter.drawRect(frame)
        first, middle, last = (self._text(*corner) for corner in _CORNERS[self.convention.unit])
        painter.setPen(colour(theme.dim))
        line = QRectF(0, 0, self.width(), _MARGIN_PX - 2)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, first)
        painter.drawText(
            line.translated(0, self.height() - line.height()),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            last,
        )
        painter.setPen(colour(theme.text))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, middle)
        self._paint_arrow(painter, frame)

    def _text(self, x: str, y: str) -> str:
        return f"{y}, {x}" if self.convention.is_yx else f"{x}, {y}"

    def _paint_arrow(self, painter: QPainter, frame: QRectF) -> None:
        """Along the direction of the number that comes first, from the first corner."""
        start = frame.topLeft()
        along = QPointF(0, 1) if self.convention.is_yx else QPointF(1, 0)
        across = QPointF(along.y(), along.x())
        end = start + along * (frame.height() if self.convention.is_yx else frame.width()) * 0.6
        accent = colour(tokens().accent)
        painter.setPen(QPen(accent, 1.5))
        painter.drawLine(start, end)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawPolygon(QPolygonF([end + along * 6, end + across * 3.5, end - across * 3.5]))
