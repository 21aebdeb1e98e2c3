"""A run of another program goes on by a template that the user names; a checkpoint that calls code is trusted first."""

from __future__ import annotations

import shutil
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.resume_sheet import ResumeSheet
from inspector.app.trainings import Trainings
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.formats.resume_template import ResumeTemplate
from inspector.formats.run_folder import Edit, Parent, RunRecord
from inspector.jobs.scripts import ScriptRun, begin
from inspector.session.intents import EditsStaged
from inspector.session.values import StagedEdit, State
from tests.reader.processes import alive, wait_gone

LEFT = Qt.MouseButton.LeftButton
SCRIPT = """
import pathlib, sys
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
pathlib.Path(arguments["--out"], "lr").write_text(arguments["--lr"])
pathlib.Path(arguments["--out"], "python").write_text(sys.executable)
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
    sheet, card = window.resuming.sheet, window.resuming.sheet.script.card
    qtbot.waitUntil(lambda: sheet.isVisible() and sheet.running.interpreter.found is not None)
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
    venv.create(place / "bare", with_pip=False)
    python = str(place / "bare/bin/python")
    sheet.running.interpreter.choose(python)
    assert not sheet.start_button.isEnabled()
    assert "being asked" in sheet.start_button.toolTip()
    qtbot.waitUntil(sheet.start_button.isEnabled, timeout=30_000)
    assert sheet.running.row.told.text().endswith("no torch"), "which a script may do without"
    assert sheet.command.text().endswith(f" --set lr=0.0003 --python {python}")
    said: list[str] = []
    kept: list[bool] = []
    start_script = Trainings.start_script

    def start(trainings: Trainings, *what: object, keep_running: bool) -> None:
        kept.append(keep_running)
        start_script(trainings, *what, keep_running=keep_running)

    monkeypatch.setattr(Trainings, "start_script", start)
    window.desk.message.connect(lambda message: said.append(message.sentence))
    qtbot.mouseClick(sheet.running.on_close.segment("stop"), LEFT)
    qtbot.mouseClick(sheet.start_button, LEFT)
    resumed = str(place / "run-resumed")
    qtbot.waitUntil(lambda: resumed in [run.key for run in window.desk.state.runs], timeout=60_000)
    qtbot.waitUntil(lambda: "run-resumed: The trainer finished" in said, timeout=60_000)
    assert (place / "run-resumed/lr").read_text() == "0.0003"
    assert (place / "run-resumed/python").read_text() == python
    assert kept == [False]
    record = msgspec.json.decode((place / "run-resumed/run.json").read_bytes(), type=RunRecord)
    assert record.parent is not None
    assert (record.recipe, record.parent.checkpoint) == ("somebody's", "step_0001400.pt")
    edits = msgspec.json.decode((place / "run-resumed/edits.json").read_bytes(), type=list[Edit])
    assert edits == [Edit(path="lr", old=0.006, new=3e-4)]
    assert not sheet.isVisible()
    assert asked == []


@pytest.mark.parametrize("keep_running", [True, False])
def test_a_script_outlives_the_window_where_that_is_chosen(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, keep_running: bool
) -> None:
    told = tmp_path / "pid"
    script = ScriptRun(
        run_folder=tmp_path / "run",
        template=ResumeTemplate(command=("sh",), folder=str(tmp_path)),
        command=("sh", "-c", f"echo $$ > {told}.new; mv {told}.new {told}; sleep 600"),
        parent=Parent(id="", path="", checkpoint="", sha256="", step=None, epoch=None),
        settings={},
        edits=(),
        device="auto",
    )
    begin(script)
    trainings = Trainings()
    trainings.start_script(script, "", keep_running=keep_running)
    qtbot.waitUntil(told.is_file, timeout=30_000)
    (training,) = trainings._trainings
    supervisor = training.handle._process
    assert supervisor is not None
    trainings.close()
    if keep_running:
        with pytest.raises(subprocess.TimeoutExpired):
            supervisor.wait(0.3)
        assert alive(int(told.read_text()))
        supervisor.terminate()
    supervisor.wait(30)
    wait_gone(int(told.read_text()))
