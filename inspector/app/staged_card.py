"""The edits that wait for a resume, each with its old and its new value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.formats.setting_values import value_text
from inspector.session.values import StagedEdit
from inspector.views.controls import Button, Card
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label, Rule, take_out
from inspector.views.wrapped import wrapped

_PATH_PX, _VALUE_PX = 100, 68
"""What a staged edit's path has at least, and its old and its new value at most."""

_MARGINS, _ONE_LINE_MARGINS = (12, 10, 12, 12), (12, 6, 6, 6)
"""Around what the card holds: left, top, right, bottom; without edits as far around the button."""


class StagedCard(Card):
    """The edits that wait for a resume: old struck through, new in green.

    Signals:
        unstaged: the path whose edit is taken back.
        settled: a path, and the finding whose value for it was chosen.
        resumed, cleared: its buttons.
    """

    unstaged = Signal(str)
    settled = Signal(str, str)
    resumed = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Staged edits"), parent, surface="raised", weight="semibold")
        self._rows = QGridLayout()
        self._rows.setColumnStretch(0, 1)
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(4)
        self.column.addLayout(self._rows)
        self._widgets: list[QWidget] = []
        self._filled = 0
        self.resume = Button(tr("Resume…"), primary=True)
        self.resume.clicked.connect(self.resumed)
        self.clear = Button(tr("Clear"))
        self.clear.clicked.connect(self.cleared)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(6)
        self._foot.addWidget(self.resume)
        self._foot.addWidget(self.clear)
        self._foot.addStretch(1)
        self.column.addLayout(self._foot)

    def show_edits(
        self,
        edits: tuple[StagedEdit, ...],
        resume_text: str,
        why_not: str = "",
        contested: tuple[StagedEdit, ...] = (),
    ) -> None:
        """Show the staged edits, and the values between which one is to be chosen.

        The button is off, and says why, where the run cannot be resumed.
        """
        self.resume.setEnabled(not why_not)
        self.resume.setToolTip(why_not)
        for widget in self._widgets:
            take_out(widget, self._rows)
        self._widgets = []
        self._filled = 0
        for edit in edits:
            self._add_row(edit)
        for _path, wanted in groupby(contested, key=lambda edit: edit.path):
            self._add_choice(tuple(wanted))
        waiting = bool(edits or contested)
        self.clear.setVisible(waiting)
        self._place_resume(staged=waiting)
        self.resume.setText(resume_text)
        self.resume.updateGeometry()
        self.set_title(tr("Staged edits") if waiting else tr("Nothing staged"))

    def _place_resume(self, *, staged: bool) -> None:
        """Under the edits; beside the title where there are none, so that the card is one line."""
        if staged:
            self.head.removeWidget(self.resume)
            self._foot.insertWidget(0, self.resume)
        else:
            self._foot.removeWidget(self.resume)
            self.head.addWidget(self.resume)
        self.column.setContentsMargins(*(_MARGINS if staged else _ONE_LINE_MARGINS))

    def _add_row(self, edit: StagedEdit) -> None:
        path = ElidedLabel(visible(edit.path), mono=True, size_px=SMALL_PX, start=True)
        path.setToolTip("\n".join(visible(text) for text in (edit.path, edit.reason) if text))
        old = ElidedLabel(visible(value_text(edit.old), 40), ink="dim", size_px=SMALL_PX)
        font = old.font()
        font.setStrikeOut(True)
        old.setFont(font)
        new = ElidedLabel(visible(value_text(edit.new), 40), ink="good", size_px=SMALL_PX)
        for label, value in ((old, edit.old), (new, edit.new)):
            label.setToolTip(visible(value_text(value)))
            label.setMaximumWidth(_VALUE_PX)
        path.setMinimumWidth(min(path.sizeHint().width(), _PATH_PX))
        self._put(path, old, new, self._back(edit.path))
        self._put(Rule())

    def _add_choice(self, wanted: Sequence[StagedEdit]) -> None:
        """A path for which several values are wanted: each with its reason and a button that chooses it."""
        name = wanted[0].path
        path = ElidedLabel(visible(name), mono=True, size_px=SMALL_PX, start=True)
        path.setMinimumWidth(_PATH_PX)
        path.setToolTip(visible(name))
        old = ElidedLabel(visible(value_text(wanted[0].old), 40), ink="dim", size_px=SMALL_PX)
        old.setMaximumWidth(_VALUE_PX)
        self._put(path, old, Label(tr("choose"), ink="warning", size_px=SMALL_PX), self._back(name))
        for edit in wanted:
            self._put(self._candidate(edit))
        self._put(Rule())

    def _candidate(self, edit: StagedEdit) -> QWidget:
        """One of several values that are wanted for a path."""
        value = visible(value_text(edit.new), 40)
        told = ElidedLabel(value, ink="good", size_px=SMALL_PX)
        told.setFixedWidth(_VALUE_PX)
        told.setToolTip(visible(value_text(edit.new)))
        use = Button(tr("Use"))
        use.setAccessibleName(tr("Use {value} for {setting}").format(value=value, setting=visible(edit.path)))
        use.clicked.connect(partial(self.settled.emit, edit.path, edit.finding))
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(told)
        row.addWidget(wrapped(edit.reason if edit.finding else tr("typed by hand"), ink="dim", size_px=SMALL_PX), 1)
        row.addWidget(use)
        return line

    def _back(self, path: str) -> Button:
        back = Button(icon_name="x")
        says = tr("Take back {setting}").format(setting=path)
        back.setToolTip(says)
        back.setAccessibleName(says)
        back.setFixedSize(18, 18)
        back.clicked.connect(partial(self.unstaged.emit, path))
        return back

    def _put(self, *widgets: QWidget) -> None:
        """A row under the last one; a widget alone takes all of it."""
        for column, widget in enumerate(widgets):
            self._rows.addWidget(widget, self._filled, column, 1, 4 if len(widgets) == 1 else 1)
            self._widgets.append(widget)
        self._filled += 1
