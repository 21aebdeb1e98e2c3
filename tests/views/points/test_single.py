"""One sample alone is zoomed and moved, shown around its error, and copied with its points."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.display.points.overlay import PointPair
from inspector.display.points.scene import PointTile
from inspector.display.tokens import TOKENS, rgb
from inspector.views.pictures import rgba_of
from inspector.views.points.shown import Shown
from inspector.views.points.single import SinglePicture, look_around, painted_sample
from inspector.views.theme import apply_theme
from inspector.views.zoomed_picture import WHOLE, Look


def tile(sample: int = 0, *, problem: str = "", pairs: tuple[PointPair, ...] | None = None) -> PointTile:
    picture = np.full((100, 200, 4), 255, np.uint8)
    picture[..., :3] = (0, 0, 128)
    worst = PointPair(gt=(0.7, 0.4), prediction=(0.8, 0.6), label="err=28px")
    other = PointPair(gt=(0.1, 0.1), prediction=(0.12, 0.1), label="err=4px")
    return PointTile(
        sample=sample, error_px=28.3, picture=picture, pairs=(worst, other) if pairs is None else pairs, problem=problem
    )


@pytest.fixture
def single(qtbot: QtBot, qapp: QApplication) -> SinglePicture:
    apply_theme(qapp, "dark")
    made = SinglePicture()
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show_tile(tile(), Shown())
    made.show()
    qtbot.waitExposed(made)
    return made


def wheel(picture: SinglePicture, at: QPointF, notches: int) -> None:
    event = QWheelEvent(
        at, QPointF(picture.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(picture, event)


def test_the_part_around_an_error_holds_both_its_ends_in_the_middle() -> None:
    look = look_around([(0.4, 0.4), (0.5, 0.6)])
    assert look.left + look.share / 2 == pytest.approx(0.45)
    assert look.top + look.share / 2 == pytest.approx(0.5)
    assert 0.2 < look.share < 0.6
    assert look_around([]) == WHOLE
    assert look_around([(0.0, 0.0), (1.0, 1.0)]) == WHOLE


def test_the_part_stays_within_the_picture_for_points_at_its_border_or_outside() -> None:
    for places in ([(0.99, 0.01)], [(0.9, 0.9), (4.0, 4.0)], [(-3.0, 0.5)]):
        look = look_around(places)
        assert 0 <= look.left <= 1 - look.share
        assert 0 <= look.top <= 1 - look.share
        assert look.share < 1


def test_the_error_is_looked_at_and_all_of_it_again(qtbot: QtBot, single: SinglePicture) -> None:
    single.look_at_error()
    area, frame = single.picture_area(), single.frame()
    for x, y in ((0.7, 0.4), (0.8, 0.6)):
        assert frame.contains(QPointF(area.left() + x * area.width(), area.top() + y * area.height()))
    assert area.width() > 1.5 * frame.width()
    with qtbot.waitSignal(single.moved_by_hand), qtbot.assertNotEmitted(single.left):
        qtbot.mouseDClick(single, Qt.MouseButton.LeftButton)
    assert single.look == WHOLE
    with qtbot.waitSignal(single.left):
        qtbot.mouseDClick(single, Qt.MouseButton.LeftButton)


def test_the_wheel_zooms_at_the_pointer(qtbot: QtBot, single: SinglePicture) -> None:
    at = QPointF(450, 100)
    before = single.place_at(at)
    with qtbot.waitSignal(single.moved_by_hand):
        wheel(single, at, 3)
    assert single.look.share == pytest.approx(0.85**3)
    assert single.place_at(at) == pytest.approx(before)


def test_another_sample_is_shown_as_a_whole(single: SinglePicture) -> None:
    single.set_look(Look(0.2, 0.2, 0.5))
    single.show_tile(tile(), Shown(gt=False))
    assert single.look == Look(0.2, 0.2, 0.5)
    single.show_tile(tile(1), Shown())
    assert single.look == WHOLE


def test_a_sample_without_points_can_be_looked_at(single: SinglePicture) -> None:
    single.show_tile(tile(2, pairs=()), Shown())
    single.look_at_error()
    assert single.look == WHOLE


def test_a_copy_has_the_points_and_is_large_enough_for_words(qapp: QApplication) -> None:
    image = painted_sample(tile(), Shown())
    assert (image.width(), image.height()) == (512, 256)
    pixels = rgba_of(image)[..., :3].astype(int)

    def near(colour: str, x: float, y: float) -> bool:
        row, column = round(y * 256), round(x * 512)
        part = pixels[row - 10 : row + 10, column - 10 : column + 10]
        return bool((np.abs(part - np.array(rgb(colour))).max(-1) < 40).any())

    assert near(TOKENS["dark"].gt, 0.7, 0.4)
    assert near(TOKENS["dark"].prediction, 0.8, 0.6)
    assert not near(TOKENS["dark"].gt, 0.3, 0.7)
    QGuiApplication.clipboard().setImage(image)
    assert QGuiApplication.clipboard().image().size() == image.size()


def test_a_missing_picture_says_why_in_its_place(single: SinglePicture) -> None:
    def ink() -> int:
        pixels = rgba_of(single.grab().toImage())[..., :3].astype(int)
        return int((pixels.min(-1) > 200).sum())

    single.show_tile(tile(3, pairs=()), Shown())
    bare = ink()
    single.show_tile(
        tile(4, pairs=(), problem="7.jpg: expected an image, found nothing at /data/images/7.jpg"), Shown()
    )
    assert ink() > bare + 300
