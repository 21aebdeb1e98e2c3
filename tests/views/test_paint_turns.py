"""Canvases that take turns in being painted, and pictures that take several turns."""

from __future__ import annotations

import numpy as np
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector.analysis.pyramid import pyramid_of
from inspector.views.plot.drawing import Drawing
from inspector.views.plot.plot import CurvePlot
from inspector.views.plot.turns import PaintTurns
from inspector.views.theme import tokens
from inspector.views.traces import Trace


class _Painted(QObject):
    def __init__(self, name: str, log: list[str], turns: int = 1) -> None:
        super().__init__()
        self._name, self._log, self._left = name, log, turns

    def take_turn(self) -> bool:
        self._log.append(self._name)
        self._left -= 1
        return self._left > 0


def test_each_is_whole_before_the_next_begins_and_one_paints_in_a_turn(qtbot: QtBot) -> None:
    turns, log, seen = PaintTurns(), [], []
    painted = [_Painted("a", log), _Painted("b", log, turns=2), _Painted("c", log)]
    for one in (*painted, *painted[1:]):
        turns.want(one)
    turns._timer.timeout.connect(lambda: seen.append("".join(log)))
    qtbot.waitUntil(lambda: not turns._timer.isActive())
    assert seen == ["a", "ab", "abb", "abbc"]


def test_one_that_went_takes_no_turn(qtbot: QtBot) -> None:
    turns, log = PaintTurns(), []
    painted = [_Painted(name, log) for name in "abc"]
    for one in painted:
        turns.want(one)
    shiboken6.delete(painted[1])
    qtbot.waitUntil(lambda: not turns._timer.isActive())
    assert log == ["a", "c"]


def _noisy(curves: int) -> Drawing:
    rng = np.random.default_rng(0)
    parts = [pyramid_of(np.arange(9000.0), rng.standard_normal(9000)) for _ in range(curves)]
    return Drawing(traces=tuple(Trace(label=str(index), ink=index, parts=(part,)) for index, part in enumerate(parts)))


def _shown(qtbot: QtBot, curves: int) -> CurvePlot:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show_drawing(_noisy(curves))
    with qtbot.waitExposed(plot):
        plot.show()
    qtbot.waitUntil(lambda: not plot.unfinished())
    return plot


def test_few_curves_are_painted_in_one_turn_and_many_in_several(qtbot: QtBot) -> None:
    few, many = _shown(qtbot, 3), _shown(qtbot, 60)
    for plot, turns in ((few, 1), (many, 4)):
        plot.set_x_range(1000, 5000)
        taken = 1
        while plot.take_turn():
            taken += 1
        assert taken >= turns
        assert (taken == 1) == (turns == 1)
        assert plot.picture().frame.x_values() == plot.x_range()


def test_until_a_picture_is_whole_the_one_before_it_is_shown_where_its_curves_are_now(qtbot: QtBot) -> None:
    plot = _shown(qtbot, 60)
    before = plot.picture()
    plot.set_x_range(-9000, 9000)
    assert plot.take_turn()
    assert plot.picture() is before
    panel = tokens().panel
    area = before.frame.area
    image = plot.grab().toImage()
    level = round(area.top + area.height / 2)
    left, right = (image.pixelColor(round(area.left + area.width * share), level).name() for share in (0.25, 0.75))
    assert (left == panel, right == panel) == (True, False)
    plot.finish()
    assert plot.picture().frame.x_values() == plot.x_range()


def test_a_hand_that_moves_on_sees_whole_pictures_meanwhile(qtbot: QtBot) -> None:
    plot = _shown(qtbot, 60)
    seen = set()
    for step in range(30):
        plot.set_x_range(step * 100, 5000 + step * 100)
        plot.take_turn()
        seen.add(plot.picture().frame.camera)
    assert len(seen) > 3
    assert plot.unfinished()
    qtbot.waitUntil(lambda: not plot.unfinished())
    assert plot.picture().frame.x_values() == plot.x_range()


def test_what_is_hidden_takes_no_turn_until_it_is_seen(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    plot = CurvePlot(whole)
    plot.show_drawing(_noisy(1))
    assert not plot.take_turn()
    assert not plot.picture().layers
    with qtbot.waitExposed(whole):
        whole.show()
    qtbot.waitUntil(lambda: bool(plot.picture().layers))
