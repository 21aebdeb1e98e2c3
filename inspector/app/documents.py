"""Documents that the system hands to the running program: macOS does so by events, where others start it with paths."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent, QGuiApplication


class Documents(QObject):
    """Hears which documents are to be opened.

    Args:
        app: the application that is told of them; this goes with it.

    Signals:
        opened: paths, all that were handed over at once.
    """

    opened = Signal(tuple)

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        self._paths: list[str] = []
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QFileOpenEvent):
            return super().eventFilter(watched, event)
        path = event.file() or event.url().toLocalFile()
        if path:  # of what is no file, as a page of the web, nothing can be opened
            if not self._paths:
                QTimer.singleShot(0, self, self._tell)  # each of several is an event of its own
            self._paths.append(path)
        return True

    def _tell(self) -> None:
        paths, self._paths = tuple(self._paths), []
        self.opened.emit(paths)
