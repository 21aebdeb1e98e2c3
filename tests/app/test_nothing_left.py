"""Opening and closing leaves nothing behind: no process, descriptor, widget or timer."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.scene_answers import SceneAnswers
from inspector.app.tabs import TABBED
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.intents import RunClosed, TabChosen
from inspector.session.values import RunState, State

pytestmark = pytest.mark.usefixtures("cold_launcher")

ROUNDS = 4


def _children(pid: int) -> list[str]:
    return (Path(f"/proc/{pid}/task/{pid}/children")).read_text().split()


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _blocks_held() -> int:
    """Blocks of memory that readers handed over and something still looks at."""
    descriptors = Path("/proc/self/fd").iterdir()
    return sum("memfd:run-inspector" in str(one.readlink()) for one in descriptors if one.is_symlink())


def test_a_run_opened_and_closed_again_and_again_leaves_nothing(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, qapp: QApplication
) -> None:
    window = make_window()
    sample = str(resource("sample_run"))
    counts: list[tuple[int, int]] = []
    gc.collect()  # what other tests left ends now, and not while it is counted
    held_before = _blocks_held()
    for _ in range(ROUNDS):
        window.open_paths((sample,))
        qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
        for offer in TABBED:
            window.desk.dispatch(TabChosen(offer.key))
            settle(window)
        views = [weakref.ref(view) for offer in TABBED if (view := window.tabs.view(offer.key)).scene is not None]
        held = _blocks_held() - held_before
        window.desk.dispatch(RunClosed(sample))
        launcher = window.desk._launcher.pid
        assert launcher is not None
        qtbot.waitUntil(lambda pid=launcher: _children(pid) == [], timeout=10_000)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        qapp.processEvents()
        assert [view() for view in views] == [None] * len(views)
        # A picture or two may stay in a cache of a few.
        assert _blocks_held() - held_before <= 2 < held
        counts.append((_descriptors(), len(qapp.allWidgets())))
    for what, found in zip(("descriptors", "widgets"), zip(*counts[1:], strict=True), strict=True):
        # One of either may come late; one that each round leaves would be two by the last.
        assert max(found) <= min(found) + 1, f"{what}: {found}"


def test_of_a_closed_run_hidden_views_end_and_the_one_that_will_show_another_stays() -> None:
    desk, scenes, tabs = MagicMock(), MagicMock(), MagicMock()
    scenes.last_of.return_value = {"curves", "slots"}
    parent = QObject()
    answers = SceneAnswers(desk, scenes, tabs, parent)
    desk.state = State(runs=(RunState(key="b", paths=()),), chosen="b", tab="curves")
    answers._on_closed("a")
    tabs.end.assert_called_once_with("slots")
    tabs.end.reset_mock()
    desk.state = State(tab="curves")
    answers._on_closed("b")
    assert sorted(call.args for call in tabs.end.call_args_list) == [("curves",), ("slots",)]


def test_a_closed_window_ends_its_processes(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot
) -> None:
    window = make_window()
    window.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    launcher = window.desk._launcher.pid
    assert launcher is not None
    readers = [int(pid) for pid in _children(launcher)]
    assert readers
    window.close()
    for pid in (launcher, *readers):
        qtbot.waitUntil(lambda pid=pid: not _alive(pid), timeout=10_000)


def test_a_session_that_cannot_be_saved_keeps_no_process_alive(
    make_window: Callable[..., Window], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_state: State) -> None:
        raise ValueError("no session")

    monkeypatch.setattr("inspector.app.keeping.save_session", fail)
    window = make_window(remember=True)
    window.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    launcher = window.desk._launcher.pid
    assert launcher is not None
    with pytest.raises(ValueError, match="no session"):
        window.closeEvent(QCloseEvent())
    assert window.desk._launcher.pid is None
    assert not _alive(launcher)
    monkeypatch.undo()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
