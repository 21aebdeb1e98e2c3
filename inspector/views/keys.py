"""Keys that a focused control needs for itself, so that no shortcut of the window takes them."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton

PRESS = frozenset((Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter))
"""What presses a button."""

ENTER = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape))
"""What ends typing into a line; printable keys a line keeps by itself."""

ARROWS = frozenset((Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down))
"""What moves in a grid."""

MOVE = ARROWS | {Qt.Key.Key_Home, Qt.Key.Key_End}
"""What moves a slider or a selection."""


LIST = MOVE | PRESS
"""What moves in a list and acts on its row."""


def keep(event: QEvent, keys: frozenset[Qt.Key]) -> None:
    """Accept the question whether a plain key belongs to the control."""
    if (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        and event.key() in keys
    ):
        event.accept()


class _Keeper(QObject):
    """Keeps keys for whatever it is the event filter of."""

    def __init__(self, keys: frozenset[Qt.Key]) -> None:
        super().__init__()
        self._keys = keys

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        keep(event, self._keys)
        return False


@cache
def keeper(keys: frozenset[Qt.Key]) -> QObject:
    """An event filter for a control while it has the focus: its own `event` would be asked about everything, always."""
    return _Keeper(keys)


class PressedByKeys(QAbstractButton):
    """A button that Space and Enter press while it has the focus, whatever commands have these keys.

    Attributes:
        kept: the keys that are its own while it has the focus.
    """

    kept = PRESS

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.installEventFilter(keeper(self.kept))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.removeEventFilter(keeper(self.kept))
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
