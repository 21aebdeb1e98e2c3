"""A checkpoint without a dump is recorded at a press: its progress and cancel, and the dump that joins the run."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.news import Message, Working
from inspector.app.recordable import checkpoint_to_record, dump_folder
from inspector.app.recordings import JOB, Recordings
from inspector.app.tabs import Tabs
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.formats.checkpoint import SCHEMA
from inspector.formats.facts import CheckpointFacts, DumpFacts
from inspector.jobs import travelling
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, State
from tests.display.runs import LOG

PATIENCE_MS = 60_000
SLOW = "import time; time.sleep(600)"
CHECKPOINT = resource("sample_run") / "checkpoints/step_0001400.pt"
DUMP = resource("sample_run") / "dumps/step_0001400.h5"

WRITES = f"""
import json, shutil, sys
out = sys.argv[sys.argv.index("-o") + 1]
told = {{"done": 64, "total": 128, "what": "recording step_0001400.pt"}}
print(json.dumps(told), file=sys.stderr)
shutil.copy({str(DUMP)!r}, out)
print(json.dumps({{"dump": out, "checkpoint": "step_0001400.pt", "bytes": 597_112}}))
"""
SOME = """
import sys
print("c.pt: damaged", file=sys.stderr)
print('{"dumps": [{"dump": "a.h5", "bytes": 1000}, {"dump": "b.h5", "bytes": 2000}]}')
sys.exit(2)
"""
REFUSES = (
    "import sys; print('x.pt: expected weights that fit its settings, found others', file=sys.stderr); sys.exit(2)"
)


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[tuple[str, ...]]]:
    """Has every child run a script of the test's; gives the arguments that each is asked with."""
    asked: list[tuple[str, ...]] = []

    def set_script(script: str) -> list[tuple[str, ...]]:
        def command(_role: str, *arguments: str) -> list[str]:
            asked.append(arguments)
            return [sys.executable, "-I", "-S", "-c", script, *arguments]

        monkeypatch.setattr(travelling, "child_command", command)
        return asked

    return set_script


