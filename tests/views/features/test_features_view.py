"""The Features tab shows its scene and tells what is pressed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.analysis.unit_limits import UnitLimits
from inspector.core.pulse import QUIET
from inspector.diagnosis.values import Finding, LayerEvidence, Severity, Sureness
from inspector.display.features.prepare import prepare
from inspector.display.features.scene import FeaturesAsk, FeaturesScene
from inspector.display.tokens import TOKENS
from inspector.session.values import ViewState
from inspector.views.features.channels import ChannelGrid, ChannelScroll
from inspector.views.features.view import FeaturesView, make
from inspector.views.pictures import rgba_of
from inspector.views.theme import apply_theme
from tests.display import dumps
from tests.views.acting import changes_on_click, show_view


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> FeaturesScene:
    path = dumps.write(tmp_path_factory.mktemp("features") / "d.h5")
    return prepare(FeaturesAsk(path=str(path), place="d.h5", sample=0), QUIET)


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication, scene: FeaturesScene) -> FeaturesView:
    apply_theme(qapp, "dark")
    made = make(None)
    show_view(qtbot, made, scene)
    return made


def test_a_click_on_a_layer_chooses_it(qtbot: QtBot, view: FeaturesView) -> None:
    rows = view.layers.list
    assert [layer.name for layer in rows.layers] == ["encoder.conv1", "encoder.conv2"]
    assert changes_on_click(qtbot, view, rows, QPoint(20, 10)) == {"layer": "encoder.conv1", "channel": -1}
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClick(rows, Qt.Key.Key_Up)
    assert caught.args[0].changes == {"layer": "encoder.conv1", "channel": -1}
    with qtbot.assertNotEmitted(view.intent):
        qtbot.keyClick(rows, Qt.Key.Key_Down)


def test_threshold_order_and_map_are_told(qtbot: QtBot, view: FeaturesView) -> None:
    bar = view.toolbar
    assert (bar.zero_means.text(), bar.order.text(), bar.colour_map.text()) == (
        "zero: |a| < 1e-6",
        "sort: sparsity ↓",
        "viridis",
    )
    chosen = [item.text for item in bar.zero_means.items() if item.on]
    assert chosen == ["zero: |a| < 1e-6"]
    assert "mean |a| at most 0.025 of the layer's" in [item.text for item in view.limits.menu.items() if item.on]
    for button, key, change in (
        (bar.zero_means, "0.01", {"zero_means": 0.01}),
        (view.limits.menu, "dormant:0.1", {"unit_limits": UnitLimits(dormant=0.1)}),
        (view.limits.menu, "duplicate:0.95", {"unit_limits": UnitLimits(duplicate=0.95)}),
        (view.limits.menu, "usual", {"unit_limits": UnitLimits()}),
        (bar.order, "variance", {"channel_order": "variance"}),
        (bar.order, "hide_dead", {"hide_dead": True}),
        (bar.colour_map, "grey", {"colour_map": "grey"}),
    ):
        assert key in [item.key for item in button.items()]
        with qtbot.waitSignal(view.intent) as caught:
            button.chosen.emit(key)
        assert caught.args[0].changes == change
    for page in ("spatial", "firing", "epochs"):
        assert changes_on_click(qtbot, view, bar.pages.segment(page)) == {"features_page": page}


def test_limits_that_are_not_the_usual_ones_are_told_and_kept_among_the_choices(view: FeaturesView) -> None:
    assert view.limits.menu.text() == "Limits"
    view.set_state(None, ViewState(unit_limits=UnitLimits(saturated=0.42, duplicate=0.9)))
    assert view.limits.menu.text() == "Limits: 2 changed"
    on = [item.key for item in view.limits.menu.items() if item.on]
    assert {"saturated:0.42", "duplicate:0.9", "dormant:0.025"} <= set(on)
    assert "usual" not in on


def test_a_dead_channel_is_marked_by_word_and_border(view: FeaturesView, scene: FeaturesScene) -> None:
    grid = view.channels.grid
    dead, alive = (next(i for i, t in enumerate(scene.channels) if t.state == state) for state in ("dead", "healthy"))
    picture = rgba_of(grid.grab().toImage()).astype(int)

    def border(place: int) -> np.ndarray:
        area = grid.area_of(place)
        return picture[area.top(), area.left() + 20 : area.left() + 60, :3].mean(0)

    red = np.array([int(TOKENS["dark"].critical[at : at + 2], 16) for at in (1, 3, 5)])
    assert np.abs(border(dead) - red).max() < 40
    assert np.abs(border(alive) - red).max() > 40
    assert scene.channels[dead].text == "dead"


def test_channels_that_show_the_chosen_finding_are_ringed(view: FeaturesView, scene: FeaturesScene) -> None:
    layers = ((scene.layer, (1, 4)), ("another", (2,)), (scene.layer, (3,)))
    evidence = tuple(LayerEvidence(dump="", layer=layer, channels=seen, text="") for layer, seen in layers)
    finding = Finding(
        id="x", rules=(), title="", summary="", severity=Severity.INFO, sureness=Sureness.LIKELY, evidence=evidence
    )
    ringed = []
    for place in range(3):  # that which was gone to, else the first of the layer that is shown
        view.mark(finding, place)
        ringed.append(view.channels.grid.ringed)
    assert ringed == [{1, 4}, {3}, {3}]
    view.mark(None, 0)
    assert not view.channels.grid.ringed


def test_the_bars_stand_in_the_order_of_the_tiles(qtbot: QtBot, view: FeaturesView, scene: FeaturesScene) -> None:
    assert view.bars.text_of(2) == scene.channels[2].detail
    assert view.counts.text() == scene.counts_text
    with qtbot.waitSignal(view.channels.grid.chosen) as caught:
        qtbot.mouseClick(view.channels.grid, Qt.MouseButton.LeftButton, pos=view.channels.grid.area_of(4).center())
    assert caught.args == [4]


def act(view: FeaturesView, state: ViewState, pressed: Callable[[], None], qtbot: QtBot) -> ViewState:
    """The state after what the view asks for when something is pressed, shown by the view."""
    with qtbot.waitSignal(view.intent) as caught:
        pressed()
    after = msgspec.structs.replace(state, **caught.args[0].changes)
    view.set_state(None, after)
    return after


def test_a_bar_brings_its_channel_into_sight(qtbot: QtBot, view: FeaturesView, scene: FeaturesScene) -> None:
    many = tuple(msgspec.structs.replace(scene.channels[0], channel=place) for place in range(400))
    view.show_scene(msgspec.structs.replace(scene, channels=many))
    QApplication.processEvents()
    with qtbot.waitSignal(view.intent) as caught:
        view.bars.clicked.emit(390)
    view.set_state(None, ViewState(**caught.args[0].changes))
    QApplication.processEvents()
    area = view.channels.grid.area_of(390)
    assert view.channels.grid.visibleRegion().intersects(area)


def test_a_press_beside_the_bars_chooses_nothing(view: FeaturesView, scene: FeaturesScene) -> None:
    view.bars.clicked.emit(len(scene.channels))
    assert view.channels.grid.selected is None


def test_the_whole_network_is_a_figure_in_words(view: FeaturesView, scene: FeaturesScene) -> None:
    assert view.layers.figure.text() == scene.sparsity_text
    assert view.layers.lines.text().splitlines() == list(scene.whole_lines)
    assert view.layers.key.text().splitlines() == [scene.elsewhere, scene.evidence]
    assert view.toolbar.scale.low.text() == "0"


@pytest.mark.parametrize("width", [120, 500, 1003])
def test_a_point_on_a_tile_finds_that_tile(qtbot: QtBot, width: int, scene: FeaturesScene) -> None:
    grid = ChannelGrid()
    qtbot.addWidget(grid)
    grid.resize(width, 400)
    grid.show_tiles(scene.channels, scene.maps)
    assert [grid.place_at(grid.area_of(place).center()) for place in range(8)] == list(range(8))
    last = grid.area_of(0)
    assert grid.place_at(QPoint(last.right() + 4, last.center().y())) is None
    assert grid.area_of(grid.columns() - 1).right() < width


def test_only_tiles_on_the_screen_become_images(qtbot: QtBot, scene: FeaturesScene) -> None:
    scroll = ChannelScroll()
    qtbot.addWidget(scroll)
    tiles = tuple(msgspec.structs.replace(scene.channels[0], channel=n, map_index=n) for n in range(2000))
    scroll.show_tiles(tiles, np.zeros((2000, 4, 4, 4), np.uint8))
    scroll.resize(500, 300)
    scroll.show()
    qtbot.waitExposed(scroll)
    qtbot.waitUntil(lambda: len(scroll.grid._images) > 0)
    assert len(scroll.grid._images) < 40


def test_the_chosen_layer_is_on_the_screen_however_many_there_are(
    qtbot: QtBot, qapp: QApplication, scene: FeaturesScene
) -> None:
    many = tuple(msgspec.structs.replace(scene.layers[0], name=f"layer{index}") for index in range(40))
    made = make(None)
    show_view(qtbot, made, msgspec.structs.replace(scene, layers=many, layer="layer30"))
    qtbot.waitUntil(lambda: made.layers.area.verticalScrollBar().value() > 0)
    row = made.layers.list.mapTo(made.layers.area.viewport(), QPoint(0, made.layers.list.height() * 61 // 80))
    assert 0 <= row.y() < made.layers.area.viewport().height()
