"""Canvases that are painted in turns: keys and mouse are heard between them."""

from __future__ import annotations

from typing import Protocol

import shiboken6
from PySide6.QtCore import QObject, QTimer


class Painted(Protocol):
    """What is painted a little at a time."""

    def take_turn(self) -> bool:
        """Paint a little; whether there is more to paint."""
        ...


class PaintTurns(QObject):
    """Lets one canvas paint a little in a turn of the event loop, then the next one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[Painted, None] = {}
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._next)

    def want(self, canvas: Painted) -> None:
        """Let a canvas paint when its turn comes."""
        self._waiting[canvas] = None
        if not self._timer.isActive():
            self._timer.start()

    def _next(self) -> None:
        while self._waiting:
            canvas = next(iter(self._waiting))
            del self._waiting[canvas]
            if shiboken6.isValid(canvas):
                if canvas.take_turn():
                    self._waiting = {canvas: None, **self._waiting}  # one is whole before the next begins
                break
        if self._waiting:
            self._timer.start()
