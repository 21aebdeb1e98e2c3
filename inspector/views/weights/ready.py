"""The card that says in words what a resume would find."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.display.weights.state.scene import ReadyCard
from inspector.views.surfaces import Card, Label


class ReadyCardView(Card):
    """The parts in one text, what is missing in another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Ready to resume"), parent, ink="dim", weight="regular")
        self.there = Label(size_px=12, wrap=True)
        self.missing = Label(ink="warning", size_px=12, wrap=True)
        self.said = Label(ink="dim", size_px=12, wrap=True)
        for label in (self.there, self.missing, self.said):
            self.column.addWidget(label)

    def show_card(self, card: ReadyCard) -> None:
        """Show what is there."""
        texts = (
            (self.there, " · ".join(text for text, worrying in card.parts if not worrying)),
            (self.missing, " · ".join(text for text, worrying in card.parts if worrying)),
            (self.said, card.says),
        )
        for label, text in texts:
            label.setText(text)
            label.setVisible(bool(text))
