"""The Python that runs a resume, as a row of the resume sheet: its path, what it has, and what it lacks."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QWidget

from inspector.app.interpreter_choice import InterpreterChoice
from inspector.app.pasting import pasted_paths
from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.jobs.children import is_frozen
from inspector.jobs.interpreter_probe import PROBE_S
from inspector.jobs.interpreters import candidates, project_interpreter
from inspector.views.controls import Button, SearchField
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.surfaces import Label

OWN, CHOOSE = "own", "choose"
_OWN_TEXT, _OWN_ITEM = tr("this program's own Python"), tr("This program's own Python")
_SEARCH_TEXT, _SEARCH_ITEM = tr("a Python that has torch"), tr("Look for one that has torch")
"""What stands in their place where the program has no Python of its own."""
_FIELD_PX = 250
_LONGEST = 400


class PathField(SearchField):
    """A path that counts once it is pasted, or typed to its end.

    Signals:
        named: it does (str).
    """

    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_SEARCH_TEXT if is_frozen() else _OWN_TEXT, parent, mono=True)
        self.setFixedWidth(_FIELD_PX)
        self._shown = ""
        self.editingFinished.connect(self.finish)

    def show_path(self, path: str) -> None:
        """Show a path, its end where it is long."""
        self._shown = path
        self.show_text(path)
        self.setToolTip(path)
        self.end(False)

    def finish(self) -> None:
        """Take what was typed, as Enter does."""
        text = self.text().strip()
        if text != self._shown:
            self.show_path(text)
            self.named.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not event.matches(QKeySequence.StandardKey.Paste):
            super().keyPressEvent(event)
            return
        paths = pasted_paths(QGuiApplication.clipboard().mimeData())
        if paths:
            self.setText(paths[0])
        else:
            self.paste()
        self.finish()


class InterpreterRow(QWidget):
    """A path to paste, a menu of those used lately, and what the chosen one has.

    Args:
        choice: what is chosen.
        told_below: what it has stands below, where a row is short.
    """

    def __init__(self, choice: InterpreterChoice, parent: QWidget | None = None, *, told_below: bool = False) -> None:
        super().__init__(parent)
        self._choice = choice
        self._since = 0.0
        self.field = PathField()
        self.field.setAccessibleName(tr("Python that trains"))
        self.menu = MenuButton(says=tr("Choose a Python"))
        self.told = Label("", ink="dim")
        self.cancel = Button(tr("Cancel"))
        self.cancel.setAccessibleName(tr("Ask this Python no longer"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for place, widget in enumerate((self.field, self.menu, self.cancel)):
            grid.addWidget(widget, 0, place if widget is not self.cancel or told_below else 3)
        if told_below:
            grid.addWidget(self.told, 1, 0, 1, 3)
            grid.setColumnStretch(2, 1)
        else:
            grid.addWidget(self.told, 0, 2)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tell)
        self.field.named.connect(choice.choose)
        self.menu.chosen.connect(self._on_chosen)
        self.cancel.clicked.connect(choice.cancel)
        choice.changed.connect(self.reflect)

    def reflect(self) -> None:
        """Show what is chosen."""
        choice = self._choice
        self.field.show_path(choice.path)
        self.field.set_wrong(wrong=bool(choice.problem))
        others = dict.fromkeys((*choice.recent, *candidates(), *filter(None, (project_interpreter(),))))
        others.pop(sys.executable, None)  # it stands first already
        shown = [path for path in others if path != choice.path or choice.found is not None]
        own_item = _SEARCH_ITEM if is_frozen() else _OWN_ITEM
        self.menu.set_items(
            (
                MenuItem(key=OWN, text=own_item, group="python", on=not choice.path),
                *(MenuItem(key=path, text=visible(path, 120), group="python", on=path == choice.path)
                  for path in shown),
                MenuItem(key=CHOOSE, text=tr("Choose…")),
            )
        )  # fmt: skip
        self.cancel.setVisible(choice.running)
        if choice.running and not self._clock.isActive():
            self._since = time.monotonic()
            self._clock.start()
        elif not choice.running:
            self._clock.stop()
        self._tell()

    def _tell(self) -> None:
        choice = self._choice
        if choice.running:
            since_s = time.monotonic() - self._since
            self.told.setText(tr("asking it, {since:.0f} of {most:.0f} s…").format(since=since_s, most=PROBE_S))
        else:
            self.told.setText(visible(choice.found.told, 120) if choice.found is not None else "")
        self.told.setVisible(bool(self.told.text()))

    def _on_chosen(self, key: str) -> None:
        if key != CHOOSE:
            self._choice.choose("" if key == OWN else key)
            return
        # An environment's Python is a link, which is to stay one.
        as_named = QFileDialog.Option.DontResolveSymlinks
        chosen, _kind = QFileDialog.getOpenFileName(self, "Python", self._choice.path, "", "", as_named)
        if chosen:
            self._choice.choose(chosen)


class LackingRow(QWidget):
    """Why nothing can be started with the chosen Python, with the line that mends it; hidden where all is there."""

    def __init__(self, choice: InterpreterChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self._line = ""
        self.about = Label("", ink="critical")
        self.line = ElidedLabel("", mono=True, size_px=SMALL_PX)
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = Button(tr("Copy"))
        self.copy.setAccessibleName(tr("Copy the line that installs what is missing"))
        self.again = Button(tr("Ask again"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.about)
        row.addWidget(self.line, 1)
        row.addWidget(self.copy)
        row.addWidget(self.again)
        row.addStretch(0)
        self.copy.clicked.connect(self._on_copy)
        self.again.clicked.connect(choice.look_again)
        self.hide()

    def show_extras(self, extras: Sequence[str]) -> None:
        """Show what of these extras is missing."""
        found = self._choice.found
        lacks = found.lacks(extras) if found is not None and not found.too_old else ()
        self._line = self._choice.mending_line(extras)
        problem = self._choice.problem or (found.too_old if found is not None and extras else "")
        if lacks:
            about = tr("It lacks {packages} that this run needs:").format(packages=tr_counted(len(lacks), "package"))
        else:
            about = visible(problem, _LONGEST)
            if self._line:
                about = tr("{problem}; choose one, or make one:").format(problem=about)
        self.about.setText(about)
        self.line.setText(visible(self._line, 1000))
        self.line.setVisible(bool(self._line))
        self.copy.setVisible(bool(self._line))
        self.setVisible(bool(lacks or problem))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._line)
