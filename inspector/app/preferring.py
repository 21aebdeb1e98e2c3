"""What is preferred otherwise now holds at once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.core.language import tr
from inspector.formats.caches import MB, bound_caches
from inspector.session.preferences import Preferences
from inspector.session.writing import writing
from inspector.views.theme import apply_theme
from inspector.views.zoom import zoom


class Preferring(QObject):
    """Lets the preferences of the whole program hold: its theme, its text, its caches."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk

    def reflect(self, before: Preferences, after: Preferences) -> None:
        """Apply what differs."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if before.theme != after.theme:
            apply_theme(app, after.theme)
        if before.text_size != after.text_size:  # not in the turn of what asks for it: its window goes for a moment
            QTimer.singleShot(0, self, partial(self._zoom, app, after.text_size / before.text_size))
        if before.cache_mb != after.cache_mb:
            self.bound_caches()

    def bound_caches(self) -> None:
        """Remove what the caches hold beyond their preferred size."""
        writing.later(partial(bound_caches, self._desk.state.preferences.cache_mb * MB))

    def _zoom(self, app: QApplication, times: float) -> None:
        if not zoom(app, times):
            self._desk.message.emit(Message(tr("The size of text is as chosen from the next start of the program")))
