"""A text of one line that gives way where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.views.fonts import BASE_PX, cut_to
from inspector.views.label import Ink, Label
from inspector.views.tips import plain_tip
from inspector.views.view import guarded


class ElidedLabel(Label):
    """A label of one line that is cut with `…` where it is too long; under the pointer it then says all of it.

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
        size_px: int = BASE_PX,
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
        beside = self.width() - self.contentsRect().width()
        text = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(text + beside + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and not self.toolTip() and self.shown_text() != self.text():
            QToolTip.showText(event.globalPos(), plain_tip(self.text()), self)
            return True
        return super().event(event)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        side = Qt.AlignmentFlag.AlignRight if self._right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.contentsRect(), int(side | Qt.AlignmentFlag.AlignVCenter), self.shown_text())

    def shown_text(self) -> str:
        """As much of the text as there is room for."""
        return cut_to(QFontMetrics(self.font()), self.text(), self._cut, self.contentsRect().width())
