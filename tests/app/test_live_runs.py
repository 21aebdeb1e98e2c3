"""A run that trains, as the window sees it: a folder whose files the test writes in the trainer's place."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from pytestqt.qtbot import QtBot

from inspector.app.live_runs import VIEWER, LiveRuns
from inspector.app.news import SceneReady
from inspector.app.open_runs import OpenRuns
from inspector.app.rate_check import ExpectedRates
from inspector.app.scene_requests import SceneRequests
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.display.training.scene import TrainingScene
from inspector.formats.run_folder import ALIVE_FILE, CONTROL_FILE, METRICS_FILE, RUN_FILE, SETTINGS_FILE
from inspector.jobs.trainers import start
from inspector.runs.values import Run
from inspector.session.intents import EditsStaged, RunChosen, RunClosed
from inspector.session.values import StagedEdit, State

LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 60_000
STEPS_PER_EPOCH = 5


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A copy of the bundled run that says of itself that it trains, from its first step on."""
    path = Path(shutil.copytree(resource("sample_run"), tmp_path / "run"))
    record = json.loads((path / RUN_FILE).read_text())
    (path / RUN_FILE).write_text(json.dumps(record | {"status": "running", "ended": None, "reason": ""}))
    lasting = {"pid": 2**22 + 1, "started": time.time(), "heartbeat": time.time() + 120}  # further ahead tells nothing
    (path / ALIVE_FILE).write_text(json.dumps(lasting))
    return path


def add(run: Path, **values: Any) -> None:
    """A record, as the trainer writes it."""
    with (run / METRICS_FILE).open("a") as stream:
        stream.write(json.dumps({"step": 1401, "epoch": 280.2, "time": time.time(), **values}) + "\n")


def commands(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / CONTROL_FILE).read_text().splitlines()]


def test_what_the_strip_asks_is_written_a_line_each_and_what_the_trainer_answers_is_shown(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, run: Path
) -> None:
    window = make_window(State(tab="settings"))
    rates = dict.fromkeys((1, 2, 3), 5.0)
    window.desk.live_runs.expect(str(run), ExpectedRates(by_group={"encoder": rates}))
    window.open_paths((str(run),))
    strip, live = window.live_strip, window.desk.live_runs
    qtbot.waitUntil(lambda: strip.isVisible() and strip.place.text() != "", timeout=PATIENCE_MS)
    settle(window)
    assert strip.place.text().startswith("epoch 280 · step 1,400")
    (told,) = [one for one in window.messages.sentences() if "not the one of the preview" in one]
    assert "Step 1 of encoder" in told
    assert "expected was 5" in told

    qtbot.mouseClick(strip.pause, LEFT)
    assert commands(run) == [{"command": "pause"}]
    add(run, event="paused")
    qtbot.waitUntil(lambda: strip.pause.text() == "Continue", timeout=PATIENCE_MS)
    qtbot.mouseClick(strip.pause, LEFT)
    qtbot.mouseClick(strip.checkpoint, LEFT)
    assert commands(run)[1:] == [{"command": "continue"}, {"command": "checkpoint"}]
    add(run, event="continued")
    add(run, event="checkpoint", file="step_0001401.pt")
    qtbot.waitUntil(
        lambda: strip.said.text() == "saved step_0001401.pt at step 1,401 · rates not as previewed", timeout=PATIENCE_MS
    )
    assert strip.pause.text() == "Pause"

    assert not strip.apply.isVisible()
    edits = {"optim.clip_norm": 0.5, "train.patience": 3, "optim.lr": 1e-4}
    window.desk.dispatch(EditsStaged(tuple(StagedEdit(path=path, old=0, new=new) for path, new in edits.items())))
    assert strip.apply.text() == "Apply 2 edits now", "a learning rate waits for a resume"
    qtbot.mouseClick(strip.apply, LEFT)
    asked = [{"command": "edit", "path": path, "value": edits[path]} for path in ("optim.clip_norm", "train.patience")]
    assert commands(run)[3:] == asked
    add(run, event="edited", path="optim.clip_norm", value=0.5)
    add(run, event="refused", command="edit", path="train.patience", reason="not now")
    qtbot.waitUntil(
        lambda: strip.said.text().startswith("train.patience was refused at step 1,401"), timeout=PATIENCE_MS
    )
    staged = [edit.path for edit in window.desk.chosen()[1].staged]
    assert staged == ["train.patience", "optim.lr"], "what was taken over waits no more"
    assert any("train.patience was refused (not now)" in one for one in window.messages.sentences())

    qtbot.mouseClick(strip.kill, LEFT)
    assert strip.sure.isVisible()
    qtbot.mouseClick(strip.spare, LEFT)
    assert not strip.sure.isVisible()
    assert not window.messages.sentences()[0].endswith("no trainer writes it now")
    qtbot.mouseClick(strip.kill, LEFT)
    qtbot.mouseClick(strip.really, LEFT)
    assert window.messages.sentences()[0].endswith("no trainer writes it now"), "the process is not there"

    (run / ALIVE_FILE).unlink()
    record = json.loads((run / RUN_FILE).read_text())
    (run / RUN_FILE).write_text(json.dumps(record | {"status": "finished"}))
    qtbot.waitUntil(lambda: not strip.isVisible(), timeout=PATIENCE_MS)
    scene = live.scene(str(run))
    assert scene is not None
    assert scene.events
    window.desk.dispatch(RunClosed(str(run)))
    assert live.scene(str(run)) is None


