"""What a screen reader is told of a painted widget beyond its name: what kind of thing it is, and what it shows.

A class says the first by `spoken_role`, and the second, where it is known only by what is painted, by the method
`spoken_text`, which is asked when somebody listens and at no other time.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

Role = QAccessible.Role

MOST_TOLD = 8
"""Of lines, bars or rows; nobody can keep more in mind."""


class _Spoken(QAccessibleWidget):
    """A widget as its class says it is."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, widget.spoken_role)  # type: ignore[attr-defined]  # `_make` has looked

    def text(self, part: QAccessible.Text) -> str:
        if part == QAccessible.Text.Description:
            tell = getattr(self.object(), "spoken_text", str)
            return tell() or super().text(part)
        return super().text(part)


def _make(name: str, about: QObject) -> QAccessibleInterface | None:
    """Qt asks for every class of an object, the last one first."""
    if name != type(about).__name__ or not isinstance(about, QWidget) or not hasattr(about, "spoken_role"):
        return None
    return _Spoken(about)


@cache
def speak_of_painted() -> None:
    """Have Qt tell screen readers so, from now on."""
    QAccessible.installFactory(_make)
