"""The chosen sample of the shown view: its numbers, what was said of it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from inspector.core.texts import visible
from inspector.views.controls import Button, Card
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label, scrolled
from inspector.views.told import SampleTold

_ROW_PX = 18
_MOST_SEEN, _MOST_ROWS = 7, 64
"""Of the small table so many rows are seen without scrolling, and so many at all."""

COPY = "copy_sample"


class SampleCard(Card):
    """Hidden where the shown view has no samples.

    Signals:
        command: key of the command of the window that a button stands for.
    """

    command = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sample", parent, surface="raised", weight="semibold")
        self._told: SampleTold | None = None
        self._lines, self._rows = _TextRows(8), _TextRows(12)
        self._said = Label(ink="dim", size_px=SMALL_PX, wrap=True)
        self._table = scrolled(self._rows)
        self.flag, self.note, self.copy = Button("Flag"), Button("Add note"), Button("Copy image")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.flag, self.note, self.copy):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.column.addWidget(self._lines)
        self.column.addWidget(self._table)
        self.column.addWidget(self._said)
        self.column.addLayout(buttons)
        self.flag.clicked.connect(self._on_flag)
        self.note.clicked.connect(self._on_note)
        self.copy.clicked.connect(self._on_copy)
        self.hide()

    def show_sample(self, told: SampleTold | None) -> None:
        """Show a sample, or nothing."""
        self.setVisible(told is not None)
        if told is None or told == self._told:
            return
        self._told = told
        self.set_title(told.title)
        self._lines.show_rows([(visible(name, 60), visible(text, 200)) for name, text in told.lines])
        self._rows.show_rows([tuple(visible(text, 40) for text in row) for row in told.rows[: _MOST_ROWS + 1]])
        self._table.setVisible(bool(told.rows))
        self._table.setFixedHeight(min(len(told.rows), _MOST_SEEN) * _ROW_PX)
        said = (*(("rejected",) if told.mark.rejected else ()), *(f"#{tag}" for tag in told.mark.tags))
        lines = visible(" ".join(said), 200), visible(told.mark.note, 400)
        self._said.setText("\n".join(line for line in lines if line))
        self._said.setVisible(any(lines))
        self._name_buttons(told)

    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The lines that are shown."""
        return () if self._told is None or self.isHidden() else self._told.lines

    def _name_buttons(self, told: SampleTold) -> None:
        self.flag.setText("★ Flagged" if told.mark.flagged else "Flag")
        self.note.setText("Edit note" if told.mark.note else "Add note")
        self.copy.setVisible(told.pictured)
        for button in (self.flag, self.note):
            button.updateGeometry()

    def _on_flag(self) -> None:
        self.command.emit("flag")

    def _on_note(self) -> None:
        self.command.emit("note")

    def _on_copy(self) -> None:
        self.command.emit(COPY)


class _TextRows(QWidget):
    """Short texts in columns; labels are kept, and hidden where they are not needed."""

    def __init__(self, gap_px: int) -> None:
        super().__init__()
        self._labels: list[list[ElidedLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(gap_px)
        self._grid.setVerticalSpacing(2)

    def show_rows(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Show these rows, the last column as wide as there is room."""
        while len(self._labels) < len(rows):
            self._labels.append([])
        for place, labels in enumerate(self._labels):
            texts = rows[place] if place < len(rows) else ()
            while len(labels) < len(texts):
                label = ElidedLabel(mono=True, size_px=SMALL_PX, ink="text" if labels else "dim")
                self._grid.addWidget(label, place, len(labels))
                labels.append(label)
            for column, label in enumerate(labels):
                label.setVisible(column < len(texts))
                label.setText(texts[column] if column < len(texts) else "")
        self._grid.setColumnStretch(max((len(row) for row in rows), default=1) - 1, 1)
