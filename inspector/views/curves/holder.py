"""What the cards stand on, with the names of their groups."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from inspector.views.curves.layout import HEADING_PX, Heading
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded


class Holder(QWidget):
    """What the cards stand on, with the names of their groups."""

    def __init__(self) -> None:
        super().__init__()
        self._headings: tuple[Heading, ...] = ()
        self.setFont(text_font(SMALL_PX, "medium"))

    def set_headings(self, headings: tuple[Heading, ...]) -> None:
        """Write these names."""
        if headings != self._headings:
            self._headings = headings
            self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(colour(tokens().dim))
        for heading in self._headings:
            area = QRect(2, heading.top, self.width() - 4, HEADING_PX - 4)
            if event.rect().intersects(area):
                painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, heading.text)
