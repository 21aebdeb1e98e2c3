"""The question to a trainer child: newer ones take its place, and no child outlives the window or is waited for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QProcess
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.trial import Trial
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.jobs import travelling
from tests.reader.processes import wait_gone

SLOW = "import time; time.sleep(600)"
ANSWER = "print('{\"rates\": []}')"


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has every child run a script of the test's."""

    def set_script(script: str) -> None:
        monkeypatch.setattr(travelling, "child_command", lambda *_: [sys.executable, "-I", "-S", "-c", script])

    return set_script


@pytest.fixture
def trial(qapp: QApplication) -> Iterator[Trial]:
    made = Trial()
    yield made
    made.close()
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _pids(trial: Trial) -> list[int]:
    return [process.processId() for process in trial.findChildren(QProcess)]


def test_an_answer_is_told(trial: Trial, says: Callable[[str], None], qtbot: QtBot) -> None:
    says(ANSWER)
    with qtbot.waitSignal(trial.answered, timeout=30_000) as heard:
        trial.ask(())
    assert heard.args == [{"rates": []}]
    assert not trial.running


def test_a_child_that_cannot_be_started_is_told_and_let_go(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(travelling, "child_command", lambda *_: ["/nowhere/python"])
    with qtbot.waitSignal(trial.failed, timeout=30_000) as heard:
        trial.ask(())
    assert heard.args == ["The trainer could not be started"]
    assert not trial.running
    qtbot.waitUntil(lambda: trial.findChildren(QProcess) == [])


def test_a_newer_question_ends_the_older_without_waiting_for_it(
    trial: Trial, says: Callable[[str], None], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(SLOW)
    trial.ask(())
    qtbot.waitUntil(lambda: all(_pids(trial)))
    (older,) = _pids(trial)
    says(ANSWER)

    def wait(*_arguments: object) -> bool:
        pytest.fail("the window waited for a child")

    with monkeypatch.context() as patched:
        patched.setattr(QProcess, "waitForFinished", wait)
        with qtbot.waitSignal(trial.answered, timeout=30_000):
            trial.ask(())
    wait_gone(older)
    qtbot.waitUntil(lambda: trial.findChildren(QProcess) == [])


def test_a_window_that_closes_while_a_child_works_ends_it_before_it_goes(
    make_window: Callable[..., Window], settle: Callable[[Window], None], says: Callable[[str], None], qtbot: QtBot,
    qapp: QApplication, qtlog: object,
) -> None:  # fmt: skip
    says(SLOW)
    window = make_window()
    window.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    window.resuming.open()
    qtbot.waitUntil(lambda: window.resuming.sheet.recipe.planning.trial.running)
    (pid,) = _pids(window.resuming.sheet.recipe.planning.trial)
    window.close()
    states = [process.state() for process in window.resuming.sheet.recipe.planning.trial.findChildren(QProcess)]
    assert all(state == QProcess.ProcessState.NotRunning for state in states)
    wait_gone(pid)
    window.resuming.sheet.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    said = [record.message for record in qtlog.records]  # type: ignore[attr-defined]  # pytest-qt has no type for it
    assert not [message for message in said if "QProcess" in message], said
