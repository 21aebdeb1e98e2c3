"""About the program: versions of all that it stands on, to look at and to copy, and the way to its licences."""

from __future__ import annotations

import platform

from PySide6 import __version__ as binding_version
from PySide6.QtCore import Signal, qVersion
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from inspector import __version__
from inspector.app.desk import Desk
from inspector.app.interpreter_choice import InterpreterChoice
from inspector.app.sheets import Sheet
from inspector.core.language import tr, tr_later
from inspector.core.texts import visible
from inspector.jobs.interpreter_probe import Interpreter, own_interpreter
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel
from inspector.views.surfaces import Label

_WIDTH_PX = 460
_TRAINING = tr_later("Training")
_READING = ("numpy", "h5py", "msgspec")


class AboutSheet(Sheet):
    """The page; which torch there is, the trainer's own Python tells while it is open.

    Signals:
        licences_wanted: show the page of help about them.
    """

    licences_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(f"Run Inspector {__version__}", parent)
        self._desk = desk
        self._own = own_interpreter()
        self.interpreter = InterpreterChoice(self)
        self.rows: dict[str, ElidedLabel] = {}
        self.column.addWidget(
            Label(tr("See what a training run did, what went wrong, and resume it with the fix"), ink="dim")
        )
        self.column.addSpacing(12)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(1, _WIDTH_PX)
        for line, (name, text) in enumerate(self._versions().items()):
            self.rows[name] = ElidedLabel(text)
            grid.addWidget(Label(tr(name), ink="dim"), line, 0)
            grid.addWidget(self.rows[name], line, 1)
        self.column.addLayout(grid)
        self.column.addSpacing(16)
        self.licences, self.copy = Button(tr("Licences")), Button(tr("Copy versions"))
        row = QHBoxLayout()
        row.addWidget(Label(tr("MIT licence; its fonts, icons and libraries have their own"), ink="dim"), 1)
        for button in (self.licences, self.copy):
            row.addWidget(button)
        self.column.addLayout(row)
        self.licences.clicked.connect(self._show_licences)
        self.copy.clicked.connect(self._copy)
        self.interpreter.changed.connect(self._show_trainer)

    def open(self) -> None:
        """Show the page, and ask the Python that trains."""
        self.interpreter.open(self._desk.state.preferences.interpreter)
        self._show_trainer()
        super().open()
        self.copy.setFocus()

    def text(self) -> str:
        """All versions, a line each, as a report of a fault needs them."""
        rows = (f"{tr(name)}: {label.text()}" for name, label in self.rows.items())
        return "\n".join((self.title.text(), *rows))

    def hideEvent(self, event: QHideEvent) -> None:
        self.interpreter.close()
        super().hideEvent(event)

    def _versions(self) -> dict[str, str]:
        missing = tr("missing")
        packages = (f"{name} {self._own.packages.get(name) or missing}" for name in _READING)
        return {
            tr_later("Window"): f"Python {self._own.python} · Qt {qVersion()} · PySide6 {binding_version}",
            tr_later("Reading"): " · ".join(packages),
            _TRAINING: "",
            tr_later("System"): platform.platform(),
        }

    def _show_trainer(self) -> None:
        asked = self.interpreter
        asking = tr("asking {path}…").format(path=asked.path)
        told = _of_trainer(asked.found) if asked.found is not None else asked.problem or asking
        self.rows[_TRAINING].setText(visible(told))
        self.rows[_TRAINING].setToolTip(visible(asked.path or told))

    def _show_licences(self) -> None:
        self.hide()
        self.licences_wanted.emit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text() + "\n")


def _of_trainer(found: Interpreter) -> str:
    torch = found.packages.get("torch")
    devices = [one.device for one in found.devices[:1]]
    return " · ".join((f"Python {found.python}", f"torch {torch}" if torch else tr("no torch, viewing only"), *devices))
