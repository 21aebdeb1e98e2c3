"""What could not be read, above what could, with a way to read past a limit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.views.controls import Button
from inspector.views.more import and_more
from inspector.views.surfaces import Label, ground_warning

MOST_LINES = 3
"""More would push away what they are notes of; the rest stands under the pointer."""

_LINE_CHARACTERS = 400
READ_ON, READ_ON_TIP = tr("Read on"), tr("Read past the limit that left something out")


class NotesArea(QWidget):
    """Shows itself where there is a note.

    Attributes:
        read_on: the button, there where generous limits show more.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = Label(ink="warning", wrap=True)
        ground_warning(self._said)
        self.read_on = Button(READ_ON)
        self.read_on.setToolTip(READ_ON_TIP)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._said, 1)
        row.addWidget(self.read_on, 0, Qt.AlignmentFlag.AlignTop)

    def show_notes(self, notes: Sequence[str], *, limited: bool = False) -> None:
        """Show sentences, the first few in full; `limited` where generous limits show more."""
        lines = [visible(note, _LINE_CHARACTERS) for note in notes[:MOST_LINES]]
        if len(notes) > MOST_LINES:
            lines.append(and_more(len(notes) - MOST_LINES))
        self._said.setText("\n".join(lines))
        self._said.setToolTip("\n".join(visible(note) for note in notes) if len(notes) > MOST_LINES else "")
        self.read_on.setVisible(limited)
        self.setVisible(bool(notes))

    def text(self) -> str:
        """What is shown."""
        return self._said.text()
