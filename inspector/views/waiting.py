"""One line that says how far a part of the view is, with a way to stop it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.pulse import Progress
from inspector.core.texts import begun, visible
from inspector.views.controls import Button
from inspector.views.notes import READ_ON
from inspector.views.surfaces import Label
from inspector.views.view import PENDING_AFTER_MS, View

_STOP = tr("Stop")


class Waiting(QWidget):
    """Shows itself only when the wait is noticed.

    Signals:
        stopped: the user wants it no more; again: the user wants it after all.
    """

    stopped = Signal()
    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = Label(ink="dim", size_px=12)
        self.button = Button(_STOP)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.said)
        row.addWidget(self.button)
        row.addStretch(1)
        self._running = False
        self._soon = QTimer(self, singleShot=True, interval=PENDING_AFTER_MS)
        self._soon.timeout.connect(self.show)
        self.button.clicked.connect(self._on_pressed)
        self.hide()

    def lead_to(self, view: View, part: str) -> None:
        """Let a view tell when its part (`weights.state`) is no longer wanted, or wanted after all."""
        self.stopped.connect(partial(view.stopped.emit, part))
        self.again.connect(partial(view.again.emit, part))

    def wait(self, progress: Progress) -> None:
        """Say how far it is."""
        share = f" {100 * progress.done // progress.total}%" if progress.total else ""
        what = visible(progress.what, 80) or tr("reading")
        self.said.setText(f"{begun(what)}…{share}")
        self.button.setText(_STOP)
        self._running = True
        if self.isHidden() and not self._soon.isActive():
            self._soon.start()

    def say(self, sentence: str) -> None:
        """Say why there is nothing, and offer to try again."""
        self._soon.stop()
        self._running = False
        self.said.setText(sentence)
        self.button.setText(READ_ON)
        self.show()

    def done(self) -> None:
        """Say no more."""
        self._soon.stop()
        self._running = False
        self.hide()

    def _on_pressed(self) -> None:
        if self._running:
            self.say(tr("Stopped"))
            self.stopped.emit()
        else:
            self.wait(Progress())
            self.again.emit()
