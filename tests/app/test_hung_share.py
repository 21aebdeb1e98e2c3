"""A run on a share that stops answering: the window goes on, says so, keeps what is said, and finds the share again."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.faults import Faults, ShortLog
from inspector.app.file_work import FileWork
from inspector.app.pictures import save_bytes
from inspector.app.resume_command import free_folder
from inspector.app.window import Window
from inspector.core.places import data_folder
from inspector.core.resources import resource
from inspector.jobs.reach import SilentError, reach, there
from inspector.jobs.readers import Launcher
from inspector.jobs.trainers import attach, send, start
from inspector.runs.values import Run
from inspector.session.intents import EditsStaged, FindingDismissed, PreferencesChanged
from inspector.session.own_folder import LOG_FILE, SESSION_FILE, OwnFolder
from inspector.session.preferences_store import load_preferences
from inspector.session.store import load_session, save_session
from inspector.session.triage import SamplesFlagged
from inspector.session.triage_store import place_of
from inspector.session.values import RunState, StagedEdit, State
from inspector.session.writing import writing
from tests.hung_share import Share, mounted, why_not

PATIENCE_MS = 60_000
HELD_S = 90.0

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Share]:
    """A share with the bundled run; should anything be held by it for good, it goes away, and the test fails."""
    folder, behind = tmp_path / "share", tmp_path / "behind"
    folder.mkdir()
    shutil.copytree(resource("sample_run"), behind / "run")
    monkeypatch.setattr("inspector.jobs.reach.PATIENCE_S", 2.0)  # however busy the machine is
    with mounted(folder, behind) as found:
        rescue = threading.Timer(HELD_S, found.go_away)
        rescue.start()
        yield found
        held = not rescue.is_alive()
        rescue.cancel()
        assert not held, "it was held up by the share until the share went away"


def test_a_window_on_a_share_that_hangs_goes_on_and_keeps_what_is_said(
    share: Share, make_window: Callable[..., Window], qtbot: QtBot
) -> None:
    run = share.folder / "run"
    window = make_window()
    window.open_paths((str(run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.desk.opening, timeout=PATIENCE_MS)
    dump, keeper = str(next(run.glob("dumps/*.h5"))), window.triage
    share.hang()
    window.desk.dispatch(SamplesFlagged(dump, (3,), True, 10.0))
    window.desk.dispatch(FindingDismissed("a"))
    QTest.keyClick(window, Qt.Key.Key_F5)
    keeper.look()
    window.desk.dispatch(SamplesFlagged(dump, (4,), True, 11.0))
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is not None, "a key is heard"
    said = [one for one in window.messages.sentences() if "its disk does not answer" in one]
    assert len(said) == 1, "it is said once"
    assert str(share.folder) in said[0]
    share.come_back()
    qtbot.waitUntil(lambda: not window.desk.opening, timeout=PATIENCE_MS)
    assert window.desk.chosen() is not None
    qtbot.waitUntil(lambda: there(run) is not None, timeout=PATIENCE_MS)
    keeper.look()
    (marks,) = json.loads((share.behind / "run" / "triage.json").read_bytes())["files"].values()
    assert set(marks) == {"3", "4"}
    assert set(json.loads((share.behind / "run" / "triage.json").read_bytes())["dismissed"]) == {"a"}


def test_what_is_asked_of_a_share_that_hangs_is_answered_all_the_same(share: Share, qtbot: QtBot) -> None:
    run = share.folder / "run"
    state = State(runs=(RunState(key=str(run), paths=(str(run),)),))
    save_session(state)
    said: list[str] = []
    launcher = Launcher()
    work = FileWork(launcher)
    work.message.connect(lambda message: said.append(message.sentence))
    reach(run)
    share.hang()
    for ask in (
        lambda: reach(run / "run.json"),
        lambda: save_bytes(b"", run.parent / "a.png"),
        lambda: send(run, b"{}"),
        lambda: start(["true"], run, keep_running=False),
    ):
        with pytest.raises(SilentError, match="its disk does not answer"):
            ask()
    assert there(run) is None
    assert attach(run) is None
    assert [one.key for one in load_session().runs] == [str(run)], "it is not taken for gone"
    assert work.save_clean_copy(str(run / "checkpoints" / "last.pt"), str(run.parent / "copy.pt")) is None
    assert said == [f"{run / 'checkpoints' / 'last.pt'}: its disk does not answer"]
    assert free_folder(Run(key="r", name="run", root=str(run), paths=(str(run),), files=())).is_relative_to(
        data_folder()
    )
    reach(share.behind)
    assert reach.answering((run / "a", share.behind / "b", run / "c", share.behind.parent)) == [
        share.behind / "b",
        share.behind.parent,
    ]
    reach.close()  # so that nothing is known of the share
    assert reach.answering((run / "a", share.behind / "b")) == [share.behind / "b"]
    share.come_back()
    qtbot.waitUntil(lambda: there(run) is not None, timeout=PATIENCE_MS)
    launcher.close()


def test_a_share_that_was_lost_is_no_run_that_is_gone(share: Share) -> None:
    run = share.folder / "run"
    save_session(State(runs=(RunState(key=str(run), paths=(str(run),)),)))
    share.go_away()
    assert there(run) is None
    assert [one.key for one in load_session().runs] == [str(run)]
    assert place_of(run / "a.h5", (str(run),)).file.is_relative_to(data_folder())


@pytest.mark.logs
def test_a_home_on_a_share_that_hangs_holds_nothing_up_and_gets_what_was_staged_when_it_is_back(
    share: Share, make_window: Callable[..., Window], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(share.folder))
    monkeypatch.setattr("inspector.app.faults.SILENT_S", 0.0)
    sample = str(resource("sample_run"))
    window, own = make_window(remember=True), OwnFolder()
    faults = Faults(window, own)
    log = ShortLog(own.path / LOG_FILE)
    window.open_paths((sample,))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.desk.opening and not window.desk.busy, timeout=PATIENCE_MS)
    kept = share.behind / own.path.relative_to(share.folder) / SESSION_FILE
    window.desk.dispatch(EditsStaged((StagedEdit(path="optim.lr", old=0, new=1),)))
    qtbot.waitUntil(lambda: kept.exists() and b'"new":1' in kept.read_bytes(), timeout=PATIENCE_MS)
    assert writing.finish(PATIENCE_MS / 1000)
    share.hang()
    for new in (2, 3):
        window.desk.dispatch(EditsStaged((StagedEdit(path="optim.lr", old=0, new=new),)))
    log.emit(logging.LogRecord("x", logging.INFO, "", 0, "it is logged", (), None))
    window.desk.dispatch(PreferencesChanged({"theme": "light"}))
    window.desk.dispatch(FindingDismissed("a"))
    QTest.keyClick(window, Qt.Key.Key_F5)
    window.triage.look()
    assert not faults.keep()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is not None, "a key is heard"
    unkept = "What is open and staged is not kept for a hard fall: its disk does not answer"
    assert unkept in window.messages.sentences()
    assert b'"new":1' in kept.read_bytes()
    share.come_back()
    qtbot.waitUntil(lambda: b'"new":3' in kept.read_bytes(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: unkept not in window.messages.sentences(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.desk.opening, timeout=PATIENCE_MS)
    assert load_preferences()[0].theme == "light"
    assert "it is logged" in own.log_end()
