"""Marks of points are where their numbers say, seen on any picture, and as large and opaque as is wished."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from inspector.display.points.overlay import MarkedPoint, Overlay, PointKind, PointPair
from inspector.display.tokens import TOKENS, rgb
from inspector.session.values import PointStyle, ViewState
from inspector.views.pictures import rgba_of
from inspector.views.points.overlay import paint_overlay, paint_rows
from inspector.views.points.shown import Shown, shown_of
from inspector.views.theme import apply_theme

GREEN, RED, YELLOW, BLUE = (
    TOKENS["dark"].gt, TOKENS["dark"].prediction, TOKENS["dark"].error_line, TOKENS["dark"].marked,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def painted(
    overlay: Overlay,
    shown: Shown,
    size: tuple[int, int] = (400, 200),
    *,
    ground: str = "#000080",
    area: QRectF | None = None,
) -> np.ndarray:
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(0, 0, *size)
    paint_overlay(overlay, shown, painter, area or QRectF(0, 0, *size), 1.0)
    painter.end()
    return rgba_of(image)[..., :3].astype(int)


def of_colour(picture: np.ndarray, colour: str, *, within: int = 40) -> np.ndarray:
    """(pixels, 2) columns and rows of a colour."""
    return np.argwhere(np.abs(picture - np.array(rgb(colour))).max(-1) < within)[:, ::-1]


def ends(pixels: np.ndarray) -> tuple[list[int], list[int]]:
    return pixels.min(0).tolist(), pixels.max(0).tolist()


def one(**fields: object) -> Overlay:
    return Overlay((PointPair(**{"gt": None, "prediction": None, **fields}),))


def test_a_missed_object_is_dashed_all_around() -> None:
    def share_of_directions(kind: PointKind) -> float:
        pixels = of_colour(painted(one(gt=(0.5, 0.5), kind=kind), Shown(size=3.0)), GREEN) - (199.5, 99.5)
        return len({int(angle // 5) for angle in np.degrees(np.arctan2(*pixels.T))}) / 72

    assert share_of_directions(PointKind.OBJECT) > 0.97
    assert 0.4 < share_of_directions(PointKind.MISSED) < 0.9


def test_a_spurious_prediction_is_a_diamond() -> None:
    picture = painted(one(prediction=(0.5, 0.5), kind=PointKind.SPURIOUS), Shown())
    (left, top), (right, bottom) = ends(of_colour(picture, RED))
    assert (left + right) / 2 == pytest.approx(199.5, abs=1)
    assert (top + bottom) / 2 == pytest.approx(99.5, abs=1)
    # Halfway along a side of a diamond there is its line; a circle would pass outside.
    reach = (right - left) / 2
    middle = of_colour(picture, RED) - (199.5, 99.5)
    assert np.abs(middle).sum(1).max() < reach + 2.5
    assert len(of_colour(picture[97:103, 197:203], RED)) == 0  # hollow


@pytest.mark.parametrize(
    ("point", "side"), [((1.5, 0.5), "right"), ((-0.5, 0.5), "left"), ((0.5, 2.0), "bottom"), ((0.5, -1.0), "top")]
)
def test_a_point_outside_is_an_arrow_at_the_border_with_its_distance(point: tuple[float, float], side: str) -> None:
    overlay = one(gt=(0.5, 0.5), prediction=point, prediction_outside_px=123.4)
    pixels = of_colour(painted(overlay, Shown(labels=False, gt=False)), RED)
    (left, top), (right, bottom) = ends(pixels)
    distances = {"right": 399 - right, "left": left, "bottom": 199 - bottom, "top": top}
    assert distances[side] <= 3
    assert min(distance for name, distance in distances.items() if name != side) > 20
    told = of_colour(painted(overlay, Shown(gt=False, error_line=False)), RED)
    assert len(told) > len(pixels) + 100  # the words


def test_the_error_line_ends_where_the_arrow_is() -> None:
    overlay = one(gt=(0.25, 0.5), prediction=(3.0, 0.5), label="err=9px")
    pixels = of_colour(painted(overlay, Shown(labels=False, gt=False, prediction=False, size=2)), YELLOW)
    assert ends(pixels)[0][0] == pytest.approx(100, abs=2)
    assert ends(pixels)[1][0] >= 397
    assert np.ptp(pixels[:, 1]) <= 4


def test_the_threshold_is_an_ellipse_where_a_side_is_longer() -> None:
    shown = Shown(gt=False, threshold=True, threshold_value=0.5)
    (left, top), (right, bottom) = ends(of_colour(painted(one(gt=(0.5, 0.5)), shown), YELLOW, within=60))
    # A quarter of the width to both sides, and of the height.
    assert (left, right) == (pytest.approx(100, abs=2), pytest.approx(300, abs=2))
    assert (top, bottom) == (pytest.approx(50, abs=2), pytest.approx(150, abs=2))


@pytest.mark.parametrize("shown", [Shown(threshold=True), Shown(threshold=False, threshold_value=0.5)])
def test_without_a_threshold_there_is_no_ellipse(shown: Shown) -> None:
    assert len(of_colour(painted(one(gt=(0.5, 0.5)), shown), YELLOW)) == 0


def test_marked_objects_have_a_disc_that_grows_with_their_digits() -> None:
    def width(number: int) -> int:
        picture = painted(Overlay((), (MarkedPoint((0.5, 0.5), number),)), Shown())
        (left, _top), (right, _bottom) = ends(of_colour(picture, BLUE))
        assert (left + right) / 2 == pytest.approx(199.5, abs=1)
        return right - left

    assert width(1) < width(100)
    hidden = painted(Overlay((), (MarkedPoint((0.5, 0.5), 1),)), Shown(marked=False))
    assert len(of_colour(hidden, BLUE)) == 0


@pytest.mark.parametrize("ground", ["#ffffff", "#000000", "#808080", GREEN, RED])
def test_rings_are_seen_on_any_picture(ground: str) -> None:
    overlay = one(gt=(0.25, 0.5), prediction=(0.75, 0.5))
    picture = painted(overlay, Shown(error_line=False), ground=ground)
    for column in (100, 300):
        part = picture[85:115, column - 15 : column + 15]
        assert np.abs(part - np.array(rgb(ground))).max(-1).max() > 90


def test_one_kind_is_made_larger_and_fainter_alone() -> None:
    overlay = one(gt=(0.25, 0.5), prediction=(0.75, 0.5))
    usual = Shown(error_line=False)
    larger = Shown(error_line=False, styles=(PointStyle(kind="gt", size=2.0),))
    (left, _), (right, _) = ends(of_colour(painted(overlay, usual), GREEN))
    (wide_left, _), (wide_right, _) = ends(of_colour(painted(overlay, larger), GREEN))
    assert (wide_right - wide_left) / (right - left) == pytest.approx(2, abs=0.3)
    assert len(of_colour(painted(overlay, larger), RED)) == len(of_colour(painted(overlay, usual), RED))
    clear = painted(overlay, Shown(error_line=False, styles=(PointStyle(kind="prediction", opacity=0.0),)))
    assert np.ptp(clear[:, 200:].reshape(-1, 3), axis=0).max() == 0
    assert len(of_colour(clear, GREEN)) > 0


def test_confidence_stands_beside_predictions_of_large_pictures() -> None:
    sure, unsure = (one(prediction=(0.5, 0.5), confidence=value) for value in (0.9, None))
    assert len(of_colour(painted(sure, Shown()), RED)) > len(of_colour(painted(unsure, Shown()), RED)) + 20
    small = (160, 80)
    assert np.array_equal(painted(sure, Shown(), small), painted(unsure, Shown(), small))


def test_of_a_part_that_is_looked_at_labels_stay_in_sight() -> None:
    # Ten times as large as what is seen: only the middle of the line is in sight.
    overlay = one(gt=(0.2, 0.5), prediction=(0.8, 0.5), label="err=99px")
    area = QRectF(-1800, -900, 4000, 2000)
    shown = painted(overlay, Shown(), area=area)
    bare = painted(overlay, Shown(labels=False), area=area)
    assert len(of_colour(shown, YELLOW)) > len(of_colour(bare, YELLOW)) + 60


def test_the_session_says_what_is_painted() -> None:
    styles = (PointStyle(kind="labels", opacity=0.5),)
    state = ViewState(show_gt=False, show_threshold=True, show_labels=False, point_size=1.5, point_styles=styles)
    assert shown_of(state, 0.3) == Shown(
        gt=False, threshold=True, labels=False, size=1.5, styles=styles, threshold_value=0.3
    )


def test_very_many_points_of_a_thumbnail_are_dots_and_the_worst_of_them_rings() -> None:
    count = 2000
    places = np.random.default_rng(0).random((count, 2)) * (0.9, 0.8) + 0.05
    nan = np.full(count, np.nan)
    zero = np.zeros(count)
    rows = np.column_stack([places, nan, nan, nan, nan, zero, zero, zero, nan]).astype(np.float32)

    def green(rows: np.ndarray) -> np.ndarray:
        image = QImage(180, 180, QImage.Format.Format_RGB32)
        image.fill(QColor("#000080"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_rows(Shown(), painter, QRectF(0, 0, 180, 180), rows)
        painter.end()
        return of_colour(rgba_of(image)[..., :3].astype(int), GREEN, within=60)

    seen = green(rows)
    middles = places * 180
    # Every point has green within 2 px.
    near = [np.hypot(*(seen - (middle - 0.5)).T).min() for middle in middles[100::50]]
    assert max(near) < 2
    alone = green(np.vstack([rows[:1], rows[:1].repeat(400, axis=0)]))
    assert np.ptp(alone[:, 0]) >= 10  # a ring, where a dot has 3 px
    assert len(green(rows[:0])) == 0


@pytest.mark.parametrize("far", [1e9, 1e30, 3e38])
def test_points_at_the_end_of_the_world_are_arrows(far: float) -> None:
    overlay = one(gt=(0.5, 0.5), prediction=(far, -far), label="err=9e+99px", prediction_outside_px=far)
    picture = painted(overlay, Shown())
    assert len(of_colour(picture, RED)) > 20
    beyond = painted(one(gt=(-far, far), prediction=(far, -far), gt_outside_px=math.inf), Shown())
    assert len(of_colour(beyond, GREEN)) > 20


def test_very_many_points_of_a_large_picture_are_all_there() -> None:
    places = (np.random.default_rng(1).random((1500, 2)) * 0.9 + 0.05).tolist()
    overlay = Overlay(tuple(PointPair(gt=(x, y), prediction=None) for x, y in places))
    seen = of_colour(painted(overlay, Shown(), (800, 800)), GREEN, within=60)
    for x, y in places[::50]:
        distances = np.hypot(*(seen - (x * 800 - 0.5, y * 800 - 0.5)).T)
        assert distances.min() < 7  # on the ring, or on the dot
