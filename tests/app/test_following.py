"""How often the files of open runs are looked at, and how often a run that grows is diagnosed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.core.outcome import Done
from inspector.runs.values import Life, Liveness
from tests.app.conftest import PATIENCE_MS


def _append(path: Path, steps: range) -> None:
    """Records that are older than their file, as of a copy."""
    with path.open("a") as file:
        file.writelines(json.dumps({"step": step, "time": 1.7e9 + step, "loss": step / 7}) + "\n" for step in steps)


@pytest.fixture
def opened(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> tuple[Window, str, Path]:
    log = tmp_path / "run" / "metrics.jsonl"
    log.parent.mkdir()
    _append(log, range(50))
    window = make_window()
    window.desk.open((str(log.parent),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(window)
    return window, str(log.parent), log


def test_a_run_that_was_seen_to_change_is_looked_at_every_time(
    opened: tuple[Window, str, Path], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window, key, log = opened
    desk = window.desk
    run = desk.run(key)
    assert run is not None
    assert run.liveness.life is not Life.LIVE
    _append(log, range(50, 80))
    qtbot.waitUntil(lambda: desk.run(key) is not run, timeout=PATIENCE_MS)
    looks: list[str] = []
    monkeypatch.setattr(desk.following, "refresh", looks.append)
    for _ in range(8):
        desk.following._tick()
    assert looks == [key] * 8
    looks.clear()
    for _ in range(40):
        desk.following._tick()
    looks.clear()
    for _ in range(8):
        desk.following._tick()
    assert looks == [key] * 2


def test_a_look_that_is_due_while_one_is_under_way_follows_it(opened: tuple[Window, str, Path], qtbot: QtBot) -> None:
    window, key, log = opened
    desk = window.desk
    desk.following.stop()
    qtbot.waitUntil(lambda: all(ticket.settled for ticket in desk.following._refreshes.values()), timeout=PATIENCE_MS)
    desk.following.refresh(key)
    first = desk.following._refreshes[key]
    desk.following.refresh(key)
    assert desk.following._refreshes[key] is first
    _append(log, range(50, 60))
    qtbot.waitUntil(
        lambda: desk.following._refreshes[key] is not first and desk.following._refreshes[key].settled,
        timeout=PATIENCE_MS,
    )
    qtbot.waitUntil(lambda: (run := desk.run(key)) is not None and run.series[0].count == 60, timeout=PATIENCE_MS)


def test_a_run_that_grows_is_diagnosed_now_and_then_and_at_its_end(
    opened: tuple[Window, str, Path], monkeypatch: pytest.MonkeyPatch, settle: Callable[[Window], None]
) -> None:
    window, key, _log = opened
    desk = window.desk
    run = desk.run(key)
    assert run is not None
    grown = msgspec.structs.replace(run, notes=("another record",))
    desk.following.stop()
    desk.diagnoses.whole.diagnose(key)
    settle(window)
    before = desk.diagnoses.of(key)
    stalled = msgspec.structs.replace(run, liveness=Liveness(life=Life.STALLED, because="no record"), live=not run.live)
    for _ in range(3):
        desk.following._refreshed(key, Done(stalled))
    assert not desk.busy
    for _ in range(3):
        desk.following._refreshed(key, Done(grown))
    assert desk.busy
    assert desk.diagnoses.of(key) is before
    late_s = time.monotonic() + 3600
    monkeypatch.setattr("inspector.app.diagnosing.time.monotonic", lambda: late_s)
    desk.diagnoses.whole._look()
    monkeypatch.undo()
    settle(window)
    assert desk.diagnoses.of(key) is not before
