"""The curves view, with real mouse and keys."""

from __future__ import annotations

import gc
import weakref

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from inspector.display.curves.merge import merge
from inspector.display.curves.scene import Band, CurvesScene, Marker
from inspector.session.intents import CursorMoved, RunCompared, ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.curves.view import RunChoice
from inspector.views.theme import apply_theme
from tests.views.curves.acting import USUAL, at, drag, drawn, hover, intents, painted, scene_of, series, settled, wheel


def test_every_series_is_shown_in_its_panel(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    assert [card.title.text() for card in view.grid().cards()] == [
        "Learning rate",
        "Loss",
        "Gradient norm by module",
        "zebra",
    ]
    assert all(sum(drawn(canvas)) > 0 for canvas in view.grid().canvases())


def test_canvases_are_made_only_for_panels_in_sight(qtbot, view):
    view.show_scene(scene_of(*(series(f"metric{i}", [1, 2]) for i in range(40))))
    settled(qtbot, view)
    assert 2 <= len(view.grid().canvases()) < 20
    view.grid().verticalScrollBar().setValue(view.grid().verticalScrollBar().maximum())
    settled(qtbot, view)
    assert view.grid().cards()[-1].canvas is not None


def test_pressing_an_axis_asks_for_it(qtbot, view):
    told = intents(view)
    qtbot.mouseClick(view.bar.x_axis.segment("epoch"), Qt.MouseButton.LeftButton)
    assert told == [ViewChanged({"x_axis": "epoch"})]


def test_the_switches_ask_for_log_axes_and_for_outliers_to_be_ignored(qtbot, view):
    told = intents(view)
    qtbot.mouseClick(view.bar.switches.segment("log_y"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.bar.switches.segment("ignore_outliers"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.bar.switches.segment("log_y"), Qt.MouseButton.LeftButton)
    assert told == [
        ViewChanged({"y_scale": "log"}),
        ViewChanged({"ignore_outliers": True}),
        ViewChanged({"y_scale": "linear"}),
    ]


def test_the_smoothing_slider_asks_with_its_value_and_a_key_takes_it_off_and_back(qtbot, view):
    told = intents(view)
    view.set_state(None, ViewState(smoothing=0.3))
    middle = QPoint(view.bar.smoothing.track.width() // 2, 10)
    qtbot.mouseClick(view.bar.smoothing.track, Qt.MouseButton.LeftButton, pos=middle)
    assert told[-1].changes["smoothing"] == pytest.approx(0.495, abs=0.01)
    view.set_state(None, ViewState(smoothing=0.3))
    view.toggle_smoothing()
    assert told[-1] == ViewChanged({"smoothing": 0.0})
    view.set_state(None, ViewState(smoothing=0.0))
    view.toggle_smoothing()
    assert told[-1] == ViewChanged({"smoothing": 0.3})


def test_typing_into_the_filter_asks_once_typing_rests(qtbot, view):
    told = intents(view)
    qtbot.keyClicks(view.bar.filter, "loss")
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    assert told == [ViewChanged({"series_filter": "loss"})]


def test_state_from_the_session_is_shown_and_not_told_back(qtbot, view):
    told = intents(view)
    state = ViewState(x_axis="time", y_scale="log", smoothing=0.2, series_filter="grad")
    view.set_state(RunState(key="a", paths=()), state)
    assert (view.bar.x_axis.value(), view.bar.switches.values(), view.bar.filter.text()) == ("time", ("log_y",), "grad")
    assert view.bar.smoothing.value() == pytest.approx(0.2, abs=1e-3)
    qtbot.wait(250)
    assert told == []


def test_a_click_moves_the_cursor_of_every_panel_to_that_step(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    told = intents(view)
    canvas = view.grid().canvases()[1]
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 200, 0.5))
    qtbot.waitUntil(lambda: bool(told))
    step = told[-1].step
    assert step == pytest.approx(200, abs=3)
    assert isinstance(told[-1], CursorMoved)
    assert all(other.cursor() == pytest.approx(step, abs=1) for other in view.grid().canvases())


def test_the_cursor_can_be_dragged(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    view.set_state(RunState(key="a", paths=(), cursor_step=100), ViewState())
    settled(qtbot, view)
    told = intents(view)
    canvas = view.grid().canvases()[1]
    assert canvas.cursor() == 100
    shown = canvas.x_range()
    drag(qtbot, canvas, at(canvas, 100, 0.5), at(canvas, 300, 0.5))
    assert told[-1].step == pytest.approx(300, abs=5)
    assert canvas.x_range() == shown


def test_the_cursor_follows_the_newest_unless_a_step_is_chosen(qtbot, view):
    epochs = np.arange(50) / 5
    view.show_scene(scene_of(series("loss", np.arange(50.0), epochs), x_axis="epoch"))
    settled(qtbot, view)
    canvas = view.grid().canvases()[0]
    assert canvas.cursor() == pytest.approx(49 / 5)
    view.set_state(RunState(key="a", paths=(), cursor_step=100), ViewState(x_axis="epoch"))
    assert canvas.cursor() == pytest.approx(2.0)


def test_the_legend_tells_values_at_the_cursor(qtbot, view):
    view.show_scene(scene_of(*USUAL, smoothing=0.0))
    view.set_state(RunState(key="a", paths=(), cursor_step=100), ViewState())
    settled(qtbot, view)
    legend = view.grid().cards()[1].legend
    assert legend._values == pytest.approx((np.exp(-1.0), np.exp(-10 / 12)))


def test_a_press_on_the_legend_hides_a_curve_and_shows_it_again(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    card = view.grid().cards()[1]
    assert [layer.trace for layer in painted(card.canvas)] == [1, 0]
    place = card.legend.entry_area(0).center().toPoint()
    qtbot.mouseClick(card.legend, Qt.MouseButton.LeftButton, pos=place)
    assert [layer.trace for layer in painted(card.canvas)] == [1]
    qtbot.mouseClick(card.legend, Qt.MouseButton.LeftButton, pos=place)
    assert [layer.trace for layer in painted(card.canvas)] == [1, 0]


def test_the_wheel_zooms_at_the_pointer_in_every_panel_and_a_double_click_fits(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    first, second = view.grid().canvases()[:2]
    before = first.x_range()
    wheel(second, at(second, 100, 0.5), 3)
    qtbot.wait(5)
    low, high = second.x_range()
    assert high - low == pytest.approx((before[1] - before[0]) * 0.85**3, rel=1e-3)
    assert (100 - low) / (high - low) == pytest.approx((100 - before[0]) / (before[1] - before[0]), abs=0.01)
    assert first.x_range() == pytest.approx((low, high))
    place = at(second, 100, 0.5)
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(second, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseRelease(second, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: first.x_range() == pytest.approx(before))
    assert second.x_range() == pytest.approx(before)


def test_keys_pan_zoom_and_fit_every_panel(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    first, second = view.grid().canvases()[:2]
    before, across = first.x_range(), second.y_range()
    second.setFocus()
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
        qtbot.keyClick(second, key)
    wide = (before[1] - before[0]) * 0.85
    assert first.x_range() == second.x_range()
    assert second.x_range()[1] - second.x_range()[0] == pytest.approx(wide)
    low = second.x_range()[0]
    qtbot.keyClick(second, Qt.Key.Key_Right)
    assert second.x_range()[0] == pytest.approx(low + 0.1 * wide)
    qtbot.keyClick(second, Qt.Key.Key_Up)
    assert second.y_range()[0] > across[0] + 0.075 * (across[1] - across[0])
    qtbot.keyClick(second, Qt.Key.Key_Home)
    assert first.x_range() == pytest.approx(before)
    assert second.y_range() == pytest.approx(across)


def test_shift_and_wheel_zooms_x_alone_and_alt_y_alone(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    canvas = view.grid().canvases()[1]
    x, y = canvas.x_range(), canvas.y_range()
    wheel(canvas, at(canvas, 100, 0.5), 2, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.x_range() != pytest.approx(x)
    assert canvas.y_range() == pytest.approx(y)
    x = canvas.x_range()
    wheel(canvas, at(canvas, 100, 0.5), 2, Qt.KeyboardModifier.AltModifier)
    assert canvas.x_range() == pytest.approx(x)
    assert canvas.y_range() != pytest.approx(y)


def test_a_drag_pans_and_a_drag_with_ctrl_boxes(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    canvas = view.grid().canvases()[1]
    low, high = canvas.x_range()
    drag(qtbot, canvas, at(canvas, 300, 0.5), at(canvas, 200, 0.5))
    assert canvas.x_range()[1] - canvas.x_range()[0] == pytest.approx(high - low)
    assert canvas.x_range()[0] == pytest.approx(low + 100, abs=6)
    view.fit()
    drag(qtbot, canvas, at(canvas, 100, 0.8), at(canvas, 200, 0.2), Qt.KeyboardModifier.ControlModifier)
    assert canvas.x_range() == pytest.approx((100, 200), abs=8)


def test_a_growing_run_keeps_the_camera_where_the_user_put_it(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    canvas = view.grid().canvases()[0]
    longer = tuple(series(one.tag, np.append(one.values, 1.0)) for one in USUAL)
    view.show_scene(scene_of(*longer))
    assert canvas.x_range()[1] > 500
    wheel(canvas, at(canvas, 100, 5e-4), 3)
    moved = canvas.x_range()
    view.show_scene(scene_of(*USUAL))
    assert canvas.x_range() == pytest.approx(moved)
    assert view.grid().canvases()[0] is canvas
    view.show_scene(scene_of(*USUAL, x_axis="step", y_scale="log"))
    view.fit()
    assert canvas.x_range() != pytest.approx(moved)


def test_a_log_axis_shows_decades(qtbot, view):
    view.show_scene(scene_of(series("grad_norm/a", [1e-6, 1e-2, 1.0]), y_scale="log", smoothing=0.0))
    settled(qtbot, view)
    canvas = view.grid().canvases()[0]
    low, high = canvas.y_range()
    assert low == pytest.approx(1e-6, rel=1)
    assert high == pytest.approx(1.0, rel=1.5)
    texts = [tick.text for tick in canvas.ticks()[1]]
    assert set(texts) <= {"1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1"}
    assert len(texts) >= 3


def test_a_filter_that_hides_everything_says_so_and_stays_in_reach(qtbot, view):
    view.set_state(None, ViewState(series_filter="nothing"))
    view.show_scene(scene_of(*USUAL, filter="nothing"))
    assert view.message() == ""
    assert not view._nothing.isHidden()
    assert "“nothing”" in view._nothing.text()
    assert view.bar.filter.isVisible()


def test_a_bad_expression_is_marked_and_notes_are_shown(qtbot, view):
    view.show_scene(scene_of(*USUAL, filter="/(/"))
    assert view.bar.filter.wrong
    view.show_scene(scene_of(*USUAL, x_axis="epoch"))
    assert not view._notes.isHidden()
    assert "epoch" in view._notes.text()
    assert view.bar.x_axis.value() == "step"


def test_compared_runs_can_be_taken_off_and_put_on(qtbot, view):
    told = intents(view)
    view.set_runs([RunChoice(key="p", name="parent", shown=True), RunChoice(key="q", name="other", shown=False)])
    qtbot.mouseClick(view.bar.compare.segment("p"), Qt.MouseButton.LeftButton)
    assert told == [RunCompared("p", shown=False)]
    qtbot.mouseClick(view.bar.compare.segment("+"), Qt.MouseButton.LeftButton)
    menu = view.findChild(QMenu)
    assert [action.text() for action in menu.actions()] == ["other"]
    menu.actions()[0].trigger()
    assert told[-1] == RunCompared("q", shown=True)
    menu.close()


def test_a_merged_scene_draws_the_other_run_too(qtbot, view):
    mine, theirs = scene_of(series("loss", [1, 2, 3])), scene_of(series("loss", [3, 2, 1, 0]))
    view.show_scene(merge([mine, theirs], ["child", "parent"]))
    settled(qtbot, view)
    labels = [entry.label for entry in view.grid().cards()[0].legend._entries]
    assert labels == ["loss · child", "loss · parent"]


def test_showing_a_scene_again_leaks_nothing(qtbot, view):
    scene = scene_of(*USUAL)
    view.show_scene(scene)
    settled(qtbot, view)
    cards = [weakref.ref(card) for card in view.grid().cards()]
    view.show_scene(scene)
    assert [card() for card in cards] == view.grid().cards()
    view.show_scene(scene_of(USUAL[0]))
    qtbot.wait(5)
    gc.collect()
    assert [card() is not None for card in cards] == [True, False, False, False]


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, np.nan], [np.inf, 1.0], [2.0] * 5], ids=str)
@pytest.mark.parametrize("y_scale", ["linear", "log"])
def test_odd_series_are_shown_without_complaint(qtbot, view, values, y_scale):
    view.show_scene(scene_of(series("loss", values), y_scale=y_scale))
    settled(qtbot, view)
    assert [card.panel.title for card in view.grid().cards()] == ["Loss"]
    view.grab()  # an exception while painting fails the test


def test_switching_the_theme_recolours_the_curves(qtbot, qapp, view):
    view.show_scene(scene_of(*USUAL))
    settled(qtbot, view)
    canvas = view.grid().canvases()[1]
    dark = canvas.grab().toImage().pixelColor(2, 2).name()
    apply_theme(qapp, "light")
    qtbot.waitUntil(lambda: canvas.grab().toImage().pixelColor(2, 2).name() != dark)


def rich_scene() -> CurvesScene:
    """Two runs with gaps and infinities, marks on the axis, a band, an outlier, a long name."""
    rng = np.random.default_rng(0)
    fall = np.exp(-np.arange(200) / 60) + 0.05 * rng.random(200)
    fall[120], fall[150] = np.nan, np.inf
    accuracy = 0.5 + 0.1 * rng.random(200)
    accuracy[60] = 9.0
    changes = {"y_scale": "log", "smoothing": 0.6, "ignore_outliers": True}
    mine = scene_of(
        series("lr/main", np.linspace(1e-3, 1e-4, 200)),
        series("train/loss", fall),
        series("val/loss", fall[::2] * 1.1),
        series("val/fg_ari", accuracy),
        series("grad_norm/encoder", np.exp(rng.standard_normal(4000))[:200]),
        series(f"grad_norm/{'decoder.blocks.' * 4}weight", 1e-4 * np.exp(rng.standard_normal(200))),
        **changes,
    )
    other = scene_of(series("train/loss", fall * 1.4), **changes)
    merged = merge([mine, other], ["child", "parent"])
    x = np.linspace(0, 2000, 40)
    band = Band(x=x, low=0.4 * np.exp(-x / 600), high=0.9 * np.exp(-x / 600), label="usual", source="a rule")
    panels = tuple(
        msgspec.structs.replace(panel, bands=(band,)) if panel.title == "Loss" else panel for panel in merged.panels
    )
    markers = (
        Marker(x=500.0, kind="checkpoint", label="a.pt", opens="/a.pt"),
        Marker(x=700.0, kind="dump", label="a.h5", opens="/a.h5"),
        Marker(x=1200.0, kind="seam", label="attempt 2"),
        Marker(x=1600.0, kind="finding", label="rising", opens="rising", severity="warning"),
        Marker(x=0.0, until=250.0, kind="warm-up", label="warm-up", panel="lr"),
    )
    return msgspec.structs.replace(merged, panels=panels, markers=markers)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_view_looks_as_stored(qtbot, qapp, view, check_picture, theme):
    apply_theme(qapp, theme)
    view.resize(1000, 660)
    view.set_state(RunState(key="a", paths=(), cursor_step=800), ViewState(y_scale="log", smoothing=0.6))
    view.show_scene(rich_scene())
    settled(qtbot, view)
    canvas = view.grid().cards()[1].canvas
    canvas.grab()
    hover(canvas, at(canvas, 1000, 0.2))
    check_picture(view, f"curves-{theme}")
