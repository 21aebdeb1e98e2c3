"""The virtual list of console lines."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.display.log.scene import LogScene
from inspector.views.log.view import LogView, make
from inspector.views.theme import apply_theme


def _scene(first: int, count: int, total: int, *, text: str = "line") -> LogScene:
    numbers = tuple(range(first + 1, first + 1 + count))
    texts = tuple(f"{text} {number}" for number in numbers)
    return LogScene(name="train.log", first=first, numbers=numbers, texts=texts, total=total, lines=total, filter="")


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> LogView:
    apply_theme(qapp, "dark")
    made = make(None)
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_only_a_window_of_lines_is_shown_and_the_bar_spans_all(view: LogView) -> None:
    view.show_scene(_scene(0, 400, 1_000_000))
    assert view.lines.shown_texts()[0] == "line 1"
    assert view.lines.verticalScrollBar().maximum() == 1_000_000 - view.lines.visible_rows()
    assert "1,000,000 lines" in view.count.text()


def test_scrolling_asks_for_the_lines_there(qtbot: QtBot, view: LogView) -> None:
    view.show_scene(_scene(0, 400, 10_000))
    with qtbot.waitSignal(view.intent) as caught:
        view.lines.verticalScrollBar().setValue(5_000)
    assert caught.args[0].changes == {"log_first": 5_000}
    view.show_scene(_scene(4_900, 400, 10_000))
    assert view.lines.shown_texts()[0] == "line 5001"


def test_a_log_that_grows_while_its_end_is_shown_stays_at_its_end(view: LogView) -> None:
    view.show_scene(_scene(0, 100, 100))
    bar = view.lines.verticalScrollBar()
    bar.setValue(bar.maximum())
    view.show_scene(_scene(0, 120, 120))
    assert view.lines.shown_texts()[-1] == "line 120"


def test_a_filter_is_told_once_typing_pauses(qtbot: QtBot, view: LogView) -> None:
    view.show_scene(_scene(0, 10, 10))
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClicks(view.search, "Epoch")
    assert caught.args[0].changes == {"log_filter": "Epoch", "log_first": 0}


def test_an_enormous_line_is_painted_without_delay(qtbot: QtBot, view: LogView) -> None:
    view.show_scene(_scene(0, 50, 50, text="x" * 4_096))
    view.lines.horizontalScrollBar().setValue(500)
    assert not view.grab().isNull()
    qtbot.mouseClick(view.copy, Qt.MouseButton.LeftButton)
