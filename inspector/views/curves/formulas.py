"""Expressions over curves: a line to add one, and those that were added, each with what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.views.controls import SearchField
from inspector.views.elided import ElidedLabel
from inspector.views.flow import FlowLayout
from inspector.views.fonts import SMALL_PX
from inspector.views.icon_button import IconButton
from inspector.views.surfaces import Label, take_out
from inspector.views.tips import plain_tip

_FIELD_PX = 240
_CHIP_PX = 300


class _Chip(QWidget):
    """One expression, with a cross to take it off."""

    removed = Signal(str)

    def __init__(self, expression: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.expression = expression
        self.name = ElidedLabel(visible(expression), mono=True, size_px=SMALL_PX, middle=True)
        self.name.setMaximumWidth(_CHIP_PX)
        self.error = Label(ink="critical", size_px=SMALL_PX)
        self.cross = IconButton("x", tr("Remove this expression"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.name, self.error, self.cross):
            row.addWidget(widget)
        self.error.hide()
        self.cross.clicked.connect(self._on_removed)

    def set_error(self, error: str) -> None:
        """Say why it could not be worked out; empty where it could."""
        self.error.setText(visible(error))
        self.error.setVisible(bool(error))
        self.name.set_ink("critical" if error else "text")
        self.name.setToolTip(plain_tip("\n".join(part for part in (self.expression, error) if part)))
        self.updateGeometry()

    def _on_removed(self) -> None:
        self.removed.emit(self.expression)


class _Field(SearchField):
    """A line that is told by Enter, and left by Esc."""

    entered = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape and not self.text():
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Formulas(QWidget):
    """Removable expressions in a row.

    Signals:
        changed: the expressions that are wanted now (tuple of str).
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: list[_Chip] = []
        self.field = _Field(tr("add val/loss - train/loss"), mono=True)
        self.field.setFixedWidth(_FIELD_PX)
        self.field.setToolTip(tr("A curve worked out from others, as val/loss - train/loss; Enter adds it"))
        self.field.entered.connect(self._on_entered)
        self.field.left.connect(self._on_left)
        self._row = FlowLayout(self, gap_px=14)
        self._row.addWidget(self.field)
        self._started = False
        self.hide()

    def show_expressions(self, expressions: Sequence[str], errors: Sequence[str] = ()) -> None:
        """Show expressions, and for each why it could not be worked out."""
        if [chip.expression for chip in self._chips] != list(expressions):
            for chip in self._chips:
                take_out(chip, self._row)
            self._chips = [_Chip(expression, self) for expression in expressions]
            for chip in self._chips:
                chip.removed.connect(self._on_removed)
                self._row.addWidget(chip)
                chip.show()
        for chip, error in zip(self._chips, [*errors, *[""] * len(self._chips)], strict=False):
            chip.set_error(error)
        self.setVisible(bool(self._chips) or self._started)

    def start(self) -> None:
        """Show the line to type into, and type there next."""
        self._started = True
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def chips(self) -> Sequence[QWidget]:
        """What is shown, one for each expression."""
        return self._chips

    def _on_entered(self) -> None:
        wanted = " ".join(self.field.text().split())
        known = [chip.expression for chip in self._chips]
        if wanted and wanted not in known:
            self.field.clear()
            self.changed.emit((*known, wanted))

    def _on_left(self) -> None:
        self._started = False
        self.setVisible(bool(self._chips))

    def _on_removed(self, expression: str) -> None:
        self.changed.emit(tuple(chip.expression for chip in self._chips if chip.expression != expression))
