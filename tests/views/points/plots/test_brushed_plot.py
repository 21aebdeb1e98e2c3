"""A drag over a plot keeps a range of samples, Escape and a double click all; what is drawn lies where it belongs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.display.points.plots.scene import Axis, Bars, Cells, Dots, Line, Mark, Plot, PlotsScene, Tips
from inspector.display.tokens import TOKENS, rgb
from inspector.session.gallery import GalleryState, NumberRange
from inspector.session.intents import GalleryChanged, ViewChanged
from inspector.session.values import ViewState
from inspector.views.pictures import rgba_of
from inspector.views.points.plots.brushed_plot import BrushedPlot
from inspector.views.points.plots.frame import ROW_PX, frame_of
from inspector.views.points.plots.holder import PointPlots
from inspector.views.points.plots.page import LEAST_CARD_PX
from inspector.views.theme import apply_theme
from tests.display.points.plots.made import make

SIZE = (400, 240)


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> PlotsScene:
    return make(tmp_path_factory.mktemp("plots") / "d.h5").scene()


def plot_of(**changes: object) -> Plot:
    x = Axis(label="error", unit="px", low=0.0, high=90.0, most=222.0, column="err_px")
    fields = {"key": "error", "title": "Pixel error", "x": x, "y": Axis(label="share", low=0.0, high=1.0), **changes}
    return Plot(**fields)


def shown(qtbot: QtBot, plot: Plot, size: tuple[int, int] = SIZE) -> BrushedPlot:
    made = BrushedPlot()
    qtbot.addWidget(made)
    made.resize(*size)
    made.show_plot(plot)
    made.show()
    return made


def drag(qtbot: QtBot, plot: BrushedPlot, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag from one place on the axes to another."""
    frame = plot.frame()
    assert frame is not None
    first, last = (QPoint(round(frame.x_px(x)), round(frame.y_px(y))) for x, y in (begin, end))
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseMove(plot, (first + last) / 2)
    qtbot.mouseMove(plot, last)
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=last)


def pixels(plot: BrushedPlot) -> np.ndarray:
    return rgba_of(plot.grab().toImage())[..., :3].astype(int)


def near(picture: np.ndarray, colour: str, most: int = 24) -> np.ndarray:
    return np.abs(picture - np.array(rgb(colour))).max(-1) < most


def test_a_drag_keeps_a_range_and_the_right_end_all_beyond(qtbot: QtBot) -> None:
    plot = shown(qtbot, plot_of())
    told: list[tuple[NumberRange, ...]] = []
    plot.brushed.connect(told.append)
    drag(qtbot, plot, (60.0, 0.5), (30.0, 0.2))
    assert [(one.column, round(one.low), round(one.high)) for one in told[-1]] == [("err_px", 30, 60)]
    drag(qtbot, plot, (45.0, 0.5), (200.0, 0.5))
    assert told[-1][0].high == 222.0


def test_a_box_keeps_both_numbers(qtbot: QtBot) -> None:
    axes = {
        name: Axis(label=name, low=-30.0, high=30.0, column=column) for name, column in (("x", "dx_px"), ("y", "dy_px"))
    }
    plot = shown(qtbot, plot_of(**axes, square=True, flipped=True))
    told: list[tuple[NumberRange, ...]] = []
    plot.brushed.connect(told.append)
    drag(qtbot, plot, (-10.0, -20.0), (20.0, 10.0))
    assert [(one.column, round(one.low), round(one.high)) for one in told[-1]] == [
        ("dx_px", -10, 20),
        ("dy_px", -20, 10),
    ]


@pytest.mark.parametrize("how", ["escape", "double click", "click"])
def test_the_range_goes(qtbot: QtBot, how: str) -> None:
    plot = shown(qtbot, plot_of())
    plot.show_ranges([NumberRange("err_px", 10.0, 20.0), NumberRange("done", 0.0, 1.0)])
    assert plot.brush() is not None
    with qtbot.waitSignal(plot.brushed) as caught:
        if how == "escape":
            qtbot.keyClick(plot, Qt.Key.Key_Escape)
        elif how == "click":
            qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
        else:
            qtbot.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert caught.args == [()]
    assert plot.brush() is None


