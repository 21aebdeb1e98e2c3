"""The pages of the Features tab, and the card of a channel, show what they are handed and tell what is pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.core.pulse import QUIET, Progress
from inspector.display.features.channel.prepare import prepare as prepare_channel
from inspector.display.features.channel.scene import ChannelAsk
from inspector.display.features.history.prepare import prepare as prepare_history
from inspector.display.features.history.scene import HistoryAsk, HistoryDump
from inspector.display.features.prepare import prepare
from inspector.display.features.scene import FeaturesAsk
from inspector.display.tokens import TOKENS
from inspector.session.values import ViewState
from inspector.views.features.firing import FiringMap
from inspector.views.features.view import FeaturesView, make
from inspector.views.pictures import rgba_of
from inspector.views.theme import apply_theme
from tests.display.features import followed

LAYER = "encoder.2"


@dataclass
class Desk:
    """A view with a session and a reader behind it."""

    folder: Path
    view: FeaturesView
    qtbot: QtBot
    state: ViewState = field(default_factory=lambda: ViewState(layer=LAYER))

    @property
    def dumps(self) -> tuple[HistoryDump, ...]:
        return tuple(HistoryDump(str(self.folder / f"step_{s:07d}.h5"), f"step {s}", s) for s in followed.STEPS)

    def show(self) -> None:
        """Hand the view what it would be asked for."""
        state, last = self.state, self.dumps[-1].path
        self.view.set_state(None, state)
        ask = FeaturesAsk(
            path=last, place="d.h5", sample=state.sample, layer=state.layer, page=state.features_page, order="index"
        )
        self.view.show_scene(prepare(ask, QUIET))
        if state.channel >= 0:
            channel = ChannelAsk(path=last, layer=state.layer, channel=state.channel)
            self.view.show_part("channel", prepare_channel(channel, QUIET))
        if state.channel >= 0 or state.features_page == "epochs":
            logs = (str(self.folder / "metrics.jsonl"),)
            self.view.show_part("history", prepare_history(HistoryAsk(dumps=self.dumps, logs=logs), QUIET))
        QApplication.processEvents()

    def press(self, act: Callable[[], object]) -> dict[str, object]:
        """What is asked for by a press, which the session then holds."""
        with self.qtbot.waitSignal(self.view.intent) as caught:
            act()
        changes: dict[str, object] = caught.args[0].changes
        self.state = msgspec.structs.replace(self.state, **changes)
        self.show()
        return changes

    def click(self, widget: object, at: QPoint) -> dict[str, object]:
        """A press of the left button."""
        return self.press(lambda: self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return followed.write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, folder: Path) -> Desk:
    apply_theme(qapp, "dark")
    view = make(None)
    qtbot.addWidget(view)
    view.resize(1000, 760)
    made = Desk(folder, view, qtbot)
    made.show()
    view.show()
    qtbot.waitExposed(view)
    return made


def test_a_press_on_a_tile_opens_its_channel_and_another_closes_it(desk: Desk) -> None:
    grid = desk.view.channels.grid
    assert desk.click(grid, grid.area_of(3).center()) == {"layer": LAYER, "channel": 3}
    card = desk.view.detail
    assert card.isVisible()
    assert not desk.view.card.isVisible()
    assert card.title.text() == "Channel 3, encoder.2"
    assert card.kind.text().startswith("dead: |a| is 0 at most")
    assert dict(card.figures.lines())["zero"] == "100.0%"
    # Alive in two dumps, dead in the last; the rate and the causes of that time stand by it.
    assert card.history_said.text() == "dead since step 300"
    assert card.history.text_of(0) == "step 100: 50.0% of its values are not zero"
    assert card.history.text_of(2) == "step 300: dead"
    assert "lr/encoder lay between 0.1 and 1 then" in card.hints.text()
    assert grid.selected == 3
    assert desk.click(grid, grid.area_of(3).center()) == {"layer": LAYER, "channel": -1}
    assert not card.isVisible()
    assert desk.view.card.isVisible()


def test_the_cards_cross_closes_it(desk: Desk) -> None:
    desk.press(lambda: desk.view.bars.clicked.emit(0))
    close = desk.view.detail.close_button
    assert desk.click(close, close.rect().center()) == {"layer": LAYER, "channel": -1}


@pytest.mark.parametrize(("width_px", "beside"), [(800, 2), (700, 1), (560, 0)])
def test_in_a_narrow_card_samples_keep_the_room_of_what_stands_beside_them(
    desk: Desk, width_px: int, beside: int
) -> None:
    desk.press(lambda: desk.view.bars.clicked.emit(0))
    card = desk.view.detail
    card.setFixedWidth(width_px)
    shown = (card.weights_said, card.history)
    desk.qtbot.waitUntil(lambda: [part.isVisible() for part in shown] == [beside > 1, beside > 0])
    desk.qtbot.waitUntil(lambda: card.order.width() >= card.order.sizeHint().width())


def test_a_sample_that_excites_the_channel_is_gone_to(desk: Desk) -> None:
    desk.press(lambda: desk.view.bars.clicked.emit(0))
    tiles = desk.view.detail.tiles
    captions = [tile.accessibleName() for tile in tiles.tiles()]
    assert captions == ["4 4", "3 3", "2 2", "1 1"]
    assert desk.click(tiles.tile(1), tiles.tile(1).rect().center()) == {"sample": 2}
    in_order = desk.view.detail.order.segment("in order")
    desk.qtbot.mouseClick(in_order, Qt.MouseButton.LeftButton)
    assert [tile.accessibleName() for tile in tiles.tiles()] == ["1 1", "2 2", "3 3", "4 4"]


def test_a_part_of_another_channel_is_not_shown(desk: Desk) -> None:
    desk.press(lambda: desk.view.bars.clicked.emit(0))
    other = prepare_channel(ChannelAsk(path=desk.dumps[-1].path, layer=LAYER, channel=3), QUIET)
    desk.view.show_part("channel", other)
    assert desk.view.detail.title.text() == "Channel 0, encoder.2"
    assert not desk.view.detail.kind.text().startswith("dead")


def test_hidden_dead_channels_leave_the_grid_and_the_bars(desk: Desk) -> None:
    assert len(desk.view.channels.grid.tiles) == followed.CHANNELS
    desk.state = msgspec.structs.replace(desk.state, hide_dead=True)
    desk.view.set_state(None, desk.state)
    assert [tile.channel for tile in desk.view.channels.grid.tiles] == [0, 5]
    assert desk.view.counts.text().endswith("dead ones hidden")
    # The second tile is now channel 5.
    grid = desk.view.channels.grid
    assert desk.click(grid, grid.area_of(1).center()) == {"layer": LAYER, "channel": 5}


def test_a_cell_of_the_firing_map_opens_its_channel(desk: Desk, qapp: QApplication) -> None:
    desk.press(lambda: desk.view.toolbar.pages.chosen.emit("firing"))
    cells = desk.view.firing.map
    assert [row.layer for row in cells.rows] == ["encoder.0", LAYER]
    assert not desk.view.card.isVisible()
    dead = cells.cell_area(1, 4).center()
    for theme in ("light", "dark"):
        apply_theme(qapp, theme)
        pixel = rgba_of(cells.grab().toImage())[dead.y(), dead.x(), :3]
        assert pixel.tolist() == list(bytes.fromhex(TOKENS[theme].critical[1:]))
    assert desk.click(cells, cells.cell_area(0, 2).center()) == {
        "layer": "encoder.0",
        "channel": 2,
        "features_page": "channels",
    }
    assert desk.view.detail.title.text() == "Channel 2, encoder.0"


def test_every_channel_has_a_cell_at_any_width(qtbot: QtBot, desk: Desk) -> None:
    desk.press(lambda: desk.view.toolbar.pages.chosen.emit("firing"))
    (row, _other) = desk.view.firing.map.rows
    many = msgspec.structs.replace(
        row,
        shares=np.linspace(0, 1, 2048),
        cells=np.zeros((2048, 4), np.uint8),
        details=tuple(map(str, range(2048))),
    )
    cells = FiringMap()
    qtbot.addWidget(cells)
    for width in (90, 301, 800):
        cells.resize(width, 100)
        cells.show_rows((row, many), "", -1)
        every = range(0, 2048, 31)
        assert all(cells.cell_at(cells.cell_area(1, channel).center()) == (1, channel) for channel in every)
        assert cells.cell_area(1, 2047).bottom() < cells.height()
        assert cells.cell_at(QPoint(width - 1, cells.height() - 1)) is None
        assert not cells.grab().isNull()


def test_the_spatial_page_tells_the_share_under_the_pointer(desk: Desk) -> None:
    desk.press(lambda: desk.view.toolbar.pages.chosen.emit("spatial"))
    own, mean = desk.view.spatial.cards
    assert (own.title.text(), mean.title.text()) == ("Sample 1", "Mean over 4 samples")
    area = own.tile.picture_area()
    # Two of six channels live, and fire in the upper half.
    assert own.tile.text_at(area.topLeft() + QPointF(1, 1)) == "row 0, column 0: 33.3% of the channels fire"
    assert own.tile.text_at(area.bottomRight() - QPointF(1, 1)) == "row 3, column 3: 0.0% of the channels fire"
    assert own.tile.text_at(area.topLeft() - QPointF(4, 4)) == ""
    assert desk.view.toolbar.scale.high.text() == "33.3%"


def test_the_dumps_stand_over_one_axis_with_the_rate(desk: Desk) -> None:
    desk.press(lambda: desk.view.toolbar.pages.chosen.emit("epochs"))
    page = desk.view.epochs
    assert page.summary.text() == "encoder.2: 4 of 6 channels dead in the last of 3 dumps"
    assert [trace.label for trace in page.sparsity.drawing().traces] == [LAYER, "encoder.0"]
    assert [trace.label for trace in page.rate.drawing().traces] == ["lr/encoder", "lr/other"]
    assert page.rate.x_range() == page.sparsity.x_range()
    assert page.deaths.text().splitlines()[1].startswith("1 channel died between step 100 and step 200 · lr/encoder")
    page.rate.set_x_range(120, 220)
    page.rate.ranged.emit()
    assert page.sparsity.x_range() == pytest.approx((120, 220))
    cells = page.channels
    middle = cells.map_area()
    at = QPoint(round(middle.left() + middle.width() * 2.5 / 6), cells.height() - 2)
    assert cells.text_at(at) == "channel 2, step 300: dead"
    assert desk.click(cells, at) == {"layer": LAYER, "channel": 2, "features_page": "channels"}


def test_a_part_on_its_way_can_be_stopped_and_its_failure_is_said(desk: Desk) -> None:
    desk.press(lambda: desk.view.bars.clicked.emit(0))
    desk.view.show_part_pending("channel", Progress(1, 2, "what excites the channel"))
    waiting = desk.view.detail.waiting
    desk.qtbot.waitUntil(waiting.isVisible)
    with desk.qtbot.waitSignal(desk.view.stopped) as caught:
        desk.qtbot.mouseClick(waiting.button, Qt.MouseButton.LeftButton)
    assert caught.args == ["features.channel"]
    desk.view.show_part_message("history", "nobody looks at that page")
    desk.press(lambda: desk.view.toolbar.pages.chosen.emit("epochs"))
    desk.view.show_part_message("history", "d.h5: expected a dump, found none")
    assert desk.view.epochs.waiting.said.text() == "d.h5: expected a dump, found none"
