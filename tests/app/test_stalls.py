"""The watchdog of the window's thread: a pause is kept with the call that made it, and can be read and copied."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from inspector.app.stall_sheet import NONE_YET, StallSheet
from inspector.app.stalls import KEPT, Stall, Stalls, stack_in
from inspector.app.window import Window
from tests.app.conftest import STALLED_CPU_S, holds_up
from tests.app.test_palette import listed


def _hold_up(stalls: Stalls, seen: list[float]) -> None:
    began_s, worked_s = time.monotonic(), time.thread_time()
    while not stalls.caught:
        pass
    seen.append(time.monotonic() - began_s)
    seen.append(time.thread_time() - worked_s)


def test_a_pause_is_kept_with_the_call_that_made_it(qtbot: QtBot) -> None:
    seen: list[float] = []
    stalls = Stalls()
    stalls.start()
    QTimer.singleShot(0, lambda: _hold_up(stalls, seen))
    qtbot.waitUntil(lambda: bool(stalls.kept))
    stalls.stop()
    longest = stalls.kept[0]
    # A call of its own may be the innermost: the look is between any two.
    assert any(call.startswith("tests.app.test_stalls._hold_up:") for call in longest.stack[:3])
    assert longest.wall_s >= seen[0]
    assert longest.cpu_s >= seen[1] > 0


def test_a_loop_that_turns_is_no_stall(qtbot: QtBot) -> None:
    turns = 0
    stalls = Stalls()
    stalls.start()

    def turn() -> None:
        nonlocal turns
        turns += 1

    timer = QTimer(interval=0)
    timer.timeout.connect(turn)
    timer.start()
    qtbot.waitUntil(lambda: turns > 100)
    timer.stop()
    stalls.stop()
    assert [stall for stall in stalls.kept if stall.culprit] == []


def test_watching_ends_with_its_thread() -> None:
    before = threading.active_count()
    stalls = Stalls()
    stalls.start()
    stalls.start()
    assert threading.active_count() == before + 1
    stalls.stop()
    stalls.stop()
    assert threading.active_count() == before


class _Left:
    def __init__(self, ended_in: set[int]) -> None:
        self._ended_in = ended_in

    def __del__(self) -> None:
        self._ended_in.add(threading.get_ident())


def _leave(ended_in: set[int], depth: int) -> None:
    """Each call leaves something that ends with it, unless another thread holds its frame."""
    _left = _Left(ended_in)
    if depth:
        _leave(ended_in, depth - 1)


def test_what_calls_leave_ends_in_their_own_thread_however_often_they_are_looked_at(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr("inspector.app.stalls._LOOK_S", 0.0)
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-6)
    ended_in: set[int] = set()
    stalls = Stalls(bound_s=0.0)
    stalls.start()
    until_s = time.thread_time() + 0.2
    while time.thread_time() < until_s:
        _leave(ended_in, 20)
    stalls.stop()
    assert stalls.kept[0].stack
    assert ended_in == {threading.get_ident()}


def test_the_calls_of_one_thread_are_read_from_what_is_written_of_all() -> None:
    root = Path(__file__).resolve().parents[2]
    dump = f"""Current thread 0x00000000000000aa (most recent call first):
  File "{threading.__file__}", line 3 in wait

Thread 0x00000000000000ab (most recent call first):
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed
  File "{root}/inspector/app/tabs.py", line 83 in view
  File "/nowhere/script.py", line 1 in <module>
"""
    assert stack_in(dump, 0xAA) == ("threading.wait:3",)
    assert stack_in(dump, 0xAB) == (
        "importlib._bootstrap._call_with_frames_removed:241",
        "inspector.app.tabs.view:83",
        "/nowhere/script.py.<module>:1",
    )
    assert stack_in(dump, 0xAC) == ()


def test_the_culprit_is_the_innermost_call_of_the_program() -> None:
    stall = Stall(0.2, 0.1, 0.0, ("json.loads:3", "inspector.app.desk.open:9", "inspector.app.window.x:1"))
    assert stall.culprit == "inspector.app.desk.open:9"
    assert Stall(0.2, 0.1, 0.0, ("json.loads:3",)).culprit == ""
    assert stall.text().splitlines()[1].strip() == "json.loads:3"
    assert "200 ms (100 ms of work)" in stall.text()


def test_a_test_fails_for_what_the_window_itself_did_for_long() -> None:
    ours, theirs = ("inspector.app.desk.open:9",), ("tests.app.test_stalls.test:9",)
    assert holds_up(Stall(1.0, STALLED_CPU_S * 1.1, 0.0, ours))
    assert not holds_up(Stall(1.0, STALLED_CPU_S, 0.0, ours))
    assert not holds_up(Stall(1.0, 1.0, 0.0, theirs))


def test_only_the_longest_are_kept(qtbot: QtBot) -> None:
    stalls = Stalls()
    stalls.kept = [Stall(float(wall_s), 0.0, 0.0, ()) for wall_s in reversed(range(KEPT))]
    stalls.start()
    QTimer.singleShot(0, lambda: _hold_up(stalls, []))
    qtbot.waitUntil(lambda: stalls.kept[-1].wall_s > 0)
    stalls.stop()
    assert len(stalls.kept) == KEPT
    assert stalls.kept == sorted(stalls.kept, key=lambda stall: -stall.wall_s)


def test_the_palette_shows_them_and_they_can_be_copied(make_window: Callable[..., Window]) -> None:
    window = make_window()
    window.commands.run("stalls")
    sheet = window.sheets.stalls
    assert isinstance(sheet, StallSheet)
    assert sheet.text.toPlainText() == NONE_YET
    sheet.hide()
    window.stalls.kept = [Stall(0.25, 0.2, 0.0, ("inspector.app.desk.open:9",))]
    window.commands.run("palette")
    window.palette_box.field.setText("Show stalls")
    assert listed(window.palette_box)[0] == "Show stalls"
    window.commands.run("stalls")
    assert sheet.isVisible()
    sheet.copy.click()
    assert "inspector.app.desk.open:9" in QGuiApplication.clipboard().text()
