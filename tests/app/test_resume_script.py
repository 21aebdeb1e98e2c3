"""A run of another program goes on by a template that the user names; a checkpoint that calls code is trusted first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.resume_sheet import ResumeSheet
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.formats.run_folder import Edit, RunRecord
from inspector.session.intents import EditsStaged
from inspector.session.values import StagedEdit, State

LEFT = Qt.MouseButton.LeftButton
SCRIPT = """
import pathlib, sys
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
pathlib.Path(arguments["--out"], "lr").write_text(arguments["--lr"])
"""
TEMPLATE = """
title = "somebody's"
command = ["{python}", "train.py", "--like", "{checkpoint}", "--out", "{output}"]
rate_owner = "checkpoint"
settings.lr = {arguments = ["--lr", "{value}"], source = "settings.optim.lr", kind = "number", minimum = 0.0}
"""
# {"a": os.system("true")}
CALLING = b"\x80\x02}U\x01acos\nsystem\nX\x04\x00\x00\x00true\x85Rs."


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run with two checkpoints, one of which calls code; a script and a template for it."""
    (tmp_path / "run").mkdir()
    shutil.copy(resource("sample_run/checkpoints/step_0001400.pt"), tmp_path / "run")
    (tmp_path / "run/calls.pt").write_bytes(CALLING)
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "resume.toml").write_text(TEMPLATE)
    return tmp_path


def cell_texts(sheet: ResumeSheet, path: str) -> list[str]:
    model = sheet.settings.model
    return [str(model.index(model.place(path), column).data()) for column in range(1, model.columnCount())]


def test_a_script_goes_on_by_a_template_and_a_checkpoint_that_calls_code_is_trusted_first(
    make_window: Callable[..., Window],
    qtbot: QtBot,
    place: Path,
    asked: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copy(place / "resume.toml", place / "run/resume.toml")
    window = make_window(State(tab="settings"))
    window.open_paths((str(place / "run"),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.resuming.open()
    sheet, card = window.resuming.sheet, window.resuming.sheet.script
    card.checkpoint.chosen.emit(str(place / "run/step_0001400.pt"))
    assert card.isVisible()
    assert card.template is None, "one that lies beside the run is not used by itself"
    assert not sheet.start_button.isVisible()

    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(place / "train.py"), ""))
    qtbot.mouseClick(card.choose, LEFT)
    assert card.template is None, "a file that is no template is refused"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(place / "resume.toml"), ""))
    qtbot.mouseClick(card.choose, LEFT)
    assert "an edited rate has no effect" in card.about.text()
    (row,) = [row for row in sheet.settings.model.rows() if row.field is not None]
    assert (row.path, row.before) == ("lr", 0.006)
    window.desk.dispatch(EditsStaged((StagedEdit(path="lr", old=0.006, new=3e-4),)))
    assert f"--like {place}/run/step_0001400.pt --out {place}/run-resumed --lr 0.0003" in card.script.text()
    assert (sheet.start_button.text(), card.trust.isVisible()) == ("Resume", False)

    card.checkpoint.chosen.emit(str(place / "run/calls.pt"))
    assert cell_texts(sheet, "lr")[:4] == ["not told", "0.0003", "0.0003", "goes into the command"]
    assert sheet.start_button.text() == "Trust and resume"
    assert "calls.pt: the script's torch.load may call" in card.trust.text()
    assert "system" in card.trust.text()
    assert card.clean.isVisible()
    qtbot.mouseClick(sheet.copy, LEFT)
    assert QApplication.clipboard().text() == (
        f"run-inspector resume {place}/run --template {place}/resume.toml --from {place}/run/calls.pt"
        " --set lr=0.0003 --trust"
    )
    assert not (place / "run-resumed").exists()

    card.checkpoint.chosen.emit(str(place / "run/step_0001400.pt"))
    said: list[str] = []
    window.desk.message.connect(lambda message: said.append(message.sentence))
    qtbot.mouseClick(sheet.start_button, LEFT)
    resumed = str(place / "run-resumed")
    qtbot.waitUntil(lambda: resumed in [run.key for run in window.desk.state.runs], timeout=60_000)
    qtbot.waitUntil(lambda: "run-resumed: The trainer finished" in said, timeout=60_000)
    assert (place / "run-resumed/lr").read_text() == "0.0003"
    record = msgspec.json.decode((place / "run-resumed/run.json").read_bytes(), type=RunRecord)
    assert record.parent is not None
    assert (record.recipe, record.parent.checkpoint) == ("somebody's", "step_0001400.pt")
    edits = msgspec.json.decode((place / "run-resumed/edits.json").read_bytes(), type=list[Edit])
    assert edits == [Edit(path="lr", old=0.006, new=3e-4)]
    assert not sheet.isVisible()
    assert asked == []
