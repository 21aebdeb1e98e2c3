"""About: the versions are those that run, the trainer's Python is asked, and the licences are a click away."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from inspector import __version__
from inspector.app.window import Window
from inspector.session.preferences import Preferences
from inspector.session.values import State
from tests.jobs.other_python import python_that_has


def test_versions_are_those_that_run_and_the_licences_are_a_click_away(
    make_window: Callable[..., Window], qtbot: QtBot
) -> None:
    window = make_window()
    window.commands.run("about")
    assert window.sheets.about.title.text() == f"Run Inspector {__version__}"
    qtbot.mouseClick(window.sheets.about.copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    for told in (f"Qt {qVersion()} · PySide6 {PySide6.__version__}", f"h5py {metadata.version('h5py')}"):
        assert told in copied
    assert f"torch {metadata.version('torch')}" in window.sheets.about.rows["Training"].text()
    qtbot.mouseClick(window.sheets.about.licences, Qt.MouseButton.LeftButton)
    assert window.sheets.about.isHidden()
    sheet = window.commands.help.sheet
    assert sheet is not None
    assert sheet.page is not None
    assert sheet.page.title == "Licences"
    assert "PySide6_Essentials" in sheet.text.toPlainText()


def test_the_python_that_was_chosen_to_train_is_asked_what_torch_it_has(
    make_window: Callable[..., Window], qtbot: QtBot, tmp_path: Path
) -> None:
    other = python_that_has(tmp_path / "other", "99.1")
    window = make_window(State(preferences=Preferences(interpreter=other)))
    window.commands.run("about")
    shown = window.sheets.about.rows["Training"]
    assert shown.text().startswith("asking")
    qtbot.waitUntil(lambda: shown.text() == "Python 3.12.4 · torch 99.1", timeout=30_000)
    qtbot.keyClick(window.sheets.about, Qt.Key.Key_Escape)
    assert window.sheets.about.isHidden()
    assert not window.sheets.about.interpreter.running
