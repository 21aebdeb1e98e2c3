"""The Points tab shows its scene and tells what is pressed."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.core.pulse import QUIET
from inspector.display.gallery.scene import SamplesScene
from inspector.display.points.overlay import Overlay, PointKind, PointPair, Row
from inspector.display.points.prepare import prepare
from inspector.display.points.scene import PointsAsk, PointsScene
from inspector.display.tokens import TOKENS, rgb
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.session.triage import SamplesFlagged
from inspector.session.values import ViewState
from inspector.views.pictures import rgba_of
from inspector.views.points.overlay import paint_overlay
from inspector.views.points.shown import Shown
from inspector.views.points.view import PointsView, make
from inspector.views.theme import apply_theme
from tests.display import dumps
from tests.views.acting import changes_on_click, show_view
from tests.views.gallery.samples import PATH, Keeping, samples_scene, thumbs_scene

PAIR = PointPair(gt=(0.25, 0.5), prediction=(0.75, 0.5), label="err=23px")


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> PointsScene:
    path = dumps.write(tmp_path_factory.mktemp("points") / "d.h5")
    return prepare(PointsAsk(path=str(path), place="d.h5", sample=2), QUIET)


@pytest.fixture
def view(qtbot: QtBot, scene: PointsScene) -> PointsView:
    made = make(None)
    show_view(qtbot, made, scene)
    return made


def painted(shown: Shown, size: int = 200, pairs: tuple[PointPair, ...] = (PAIR,)) -> np.ndarray:
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_overlay(Overlay(pairs), shown, painter, QRectF(0, 0, size, size), 1.0)
    painter.end()
    return rgba_of(image)[..., :3].astype(int)


def near(picture: np.ndarray, colour: str) -> tuple[np.ndarray, np.ndarray]:
    return np.nonzero(np.abs(picture - np.array(rgb(colour))).max(-1) < 30)


@pytest.mark.parametrize("size", [160, 480])
def test_rings_lie_on_their_points_and_keep_their_size(size: int) -> None:
    picture = painted(Shown(error_line=False), size)
    for colour, x in ((TOKENS["dark"].gt, 0.25), (TOKENS["dark"].prediction, 0.75)):
        rows, columns = near(picture, colour)
        assert (rows.max() + rows.min() + 1) / 2 == pytest.approx(size * 0.5, abs=1)
        assert (columns.max() + columns.min() + 1) / 2 == pytest.approx(size * x, abs=1)
        assert 10 <= columns.max() - columns.min() + 1 <= 14


def test_a_larger_size_gives_larger_rings() -> None:
    columns = near(painted(Shown(error_line=False, size=2.0)), TOKENS["dark"].gt)[1]
    assert 21 <= columns.max() - columns.min() + 1 <= 26


@pytest.mark.parametrize(
    ("hidden", "colour"),
    [("gt", TOKENS["dark"].gt), ("prediction", TOKENS["dark"].prediction), ("error_line", TOKENS["dark"].error_line)],
)
def test_what_is_hidden_is_not_painted(hidden: str, colour: str) -> None:
    assert near(painted(Shown()), colour)[0].size > 0
    assert near(painted(Shown(**{hidden: False})), colour)[0].size == 0


def test_an_object_without_a_prediction_has_its_ring_alone() -> None:
    picture = painted(Shown(), pairs=(PointPair(gt=(0.25, 0.5), prediction=None),))
    assert near(picture, TOKENS["dark"].gt)[0].size > 0
    assert near(picture, TOKENS["dark"].prediction)[0].size == 0
    assert near(picture, TOKENS["dark"].error_line)[0].size == 0


def test_a_point_outside_the_picture_keeps_its_label_inside() -> None:
    picture = painted(
        Shown(gt=False, prediction=False), pairs=(PointPair(gt=(0.9, 0.9), prediction=(3.0, 3.0), label="err=400px"),)
    )
    # The line runs right of column 180; what lies left of it is the label.
    assert near(picture, TOKENS["dark"].error_line)[1].min() < 150


def test_a_sample_is_opened_alone_and_closed_again(qtbot: QtBot, view: PointsView) -> None:
    told: list[dict[str, object]] = []
    view.intent.connect(lambda intent: told.append(intent.changes))
    view.gallery.opened.emit(4)
    assert told[-1] == {"sample": 4, "point_layout": "single"}
    view.set_state(None, ViewState(point_layout="single"))
    qtbot.mouseDClick(view.single, Qt.MouseButton.LeftButton)
    assert told[-1] == {"point_layout": "grid"}


def test_switches_and_layout_are_told(qtbot: QtBot, view: PointsView) -> None:
    assert changes_on_click(qtbot, view, view.toolbar.shown_choice.segment("show_gt")) == {"show_gt": False}
    assert changes_on_click(qtbot, view, view.toolbar.shown_choice.segment("show_gt")) == {"show_gt": True}
    assert changes_on_click(qtbot, view, view.toolbar.layout_choice.segment("single")) == {"point_layout": "single"}


def test_hiding_needs_no_new_scene(view: PointsView, scene: PointsScene) -> None:
    blank = np.full_like(scene.tile.picture, 255)
    view.show_scene(msgspec.structs.replace(scene, tile=msgspec.structs.replace(scene.tile, picture=blank)))
    view.set_state(None, ViewState(point_layout="single"))

    def green() -> int:
        return near(rgba_of(view.single.grab().toImage())[..., :3].astype(int), TOKENS["dark"].gt)[0].size

    assert green() > 0
    view.set_state(None, ViewState(point_layout="single", show_gt=False))
    assert green() == 0


def test_thumbnails_have_their_rings_and_lose_those_that_are_hidden(qtbot: QtBot, view: PointsView) -> None:
    view.gallery.show_samples(samples_scene(3))
    scene = thumbs_scene((0, 1, 2))
    nan = np.nan
    points = np.array(
        [
            Row(0.25, 0.5, 0.75, 0.5, 32, nan, 0, 0, PointKind.OBJECT, nan),
            Row(0.5, 0.25, nan, nan, nan, nan, 0, 0, PointKind.MISSED, nan),
        ],
        np.float32,
    )
    view.gallery.show_thumbs(
        msgspec.structs.replace(scene, points=points, first_point=np.array([0, 1, 1, 2], np.int64))
    )

    def green(row: int) -> int:
        area = view.gallery.grid.area_of(row)
        picture = view.gallery.grid.viewport().grab(area).toImage()
        return near(rgba_of(picture)[..., :3].astype(int), TOKENS["dark"].gt)[0].size

    assert [green(row) > 0 for row in range(3)] == [True, False, True]
    view.set_state(None, ViewState(show_gt=False))
    assert [green(row) for row in range(3)] == [0, 0, 0]


def test_the_size_is_kept_in_the_session_and_repaints(qtbot: QtBot, view: PointsView) -> None:
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClick(view.toolbar.ring_size.track, Qt.Key.Key_End)
    assert caught.args[0].changes == {"point_size": 2.5}
    view.set_state(None, ViewState(point_size=2.5))
    assert view.shown.size == 2.5


def test_the_chosen_sample_is_told_object_by_object(view: PointsView, scene: PointsScene) -> None:
    told = view.told_sample()
    assert told is not None
    assert told.title == "Sample 3"
    assert told.rows == (
        ("", "gt", "pred", "err px"),
        *((row.object, row.gt, row.prediction, row.error) for row in scene.details),
    )
    assert told.lines == (("all", "3 objects"),)


def test_samples_behind_a_message_are_not_marked(view: PointsView) -> None:
    told: list[object] = []
    view.intent.connect(told.append)
    view.flag_samples()
    assert not told  # their numbers, and with them their dump, are not known yet
    view.gallery.show_samples(SamplesScene(path=PATH, table=SampleTable(samples=3, scanned=3), aspect=1.0))
    view.flag_samples()
    assert [type(intent) for intent in told] == [SamplesFlagged]
    view.show_message("Nothing to show here")
    told.clear()
    for act in (view.flag_samples, view.tag_samples, view.note_samples, view.save_filter, view.sort_worst_first):
        act()
    view.give_own_tag(0)
    view.extend_selection(1)
    assert not view.reject_samples()
    assert not view.select_all()
    assert not view.step_sample(1)
    assert not told
    assert view.gallery.heads.currentWidget() is view.gallery.head


def test_sorting_goes_to_what_comes_first(qtbot: QtBot, view: PointsView) -> None:
    keeping = Keeping(view.gallery)
    numbers = sample_column("err_px", np.array([3.0, 9.0, 1.0]))
    view.gallery.show_samples(
        SamplesScene(path=PATH, table=SampleTable(samples=3, scanned=3, columns=(numbers,)), aspect=1.0)
    )
    view.set_state(None, keeping.state.view)
    qtbot.mouseClick(view.toolbar.sort_choice.segment("err_px"), Qt.MouseButton.LeftButton)
    assert view.gallery.model.samples.tolist() == [2, 0, 1]  # it was sorted worst first
    assert keeping.state.view.sample == 2
    view.set_state(None, keeping.state.view)
    qtbot.mouseClick(view.toolbar.sort_choice.segment("err_px"), Qt.MouseButton.LeftButton)
    assert view.gallery.model.samples.tolist() == [1, 0, 2]
    assert keeping.state.view.sample == 1


@pytest.mark.parametrize(("view_px", "cards_px"), [(1000, 186), (600, 150), (400, 0)])
def test_plots_under_the_samples_leave_them_most_of_the_room(view: PointsView, view_px: int, cards_px: int) -> None:
    view.resize(1000, view_px)
    assert view.plots.cards.height() == cards_px
    assert view.plots.cards.maximumHeight() == cards_px
