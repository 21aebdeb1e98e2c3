"""A run is resumed with the Python that the user chose: asked of it, shown in the command, and started with it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.trainings import Trainings
from inspector.app.trial import Trial
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.values import State
from tests.jobs.other_python import python_that_has

LEFT = Qt.MouseButton.LeftButton
CHECKPOINT = "checkpoints/step_0001400.pt"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The sample run with one checkpoint."""
    sample, made = resource("sample_run"), tmp_path / "run"
    (made / "checkpoints").mkdir(parents=True)
    for name in (CHECKPOINT, "settings.json", "run.json"):
        shutil.copy(sample / name, made / name)
    return made


def test_the_chosen_python_is_asked_shown_and_started_and_one_that_lacks_packages_is_not(
    make_window: Callable[..., Window], qtbot: QtBot, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[tuple[str, ...], str]] = []
    started: list[dict[str, Any]] = []
    monkeypatch.setattr(Trial, "ask", lambda _self, *what: asked.append(what))
    monkeypatch.setattr(Trainings, "start", lambda _self, *_what, **how: started.append(how))
    good, poor = python_that_has(tmp_path / "good", "99.0"), python_that_has(tmp_path / "poor", None)
    window = make_window(State(tab="settings"))
    window.open_paths((str(run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.resuming.open()
    sheet, running = window.resuming.sheet, window.resuming.sheet.running
    words = (str(run), "--from", "last")
    qtbot.waitUntil(lambda: bool(asked), timeout=30_000)
    assert asked == [(words, "")], "this program's own Python is asked first"
    qtbot.waitUntil(sheet.start_button.isEnabled, timeout=30_000)

    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (poor, ""))
    running.row.menu.chosen.emit("choose")
    qtbot.waitUntil(lambda: not running.interpreter.running, timeout=30_000)
    assert running.lacking.isVisible()
    assert not sheet.start_button.isEnabled()
    assert not sheet.dry_run.isEnabled()
    assert "poor -m pip install" in sheet.start_button.toolTip()
    sheet.start()
    assert (len(asked), started) == (1, [])

    running.interpreter.choose(good)
    qtbot.waitUntil(lambda: asked[-1] == (words, good), timeout=30_000)
    assert not running.lacking.isVisible()
    assert sheet.command.text() == f"run-inspector resume {run} --from last --python {good}"
    qtbot.waitUntil(sheet.start_button.isEnabled, timeout=30_000)
    qtbot.mouseClick(sheet.dry_run, LEFT)
    assert asked[-1] == ((*words, "--dry-run"), good)
    qtbot.mouseClick(sheet.start_button, LEFT)
    assert started == [{"keep_running": True, "interpreter": good}]

    running.interpreter.choose(sys.executable)
    assert running.interpreter.path == "", "by whatever name, it is this program's own"
