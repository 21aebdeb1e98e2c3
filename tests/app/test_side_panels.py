"""What a narrow window does without, and how it comes back; and that nothing in its strips is cut off."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector.app.sheets import Sheet
from inspector.app.side_panels import FINDINGS, RUNS
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.intents import TabChosen
from inspector.views.controls import CONTROL_PX
from tests.app.conftest import PATIENCE_MS


def test_panels_give_way_in_a_narrow_window_and_come_back_when_wanted(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot
) -> None:
    window = make_window()
    window.resize(1050, 600)
    window.welcome.setFocus()
    window.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(window)
    buttons = window.top_bar.panels

    def shown() -> tuple[bool, bool]:
        seen = window.tree.isVisible(), window.side.isVisible()
        assert (buttons[RUNS].isChecked(), buttons[FINDINGS].isChecked()) == seen
        return seen

    assert window.focusWidget() is window, "no tab has the keys of commands"
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: shown() == (True, True))
    window.tree.setFocus()
    for width_px, wanted in ((1600, (True, True)), (1050, (False, True)), (800, (False, False))):
        window.resize(width_px, 600)
        qtbot.waitUntil(lambda wanted=wanted: shown() == wanted)
    qtbot.waitUntil(lambda: window.tabs.width() == 800)  # the views have all of it
    assert window.focusWidget() is window, "no tab has the keys of commands"
    tabs = [window.tabs.strip.tab(key) for key in ("triage", "slots", "media")]
    assert all(tab.width() >= tab.sizeHint().width() for tab in tabs)
    qtbot.mouseClick(buttons[FINDINGS], Qt.MouseButton.LeftButton)
    assert shown() == (False, True)
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert shown() == (True, True)
    window.resize(820, 620)
    qtbot.waitUntil(lambda: window.width() == 820)
    assert shown() == (True, True), "what was wanted stays"
    window.commands.run(FINDINGS)
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: shown() == (True, True))
    window.commands.run(RUNS)
    window.resize(1500, 1000)
    qtbot.waitUntil(lambda: window.width() == 1500)
    assert shown() == (False, True)

    window.commands.run(RUNS)
    window.resize(1600, 1000)
    for viewer in ("points", "slots", "features"):
        window.desk.dispatch(TabChosen(viewer))
        settle(window)
        assert window.tabs.view(viewer).toolbar.height() < 2 * CONTROL_PX, f"{viewer}: its controls are one row"

    window.resize(800, 480)
    window.desk.dispatch(TabChosen("features"))
    settle(window)
    view = window.tabs.view("features")
    parts = (view.toolbar, view.channels, view.card, view.gallery)
    seen = [part.geometry().translated(part.parentWidget().mapTo(view, part.pos()) - part.pos())
            for part in parts if part.isVisible()]  # fmt: skip
    assert not any(one.intersects(other) for place, one in enumerate(seen) for other in seen[place + 1 :])
    assert not view.gallery.isVisible()
    for key in ("about", "shortcuts", "stalls", "dump_roles", "export_samples", "preferences"):
        window.commands.run(key)
        (page,) = (one for one in window.children() if isinstance(one, Sheet) and one.isVisible())
        assert window.rect().contains(page.geometry()), key
        page.hide()
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: view.gallery.isVisible() and view.card.isVisible())
