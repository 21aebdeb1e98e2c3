"""What the pointer is told over curves: the table, the marks, the flags."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtWidgets import QMenu

from inspector.display.curves.scene import Marker
from inspector.session.intents import RunChosen
from inspector.session.values import RunState, ViewState
from inspector.views.curves.hover import HoverRow, ordered, placed
from tests.views.curves.acting import USUAL, at, hover, intents, scene_of, series, settled


def shown(qtbot, view, scene):
    view.set_state(RunState(key="a", paths=()), ViewState())
    view.show_scene(scene)
    settled(qtbot, view)
    for canvas in view.grid().canvases():
        canvas.grab()
    return view.grid().canvases()


def test_the_nearest_points_of_all_curves_are_told_the_nearest_first(qtbot, view):
    loss = shown(qtbot, view, scene_of(*USUAL))[1]
    hover(loss, at(loss, 103, float(np.exp(-10 / 12))))
    (table,) = view.grid().hovering.tables()
    text = table.text()
    assert text.title.startswith("step 103")
    assert [row.name for row in text.rows] == ["val", "train"]
    assert text.columns == ("value", "step")
    assert text.rows[0].cells == ("0.4346", "100")
    assert text.rows[1].cells == ("0.3679", "100")
    view.grid().hovering.sort("value")
    assert [row.name for row in table.text().rows] == ["val", "train"]
    hover(loss, at(loss, 103, float(np.exp(-1))))
    assert [row.name for row in table.text().rows] == ["val", "train"]


def test_smoothed_and_logged_values_stand_side_by_side(qtbot, view):
    values = np.arange(50.0) % 2
    (canvas,) = shown(qtbot, view, scene_of(series("loss", values), smoothing=0.9))
    hover(canvas, at(canvas, 110, 0.5))
    text = view.grid().hovering.tables()[0].text()
    assert text.columns == ("smoothed", "logged", "step")
    assert text.rows[0].cells[1:] == ("1", "110")
    # The average of TensorBoard: 0.9 of it before and a tenth of the value, over 1 - 0.9 ** count.
    average = 0.0
    for value in values[:12]:
        average = 0.9 * average + 0.1 * value
    assert float(text.rows[0].cells[0]) == pytest.approx(average / (1 - 0.9**12), rel=1e-3)


def test_step_epoch_and_time_are_told_as_far_as_the_files_tell(qtbot, view):
    steps = np.arange(50.0) * 10
    scene = msgspec.structs.replace(
        scene_of(series("loss", np.arange(50.0), steps / 100), x_axis="epoch"),
        clock_steps=steps,
        clock_epochs=steps / 100,
        clock_times=1_700_000_000 + steps,
        clock_origin=1_700_000_000.0,
    )
    (canvas,) = shown(qtbot, view, scene)
    hover(canvas, at(canvas, 2.0, 20.0))
    parts = view.grid().hovering.tables()[0].text().title.split(" · ")
    assert parts[0].startswith("epoch 2")
    assert parts[1].startswith("step 2")
    assert parts[2].startswith("3 min 2")
    assert parts[3].startswith("2023-11-1")


def test_the_table_follows_the_pointer_and_never_leaves_the_window() -> None:
    room = QRect(0, 0, 500, 300)
    size = QSize(200, 100)
    for corner in (QPoint(0, 0), QPoint(499, 0), QPoint(0, 299), QPoint(499, 299), QPoint(250, 150)):
        area = QRect(placed(size, corner, room), size)
        assert room.contains(area)
        assert not area.contains(corner)


def test_the_table_goes_when_the_pointer_leaves(qtbot, view):
    canvas = shown(qtbot, view, scene_of(*USUAL))[0]
    hover(canvas, at(canvas, 100, 5e-4))
    assert len(view.grid().hovering.tables()) == 1
    canvas.leaveEvent(None)
    assert view.grid().hovering.tables() == []


def test_a_table_is_kept_by_the_menu_and_closed_by_its_cross(qtbot, view):
    canvas = shown(qtbot, view, scene_of(*USUAL))[1]
    place = at(canvas, 100, 0.4)
    canvas.menu_wanted.emit(canvas.mapToGlobal(place))
    menu = view.findChild(QMenu)
    next(action for action in menu.actions() if action.data() == "pin").trigger()
    menu.close()
    (table,) = view.grid().hovering.tables()
    assert table.pinned
    assert {row.name for row in table.text().rows} == {"train", "val"}
    order = view.grid().hovering.order
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(40, 34))
    assert view.grid().hovering.order != order
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(table.width() - 13, 15))
    assert view.grid().hovering.tables() == []


def test_rows_that_are_not_finite_stand_last() -> None:
    def row(name, value, away):
        return HoverRow(trace=0, name=name, ink=0, value=value, cells=(), away_px=away)

    rows = [row("gap", float("nan"), float("inf")), row("low", 1.0, 2.0), row("high", 5.0, 9.0)]
    assert [one.name for one in ordered(rows, "nearness")] == ["low", "high", "gap"]
    assert [one.name for one in ordered(rows, "value")] == ["high", "low", "gap"]


def test_other_cards_tell_their_values_at_the_pointer(qtbot, view):
    canvases = shown(qtbot, view, scene_of(*USUAL))
    hover(canvases[1], at(canvases[1], 105, 0.5))
    assert view.grid().cards()[3].legend._values == (10.0,)


MARKERS = (
    Marker(x=100.0, kind="checkpoint", label="step_100.pt", opens="/run/step_100.pt"),
    Marker(x=300.0, kind="finding", label="Loss is rising", opens="loss-rising"),
    Marker(x=400.0, kind="seam", label="attempt 2 begins at step 400"),
    Marker(x=0.0, until=50.0, kind="warm-up", label="warm-up", panel="lr"),
)


def test_a_press_on_a_marker_opens_what_it_marks(qtbot, view):
    scene = msgspec.structs.replace(scene_of(*USUAL), markers=MARKERS)
    canvas = shown(qtbot, view, scene)[1]
    told = intents(view)
    findings: list[str] = []
    view.finding.connect(findings.append)
    foot = round(canvas.pixel_of(0, canvas.y_range()[0]).y())
    for x in (100, 300):
        place = QPoint(round(canvas.pixel_of(x, 0.5).x()), foot)
        assert canvas.says_at(QPointF(place))
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert told == [RunChosen("a", "/run/step_100.pt")]
    assert findings == ["loss-rising"]
    hover(canvas, QPoint(round(canvas.pixel_of(400, 0.5).x()), foot))
    (table,) = view.grid().hovering.tables()
    assert table.text().notes == ("attempt 2 begins at step 400 · 400",)


def test_a_press_where_no_marker_can_be_opened_puts_the_cursor(qtbot, view):
    scene = msgspec.structs.replace(scene_of(*USUAL), markers=MARKERS)
    canvas = shown(qtbot, view, scene)[1]
    told = intents(view)
    place = QPoint(round(canvas.pixel_of(400, 0.5).x()), round(canvas.pixel_of(0, canvas.y_range()[0]).y()) - 1)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert told[-1].step == pytest.approx(400, abs=3)


def test_a_warm_up_is_shaded_in_its_own_panel(qtbot, view):
    scene = msgspec.structs.replace(scene_of(*USUAL), markers=MARKERS)
    plain = [canvas.grab().toImage() for canvas in shown(qtbot, view, scene_of(*USUAL))[:2]]
    marked = [canvas.grab().toImage() for canvas in shown(qtbot, view, scene)[:2]]
    canvas = view.grid().canvases()[0]
    place = QPoint(round(canvas.pixel_of(25, 0).x()), 30)
    assert plain[0].pixelColor(place) != marked[0].pixelColor(place)
    assert plain[1].pixelColor(place) == marked[1].pixelColor(place)


def test_points_beyond_the_range_are_told_at_the_edge(qtbot, view):
    values = np.ones(400)
    values[200] = 1e6
    (canvas,) = shown(qtbot, view, scene_of(series("loss", values), ignore_outliers=True))
    arrow = canvas.picture().arrows[0]
    assert "1 point above" in canvas.says_at(QPointF(arrow.x_px, canvas.pixel_of(0, canvas.y_range()[1]).y() + 2))