def test_a_plot_of_no_number_of_samples_is_not_brushed(qtbot: QtBot) -> None:
    plot = shown(qtbot, plot_of(x=Axis(label="level", low=0.0, high=4.0)))
    with qtbot.assertNotEmitted(plot.brushed):
        drag(qtbot, plot, (1.0, 0.2), (3.0, 0.6))


def test_what_lies_beside_a_range_is_pale(qtbot: QtBot) -> None:
    bars = Bars(edges=np.arange(0.0, 91.0), heights=np.full(90, 0.9))
    plot = shown(qtbot, plot_of(bars=(bars,)))
    assert near(pixels(plot), TOKENS["dark"].accent).any(0).sum() > SIZE[0] / 2
    plot.show_ranges([NumberRange("err_px", 30.0, 60.0)])
    frame, brush = plot.frame(), plot.brush()
    assert frame is not None
    assert brush is not None
    assert (frame.x_at(brush.left()), frame.x_at(brush.right())) == pytest.approx((30.0, 60.0))
    full = np.nonzero(near(pixels(plot), TOKENS["dark"].accent).any(0))[0]
    assert (full.min(), full.max()) == pytest.approx((brush.left(), brush.right()), abs=2)


def test_bars_dots_lines_and_marks_lie_at_their_values(qtbot: QtBot) -> None:
    bars = Bars(edges=np.array([0.0, 30.0, 60.0, 90.0]), heights=np.array([0.5, np.nan, 1.0]))
    dot = Dots(x=np.array([45.0]), y=np.array([0.75]), ink="good")
    mark = Mark(at=40.0, text="", ink="critical")
    plot = shown(qtbot, plot_of(bars=(bars,), dots=(dot,), marks=(mark,)))
    frame, picture = plot.frame(), pixels(plot)
    assert frame is not None
    rows, columns = np.nonzero(near(picture, TOKENS["dark"].accent))
    assert not ((columns > frame.x_px(31)) & (columns < frame.x_px(59))).any()
    first = rows[columns < frame.x_px(29)]
    assert first.min() == pytest.approx(frame.y_px(0.5), abs=1.5)
    assert rows.min() == pytest.approx(frame.y_px(1.0), abs=1.5)
    found = np.nonzero(near(picture, TOKENS["dark"].good))
    assert found[0].mean() == pytest.approx(frame.y_px(0.75), abs=1)
    assert found[1].mean() == pytest.approx(frame.x_px(45.0), abs=1)
    assert np.nonzero(near(picture, TOKENS["dark"].critical))[1].mean() == pytest.approx(frame.x_px(40.0), abs=1)


@pytest.mark.parametrize("flipped", [False, True])
def test_the_first_row_of_a_map_is_at_the_least_y(qtbot: QtBot, flipped: bool) -> None:
    picture = np.zeros((2, 2, 4), np.uint8)
    picture[0, 1] = (255, 0, 0, 255)
    cells = Cells(x=(0.0, 90.0), y=(0.0, 1.0), picture=picture, texts=("", "low right", "high left", ""))
    plot = shown(qtbot, plot_of(cells=(cells,), flipped=flipped))
    frame = plot.frame()
    assert frame is not None
    rows, columns = np.nonzero(near(pixels(plot), "#ff0000"))
    assert rows.mean() == pytest.approx(frame.y_px(0.25), abs=2)
    assert columns.mean() == pytest.approx(frame.x_px(67.5), abs=2)
    assert plot.text_at(QPointF(frame.x_px(60.0), frame.y_px(0.2))) == "low right"
    assert plot.text_at(QPointF(frame.x_px(10.0), frame.y_px(0.9))) == "high left"


def test_parts_of_the_axis_say_what_is_there(qtbot: QtBot) -> None:
    plot = shown(qtbot, plot_of(tips=Tips(edges=np.array([0.0, 30.0, 90.0]), texts=("near", "far"))))
    frame = plot.frame()
    assert frame is not None
    assert [plot.text_at(QPointF(frame.x_px(x), 100)) for x in (1.0, 29.0, 31.0, 90.0)] == [
        "near",
        "near",
        "far",
        "far",
    ]
    assert plot.text_at(QPointF(-5, 100)) == ""


