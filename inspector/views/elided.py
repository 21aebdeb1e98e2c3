"""A text of one line that gives way where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.views.fonts import cut_to
from inspector.views.surfaces import Ink, Label
from inspector.views.view import guarded


class ElidedLabel(Label):
    """A label that is cut with `…` where it is too long; its tool tip says all of it.

    Args:
        right: stand at the right end of its room.
        middle: cut out of its middle, where both ends of a name tell something.
        start: cut off its start, where the last part of a path tells the most.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        ink: Ink = "text",
        size_px: int = 13,
        mono: bool = False,
        right: bool = False,
        middle: bool = False,
        start: bool = False,
    ) -> None:
        super().__init__(text, parent, ink=ink, size_px=size_px, mono=mono)
        self._right = right
        modes = Qt.TextElideMode
        self._cut = modes.ElideLeft if start else modes.ElideMiddle if middle else modes.ElideRight
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred if not right else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        )

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        side = Qt.AlignmentFlag.AlignRight if self._right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect(), int(side | Qt.AlignmentFlag.AlignVCenter), self.shown_text())

    def shown_text(self) -> str:
        """As much of the text as there is room for."""
        return cut_to(QFontMetrics(self.font()), self.text(), self._cut, self.width())
