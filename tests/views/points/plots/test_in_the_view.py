"""The points view shows plots under its grid and on a page over the gallery, and passes on what is brushed there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inspector.core.pulse import QUIET
from inspector.display.points.plots.judge import PLOTS
from inspector.display.points.prepare import prepare
from inspector.display.points.scene import PointsAsk
from inspector.display.tokens import TOKENS, ThemeName, rgb
from inspector.session.gallery import GalleryState, NumberRange
from inspector.session.intents import GalleryChanged
from inspector.session.sample_lists import SampleLists
from inspector.session.values import ViewState
from inspector.views.pictures import rgba_of
from inspector.views.points.plots.holder import PointPlots
from inspector.views.points.view import PointsView, make
from inspector.views.theme import apply_theme
from tests.display.points.plots import made
from tests.views.acting import changes_on_click, show_view
from tests.views.gallery.samples import samples_scene


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


@pytest.fixture
def view(qtbot: QtBot, tmp_path: Path) -> PointsView:
    dump = made.make(tmp_path / "points_e003.h5")
    shown = make(None)
    show_view(qtbot, shown, prepare(PointsAsk(path=str(dump.path), place="d", sample=0), QUIET))
    shown.show_part(PLOTS, dump.scene())
    return shown


def test_two_cards_stand_under_the_grid_and_all_plots_over_the_gallery(qtbot: QtBot, view: PointsView) -> None:
    assert [card.isVisible() for card in view.plots.cards.cards.values()] == [True, True]
    assert not view.plots.page.isVisible()
    assert changes_on_click(qtbot, view, view.toolbar.layout_choice.segment("plots")) == {"point_layout": "plots"}
    view.set_state(None, ViewState(point_layout="plots"))
    assert view.plots.page.isVisible()
    assert view.gallery.isVisible()
    assert not view.plots.cards.isVisible()
    assert set(view.plots.page.cards) >= {"error", "offsets", "loss", "precision", "by_step"}


def test_without_plots_nothing_takes_room_under_the_grid(view: PointsView, tmp_path: Path) -> None:
    scene = made.make(tmp_path / "points_e004.h5").scene()
    missing = tuple(msgspec.structs.replace(plot, missing="no predictions") for plot in scene.plots)
    view.show_part(PLOTS, msgspec.structs.replace(scene, plots=missing))
    assert not view.plots.cards.isVisible()
    view.show_part(PLOTS, scene)
    assert view.plots.cards.isVisible()


def test_a_brush_under_the_grid_keeps_samples(qtbot: QtBot, view: PointsView) -> None:
    plot = view.plots.cards.cards["done"].plot
    middle = plot.rect().center()
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=middle)
        qtbot.mouseMove(plot, plot.rect().bottomRight())
        qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=plot.rect().bottomRight())
    intent = caught.args[0]
    assert isinstance(intent, GalleryChanged)
    (kept,) = intent.changes["ranges"]
    assert (kept.column, kept.low, kept.high) == ("done", pytest.approx(0.5, abs=0.02), 1.0)


def test_why_there_are_no_plots_is_told(view: PointsView) -> None:
    view.set_state(None, ViewState(point_layout="plots"))
    view.show_part_message(PLOTS, "d.h5 could not be read")
    assert view.plots.page.missing.text() == "d.h5 could not be read"


def test_dots_of_samples_that_filters_drop_are_pale(view: PointsView) -> None:
    view.set_state(None, ViewState(point_layout="plots"))
    view.gallery.show_samples(samples_scene(60))
    accent = np.array(rgb(TOKENS["dark"].accent))

    def bright() -> int:
        plot = view.plots.page.cards["offsets"].plot
        picture = rgba_of(plot.grab().toImage())[..., :3].astype(int)
        return int((np.abs(picture - accent).max(-1) < 90).sum())

    every = bright()
    kept = GalleryState(viewer="points", filter="sample<=6")
    view.reflect_samples(ViewState(point_layout="plots", galleries=(kept,)), {}, SampleLists())
    assert 0 < bright() < every / 4
    view.reflect_samples(ViewState(point_layout="plots"), {}, SampleLists())
    assert bright() == every


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_all_plots_look_as_stored(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, check_picture: Callable[[QWidget, str], None], theme: ThemeName
) -> None:
    apply_theme(qapp, theme)
    plots = PointPlots()
    for place in (plots.cards, plots.page):
        place.setAutoFillBackground(True)
        qtbot.addWidget(place)
    kept = (NumberRange("err_px", 4.0, 9.0), NumberRange("gt_x_px", 50.0, 120.0), NumberRange("gt_y_px", 20.0, 70.0))
    galleries = (GalleryState(viewer="points", ranges=kept),)
    plots.show_scene(made.make(tmp_path / "points_e003.h5").scene())
    plots.reflect(ViewState(point_layout="plots", galleries=galleries, sample=7))
    plots.show_kept(np.arange(5, 30), 60)
    plots.page.resize(980, 1200)
    plots.page.show()
    check_picture(plots.page, f"points-plots-{theme}")
    plots.reflect(ViewState(galleries=galleries))
    plots.cards.resize(980, 186)
    check_picture(plots.cards, f"points-cards-{theme}")
