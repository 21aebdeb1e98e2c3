"""What is loaded in idle turns, and what is made only when it is wanted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector import views
from inspector.app import launch, loading
from inspector.app.desk import Desk
from inspector.app.guard import CannotStartError
from inspector.app.loading import Loading
from inspector.app.tabs import TABBED
from inspector.app.window import Window
from inspector.diagnosis.values import Diagnosis
from inspector.display.catalogue import CATALOGUE
from inspector.runs.values import Run
from inspector.session.values import State

_SCRIPT = """
import gc, sys, threading
from inspector.app.launch import first_window, start_qt
app = start_qt("offscreen")
from PySide6.QtCore import QEvent, QObject, QTimer
from inspector.session.values import State
turns, threads, kept, painted = [], set(), [], []
class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not painted:
            painted.extend(sys.modules)
            painted.append(str(window.desk._launcher.pid))
        return False
gc.callbacks.append(lambda phase, info: threads.add(threading.current_thread().name))
def make_objects():
    for _ in range(100):
        kept.append([[] for _ in range(1000)])
other = threading.Thread(target=make_objects, name="other")
def look():
    known = [name for name in sys.modules if name.startswith("inspector.views.") and name.count(".") == 3]
    known = [name for name in known if name.endswith(".view")]
    turns.append(len(known))
    window.show() if len(turns) == 1 else None
    if not window.loading.busy and other.ident is None:
        threads.clear()
        other.start()
        other.join()
    elif other.ident is not None and threads:
        print(*turns)
        print(*threads)
        print(*painted)
        print(window.desk._launcher.pid)
        window.close()
        app.quit()
window = first_window(app, State(tab="weights"), remember=False)
watching = Painted()
window.installEventFilter(watching)
timer = QTimer(interval=0)
timer.timeout.connect(look)
timer.start()
app.exec()
"""


_FOREIGN = {"torch", "h5py", "pyqtgraph", "matplotlib", "scipy", "pandas", "importlib_metadata"}
_ROOMS = {"artifacts", "training", "reader"}


def _waits(module: str, viewers: set[str]) -> bool:
    """Whether a module is loaded after the first paint: a viewer, a page over the window, what only children need."""
    program, room, *rest = [*module.split("."), "", ""]
    if program != "inspector":
        return program in _FOREIGN
    return room in _ROOMS or (room == "views" and rest[0] in viewers) or (room == "app" and rest[0].endswith("_sheet"))


def test_modules_of_views_are_imported_one_by_one_once_the_loop_turns_and_one_thread_collects() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, timeout=120, check=True)
    loaded, threads, painted, launcher = done.stdout.splitlines()
    # What is found in another thread would end there, and an object of Qt that does takes the window with it.
    assert threads == "MainThread"
    counts = [int(count) for count in loaded.split()]
    assert counts[0] == 0
    in_folder = {found.parent.name for found in Path(views.__path__[0]).glob("*/view.py")}
    assert {offer.key for offer in TABBED} < in_folder
    assert counts[-1] == len(in_folder)  # also that of many runs, which is no tab
    steps = [after - before for before, after in pairwise(counts)]
    assert max(steps) == 1
    # What the first paint waited for: the window, and nothing that is seen or wanted later.
    *before, launcher_before = painted.split()
    viewers = {found.name for found in Path(views.__path__[0]).iterdir() if (found / "__init__.py").exists()}
    assert "inspector.app.welcome" in before
    assert [name for name in before if _waits(name, viewers)] == []
    assert launcher_before == "None"
    assert launcher.isdigit()


def test_what_readers_are_forked_from_is_started_before_a_file_is_opened(qapp: QApplication) -> None:
    desk = Desk(State())
    pids = [desk._launcher.pid]
    for act in (desk.start_reading, desk.shutdown):
        act()
        pids.append(desk._launcher.pid)
    assert [pid is not None for pid in pids] == [False, True, False]


def test_only_for_a_file_to_open_readers_are_started_before_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def start_qt(**_how: object) -> None:
        done.append("Qt")
        raise CannotStartError

    monkeypatch.setattr(launch, "start_qt", start_qt)
    monkeypatch.setattr(launch, "start_launcher", lambda: done.append("readers"))
    monkeypatch.setattr(launch.reach, "start", lambda: None)
    for paths in ((), ("run",)):
        with pytest.raises(CannotStartError):
            launch.run_window(paths)
    assert done == ["Qt", "readers", "Qt"]


def test_how_answers_are_read_is_worked_out_before_one_comes(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected: list[type] = []
    monkeypatch.setattr(loading, "expect", expected.append)
    monkeypatch.setattr(loading, "_modules", lambda _package: iter(()))
    turns = Loading(lambda _key: SimpleNamespace(make_ahead=tuple))  # type: ignore[arg-type,return-value]  # no view
    turns.begin("weights")
    while turns.busy:
        before = len(expected)
        turns._go_on()
        assert len(expected) <= before + 1
    assert expected[0] is Run  # what an opened file is answered with first
    views = [offer for offer in CATALOGUE if offer.key.partition(".")[0] in {offer.key for offer in TABBED}]
    assert {Diagnosis, *(offer.scene_type for offer in views)} <= set(expected)


def test_sheets_are_made_when_they_are_wanted(make_window: Callable[..., Window], qtbot: QtBot) -> None:
    window = make_window()
    before = window.tabs.stack.count()
    window.resuming.open()  # no run is open, so there is nothing to resume
    window.resuming.refresh()
    window.resuming.start()
    assert window.tabs.stack.count() == before
    assert "sheet" not in vars(window.resuming)
    window.commands.run("about")
    assert window.sheets.about.isVisible()
    qtbot.waitUntil(lambda: window.status.trainer.text().startswith("Python "))
