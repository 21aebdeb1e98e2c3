"""A small button that is an icon only, quiet until it is pointed at or chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from inspector.views.controls import Button
from inspector.views.icons import paint_icon
from inspector.views.surfaces import hover_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_SIDE_PX = 22
_ICON_PX = 13


class IconButton(Button):
    """An icon to press; with `switch` it stays pressed.

    Args:
        icon_name: of `resources/icons`.
        says: what it does, for the tool tip and screen readers.
    """

    def __init__(self, icon_name: str, says: str, parent: QWidget | None = None, *, switch: bool = False) -> None:
        super().__init__("", parent)
        self._icon = icon_name
        self.setCheckable(switch)
        self.say(says)

    def say(self, says: str) -> None:
        """Change what it is said to do."""
        self.setToolTip(says)
        self.setAccessibleName(says)

    def set_icon(self, icon_name: str) -> None:
        """Change the icon."""
        if icon_name != self._icon:
            self._icon = icon_name
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIDE_PX, _SIDE_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(QRectF(self.rect()), 5)
        if self.underMouse() and self.isEnabled():
            painter.fillPath(path, hover_colour())
        if self.focus_shown:
            painter.setPen(colour(theme.accent))
            painter.drawPath(path)
        ink = theme.accent if self.isChecked() else theme.text if self.underMouse() else theme.faint
        left, top = (self.width() - _ICON_PX) / 2, (self.height() - _ICON_PX) / 2
        paint_icon(painter, QRectF(left, top, _ICON_PX, _ICON_PX), self._icon, ink)
