"""The five things to try of the README, on the sample run, by keys pressed on the window and nothing else.

What follows each key is what the user sees of it; nothing is called, and no mouse is moved.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.store import save_folder
from inspector.session.values import State

PATIENCE_MS = 30_000
OVERWRITTEN = "Something writes over the scheduled learning rate"


class Keyboard:
    """Presses keys on a window's own surface, from where Qt brings them to shortcuts and to what has the focus."""

    def __init__(self, window: Window, settle: Callable[[Window], None]) -> None:
        self.window, self._settle = window, settle

    def press(self, *keys: str) -> None:
        for text in keys:
            pressed = QKeySequence(text)[0]
            QTest.keyClick(self.window.windowHandle(), pressed.key(), pressed.keyboardModifiers())
            self._settle(self.window)

    def find(self, text: str) -> None:
        """Ctrl+K, what is looked for, Enter."""
        self.press("Ctrl+K")
        for letter in text:
            QTest.keyClick(self.window.windowHandle(), letter)
        self.press("Return")

    def view(self) -> Any:
        """What is in front."""
        return self.window.tabs.stack.currentWidget()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("sample_run"), tmp_path / "sample_run"))


@pytest.fixture
def keyboard(
    run: Path, make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, asked: list[Any]
) -> Keyboard:
    """A window as `run-inspector demo` opens it; no trainer is started."""
    window = make_window(State())
    window.open_paths((str(run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert asked == []
    return Keyboard(window, settle)


def test_the_five_things_to_try_are_done_by_keys_alone(
    keyboard: Keyboard, run: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    _see_what_went_wrong(keyboard, qtbot)
    _move_through_the_run(keyboard)
    _find_the_worst_sample(keyboard, run, qtbot)
    _try_the_cure(keyboard, qtbot)
    _take_it_along(keyboard, tmp_path / "seen.html", qtbot)


def _see_what_went_wrong(keyboard: Keyboard, qtbot: QtBot) -> None:
    window = keyboard.window
    assert keyboard.view().chosen_row().title == OVERWRITTEN
    keyboard.press("Return")
    scene = keyboard.view().scene
    assert window.tabs.strip.tab("curves").isChecked()
    assert {line.label for panel in scene.panels for line in panel.lines} >= {"decoder"}
    assert [panel.key for panel in scene.panels] == ["lr"]
    keyboard.press("F1")
    sheet: Any = window.commands.help.sheet
    qtbot.waitUntil(lambda: sheet.isVisible() and sheet.page.title == OVERWRITTEN, timeout=PATIENCE_MS)
    assert "warm-up" in sheet.text.toPlainText()
    keyboard.press("Escape")
    assert not sheet.isVisible()


def _move_through_the_run(keyboard: Keyboard) -> None:
    keyboard.find("slots")
    view = keyboard.view()
    assert keyboard.window.tabs.strip.tab("slots").isChecked()
    places = []
    for _ in range(4):
        keyboard.press("Ctrl+Left")
        places.append(view.scene.place)
    assert places[0] == "step_0001050.h5 · epoch 210"
    assert places[-1] == "step_0000350.h5 · epoch 70"
    keyboard.press("1")
    assert (view.scene.solo, view.stage.grid.tile(0).selected, view.stage.grid.tile(1).dimmed) == (0, True, True)
    keyboard.press("1")
    assert (view.scene.solo, view.stage.grid.tile(1).dimmed) == (None, False)
    keyboard.press("End")
    assert view.scene.place == "step_0001400.h5 · epoch 280"


def _find_the_worst_sample(keyboard: Keyboard, run: Path, qtbot: QtBot) -> None:
    keyboard.find("points")
    view = keyboard.view()
    keyboard.press("W")
    assert view.gallery.model.samples[:2].tolist() == [7, 11]
    assert view.gallery.text_of(7) == "sample 8, Point error 12.2 px"
    keyboard.press("G")
    assert (view.single.isVisible(), view.scene.sample) == (True, 7)
    keyboard.press("Z")
    assert view.single.look.share < 1.0
    keyboard.press("Z")
    assert view.single.look.share == 1.0
    keyboard.press("F")
    kept = run / "triage.json"
    qtbot.waitUntil(lambda: kept.exists() and _flagged(kept) == [7], timeout=PATIENCE_MS)
    keyboard.press("J")
    assert view.scene.sample == 11, "the next worst"
    keyboard.press("Ctrl+Z")
    assert keyboard.window.status.said.text() == "Undone: flagging sample 8"
    qtbot.waitUntil(lambda: _flagged(kept) == [], timeout=PATIENCE_MS)


def _flagged(kept: Path) -> list[int]:
    files = json.loads(kept.read_text())["files"]
    return [mark for file in files.values() for mark in _numbers(file)]


def _numbers(file: dict[str, Any]) -> list[int]:
    return [int(sample) for sample, mark in file.items() if mark.get("flagged")]


def _try_the_cure(keyboard: Keyboard, qtbot: QtBot) -> None:
    window = keyboard.window
    keyboard.find("triage")
    assert keyboard.view().chosen_row().title == OVERWRITTEN
    keyboard.press("C")
    assert "schedule.warmup" in _texts(window.findings.staged_card)
    keyboard.press("R")
    sheet = window.resuming.sheet
    chart = sheet.recipe.rates.chart
    qtbot.waitUntil(lambda: sheet.isVisible() and chart.scene is not None, timeout=PATIENCE_MS)
    row = sheet.settings.model.rows()[0]
    assert (row.path, row.tag) == ("schedule.warmup", "takes effect")
    assert {line.label for line in chart.scene.lines} == {"recorded", "old future", "new future"}
    keyboard.press("Escape")
    assert not sheet.isVisible()
    keyboard.press("Ctrl+Z")
    assert window.status.said.text() == "Undone: staging schedule.warmup"
    assert "Nothing staged" in _texts(window.findings.staged_card)


def _texts(around: QWidget) -> list[str]:
    return [label.text() for label in around.findChildren(QLabel) if label.isVisible()]


def _take_it_along(keyboard: Keyboard, page: Path, qtbot: QtBot) -> None:
    save_folder(str(page.parent))
    suggested = []

    def name_it() -> None:
        dialog, field = QApplication.activeModalWidget(), QApplication.focusWidget()
        if isinstance(dialog, QFileDialog) and isinstance(field, QLineEdit):
            asking.stop()
            suggested.append(field.text())
            for letter in page.stem:
                QTest.keyClick(dialog.windowHandle(), letter)
            QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Return)

    asking = QTimer(keyboard.window, interval=50)
    asking.timeout.connect(name_it)
    asking.start()
    keyboard.find("report")
    qtbot.waitUntil(page.exists, timeout=PATIENCE_MS)
    assert suggested == ["sample_run-report.html"]
    text = page.read_text()
    assert OVERWRITTEN in text
    assert "<svg" in text or "<img" in text