@pytest.fixture
def window(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> Window:
    """A window with a checkpoint alone, in the view of its slots."""
    shutil.copy(CHECKPOINT, tmp_path / CHECKPOINT.name)
    made = make_window(State(tab="slots"))
    made.tab_desk.fixed = True
    made.open_paths((str(tmp_path / CHECKPOINT.name),))
    qtbot.waitUntil(lambda: made.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(made)
    return made


def record_button(tabs: Tabs) -> object:
    return tabs.button("slots", "record")


def test_a_press_records_the_checkpoint_and_its_dump_joins_the_run(
    window: Window, says: Callable[[str], list[tuple[str, ...]]], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked, suggested = says(WRITES), []
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", staticmethod(lambda *words: (suggested.append(words[2]), (words[2], ""))[1])
    )
    heard: list[Message] = []
    working: list[Working] = []
    window.desk.message.connect(heard.append)
    window.desk.working.connect(working.append)
    button = record_button(window.tabs)
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.tabs.view("slots").scene is not None, timeout=PATIENCE_MS)
    run, _state = window.desk.chosen()
    checkpoint = next(entry.path for entry in run.files if isinstance(entry.facts, CheckpointFacts))
    out = str(Path(checkpoint).with_suffix(".h5"))
    assert suggested == [out]
    assert asked == [("record", checkpoint, "-o", out, "--json", "--progress")]
    assert [entry.path for entry in run.files if isinstance(entry.facts, DumpFacts)] == [out]
    assert not button.isVisible()
    assert Working("recording step_0001400.pt", 64, 128, JOB) in working
    assert [one.what for one in working if one.job == JOB][-1] == ""
    assert [(one.sentence, one.good) for one in heard] == [("step_0001400.h5 recorded, 597.1 kB", True)]
    says(SLOW)
    window.commands.run("record_all")
    assert asked[-1] == ("record", str(Path(out).parent), "--all", "-o", str(Path(out).parent), "--json", "--progress")
    window.desk.cancel_job(JOB)
    qtbot.waitUntil(lambda: not window.desk.recordings.running, timeout=PATIENCE_MS)
    window.commands.run("own_model")
    page = window.commands.help.sheet
    assert page.isVisible()
    qtbot.mouseClick(page.copy, Qt.MouseButton.LeftButton)
    assert (
        QGuiApplication.clipboard().text().startswith("import torch\nfrom inspector.training import ActivationRecorder")
    )
    assert page.code.count("recorder.add") == 1


@pytest.fixture
def recordings(qapp: QApplication) -> Iterator[Recordings]:
    made = Recordings()
    yield made
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_what_the_trainer_says_is_told(
    recordings: Recordings, says: Callable[[str], list[tuple[str, ...]]], qtbot: QtBot
) -> None:
    says(REFUSES)
    with qtbot.waitSignal(recordings.message, timeout=PATIENCE_MS) as heard:
        recordings.start("run", ())
    assert heard.args[0].sentence == "x.pt: expected weights that fit its settings, found others"
    says(SOME)
    written: list[tuple[str, object]] = []
    recordings.written.connect(lambda *words: written.append(words))
    with qtbot.waitSignal(recordings.message, timeout=PATIENCE_MS) as heard:
        recordings.start("run", ())
    assert written == [("run", ("a.h5", "b.h5"))]
    assert heard.args[0].sentence == "2 dumps recorded, 3.0 kB; 1 checkpoint could not be recorded: c.pt: damaged"


def test_there_is_one_at_a_time_and_a_cancelled_one_says_nothing(
    recordings: Recordings, says: Callable[[str], list[tuple[str, ...]]], qtbot: QtBot
) -> None:
    heard: list[Message] = []
    working: list[Working] = []
    recordings.message.connect(heard.append)
    recordings.working.connect(working.append)
    says(SLOW)
    recordings.start("run", ())
    recordings.start("run", ())
    assert [one.sentence for one in heard] == ["A checkpoint is being recorded; wait for it, or cancel it at the foot"]
    assert recordings._process is not None
    assert recordings._process.waitForStarted()
    recordings.cancel()
    qtbot.waitUntil(lambda: not recordings.running, timeout=PATIENCE_MS)
    assert len(heard) == 1
    assert working == [Working("starting the trainer", job=JOB), Working("", job=JOB)]


def test_a_child_that_still_records_ends_with_the_window(
    recordings: Recordings, says: Callable[[str], list[tuple[str, ...]]]
) -> None:
    says(SLOW)
    recordings.start("run", ())
    child = recordings._process
    assert child is not None
    assert child.waitForStarted()
    pid = child.processId()
    recordings.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def entry_of(path: Path, **objects: object) -> FileEntry:
    facts = CheckpointFacts(container="torch-zip", bytes=1, objects=objects)
    return FileEntry(path=str(path), name=path.name, facts=facts, bytes=1, modified_s=0.0, step=objects.get("step"))


def test_only_checkpoints_of_a_recipe_are_offered_the_one_at_the_cursor_first(tmp_path: Path) -> None:
    ours = [entry_of(tmp_path / f"{step}.pt", schema=SCHEMA, recipe="slots", step=step) for step in (10, 20)]
    others = [entry_of(tmp_path / "a.pt", step=30), entry_of(tmp_path / "b.pt", schema=SCHEMA, recipe="cubes", step=40)]

    def offered(*files: FileEntry, at: float | None = None) -> str | None:
        run = Run(key="r", name="r", root="/", paths=(), files=files)
        found = checkpoint_to_record(run, RunState(key="r", paths=(), cursor_step=at))
        return found.name if found else None

    assert offered(*ours, LOG) == "20.pt"
    assert offered(*ours, at=10) == "10.pt"
    assert offered(*others, LOG) is None
    assert offered(*ours, *others) == "20.pt"


def test_dumps_go_to_the_run_beside_a_checkpoint_alone_or_to_the_users_data(tmp_path: Path) -> None:
    run = Run(key="r", name="name", root=str(tmp_path), paths=())
    (tmp_path / "checkpoints").mkdir()
    assert dump_folder(run, entry_of(tmp_path / "checkpoints/a.pt")) == tmp_path / "dumps"
    assert dump_folder(run, entry_of(tmp_path / "a.pt")) == tmp_path
    kept = dump_folder(run, entry_of(CHECKPOINT))
    assert (kept.parent.name, kept.name) == ("dumps", "name")
    assert not kept.is_relative_to(resource("."))
