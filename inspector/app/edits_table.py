"""The edits that a resume would make, as rows: what the checkpoint has, what is set instead, and whether that works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from inspector.core.texts import visible
from inspector.formats.settings import Field, value_text
from inspector.session.values import StagedEdit
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label

_TITLES = ("Setting", "In checkpoint", "Edited", "")


class EditsTable(QGridLayout):
    """A heading and a line for each edit."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: list[QWidget] = []
        self.setHorizontalSpacing(24)
        self.setVerticalSpacing(5)
        self.setColumnStretch(4, 1)

    def show_edits(self, edits: Sequence[StagedEdit], fields: Mapping[str, Field], mode: str) -> None:
        """Show edits of settings with these fields, resumed in this mode."""
        for cell in self._cells:
            self.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        for column, title in enumerate(_TITLES if edits else ("Nothing is edited",)):
            self._put(0, column, Label(title, ink="dim", size_px=SMALL_PX))
        for line, edit in enumerate(edits, start=1):
            field = fields.get(edit.path)
            fits = field is None or field.applies != "restart" or mode == "weights"
            effect = "takes effect" if fits else "changes tensor shapes; choose Weights only"
            self._put(line, 0, Label(visible(edit.path), mono=True, size_px=SMALL_PX))
            self._put(line, 1, Label(visible(value_text(edit.old), 60), ink="dim", size_px=SMALL_PX))
            self._put(line, 2, Label(visible(value_text(edit.new), 60), size_px=SMALL_PX))
            self._put(line, 3, Label(effect, ink="good" if fits else "warning", size_px=SMALL_PX))
            self._put(line, 4, Label(visible(edit.reason, 200), ink="faint", size_px=SMALL_PX))

    def _put(self, line: int, column: int, cell: QWidget) -> None:
        self.addWidget(cell, line, column)
        self._cells.append(cell)
