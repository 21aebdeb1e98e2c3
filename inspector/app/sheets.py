"""What every page over the window is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.views.controls import Button
from inspector.views.spoken import Role
from inspector.views.surfaces import Label, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_ABOVE_PX, _BESIDE_PX = 48, 16
"""Of the window that a page leaves free."""


class Sheet(QWidget):
    """A page over the window that Esc, its button or a click beside it closes."""

    spoken_role = Role.Dialog

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._yielding: tuple[QAbstractScrollArea, Callable[[], QSize]] | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 24)
        head = QHBoxLayout()
        self.title = Label(title, size_px=18, weight="semibold")
        head.addWidget(self.title)
        head.addStretch(1)
        close = Button(icon_name="x")
        close.setAccessibleName(tr("Close"))
        close.clicked.connect(self.hide)
        head.addWidget(close)
        self.column.addLayout(head)
        self.column.addSpacing(8)
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # its controls are the stops of Tab, not the page
        self.hide()

    def let_give_way(self, part: QAbstractScrollArea, wanted: Callable[[], QSize]) -> None:
        """Let a part that scrolls have the size that it wants, or what a small window leaves it."""
        self._yielding = part, wanted

    def open(self) -> None:
        """Show the page in the middle of the window."""
        self.fit()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def fit(self) -> None:
        """Take the room that the page needs, in the middle of the window."""
        around = self.window().size()
        if self._yielding is not None:
            part, wanted = self._yielding
            part.setFixedSize(wanted())
            self.column.activate()
            over = self.column.sizeHint() - around + QSize(2 * _BESIDE_PX, _ABOVE_PX + _BESIDE_PX)
            part.setFixedSize(wanted() - over.expandedTo(QSize(0, 0)))
        self.column.activate()
        self.resize(self.column.sizeHint())
        self.move((around.width() - self.width()) // 2, max(_ABOVE_PX, (around.height() - self.height()) // 3))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(self.rect().toRectF(), 10)
        painter.fillPath(path, colour(tokens().raised))
        painter.setPen(colour(tokens().line))
        painter.drawPath(path)


def fit_shown(window: QWidget) -> None:
    """Let the pages that are shown over a window take the room that they need of its size."""
    for page in window.children():
        if isinstance(page, Sheet) and page.isVisible():
            page.fit()