def test_names_that_the_legend_has_no_room_for_are_counted_and_told_above_the_plot(qtbot: QtBot) -> None:
    names, inks = ("a long name", "another long name", "the last one"), ("critical", "good", "warning")
    x = np.array([0.0, 90.0])
    lines = tuple(Line(x=x, y=x * np.nan, ink=ink, name=name) for ink, name in zip(inks, names, strict=True))
    plot = shown(qtbot, plot_of(lines=lines), (600, 240))
    for width, seen in ((600, 3), (300, 2), (200, 1), (120, 0)):
        plot.resize(width, 240)
        picture = pixels(plot)[: ROW_PX - 4]
        drawn = [bool(near(picture, getattr(TOKENS["dark"], ink)).any()) for ink in inks]
        assert drawn == [place < seen for place in range(3)]
        assert plot.text_at(QPointF(width - 3, 5)) == "\n".join(names[seen:])


def test_texts_of_marks_never_cover_each_other() -> None:
    marks = tuple(Mark(at=float(at), text=f"mark {at}") for at in (10, 12, 14, 70, 89))
    frame = frame_of(plot_of(marks=marks), PointPlots().page.size().toSizeF(), labelled=True)
    assert frame.rows == (0, 1, 2, 0, 0)


def test_a_line_that_breaks_is_drawn_in_pieces(qtbot: QtBot) -> None:
    line = Line(x=np.array([0.0, 30.0, 45.0, 60.0, 90.0]), y=np.array([0.5, 0.5, np.nan, 0.5, 0.5]))
    plot = shown(qtbot, plot_of(lines=(line,)))
    frame = plot.frame()
    assert frame is not None
    columns = np.nonzero(near(pixels(plot), TOKENS["dark"].accent, most=80))[1]
    assert not ((columns > frame.x_px(32)) & (columns < frame.x_px(58))).any()
    assert ((columns > frame.x_px(62)) & (columns < frame.x_px(88))).any()


def test_what_is_brushed_takes_the_place_of_its_own_numbers_alone(qtbot: QtBot, scene: PlotsScene) -> None:
    plots = PointPlots()
    for place in (plots.cards, plots.page):
        qtbot.addWidget(place)
    plots.page.resize(1000, 700)
    kept = NumberRange("done", 0.1, 0.4)
    gallery = GalleryState(viewer="points", ranges=(kept, NumberRange("err_px", 1.0, 2.0)))
    plots.reflect(ViewState(point_layout="plots", galleries=(gallery,)))
    plots.show_scene(scene)
    plots.page.show()
    with qtbot.waitSignal(plots.intent) as caught:
        drag(qtbot, plots.page.cards["error"].plot, (5.0, 1.0), (10.0, 1.0))
    intent = caught.args[0]
    assert isinstance(intent, GalleryChanged)
    assert intent.viewer == "points"
    assert intent.changes["ranges"][0] == kept
    assert [one.column for one in intent.changes["ranges"]] == ["done", "err_px"]
    assert plots.page.cards["done"].plot.brush() is not None


def test_the_threshold_is_set_by_hand_and_given_back(qtbot: QtBot, scene: PlotsScene) -> None:
    plots = PointPlots()
    for place in (plots.cards, plots.page):
        qtbot.addWidget(place)
    plots.reflect(ViewState(point_layout="plots"))
    plots.show_scene(scene)
    row = plots.page.threshold_row
    assert row.slider.value() == pytest.approx(0.3)
    assert row.told.isHidden()
    with qtbot.waitSignal(plots.intent) as caught:
        qtbot.keyClick(row.slider.track, Qt.Key.Key_Right)
    assert caught.args[0].changes["point_threshold"] > 0.3
    plots.reflect(ViewState(point_layout="plots", point_threshold=0.4))
    assert not row.told.isHidden()
    with qtbot.waitSignal(plots.intent) as caught:
        row.told.click()
    assert caught.args[0] == ViewChanged({"point_threshold": 0.0})


