"""Paints of many canvases, one in a turn of the event loop: keys and mouse are heard between them."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget


class PaintTurns(QObject):
    """Has widgets painted one after the other; the first at once, where no other waits."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[QWidget, None] = {}
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._next)

    def update(self, widget: QWidget) -> None:
        """Have a widget painted, when its turn comes."""
        if self._timer.isActive():
            self._waiting[widget] = None
        else:
            widget.update()
            self._timer.start()

    def _next(self) -> None:
        while self._waiting:
            widget = next(iter(self._waiting))
            del self._waiting[widget]
            if shiboken6.isValid(widget) and widget.isVisible():
                widget.update()
                self._timer.start()
                return
