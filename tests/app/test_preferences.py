"""The sheet of preferences, and what a file of the user's own rules named there finds in the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.preferences_sheet import PythonFileRow
from inspector.app.window import Window
from inspector.formats.setting_fields import fields_of
from inspector.session.intents import CursorMoved, PreferencesChanged
from inspector.session.preferences import Preferences
from tests.app.conftest import PATIENCE_MS
from tests.diagnosis.folders import write_curves
from tests.reader.test_own_rules import HEAD

FOUND = """
def look(material, pulse):
    last = material.curves["train/loss"].values[-1]
    return found(summary=f"{WORD} {last:g}", since_step=1.0)
CHECKS = (Check(abouts=(ABOUT,), function=look),)
"""


def _own(window: Window) -> list[tuple[str, str]]:
    return [(row.summary, row.own) for row in window.tabs.view("triage").rows() if row.own]


def _lacking(window: Window) -> list[str]:
    scene = window.tabs.view("triage").scene
    return [one.because for one in scene.not_assessable if one.title == "Rules of your own"] if scene else []


def test_the_rules_of_a_named_file_are_found_in_triage_and_followed_as_it_changes(
    tmp_path: Path,
    make_window: Callable[..., Window],
    settle: Callable[[Window], None],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, file = tmp_path / "run", tmp_path / "mine.py"
    run.mkdir()
    write_curves(run, range(1, 41), train__loss=lambda step: float(step))
    (run / "rules.py").write_text("open(__file__ + '.ran', 'w'); CHECKS = ()")
    file.write_text(f"{HEAD}WORD = 'so'\n{FOUND}")
    window = make_window()
    window.open_paths((str(run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(window)
    others = [row.id for row in window.tabs.view("triage").rows()]
    assert others

    window.commands.run("preferences")
    assert list(window.preferences.rows) == [field.path for field in fields_of(Preferences)]
    row = window.preferences.rows["own_rules"]
    assert isinstance(row, PythonFileRow)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_told: (str(file), ""))
    qtbot.mouseClick(row.choose, Qt.MouseButton.LeftButton)
    assert row.asking.isVisible()
    assert row.warning.text().startswith("mine.py is a program")
    assert row.leave.hasFocus()
    qtbot.keyClick(row.leave, Qt.Key.Key_Space)  # and it is not wanted after all
    assert row.asking.isHidden()
    assert window.desk.state.preferences.own_rules == ""
    qtbot.mouseClick(row.choose, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(row.use, Qt.MouseButton.LeftButton)
    qtbot.keyClick(window.preferences, Qt.Key.Key_Escape)
    mark = "your own rule, by mine.py"
    qtbot.waitUntil(lambda: _own(window) == [("so 40", mark)], timeout=PATIENCE_MS)
    assert [row.id for row in window.tabs.view("triage").rows() if not row.own] == others
    assert not (run / "rules.py.ran").exists()

    window.desk.dispatch(CursorMoved(10.0))
    qtbot.waitUntil(lambda: _own(window) == [("so 10", mark)], timeout=PATIENCE_MS)
    window.desk.dispatch(CursorMoved(None))
    qtbot.waitUntil(lambda: _own(window) == [("so 40", mark)], timeout=PATIENCE_MS)

    for text, told in (("os.kill(os.getpid(), 9)", "gave no answer"), ("raise OSError('full')", "OSError: full in")):
        _rewrite(file, f"import os\n{text}")
        window.desk.diagnoses.own.look_around()
        qtbot.waitUntil(lambda told=told: any(told in one for one in _lacking(window)), timeout=PATIENCE_MS)
        assert [row.id for row in window.tabs.view("triage").rows()] == others
    _rewrite(file, f"{HEAD}WORD = 'anew'\n{FOUND}")
    window.desk.diagnoses.own.look_around()
    qtbot.waitUntil(lambda: _own(window) == [("anew 40", mark)], timeout=PATIENCE_MS)
    assert not _lacking(window)

    window.commands.run("preferences")
    qtbot.mouseClick(row.clear, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not _own(window), timeout=PATIENCE_MS)
    window.desk.dispatch(PreferencesChanged({"theme": "light"}))
    assert window.preferences.rows["theme"].value() == "light"


def _rewrite(file: Path, text: str) -> None:
    """As an editor does: a new file in its place, whose time is another."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)