def resumed(run: Path, from_step: int, rate_factor: float) -> None:
    """Make it a run that was resumed there, as its trainer writes it; its first rate is times that factor."""
    parent = {"id": "0" * 12, "path": "/gone", "checkpoint": "gone.pt", "sha256": "", "step": from_step, "epoch": None}
    record = json.loads((run / RUN_FILE).read_text())
    batch = json.loads((run / SETTINGS_FILE).read_text())["data"]["batch_size"]
    (run / RUN_FILE).write_text(json.dumps(record | {"parent": parent, "samples": STEPS_PER_EPOCH * batch}))
    records = [json.loads(line) for line in (run / METRICS_FILE).read_text().splitlines()]
    kept = [one for one in records if one["step"] > from_step and "event" not in one]
    kept[0] |= {tag: rate * rate_factor for tag, rate in kept[0].items() if tag.startswith("lr/")}
    begun = next(one for one in records if one["step"] == from_step)
    event = {name: begun[name] for name in ("step", "epoch", "time")} | {"event": "resumed", "mode": "exact"}
    (run / METRICS_FILE).write_text("".join(json.dumps(one) + "\n" for one in (event, *kept)))


def test_a_window_that_finds_runs_compares_their_first_rates_with_what_their_folders_tell(
    make_window: Callable[..., Window], qtbot: QtBot, run: Path
) -> None:
    other = Path(shutil.copytree(run, run.with_name("other")))
    resumed(run, 700, 1.0)
    resumed(other, 700, 1.001)
    window = make_window(State(tab="settings"))
    window.open_paths((str(other),))
    window.open_paths((str(run),))
    live, said = window.desk.live_runs, window.live_strip.said
    qtbot.waitUntil(lambda: all(live.told_of_rates(str(one)) for one in (run, other)), timeout=PATIENCE_MS)
    assert live.told_of_rates(str(other)) == "rates not as its settings plan them"
    (wrong,) = [one for one in window.messages.sentences() if "the learning rate is not" in one]
    assert wrong.startswith("sample_run: the learning rate is not the one that its settings plan. Step 701 of ")
    window.desk.dispatch(RunChosen(str(run)))
    qtbot.waitUntil(lambda: said.text().endswith("rates as its settings plan them"), timeout=PATIENCE_MS)


class Requests(QObject):
    """What tells of scenes, in the reader's place."""

    ready = Signal(object)


def test_a_run_that_is_looked_at_before_it_logs_a_rate_is_held_against_its_preview_once_it_does(qtbot: QtBot) -> None:
    run = Run(key="r", name="r", root="/r", paths=("/r",))
    requests = Requests()
    live = LiveRuns(cast(OpenRuns, {"r": run}), cast(SceneRequests, requests))
    live.expect("/r", ExpectedRates(by_group={"encoder": {1: 0.1, 2: 0.2, 3: 0.3}}))
    told = []
    for logged in ({}, {"encoder": ((1, 0.1),)}, {"encoder": ((1, 0.1), (2, 0.2), (3, 0.3))}):
        requests.ready.emit(SceneReady(VIEWER, "r", TrainingScene(count=0, events=(), first_rates=logged)))
        told.append(live.told_of_rates("r"))
    assert told == ["", "", "rates as previewed"]


OBEDIENT = "import os, signal; signal.signal(signal.SIGTERM, lambda *_: os._exit(0)); signal.pause()"


def test_a_run_that_was_started_elsewhere_is_found_stopped_and_its_end_told(
    make_window: Callable[..., Window], qtbot: QtBot, run: Path
) -> None:
    (run / ALIVE_FILE).unlink()
    handle = start([sys.executable, "-I", "-S", "-c", OBEDIENT], run, keep_running=True)
    try:
        qtbot.waitUntil((run / ALIVE_FILE).exists, timeout=PATIENCE_MS)
        window = make_window(State(tab="settings"))
        window.open_paths((str(run),))
        qtbot.waitUntil(window.live_strip.isVisible, timeout=PATIENCE_MS)
        qtbot.mouseClick(window.live_strip.stop, LEFT)
        ended = "run: The trainer stopped as asked"
        qtbot.waitUntil(lambda: ended in window.messages.sentences(), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: not window.live_strip.isVisible(), timeout=PATIENCE_MS)
    finally:
        handle.kill()
        handle.wait(30)
