"""The card of what stands beside the weights: a table of its groups, or of its values."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.weights.scene import Section
from inspector.views.surfaces import Card, Label
from inspector.views.weights.rows import TextTable


class SectionCard(Card):
    """A section by its name, its few words, and its rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.name = Label(mono=True)
        self.value = Label(ink="dim")
        self.head.insertWidget(0, self.name)
        self.head.insertWidget(1, self.value)
        self.said = Label(ink="dim", size_px=12, wrap=True)
        self.table = TextTable(tr("Values of the section"))
        self.column.addWidget(self.table)
        self.column.addWidget(self.said)

    def show_section(self, section: Section) -> None:
        """Show a section."""
        self.name.setText(section.label)
        self.name.setToolTip(visible(section.path, 400))
        self.value.setText(section.value)
        more = tr("{count:,} more are on the page Objects").format(count=section.left_out) if section.left_out else ""
        says = " · ".join(text for text in (section.says, more) if text)
        self.said.setText(says)
        self.said.setVisible(bool(says))
        self.table.set_rows(section.rows, section.head)
