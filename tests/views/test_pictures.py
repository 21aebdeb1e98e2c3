"""The stored pictures: how they are compared, and the controls in both themes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.display.ticks import linear_ticks
from inspector.views.charts import BarChart
from inspector.views.controls import (
    Badge,
    Button,
    Card,
    Label,
    LabelledSlider,
    SearchField,
    Segmented,
)
from inspector.views.legend import Legend, LegendEntry
from inspector.views.theme import apply_theme
from inspector.views.tile_grid import TileGrid
from tests import pictures
from tests.pictures import check_picture as check
from tests.pictures import differs


def plain(level: int = 100) -> np.ndarray:
    return np.full((40, 50, 4), level, np.uint8)


def test_equal_and_nearly_equal_pictures_pass():
    near = plain()
    near[:, :, 0] += 2
    near[0, 0] += 40
    assert differs(near, plain()) == ""


def test_a_small_but_clear_mark_fails():
    marked = plain()
    marked[10, 10] = 255
    assert "155 levels" in differs(marked, plain())


def test_a_slight_difference_of_many_pixels_fails():
    shifted = plain()
    shifted[:10] += 6
    assert "25.00%" in differs(shifted, plain())


def test_another_size_fails():
    assert "50x40" in differs(plain(), plain()[:30])


def test_a_failure_leaves_picture_and_difference_behind(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "FOLDER", tmp_path)
    monkeypatch.setattr(pictures, "FAILED", tmp_path / "failed")
    one, other = Badge("4"), Badge("11")
    for badge in (one, other):
        qtbot.addWidget(badge)
        badge.resize(40, 20)
    check(one, "badge", update=True)
    check(one, "badge", update=False)
    with pytest.raises(pytest.fail.Exception, match="badge.png: .*% of the pixels differ"):
        check(other, "badge", update=False)
    assert sorted(path.name for path in (tmp_path / "failed").iterdir()) == ["badge.actual.png", "badge.diff.png"]
    with pytest.raises(pytest.fail.Exception, match="is not stored"):
        check(one, "unknown", update=False)


def controls() -> QWidget:
    page = QWidget()
    page.resize(760, 420)
    column = QVBoxLayout(page)
    bar = QHBoxLayout()
    axis = Segmented([("step", "step"), ("epoch", "epoch"), ("time", "time")])
    axis.set_value("epoch")
    slider = LabelledSlider("Smoothing")
    slider.set_value(0.6)
    switches = Segmented([("log", "log y"), ("out", "ignore outliers")], several=True)
    switches.set_values(["log"])
    for widget in (Label("X", ink="dim"), axis, slider, switches, SearchField("filter", mono=True)):
        bar.addWidget(widget)
    column.addLayout(bar)
    card = Card("Loss")
    card.head.addWidget(Badge("64"))
    legend = Legend()
    legend.set_entries(
        [
            LegendEntry(label="planned", ink="good", dashed=True),
            LegendEntry(label="recorded", ink=0),
            LegendEntry(label="old run", ink=1, dim=True),
        ]
    )
    legend.set_values([0.1, 0.25, float("nan")])
    card.column.addWidget(legend)
    chart = BarChart()
    chart.set_bars(
        np.array([1.0, 4.0, 9.0, 3.0, 0.5, np.nan, 2.0]),
        edges=np.linspace(-1, 1, 8),
        inks=["accent", "accent", "critical", "warning"],
        ticks=linear_ticks(-1, 1, 4),
    )
    chart.set_limit(5.0, "40% healthy limit")
    card.column.addWidget(chart, 1)
    buttons = QHBoxLayout()
    off = Button("Dismiss")
    off.setEnabled(False)
    for button in (Button("Stage cure", primary=True), Button("Evidence"), off, Button("Undo", icon_name="undo-2")):
        buttons.addWidget(button)
    buttons.addStretch(1)
    card.column.addLayout(buttons)
    column.addWidget(card, 1)
    grid = TileGrid(columns=6)
    grid.set_count(6)
    ramp = np.linspace(0, 255, 8 * 8).reshape(8, 8).astype(np.uint8)
    for index, tile in enumerate(grid.tiles()):
        rgba = np.dstack([ramp, ramp[::-1], ramp.T, np.full_like(ramp, 255)])
        if index == 4:
            rgba[2:6, 2:6, 3] = 0
        tile.set_picture(rgba)
        tile.set_caption(f"slot {index}", "0.6%", "#e69f00")
    grid.tile(1).set_selected(selected=True)
    grid.tile(2).set_dimmed(dimmed=True)
    grid.tile(3).set_caption([("dead", "#ff5c5c"), (" 38", "")], "★")
    column.addWidget(grid)
    return page


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_controls_look_as_stored(qtbot, qapp, check_picture, theme):
    apply_theme(qapp, theme)
    page = controls()
    qtbot.addWidget(page)
    page.show()
    check_picture(page, f"controls-{theme}")
