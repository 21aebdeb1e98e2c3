"""How bad a finding is, as a word and as a shape."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.diagnosis.values import Severity
from inspector.display.tokens import severity_colour
from inspector.views.spoken import Role
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded


class SeverityMark(QWidget):
    """A square for critical, a disc for error, a triangle for warning, a ring for a note."""

    spoken_role = Role.Graphic

    def __init__(self, severity: Severity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(12, 16)
        self.show_severity(severity)

    def show_severity(self, severity: Severity) -> None:
        """Show another one."""
        self._severity = severity
        self.update()
        self.setToolTip(tr(severity.word))
        self.setAccessibleName(tr(severity.word))

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_severity(painter, QRectF(1.5, 4, 8.5, 8.5), self._severity)


def paint_severity(painter: QPainter, area: QRectF, severity: Severity) -> None:
    """The shape of a severity in its colour."""
    ink = colour(severity_colour(severity, tokens()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    match severity:
        case Severity.CRITICAL:
            painter.drawRect(area)
        case Severity.ERROR:
            painter.drawEllipse(area)
        case Severity.WARNING:
            painter.drawPolygon([area.bottomLeft(), area.bottomRight(), (area.topLeft() + area.topRight()) / 2])
        case Severity.INFO:
            painter.setPen(ink)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(area)
