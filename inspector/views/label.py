"""Plain text in the theme's inks: what every label is."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from inspector.views.fonts import BASE_PX, Weight, mono_font, text_font
from inspector.views.theme import INK_ROLES, WARNED_ROLE

Ink = Literal["text", "dim", "faint", "accent", "critical", "warning", "good"]


class Label(QLabel):
    """Plain text in one of the theme's inks.

    Args:
        wrap: break it into lines.
        mono: in the font of names.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        ink: Ink = "text",
        size_px: int = BASE_PX,
        weight: Weight = "regular",
        mono: bool = False,
        wrap: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(mono_font(size_px) if mono else text_font(size_px, weight))
        if wrap:
            self.setWordWrap(True)
        self.setText(text)
        self.set_ink(ink)

    def set_ink(self, ink: Ink) -> None:
        """Change the ink."""
        role = INK_ROLES[ink]
        if role != self.foregroundRole():
            self.setForegroundRole(role)


def ground_warning(label: Label) -> None:
    """Give a warning that stands on the background a ground that it stands out from, in any theme."""
    label.setBackgroundRole(WARNED_ROLE)
    label.setAutoFillBackground(True)
