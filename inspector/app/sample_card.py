"""The chosen sample of the shown view: its numbers, what was said of it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.views.controls import Button, Card
from inspector.views.flow import FlowLayout
from inspector.views.fonts import SMALL_PX
from inspector.views.more import and_more
from inspector.views.surfaces import Label, scrolled
from inspector.views.told import SampleTold

_MOST_PX, _MOST_ROWS = 120, 200
"""Of the small table so much is seen without scrolling, and so many rows are shown at all."""

COPY = "copy_sample"


class SampleCard(Card):
    """Hidden where the shown view has no samples.

    Signals:
        command: key of the command of the window that a button stands for.
    """

    command = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Sample"), parent, surface="raised", weight="semibold")
        self._told: SampleTold | None = None
        self._lines, self._rows = _text(), _text()
        self._said = Label(ink="dim", size_px=SMALL_PX, wrap=True)
        self._table = scrolled(self._rows, tr("Numbers of the sample"))
        self.flag, self.note, self.copy = Button(tr("Flag")), Button(tr("Add note")), Button(tr("Copy image"))
        buttons = FlowLayout(gap_px=6)
        for button in (self.flag, self.note, self.copy):
            buttons.addWidget(button)
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
        self._lines.setText(in_columns([(visible(name, 60), visible(text, 200)) for name, text in told.lines]))
        rows = [[visible(text, 40) for text in row] for row in told.rows[: _MOST_ROWS + 1]]
        more = [[and_more(len(told.rows) - len(rows))]] if len(told.rows) > len(rows) else []
        self._rows.setText("\n".join(filter(None, (in_columns(rows), in_columns(more)))))
        self._table.setVisible(bool(told.rows))
        self._table.setFixedHeight(min(self._rows.sizeHint().height(), _MOST_PX))
        said = (*((tr("rejected"),) if told.mark.rejected else ()), *(f"#{tag}" for tag in told.mark.tags))
        lines = visible(" ".join(said), 200), visible(told.mark.note, 400)
        self._said.setText("\n".join(line for line in lines if line))
        self._said.setVisible(any(lines))
        self._name_buttons(told)

    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The lines that are shown."""
        return () if self._told is None or self.isHidden() else self._told.lines

    def _name_buttons(self, told: SampleTold) -> None:
        self.flag.setText(tr("★ Flagged") if told.mark.flagged else tr("Flag"))
        self.note.setText(tr("Edit note") if told.mark.note else tr("Add note"))
        self.copy.setVisible(told.pictured)
        for button in (self.flag, self.note):
            button.updateGeometry()

    def _on_flag(self) -> None:
        self.command.emit("flag")

    def _on_note(self) -> None:
        self.command.emit("note")

    def _on_copy(self) -> None:
        self.command.emit(COPY)


def _text() -> Label:
    """Several lines of texts in columns, to be selected; cut where they are wider than the panel."""
    label = Label(mono=True, size_px=SMALL_PX)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return label


def in_columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts as lines whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip() for row in rows
    )
