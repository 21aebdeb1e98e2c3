"""What the system hands to the running program is opened, all of one turn together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.documents import Documents


def test_documents_that_the_system_hands_over_at_once_are_opened_together(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    documents = Documents(qapp)
    heard: list[tuple[str, ...]] = []
    documents.opened.connect(heard.append)
    files = [tmp_path / name for name in ("a.pt", "b c.h5")]
    for url in (*map(QUrl.fromLocalFile, map(str, files)), QUrl("https://example.org/c.pt")):
        assert QCoreApplication.sendEvent(qapp, QFileOpenEvent(url)), "nobody else is asked"
    assert heard == []
    qtbot.waitUntil(lambda: bool(heard), timeout=10_000)
    QCoreApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(files[0]))))
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=10_000)
    assert heard == [tuple(map(str, files)), (str(files[0]),)]
    qapp.removeEventFilter(documents)
    documents.deleteLater()
    QCoreApplication.sendPostedEvents(documents, QEvent.Type.DeferredDelete)
