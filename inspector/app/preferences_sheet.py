"""The sheet of preferences: a row for each that is declared, and what it means; a change holds at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from inspector.app.desk import Desk
from inspector.app.sheets import Sheet
from inspector.core.texts import visible
from inspector.formats.setting_fields import Field, fields_of
from inspector.session.intents import PreferencesChanged
from inspector.session.preferences import Preferences
from inspector.session.values import State
from inspector.views.controls import Button, PrimaryButton, Segmented
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label
from inspector.views.wrapped import show_wrapped, wrapped

_TOLD_PX, _CONTROL_PX = 230, 390
_LONGEST_PATH = 400
_NONE = "none"


class ChoiceRow(Segmented):
    """A preference that is one of a few words; `chosen` tells the word that was pressed."""

    def __init__(self, field: Field) -> None:
        super().__init__([(choice, choice.capitalize()) for choice in field.choices], label=field.title)

    def show_value(self, value: str) -> None:
        """Show what is preferred."""
        self.set_value(value)


class PythonFileRow(QWidget):
    """A preference that names a Python file, which counts once it was said that its code runs.

    Signals:
        chosen: the file that the user lets run (str); empty for none.
    """

    chosen = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._title = field.title
        self._named = self._asked = ""
        self.path = ElidedLabel(_NONE, ink="dim", middle=True)
        self.path.setAccessibleName(field.title)
        self.choose, self.clear = Button("Choose…"), Button("Clear")
        self.warning = wrapped("", ink="warning", size_px=SMALL_PX)
        self.use, self.leave = PrimaryButton("Run it"), Button("Leave it")
        self.asking = QWidget()
        self.setFixedWidth(_CONTROL_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(_line(self.path, self.choose, self.clear))
        column.addWidget(self.asking)
        asking = QVBoxLayout(self.asking)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.addWidget(self.warning)
        asking.addLayout(_line(QWidget(), self.leave, self.use))
        self.asking.hide()
        self.choose.clicked.connect(self._ask)
        self.clear.clicked.connect(self._on_clear)
        self.use.clicked.connect(self._on_use)
        self.leave.clicked.connect(self._settle)

    def show_value(self, value: str) -> None:
        """Show which file is named."""
        self._named = value
        self.path.setText(visible(value, _LONGEST_PATH) or _NONE)
        self.path.set_ink("text" if value else "dim")
        self.path.setToolTip(visible(value, _LONGEST_PATH))
        self.clear.setVisible(bool(value))

    def _ask(self) -> None:
        folder = str(Path(self._named).parent) if self._named else ""
        file, _kind = QFileDialog.getOpenFileName(self, self._title, folder, "Python files (*.py)")
        if not file:
            return
        self._asked = file
        show_wrapped(
            self.warning,
            f"{Path(file).name} is a program. With your rights, it is run now and whenever a run is opened,"
            " and again when it has changed. Choose it only if you know what it does",
        )
        self.warning.setFixedHeight(self.warning.heightForWidth(_CONTROL_PX))
        self.asking.show()
        self.leave.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_use(self) -> None:
        self._settle()
        self.chosen.emit(self._asked)

    def _on_clear(self) -> None:
        self._settle()
        self.chosen.emit("")

    def _settle(self) -> None:
        self.asking.hide()
        self.choose.setFocus(Qt.FocusReason.ShortcutFocusReason)


class PreferencesSheet(Sheet):
    """Every preference.

    Attributes:
        rows: what shows each and tells its changes, by its name.
    """

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__("Preferences", parent)
        self._desk = desk
        self.rows: dict[str, ChoiceRow | PythonFileRow] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(18)
        for line, field in enumerate(fields_of(Preferences)):
            row = PythonFileRow(field) if field.is_path else ChoiceRow(field)
            row.chosen.connect(partial(self._change, field.path))
            self.rows[field.path] = row
            told = QVBoxLayout()
            told.setSpacing(2)
            about = Label(field.description, ink="dim", size_px=SMALL_PX, wrap=True)
            about.setFixedWidth(_TOLD_PX)
            told.addWidget(Label(field.title, weight="medium"))
            told.addWidget(about)
            told.addStretch(1)
            grid.addLayout(told, line, 0)
            grid.addWidget(row, line, 1, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(grid)
        desk.state_changed.connect(self._on_state)
        self._show(desk.state.preferences)

    def go_to(self, name: str) -> None:
        """Give the keyboard to what changes a preference."""
        controls = (one for one in self.rows[name].findChildren(QWidget) if one.isVisibleTo(self))
        reached = (one for one in controls if one.focusPolicy() & Qt.FocusPolicy.TabFocus)
        next(reached).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest and self.isVisible():  # a row says more than before, or less
            self.fit()
        return super().event(event)

    def _change(self, name: str, value: Any) -> None:
        self._desk.dispatch(PreferencesChanged({name: value}))

    def _on_state(self, before: State, after: State) -> None:
        if before.preferences != after.preferences:
            self._show(after.preferences)

    def _show(self, preferences: Preferences) -> None:
        for name, row in self.rows.items():
            row.show_value(getattr(preferences, name))


def _line(stretched: QWidget, *others: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(6)
    line.addWidget(stretched, 1)
    for widget in others:
        line.addWidget(widget)
    return line
