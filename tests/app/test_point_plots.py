"""In the window the plots of points come from a reader, and what is brushed in them filters the gallery at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.session.values import State
from inspector.views.points.view import PointsView
from tests.display.points.plots.made import make


def test_a_key_shows_the_plots_and_a_drag_over_one_leaves_the_samples_that_lie_there(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    dump = make(tmp_path / "points_e003.h5", samples=40, objects=1)
    window = make_window(State(tab="points"))
    window.resize(1400, 900)
    window.open_paths((str(dump.path),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    qtbot.keyClick(window, Qt.Key.Key_P)
    settle(window)
    assert window.desk.state.view.point_layout == "plots"
    view = window.tabs.view("points")
    assert isinstance(view, PointsView)
    plot = view.plots.page.cards["error"].plot
    frame = plot.frame()
    assert frame is not None
    limit = 9.0
    begin, end = (QPointF(frame.x_px(at), frame.area.center().y()).toPoint() for at in (limit, frame.x.high))
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(plot, end)
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=end)
    kept = window.desk.state.view.galleries[0].ranges[0]
    expected = {one.sample for one in dump.objects if kept.low <= one.error_px}
    assert abs(kept.low - limit) < 0.2
    assert 0 < len(expected) < 40
    assert set(view.gallery.model.samples.tolist()) == expected
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert len(view.gallery.model.samples) == 40
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert window.desk.state.view.point_layout == "grid"