def test_cards_flow_and_what_is_not_drawn_is_told(qtbot: QtBot, tmp_path: Path, scene: PlotsScene) -> None:
    plots = PointPlots()
    for place in (plots.cards, plots.page):
        qtbot.addWidget(place)
    plots.reflect(ViewState(point_layout="plots"))
    plots.show_scene(scene)
    plots.page.show()
    for columns in (3, 1):
        plots.page.resize(columns * (LEAST_CARD_PX + 20) + 10, 600)
        qtbot.waitUntil(
            lambda columns=columns: len({card.x() for card in plots.page.cards.values() if card.isVisible()}) == columns
        )
    without = make(tmp_path / "d.h5", without=("pred/done", "gt/done")).scene()
    plots.show_scene(without)
    assert plots.page.cards["precision"].isHidden()
    assert "Done signal (no sample has a predicted done)" in plots.page.missing.text()
    assert plots.cards.cards["done"].isHidden()
    assert not plots.cards.cards["error"].isHidden()


def test_a_dot_that_is_pressed_chooses_its_sample_and_beside_it_the_range_goes(qtbot: QtBot) -> None:
    dots = Dots(x=np.array([20.0, 70.0]), y=np.array([0.25, 0.75]), samples=np.array([11, 211]))
    plot = shown(qtbot, plot_of(dots=(dots,)))
    plot.show_ranges([NumberRange("err_px", 10.0, 80.0)])
    frame = plot.frame()
    assert frame is not None
    at = QPointF(frame.x_px(70.0), frame.y_px(0.75)).toPoint()
    assert plot.text_at(QPointF(at)) == "Sample 212"
    with qtbot.waitSignal(plot.chosen) as caught, qtbot.assertNotEmitted(plot.brushed):
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert caught.args == [211]
    with qtbot.waitSignal(plot.brushed), qtbot.assertNotEmitted(plot.chosen):
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at + QPoint(0, 40))
    before = pixels(plot)
    plot.show_sample(211)
    rows, columns = np.nonzero((pixels(plot) != before).any(-1))
    assert (rows.mean(), columns.mean()) == pytest.approx((at.y(), at.x()), abs=1)


def test_arrows_move_a_range_while_the_keyboard_is_on_the_plot(qtbot: QtBot) -> None:
    plot = shown(qtbot, plot_of())
    told: list[tuple[NumberRange, ...]] = []
    plot.brushed.connect(told.append)
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert not told
    plot.focusInEvent(QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    step = 90 / 32
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert (told[-1][0].low, told[-1][0].high) == pytest.approx((0.0, step))
    qtbot.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert (told[-1][0].low, told[-1][0].high) == pytest.approx((0.0, 2 * step))
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert (told[-1][0].low, told[-1][0].high) == pytest.approx((step, 3 * step))
    for _ in range(40):
        qtbot.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert told[-1][0].high == 222.0
    qtbot.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert told[-1][0].high == pytest.approx(90 - step)


def test_of_bars_the_part_of_kept_samples_stands_out(qtbot: QtBot) -> None:
    # Four things of samples 0, 0, 1 and 2: three in the first bar, of which sample 0 has two.
    bars = Bars(
        edges=np.array([0.0, 30.0, 60.0, 90.0]),
        heights=np.array([3.0, 0.0, 1.0]),
        samples=np.array([0, 0, 1, 2]),
        places=np.array([0, 0, 0, 2]),
    )
    plot = shown(qtbot, plot_of(bars=(bars,), y=Axis(label="", low=0.0, high=4.0)))
    frame = plot.frame()
    assert frame is not None

    def height(x: float) -> float:
        full = near(pixels(plot), TOKENS["dark"].accent)[:, round(frame.x_px(x))]
        return float(full.sum()) / (frame.y_px(0.0) - frame.y_px(1.0))

    assert (height(15.0), height(75.0)) == pytest.approx((3, 1), abs=0.05)
    plot.show_kept(np.array([True, False, False]))
    assert (height(15.0), height(75.0)) == pytest.approx((2, 0), abs=0.05)
    plot.show_kept(None)
    assert height(15.0) == pytest.approx(3, abs=0.05)
