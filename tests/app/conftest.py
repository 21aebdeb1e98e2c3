"""A window over a desk, closed and gone after each test."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.desk import Desk
from inspector.app.stalls import Stall
from inspector.app.trial import Trial
from inspector.app.window import Window
from inspector.session.values import State
from inspector.views.theme import apply_theme
from tests.app.warm_launchers import start_warm

PATIENCE_MS = 60_000
STALLED_CPU_S = 0.25
"""A turn of a window's event loop in which the program worked for longer fails its test.

Of 335 tests on two cores with a load of ten none had a turn in which it worked for more than 0.1 s.
"""


_collections: list[tuple[float, float]] = []
"""When each look through all objects ended, and how long this thread worked at it."""


def _time_collections(phase: str, info: dict[str, int]) -> None:
    if info["generation"] == 2:
        begun_s = _collections.pop()[1] if phase == "stop" else 0.0
        _collections.append((time.time(), time.thread_time() - begun_s))


gc.callbacks.append(_time_collections)


@pytest.fixture
def cold_launcher() -> None:
    """For tests of the processes themselves: the launcher starts as the program starts it, and loads all it needs."""


@pytest.fixture(autouse=True)
def _warm_launcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests need not wait until a launcher has loaded."""
    if "cold_launcher" not in request.fixturenames:
        monkeypatch.setattr("inspector.jobs.children.start_child", start_warm)


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[State], Window]]:
    """Windows as a user sees them, off screen; a turn of their event loop that holds them up fails the test."""
    windows: list[Window] = []

    def make(state: State | None = None, *, remember: bool = False) -> Window:
        start = state or State()
        apply_theme(qapp, start.theme)
        window = Window(Desk(start), remember=remember)
        windows.append(window)
        window.show()
        qtbot.waitExposed(window)
        window.stalls.start()
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    qapp.processEvents()
    held_up = [stall for window in windows for stall in window.stalls.kept if holds_up(stall)]
    assert not held_up, "\n".join(["the window was held up", *(stall.text() for stall in held_up)])


def holds_up(stall: Stall) -> bool:
    """Whether it was the program that worked, and for too long.

    Looks through all that the suite has loaded are not the program's, which freezes its own when its window stands.
    """
    begun_s = stall.at_s - stall.wall_s
    collecting_s = sum(worked_s for ended_s, worked_s in _collections if begun_s <= ended_s <= stall.at_s)
    return bool(stall.culprit) and stall.cpu_s - collecting_s > STALLED_CPU_S


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What trainers are asked; none is started."""
    heard: list[tuple[str, ...]] = []
    monkeypatch.setattr(Trial, "ask", lambda _self, arguments, _interpreter="": heard.append(arguments))
    return heard


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[Window], None]:
    """Waits until the window has opened, diagnosed and drawn what it was asked to."""

    def wait(window: Window) -> None:
        def settled() -> bool:
            desk = window.desk
            drawn = not desk.state.runs or not window.tabs.view(desk.state.tab).pending()
            return not desk.opening and not desk.busy and drawn

        qtbot.wait(20)
        qtbot.waitUntil(settled, timeout=PATIENCE_MS)
        qtbot.wait(20)

    return wait
