"""The edits that wait for a resume, each with its old and its new value."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from inspector.core.texts import visible
from inspector.formats.settings import value_text
from inspector.session.values import StagedEdit
from inspector.views.controls import Button, Card, PrimaryButton
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Rule

_PATH_PX, _VALUE_PX = 100, 68
"""What a staged edit's path has at least, and its old and its new value at most."""

_MARGINS, _ONE_LINE_MARGINS = (12, 10, 12, 12), (12, 6, 6, 6)
"""Around what the card holds: left, top, right, bottom; without edits as far around the button."""


class StagedCard(Card):
    """The edits that wait for a resume: old struck through, new in green.

    Signals:
        unstaged: the path whose edit is taken back.
        resumed, cleared: its buttons.
    """

    unstaged = Signal(str)
    resumed = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Staged edits", parent, surface="raised", weight="semibold")
        self._rows = QGridLayout()
        self._rows.setColumnStretch(0, 1)
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(4)
        self.column.addLayout(self._rows)
        self._widgets: list[QWidget] = []
        self.resume = PrimaryButton("Resume…")
        self.resume.clicked.connect(self.resumed)
        self.clear = Button("Clear")
        self.clear.clicked.connect(self.cleared)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(6)
        self._foot.addWidget(self.resume)
        self._foot.addWidget(self.clear)
        self._foot.addStretch(1)
        self.column.addLayout(self._foot)

    def show_edits(self, edits: tuple[StagedEdit, ...], resume_text: str, why_not: str = "") -> None:
        """Show the staged edits; the button is off, and says why, where the run cannot be resumed."""
        self.resume.setEnabled(not why_not)
        self.resume.setToolTip(why_not)
        for widget in self._widgets:
            self._rows.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._widgets = []
        for row, edit in enumerate(edits):
            self._add_row(row * 2, edit)
        self.clear.setVisible(bool(edits))
        self._place_resume(staged=bool(edits))
        self.resume.setText(resume_text)
        self.resume.updateGeometry()
        self.set_title("Staged edits" if edits else "Nothing staged")

    def _place_resume(self, *, staged: bool) -> None:
        """Under the edits; beside the title where there are none, so that the card is one line."""
        if staged:
            self.head.removeWidget(self.resume)
            self._foot.insertWidget(0, self.resume)
        else:
            self._foot.removeWidget(self.resume)
            self.head.addWidget(self.resume)
        self.column.setContentsMargins(*(_MARGINS if staged else _ONE_LINE_MARGINS))

    def _add_row(self, row: int, edit: StagedEdit) -> None:
        path = ElidedLabel(visible(edit.path), mono=True, size_px=SMALL_PX, middle=True)
        path.setToolTip("\n".join(visible(text) for text in (edit.path, edit.reason) if text))
        old = ElidedLabel(visible(value_text(edit.old), 40), ink="faint", size_px=SMALL_PX)
        font = old.font()
        font.setStrikeOut(True)
        old.setFont(font)
        new = ElidedLabel(visible(value_text(edit.new), 40), ink="good", size_px=SMALL_PX)
        for label, value in ((old, edit.old), (new, edit.new)):
            label.setToolTip(visible(value_text(value)))
            label.setMaximumWidth(_VALUE_PX)
        path.setMinimumWidth(min(path.sizeHint().width(), _PATH_PX))
        back = Button(icon_name="x")
        back.setToolTip(f"Take back {edit.path}")
        back.setAccessibleName(f"Take back {edit.path}")
        back.setFixedSize(18, 18)
        back.clicked.connect(partial(self.unstaged.emit, edit.path))
        for column, widget in enumerate((path, old, new, back)):
            self._rows.addWidget(widget, row, column)
            self._widgets.append(widget)
        rule = Rule()
        self._rows.addWidget(rule, row + 1, 0, 1, 4)
        self._widgets.append(rule)
