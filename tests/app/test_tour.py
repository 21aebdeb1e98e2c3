"""The tour of the window: offered once, at a first start; four steps, by keys alone, that take nothing away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inspector.app.tour import STEPS, beside
from inspector.app.window import Window
from inspector.core.places import config_folder
from inspector.session.store import SESSION_FILE, save_session
from inspector.session.tour_store import TOUR_FILE, keep_tour_seen, tour_is_due
from inspector.session.values import State


@pytest.fixture
def window(qtbot: QtBot, make_window: Callable[..., Window]) -> Window:
    made = make_window()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def press(qtbot: QtBot, window: Window, key: Qt.Key) -> QWidget | None:
    qtbot.keyClick(QApplication.focusWidget() or window, key)
    return QApplication.focusWidget()


def test_it_is_due_until_a_window_was_closed_or_it_was_seen() -> None:
    assert tour_is_due()
    save_session(State())
    assert not tour_is_due()
    (config_folder() / SESSION_FILE).unlink()
    assert tour_is_due()
    keep_tour_seen()
    assert not tour_is_due()


def test_it_leads_through_the_sample_run_by_key_and_does_not_come_back(
    qtbot: QtBot, window: Window, settle: Callable[[Window], None]
) -> None:
    window.sheets.show_tour(unasked=True)
    tour = window.sheets.tour
    places = {
        "runs": lambda: window.welcome.box,
        "findings": lambda: window.tabs.view("triage").findings,  # type: ignore[attr-defined]  # of triage
        "cursor": lambda: window.timeline,
        "palette": lambda: window.top_bar.search,
    }
    says = {1: "Open the sample run", len(STEPS): "Done"}
    seen = []
    for number, step in enumerate(STEPS, 1):
        if number == 2:  # the sample run was opened by the first
            qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
            settle(window)
        qtbot.waitUntil(lambda now=step: tour.ring.size() == places[now.about]().size())
        assert QApplication.focusWidget() is tour.on
        assert tour.accessibleName() == f"Tour, {number} of {len(STEPS)}: {step.title}"
        assert tour.accessibleDescription() == step.text
        assert window.rect().contains(tour.geometry())
        assert not tour.geometry().intersects(tour.ring.geometry())
        assert (tour.on.text(), tour.skip.isHidden()) == (says.get(number, "Next"), number == len(STEPS))
        tour.ring.hide()
        seen.append(window.childAt(tour.ring.geometry().center()))
        tour.ring.show()
        press(qtbot, window, Qt.Key.Key_Return)
    box, line, strip, search = seen
    assert box in (window.welcome.box, *window.welcome.box.findChildren(QWidget))
    assert places["findings"]().isAncestorOf(line)
    assert strip is window.timeline.strip
    assert search is window.top_bar.search
    assert (tour.isVisible(), tour.ring.isVisible(), tour_is_due()) == (False, False, False)
    window.commands.run("tour")
    assert (tour.isVisible(), tour.at, tour.on.text()) == (True, 0, "Next")


def test_escape_skips_it_at_every_step_also_from_elsewhere_in_the_window(qtbot: QtBot, window: Window) -> None:
    for steps in range(2 * len(STEPS)):
        window.commands.run("tour")
        tour = window.sheets.tour
        for step in range(steps % len(STEPS)):
            tour._show_step(step + 1)
        if steps >= len(STEPS):
            assert press(qtbot, window, Qt.Key.Key_F6) is window.top_bar.search
        press(qtbot, window, Qt.Key.Key_Escape)
        assert (tour.isVisible(), tour.ring.isVisible(), tour_is_due()) == (False, False, False)
        (config_folder() / TOUR_FILE).unlink()
    assert not tour.isAncestorOf(press(qtbot, window, Qt.Key.Key_F6))


def test_it_takes_no_key_from_who_works_on_and_f6_leads_back_to_it(qtbot: QtBot, window: Window) -> None:
    window.sheets.show_tour()
    assert press(qtbot, window, Qt.Key.Key_F6) is window.top_bar.search
    qtbot.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    assert window.desk.state.theme == "light"
    assert window.sheets.tour.isVisible()
    assert window.welcome.isAncestorOf(press(qtbot, window, Qt.Key.Key_F6))
    assert press(qtbot, window, Qt.Key.Key_F6) is window.sheets.tour.on


def test_that_it_was_seen_and_cannot_be_kept_matters_to_nobody(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(tmp_path / "file"))
    window.sheets.show_tour()
    window.sheets.tour.close_for_good()
    assert not window.sheets.tour.isVisible()


@pytest.mark.parametrize(
    "area", [QRect(0, 0, 200, 700), QRect(300, 60, 500, 400), QRect(0, 640, 1000, 60), QRect(900, 2, 90, 24)]
)
def test_the_card_stands_beside_what_it_tells_of_inside_the_window(area: QRect) -> None:
    window, size = QRect(0, 0, 1000, 700), QSize(160, 120)
    card = QRect(beside(area, size, window), size)
    assert window.contains(card)
    assert not card.intersects(area)
    assert window.contains(QRect(beside(window, size, window), size)), "also where it can only stand in it"


def test_the_card_stands_in_the_middle_while_what_it_tells_of_is_not_seen(window: Window) -> None:
    window.sheets.show_tour()
    window.sheets.tour._show_step(2)
    assert window.timeline.isHidden() or not window.timeline.isVisible()
    assert not window.sheets.tour.ring.isVisible()
    away = window.sheets.tour.geometry().center() - window.rect().center()
    assert QPoint(abs(away.x()), abs(away.y())).manhattanLength() <= 2
