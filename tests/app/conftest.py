"""A window over a desk, closed and gone after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.desk import Desk
from inspector.app.stalls import Stalls
from inspector.app.trial import Trial
from inspector.app.window import Window
from inspector.session.values import State
from inspector.views.theme import apply_theme
from tests.app.warm_launchers import start_warm
from tests.conftest import STALLED

PATIENCE_MS = 60_000
STALLED_CPU_S = 0.1
"""A turn of the event loop in which the program worked for longer is told at the end of the suite."""


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
    """Windows as a user sees them, off screen."""
    windows: list[Window] = []

    def make(state: State | None = None, *, remember: bool = False) -> Window:
        start = state or State()
        apply_theme(qapp, start.theme)
        window = Window(Desk(start), remember=remember)
        windows.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def stalls(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Stalls]:
    """Watches the event loop during a test; what the program held it up with is told at the end of the suite."""
    watching = Stalls(qapp)
    watching.start()
    yield watching
    watching.stop()
    watching.deleteLater()
    for stall in watching.kept:
        if stall.culprit and stall.cpu_s > STALLED_CPU_S:
            request.node.user_properties.append((STALLED, stall.text()))


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
