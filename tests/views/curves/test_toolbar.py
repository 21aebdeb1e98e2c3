"""The controls above curves, the expressions and the table."""

from __future__ import annotations

import csv
import io

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu

from inspector.session.intents import RunCompared, ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.curves.table import COLUMNS
from inspector.views.curves.view import RunChoice
from tests.views.curves.acting import USUAL, intents, painted, scene_of, series, settled


def choose(view, button, text: str) -> None:
    """Open a menu and press one of its items."""
    button.click()
    menu = next(menu for menu in view.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("wall time", {"x_axis": "wall"}),
        ("samples", {"x_axis": "samples"}),
        ("val/loss", {"x_axis": "metric", "x_metric": "val/loss"}),
    ],
)
def test_farther_axes_and_metrics_are_chosen_by_a_menu(qtbot, view, text, changes):
    view.show_scene(scene_of(*USUAL))
    told = intents(view)
    choose(view, view.bar.x_more, text)
    assert told == [ViewChanged(changes)]


def test_the_view_menu_sets_scales_smoothing_ranges_and_sizes(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    told = intents(view)
    choose(view, view.bar.more, "Gaussian")
    choose(view, view.bar.more, "symmetric logarithmic")
    choose(view, view.bar.more, "One range for each group")
    choose(view, view.bar.more, "Zero on every linear axis")
    choose(view, view.bar.more, "large")
    assert [one.changes for one in told] == [
        {"smoothing_kind": "gaussian"},
        {"y_scale": "symlog"},
        {"shared_y": True},
        {"from_zero": True},
        {"panel_size": "large"},
    ]


def test_the_menu_shows_what_the_session_holds(qtbot, view):
    state = ViewState(y_scale="symlog", x_scale="log", smoothing_kind="median", shared_y=True, collapsed_panels=("a",))
    view.set_state(None, state)
    on = {item.key for item in view.bar.more.items() if item.on}
    choices = {"smoothing_kind:median", "y_scale:symlog", "x_scale:log", "seed_spread:range", "panel_size:medium"}
    assert on == {*choices, "shared_y"}
    assert next(item for item in view.bar.more.items() if item.key == "unfold").enabled


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_curves_are_drawn_over_logarithmic_axes(qtbot, view, scale):
    values = np.concatenate([[-5.0, 0.0], np.geomspace(1e-4, 1e4, 48)])
    view.show_scene(scene_of(series("thing/a", values), x_scale=scale, y_scale=scale))
    settled(qtbot, view)
    canvas = view.grid().canvases()[0]
    (layer,) = painted(canvas)
    assert np.isfinite(layer.stroke.points).all(axis=1).sum() >= 40
    x_ticks, y_ticks = canvas.ticks()
    assert len(x_ticks) >= 2
    assert len(y_ticks) >= 3


def test_an_expression_is_added_by_enter_and_removed_by_its_cross(qtbot, view):
    view.show_scene(scene_of(*USUAL))
    told = intents(view)
    choose(view, view.bar.more, "Add expression…")
    field = view.bar.formulas.field
    assert field.isVisible()
    qtbot.keyClicks(field, "val/loss - train/loss")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told == [ViewChanged({"expressions": ("val/loss - train/loss",)})]
    view.set_state(None, ViewState(expressions=("val/loss - train/loss",)))
    (chip,) = view.bar.formulas.chips()
    assert chip.isVisible()
    qtbot.mouseClick(chip.cross, Qt.MouseButton.LeftButton)
    assert told[-1] == ViewChanged({"expressions": ()})


def test_what_is_wrong_with_an_expression_stands_beside_it(qtbot, view):
    expressions = ("val/loss - train/loss", "val/loss - nothing")
    view.set_state(None, ViewState(expressions=expressions))
    scene = scene_of(*USUAL, expressions=expressions)
    view.show_scene(scene)
    good, bad = view.bar.formulas.chips()
    assert not good.error.isVisible()
    assert bad.error.isVisible()
    assert "nothing" in bad.error.text()


def test_a_wrong_pattern_is_said_and_how_many_are_hidden(qtbot, view):
    view.show_scene(scene_of(*USUAL, filter="/(/"))
    assert view.bar.filter.wrong
    assert view.bar.hidden.isVisible()
    assert view.bar.hidden.text() == "not a regular expression"
    assert "regular expression" in view.bar.hidden.toolTip()
    view.show_scene(scene_of(*USUAL, filter="val/*"))
    assert not view.bar.filter.wrong
    assert view.bar.hidden.text() == "4 hidden"


def test_seeds_are_grouped_by_a_switch_beside_compared_runs(qtbot, view):
    told = intents(view)
    view.set_runs([RunChoice(key="p", name="seed 2", shown=True)])
    qtbot.mouseClick(view.bar.compare.segment("seeds"), Qt.MouseButton.LeftButton)
    assert told == [ViewChanged({"group_seeds": True})]


def switches(view):
    return [button for button in view.bar.compare.findChildren(QAbstractButton) if button.isVisible()]


def test_of_many_compared_runs_a_few_have_switches_and_every_one_is_in_the_menu(qtbot, view):
    told = intents(view)
    view.show_scene(scene_of(*USUAL))
    view.resize(1600, 700)
    names = [f"a run with a long name {index}" for index in range(50)]
    view.set_runs([RunChoice(key=name, name=name, shown=index != 7) for index, name in enumerate(names)])
    assert [button.text() for button in switches(view)[4:]] == ["+ 45 more", "group seeds"]
    qtbot.mouseClick(view.bar.compare.segment("+"), Qt.MouseButton.LeftButton)
    menu = view.findChild(QMenu)
    actions = menu.actions()
    assert [action.data() for action in actions] == names
    assert [action.data() for action in actions if not action.isChecked()] == [names[7]]
    actions[7].trigger()
    actions[30].trigger()
    menu.close()
    assert told == [RunCompared(names[7], shown=True), RunCompared(names[30], shown=False)]


@pytest.mark.parametrize("width_px", [420, 640, 1000, 1600])
def test_the_toolbar_never_grows_over_its_width(qtbot, view, width_px):
    view.show_scene(scene_of(*USUAL))
    view.set_runs([RunChoice(key=str(index), name=f"a long name of run {index}", shown=True) for index in range(50)])
    view.resize(width_px, 700)
    qtbot.waitUntil(lambda: view.bar.compare.geometry().right() < view.bar.table.geometry().left())
    assert view.bar.geometry().right() <= width_px
    assert view.bar.filter.geometry().right() <= view.bar.width()
    assert all(button.width() >= button.sizeHint().width() for button in switches(view))


def compared(view, qtbot):
    scene = scene_of(*USUAL)
    loss = scene.panels[1]
    lines = tuple(
        msgspec.structs.replace(line, run=run, label=f"{line.label} · {run}")
        for run in ("one", "two")
        for line in loss.lines
    )
    panels = (msgspec.structs.replace(loss, lines=lines),)
    view.show_scene(msgspec.structs.replace(scene, panels=panels, runs=("one", "two"), run_inks=(0, 1)))
    settled(qtbot, view)
    return view.grid().canvases()[0]


def test_a_legend_of_runs_hides_shows_alone_and_brings_forward(qtbot, view):
    canvas = compared(view, qtbot)
    area = view.runs.entry_area(1).center().toPoint()
    qtbot.mouseClick(view.runs, Qt.MouseButton.LeftButton, pos=area)
    assert {layer.trace for layer in painted(canvas)} == {0, 1}
    qtbot.mouseClick(view.runs, Qt.MouseButton.LeftButton, pos=area)
    qtbot.mouseClick(view.runs, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, area)
    assert {layer.trace for layer in painted(canvas)} == {2, 3}
    qtbot.mouseClick(view.runs, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, area)
    qtbot.mouseMove(view.runs, area)
    assert {layer.trace for layer in painted(canvas) if layer.share == 1.0} == {2, 3}


def opened(qtbot, view, scene):
    view.show_scene(scene)
    settled(qtbot, view)
    qtbot.mouseClick(view.bar.table, Qt.MouseButton.LeftButton)
    assert view.table().isVisible()
    assert not view.grid().isVisible()
    return view.table()


def cell(table, row: int, name: str) -> str:
    return table.rows.data(table.rows.index(row, COLUMNS.index(name)))


def test_the_table_tells_best_last_and_the_value_at_the_cursor(qtbot, view):
    view.set_state(RunState(key="a", paths=(), cursor_step=100), ViewState())
    loss = [3.0, 1.0, 0.5, 0.75, *([2.0] * 10), np.nan]
    table = opened(qtbot, view, scene_of(series("train/loss", loss), series("val/acc", [0.1, 0.9, 0.8])))
    assert table.rows.rowCount() == 2
    row = [cell(table, 0, name) for name in COLUMNS]
    assert row == ["▬ train/loss", "", "0.5", "20", "2", "2", "15", "1"]
    assert cell(table, 1, "Best") == "0.9"
    assert table.isColumnHidden(COLUMNS.index("Run"))
    view.resize(420, 400)
    qtbot.waitUntil(lambda: table.viewport().width() < 420)
    assert table.columnWidth(0) >= 200
    view.set_state(RunState(key="a", paths=(), cursor_step=20), ViewState(curves_page="table"))
    assert cell(table, 0, "At cursor") == "0.5"
    qtbot.mouseClick(view.bar.table, Qt.MouseButton.LeftButton)
    assert view.grid().isVisible()


def test_the_session_keeps_the_table_and_what_the_band_of_seeds_shows(qtbot, view):
    told = intents(view)
    table = opened(qtbot, view, scene_of(series("train/loss", [3.0, 1.0])))
    view.bar.more.chosen.emit("seed_spread:deviation")
    assert [intent.changes for intent in told] == [{"curves_page": "table"}, {"seed_spread": "deviation"}]
    view.set_state(None, ViewState())
    assert (table.isVisible(), view.grid().isVisible(), view.bar.table.isChecked()) == (False, True, False)
    view.set_state(None, ViewState(curves_page="table"))
    assert (table.isVisible(), view.grid().isVisible(), view.bar.table.isChecked()) == (True, False, True)


def test_a_press_on_a_heading_sorts_and_what_is_no_number_stands_last(qtbot, view):
    scene = scene_of(series("a/x", [2.0]), series("b/x", [np.nan]), series("c/x", [1.0]), series("d/x", [3.0]))
    table = opened(qtbot, view, scene)
    header = table.header()
    last = COLUMNS.index("Last")
    place = header.viewport().rect().center()
    place.setX(header.sectionViewportPosition(last) + 20)
    orders = []
    for _ in range(2):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        orders.append([cell(table, row, "Last") for row in range(4)])
    assert sorted(orders) == [["1", "2", "3", ""], ["3", "2", "1", ""]]


def test_the_table_is_copied_as_tsv_with_numbers_in_full(qtbot, view):
    table = opened(qtbot, view, scene_of(series("train/loss", [1 / 3, 0.123456789012345])))
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    rows = list(csv.reader(io.StringIO(QApplication.clipboard().text()), delimiter="\t"))
    assert rows[0] == list(COLUMNS)
    assert rows[1][0] == "train/loss"
    assert float(rows[1][2]) == 0.123456789012345
