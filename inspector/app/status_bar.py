"""The lowest line: which run and file, what is being done, what the keys do here, and what would train."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.app.commands import BY_KEY, PREFERRED_KEYS, keys_of
from inspector.app.news import Working
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.jobs.children import is_frozen
from inspector.jobs.requests import Lock
from inspector.session.preferences import Preferences
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label

HEIGHT_PX = 24

HINTS = {
    "triage": tr("Enter show · C stage cure · {reject_or_dismiss} dismiss · R resume"),
    "curves": tr("Drag to pan · double-click to fit · L log · S smoothing"),
    "slots": tr("J/K sample · {flag} flag · {reject_or_dismiss} reject · 1–9 one slot · Space play"),
    "features": tr("J/K sample · {flag} flag · {reject_or_dismiss} reject · [ ] layer · D hide dead"),
    "points": tr("J/K sample · {flag} flag · {reject_or_dismiss} reject · W worst first · G grid · Z zoom"),
    "weights": tr("/ filter · [ ] tensor · Ctrl+C copy path · Ctrl+←/→ checkpoint"),
    "log": tr("/ filter"),
    "settings": tr("/ filter · Ctrl+Z undo · R resume"),
    "fleet": tr("Enter open · / filter · a heading sorts · Ctrl+C copy"),
    "resume": tr("Ctrl+Enter resume · Ctrl+T dry run · Del take back · Esc close"),
}
"""What the keys do in each view; those that a user may choose by the names of their commands."""


_INSTALLED = re.compile(r"torch-([^-+]+)(?:\+[^-]*?)?(?:\.dist|-.*\.egg)-info")


def trainer_text() -> str:
    """`Python 3.11 · torch 2.13.0`, without importing torch; a frozen program trains in another Python.

    What torch is installed is read off the name of a folder: `importlib.metadata` takes longer than the first frame.
    """
    if is_frozen():
        return tr("Training runs in a Python of your own")
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    named = (_INSTALLED.fullmatch(path.name) for folder in sys.path for path in Path(folder).glob("torch-*-info"))
    version = next((found[1] for found in named if found), None)
    return f"{python} · torch {version}" if version else tr("{python} · no torch, viewing only").format(python=python)


class StatusBar(QWidget):
    """Texts in one line, and a button that ends a job.

    Signals:
        cancelled: number of a job that is not wanted any more.
    """

    cancelled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = Label("", ink="dim", size_px=SMALL_PX)
        self.fact = ElidedLabel("", ink="dim", size_px=SMALL_PX)
        self.said = Label("", size_px=SMALL_PX)
        self.hint = ElidedLabel("", ink="dim", size_px=SMALL_PX)
        self.lock = Label("", ink="warning", size_px=SMALL_PX)
        self.lock.hide()
        self.trainer = Label("", ink="dim", size_px=SMALL_PX)
        self._fact = ""
        self._job: int | None = None
        self.cancel_button = Button(icon_name="x")
        self.cancel_button.setFixedHeight(HEIGHT_PX - 4)
        self.cancel_button.setAccessibleName(tr("Cancel"))
        self.cancel_button.setToolTip(self.cancel_button.accessibleName())
        self.cancel_button.clicked.connect(self._cancel)
        self.cancel_button.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(24)
        row.addWidget(self.name)
        row.addWidget(self.fact)
        row.addWidget(self.cancel_button)
        row.addStretch(1)
        row.addWidget(self.said)
        row.addWidget(self.hint)
        row.addWidget(self.lock)
        row.addWidget(self.trainer)
        QTimer.singleShot(0, self, self._tell_trainer)  # it takes as long as all else in this line
        self.setFixedHeight(HEIGHT_PX)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)

    def _tell_trainer(self) -> None:
        self.trainer.setText(trainer_text())

    def show_run(self, name: str, fact: str) -> None:
        """Say which run is shown, and what of it."""
        self.name.setText(visible(name, 80))
        self._fact = visible(fact, 200)
        self.fact.setText(self._fact)

    def show_sentence(self, sentence: str) -> None:
        """Say something in place of a run."""
        self.show_run("", "")
        self.name.setText(sentence)

    def show_lock(self, lock: Lock) -> None:
        """Say that readers are kept in only partly, where they are."""
        self.lock.setText(tr("Reading is only partly locked"))
        self.lock.setToolTip(visible(lock.sentence))
        self.lock.setVisible(not lock.full)

    def show_hint(self, viewer: str, preferences: Preferences) -> None:
        """Say what the keys do in a view."""
        keys = {command: keys_of(BY_KEY[command], preferences)[0] for command in PREFERRED_KEYS}
        self.hint.setText(HINTS.get(viewer, "").format_map(keys))

    def say(self, sentence: str) -> None:
        """Say what was just done, also to who cannot see it; empty once something else is done."""
        if sentence != self.said.text():
            self.said.setText(sentence)
        if sentence:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.said, sentence))

    def show_working(self, working: Working) -> None:
        """Say what a reader is busy with; when it is done, the fact again."""
        if working.job is not None:
            self._job = working.job if working.what else None
            self.cancel_button.setVisible(self._job is not None)
        if not working.what:
            self.fact.setText(self._fact)
            return
        share = f" {100 * working.done // working.total}%" if working.total else ""
        self.fact.setText(f"{visible(working.what, 120)}…{share}")

    def _cancel(self) -> None:
        if self._job is not None:
            self.cancelled.emit(self._job)
