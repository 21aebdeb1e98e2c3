"""Faults of the window are told with a report that holds nothing of the user's; what a fallen one had is offered."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from inspector.app.fault_report import report_of
from inspector.app.faults import MOST_LOG_BYTES, Faults, ShortLog, listen
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.intents import EditsStaged, TabChosen
from inspector.session.own_folder import SESSION_FILE, Fallen, OwnFolder, fallen_windows
from inspector.session.store import is_saved, save_session
from inspector.session.values import RunState, StagedEdit, State
from inspector.session.writing import writing
from tests.app.falling_window import PATH

EDIT = StagedEdit(path=PATH, old=6e-3, new=1e-3)


def _fall(own: OwnFolder) -> None:
    """Let go of the folder's lock, as the system does for a process that is gone."""
    os.close(own.descriptor)


@pytest.mark.logs
def test_a_fault_in_a_slot_and_in_a_thread_is_told_once_and_what_is_staged_is_on_the_disk(
    make_window: Callable[..., Window],
    settle: Callable[[Window], None],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for module, hook in ((sys, "excepthook"), (threading, "excepthook")):
        monkeypatch.setattr(module, hook, getattr(module, hook))  # put back at the end
    run = tmp_path / "secret project"
    run.mkdir()
    (run / "train.log").write_text("Epoch 1 | Loss=0.5\nEpoch 2 | Loss=0.25\n")
    own = OwnFolder()
    window = make_window()
    faults = Faults(window, own)
    listen(faults)
    window.open_paths((str(run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.desk.dispatch(EditsStaged((EDIT,)))
    assert b'"new":0.001' in (own.path / SESSION_FILE).read_bytes(), "before the window does anything else"

    held = "0.25 of mine"

    def slot() -> None:
        raise ValueError(f"cannot read {run}/train.log: '{held}'")

    for _ in range(3):
        QTimer.singleShot(0, window, slot)
    thread = threading.Thread(target=lambda: {}["absent"])
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(window.messages.lines) == 2, timeout=10_000)
    told = {line.message.sentence: line.message.report for line in window.messages.lines}
    value, key = sorted(told, reverse=True)
    assert "ValueError" in value
    assert "KeyError" in key
    assert "KeyError: 'absent'" in told[key], "what the source quotes is not the user's"
    report = told[value]
    assert "ValueError: cannot read …" in report
    assert "in slot" in report
    assert "     1  console" in report
    assert "secret" not in report
    assert held not in report
    window.desk.dispatch(TabChosen("log"))
    settle(window)
    assert window.tabs.view("log").scene is not None, "the window goes on"

    window.messages.lines[0].report_button.click()
    faults.sheet.save(str(tmp_path / "report.txt"))
    assert (tmp_path / "report.txt").read_text() == window.messages.lines[1].message.report
    faults.sheet.save(str(tmp_path / "absent" / "report.txt"))
    assert window.messages.sentences()[0] == "The report was not saved: No such file or directory"
    assert fallen_windows() == (), "its window is there"
    faults.keep()
    _fall(own)
    (fallen,) = fallen_windows()
    assert fallen.state is not None
    assert [one.staged for one in fallen.state.runs] == [(EDIT,)]
    assert fallen.kinds == {"console": 1}


def test_what_a_fallen_window_had_is_offered_and_opened_only_when_it_is_asked_for(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot
) -> None:
    sample = str(resource("sample_run"))
    own = OwnFolder()
    own.keep(State(runs=(RunState(key=sample, paths=(sample,), staged=(EDIT,)),), chosen=sample, tab="slots"), {})
    _fall(own)
    closed = OwnFolder()
    closed.keep(State(runs=(RunState(key=sample, paths=(sample,)),)), {})
    closed.close()
    nothing = OwnFolder()
    nothing.keep(State(), {})
    _fall(nothing)
    fallen = fallen_windows()
    assert [one.folder for one in fallen] == [own.path]
    assert not nothing.path.exists()

    again = OwnFolder()
    window = make_window(remember=True)
    Faults(window, again).offer(fallen)
    (line,) = window.messages.lines
    assert line.text.text().startswith("A window ended unexpectedly (")
    assert line.text.text().endswith("); kept from it: 1 run, 1 staged edit")
    assert "killed from outside" in line.message.report
    assert window.desk.state.runs == ()
    line.action_button.click()
    assert not own.path.exists()
    assert (again.path / SESSION_FILE).exists(), "it is kept by the window that has it now"
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    assert window.desk.chosen()[1].staged == (EDIT,)
    assert window.desk.state.tab == "slots"
    assert window.messages.lines == []
    again.close()


def test_what_a_window_fell_with_is_offered_where_no_run_of_it_could_be_read(
    make_window: Callable[..., Window],
) -> None:
    own, again = OwnFolder(), OwnFolder()
    own.keep(State(lost=(RunState(key="/not/mounted", paths=("/not/mounted",), staged=(EDIT,)),)), {})
    _fall(own)
    window = make_window(remember=True)
    Faults(window, again).offer(fallen_windows())
    (line,) = window.messages.lines
    assert line.text.text().endswith("); kept from it: 1 run, 1 staged edit")
    line.action_button.click()
    assert [run.staged for run in window.desk.state.lost] == [(EDIT,)]
    assert [sentence.partition(";")[0] for sentence in window.messages.sentences()] == ["Cannot be read now: mounted"]
    again.close()


def test_an_offer_that_is_closed_is_not_made_again(make_window: Callable[..., Window]) -> None:
    for at_s, damage in enumerate((b"", b"{", b'{"state": 3}', b"\xff")):
        own = OwnFolder()
        (own.path / SESSION_FILE).write_bytes(damage)
        os.utime(own.path / SESSION_FILE, (at_s, at_s))
        _fall(own)
    window = make_window()
    fallen = fallen_windows()
    assert [(one.at_s, one.state) for one in fallen] == [(3, None), (2, None), (1, None)], "the newest few"
    Faults(window, OwnFolder()).offer(fallen)
    assert len(window.messages.lines) == 3
    for line in list(window.messages.lines):
        assert "1970-01-01" in line.message.sentence
        assert line.message.sentence.endswith("and what it had open could not be read")
        assert not line.action_button.isVisible()
        line.close_button.click()
    assert fallen_windows() == ()


def test_what_qt_ends_leaves_its_words_and_its_stack() -> None:
    command = [sys.executable, "-m", "tests.app.falling_window", "fatal"]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == -signal.SIGABRT
    (fallen,) = fallen_windows()
    assert "Qt ended the window: [A qFatal() call" in fallen.fault
    assert "run_window" in fallen.fault


def test_a_window_that_is_to_end_before_its_first_turn_does() -> None:
    program = """
import os, signal
from inspector.app.launch import run_window
listen = signal.signal
def heard(number, handler):
    listen(number, handler)
    if number == signal.SIGHUP:
        os.kill(os.getpid(), number)
signal.signal = heard
raise SystemExit(run_window(()))
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60).returncode == 0
    assert fallen_windows() == ()


def test_a_report_has_no_path_but_the_program_s_own() -> None:
    home = Path.home()
    fault = f"""Traceback (most recent call last):
  File "{home}/venv/inspector/app/x.py", line 3, in show
    read("step")
OSError: [Errno 5] Input/output error: '/data/alice/run 7/step.h5' step "step" /data/alice/b.pt {home}/c"""
    report = report_of(fault, "of run seven\n/mnt/x/y.csv was cut", {"dump": 2}, ("run seven", "run"))
    assert 'File "~/venv/inspector/app/x.py", line 3, in show' in report
    assert "OSError: [Errno 5] Input/output error: '…' step \"step\" … …" in report
    assert "of …\n… was cut" in report
    assert not any(word in report for word in ("alice", "seven", str(home), "csv"))
    assert "none" in report_of("", "", {}, ())


@pytest.mark.logs
def test_where_nothing_can_be_kept_nothing_is_said_to_be(
    make_window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    own = OwnFolder()
    window, other = make_window(), make_window()
    Faults(window, None).offer(())
    assert window.messages.sentences() == ("What is open and staged is not kept for a hard fall: no folder for it",)
    shutil.rmtree(own.path)
    faults = Faults(other, own)
    assert [faults.keep(), faults.keep()] == [False, False]
    assert other.messages.sentences() == (
        "What is open and staged is not kept for a hard fall: No such file or directory",
    )
    faults.meet(ValueError, ValueError("planted"), None)
    qtbot.waitUntil(lambda: len(other.messages.lines) == 2, timeout=10_000)
    assert other.messages.sentences()[0] == "The window met a fault of its own, ValueError, and goes on"
    _fall(own)
    save_session(window.desk.state)
    assert is_saved(window.desk.state)
    window.desk.dispatch(TabChosen("log"))
    assert not is_saved(window.desk.state)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(tmp_path / "file"))
    assert fallen_windows() == ()
    with pytest.raises(OSError):
        OwnFolder()


def test_a_log_of_a_window_that_stays_open_begins_anew(tmp_path: Path) -> None:
    handler = ShortLog(tmp_path / "window.log")
    for _ in range(30):
        handler.emit(logging.LogRecord("x", logging.INFO, "", 0, "y" * (MOST_LOG_BYTES // 20), (), None))
    assert writing.finish(60.0)
    assert MOST_LOG_BYTES // 4 < (tmp_path / "window.log").stat().st_size < 1.1 * MOST_LOG_BYTES


def test_what_is_kept_of_a_fall_is_read_as_far_as_it_can_be() -> None:
    own = OwnFolder()
    (own.path / "fault.txt").write_bytes(b"\xff" * 300_000 + b"Segmentation fault")
    _fall(own)
    (fallen,) = fallen_windows()
    assert isinstance(fallen, Fallen)
    assert fallen.fault.endswith("Segmentation fault")
    assert len(fallen.fault) == 200_000
    assert fallen_windows() == (fallen,), "to look at it takes no hold of it"
