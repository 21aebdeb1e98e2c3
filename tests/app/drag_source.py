"""A small program of its own that offers files for dragging; started by test_drag_between_processes."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """A label that can be dragged as files."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__("drag me")
        self._paths = paths

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            data = QMimeData()
            data.setUrls([QUrl.fromLocalFile(path) for path in self._paths])
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    left, top, *paths = sys.argv[1:]
    app = QApplication([])
    source = Source(paths)
    source.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    source.setGeometry(int(left), int(top), 200, 100)
    source.show()
    print("ready", flush=True)
    app.exec()
