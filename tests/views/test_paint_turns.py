"""Canvases that take turns in being painted."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inspector.views.plot.turns import PaintTurns


class _Painted(QWidget):
    def __init__(self, name: str, log: list[str]) -> None:
        super().__init__()
        self._name, self._log = name, log

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._log.append(self._name)


def _row(qtbot: QtBot) -> tuple[QWidget, list[_Painted], list[str]]:
    log: list[str] = []
    whole = QWidget()
    qtbot.addWidget(whole)
    row = QHBoxLayout(whole)
    widgets = [_Painted(name, log) for name in "abc"]
    for widget in widgets:
        row.addWidget(widget)
    whole.resize(300, 100)
    whole.show()
    qtbot.waitExposed(whole)
    qtbot.waitUntil(lambda: set(log) == set("abc"))
    log.clear()
    return whole, widgets, log


def test_widgets_are_painted_one_in_a_turn_and_each_once(qtbot: QtBot) -> None:
    _whole, widgets, log = _row(qtbot)
    turns = PaintTurns()
    for widget in (*widgets, *widgets[1:]):
        turns.update(widget)
    seen: list[str] = []
    turns._timer.timeout.connect(lambda: seen.append("".join(log)))
    qtbot.waitUntil(lambda: not turns._timer.isActive())
    qtbot.wait(20)
    assert log == ["a", "b", "c"]
    assert seen == ["a", "ab", "abc"]


def test_a_widget_that_went_or_is_hidden_takes_no_turn(qtbot: QtBot) -> None:
    import shiboken6

    _whole, widgets, log = _row(qtbot)
    turns = PaintTurns()
    for widget in widgets:
        turns.update(widget)
    shiboken6.delete(widgets[1])
    qtbot.waitUntil(lambda: not turns._timer.isActive())
    qtbot.wait(20)
    assert log.count("b") == 0
    assert "c" in log
    widgets[0].hide()
    qtbot.wait(20)
    log.clear()
    turns.update(widgets[2])
    turns.update(widgets[0])
    qtbot.waitUntil(lambda: not turns._timer.isActive())
    qtbot.wait(20)
    assert log == ["c"]
