"""The virtual list of console lines."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.display.log.judge import changes_to_show
from inspector.display.log.scene import ColouredPiece, LineNote, LogScene, Matches
from inspector.session.intents import CursorMoved, ViewChanged
from inspector.views.log.view import LogView, make
from inspector.views.theme import apply_theme, tokens


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


def _noted(**changes: object) -> LogScene:
    notes = tuple(
        LineNote("numbers", 40.0 + row, 0, (ColouredPiece(0, 4, "red", bold=False),))
        if row % 2
        else LineNote("error" if row == 2 else "", None, 3)
        for row in range(10)
    )
    return msgspec.structs.replace(_scene(0, 10, 10), notes=notes, **changes)


def _press(qtbot: QtBot, view: LogView, row: int, to: int | None = None) -> None:
    def at(row: int) -> QPoint:
        return QPoint(200, row * 18 + 9)

    viewport = view.lines.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=at(row))
    if to is not None:
        place, button = QPointF(at(to)), Qt.MouseButton
        held = (button.NoButton, button.LeftButton, Qt.KeyboardModifier.NoModifier)
        move = QMouseEvent(QEvent.Type.MouseMove, place, viewport.mapToGlobal(place), *held)
        QApplication.sendEvent(viewport, move)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=at(row if to is None else to))


def test_a_click_on_a_line_that_gave_numbers_moves_the_cursor_to_its_step(qtbot: QtBot, view: LogView) -> None:
    view.show_scene(_noted())
    told: list[object] = []
    view.intent.connect(told.append)
    _press(qtbot, view, 4)
    assert told == []
    _press(qtbot, view, 3)
    assert told == [CursorMoved(43.0)]


def test_lines_are_selected_by_dragging_and_copied(qtbot: QtBot, view: LogView, qapp: QApplication) -> None:
    view.show_scene(_noted())
    told: list[object] = []
    view.intent.connect(told.append)
    _press(qtbot, view, 1, to=3)
    assert told == []
    qtbot.keyClick(view.lines, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert qapp.clipboard().text() == "line 2\nline 3\nline 4"


def test_matches_are_counted_and_stepped_through(qtbot: QtBot, view: LogView) -> None:
    matches = Matches(count=12, place=3, before=(1, 1), after=(8, 4_000))
    view.show_scene(_noted(search="line", line=5, matches=matches))
    assert view.found.text() == "3 of 12"
    told: list[object] = []
    view.intent.connect(told.append)
    view.next.click()
    qtbot.keyClick(view.lines, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert told == [ViewChanged({"log_line": 4_000}), ViewChanged({"log_line": 1})]
    view.show_scene(_noted(search="/(/", wrong="/(/ is no regular expression: missing )"))
    assert (view.found.text(), view.seek.wrong, view.search.wrong) == ("not readable", True, False)


def test_a_line_is_gone_to_by_its_number(qtbot: QtBot, view: LogView) -> None:
    view.show_scene(_scene(0, 400, 10_000))
    told: list[object] = []
    view.intent.connect(told.append)
    for typed in ("0", "10001", "x", "9,000"):
        view.goto.setText(typed)
        qtbot.keyClick(view.goto, Qt.Key.Key_Return)
        assert view.goto.wrong == (typed != "9,000")
    assert told == [ViewChanged(changes_to_show(8_999))]
    view.show_scene(msgspec.structs.replace(_scene(8_800, 400, 10_000), line=8_999))
    assert "line 9000" in view.lines.shown_texts()


def test_following_stays_at_the_end_and_is_left_by_scrolling(view: LogView) -> None:
    view.show_scene(_scene(0, 300, 300))
    assert not view.follow.isChecked()
    view.follow.click()
    view.show_scene(_scene(0, 350, 350))
    assert (view.follow.isChecked(), view.lines.shown_texts()[-1]) == (True, "line 350")
    view.lines.verticalScrollBar().setValue(10)
    assert not view.follow.isChecked()


def test_colours_errors_and_folded_states_are_painted(view: LogView) -> None:
    view.show_scene(_scene(0, 10, 10))
    plain = view.lines.grab().toImage()
    view.show_scene(_noted())
    marked = view.lines.grab().toImage()
    inks = tokens()

    def has(image: QImage, ink: str, rows: range) -> bool:
        wanted = QColor(ink).rgb()
        return any(image.pixelColor(x, y).rgb() == wanted for y in rows for x in range(8))

    assert has(marked, inks.critical, range(36, 54))
    assert has(marked, inks.accent, range(18, 36))
    assert not has(plain, inks.critical, range(180))
    assert not has(plain, inks.accent, range(180))


def test_a_line_looked_for_by_a_point_is_told_to_the_session_once(view: LogView) -> None:
    told: list[object] = []
    view.intent.connect(told.append)
    view.show_scene(msgspec.structs.replace(_scene(0, 400, 10_000), line=200, tag="loss"))
    view.show_scene(msgspec.structs.replace(_scene(0, 400, 10_000), line=200))
    assert [one.changes for one in told if "log_tag" in one.changes] == [{"log_tag": "", "log_line": 200}]
