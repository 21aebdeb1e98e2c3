"""The controls over samples of points: sorting, what is shown, how it looks; and what stands on tiles."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from inspector.display.tokens import TOKENS
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.session.gallery import GalleryState
from inspector.session.values import PointStyle, ViewState
from inspector.views.points.captions import points_caption
from inspector.views.points.styles import StyleSheet
from inspector.views.points.toolbar import PointsToolbar
from inspector.views.theme import apply_theme

NAN = float("nan")


@pytest.fixture
def toolbar(qtbot: QtBot, qapp: QApplication) -> PointsToolbar:
    apply_theme(qapp, "dark")
    made = PointsToolbar()
    qtbot.addWidget(made)
    made.resize(1200, 60)
    made.reflect(ViewState())
    made.show()
    return made


def table(**columns: list[float]) -> SampleTable:
    made = tuple(sample_column(name, np.array(values)) for name, values in columns.items())
    return SampleTable(samples=2, scanned=2, columns=made)


def test_samples_are_sorted_by_what_they_have_and_the_other_way_around(qtbot: QtBot, toolbar: PointsToolbar) -> None:
    told: list[tuple[str, bool]] = []
    toolbar.sorted.connect(lambda *arguments: told.append(arguments))
    worst = GalleryState(viewer="points", order="err_px", descending=True)
    toolbar.reflect_order(worst, ["err_px", "dx_px", "count"])
    assert toolbar.sort_choice.segment("err_px").text() == "error ↓"
    with pytest.raises(KeyError):
        toolbar.sort_choice.segment("done")
    qtbot.mouseClick(toolbar.sort_choice.segment("count"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(toolbar.sort_choice.segment("err_px"), Qt.MouseButton.LeftButton)
    assert told == [("count", True), ("err_px", False)]
    pressed = toolbar.sort_choice.segment("err_px")
    toolbar.reflect_order(GalleryState(viewer="points", order="err_px"), ["err_px", "dx_px", "count"])
    assert toolbar.sort_choice.segment("err_px") is pressed  # it keeps the focus
    assert pressed.text() == "error ↑"
    toolbar.reflect_order(GalleryState(viewer="points", order="dx_px"), ["err_px", "dx_px", "count"])
    assert toolbar.sort_choice.value() is None


def test_what_a_dump_has_not_is_not_offered(toolbar: PointsToolbar) -> None:
    def offered() -> set[str]:
        return {button.text() for button in toolbar.shown_choice.findChildren(QAbstractButton) if button.isVisible()}

    toolbar.offer(threshold=False, marked=False)
    assert offered() == {"GT", "Prediction", "Error line", "Labels"}
    toolbar.reflect(ViewState(show_threshold=True))
    toolbar.offer(threshold=True, marked=True)
    assert offered() == {"GT", "Prediction", "Error line", "Threshold", "Marked", "Labels"}
    assert set(toolbar.shown_choice.values()) >= {"show_threshold", "show_marked"}


def test_the_error_is_zoomed_to_in_a_sample_alone(qtbot: QtBot, toolbar: PointsToolbar) -> None:
    assert not toolbar.zoom.isVisible()
    toolbar.reflect(ViewState(point_layout="single"))
    assert toolbar.zoom.isVisible()
    with qtbot.waitSignal(toolbar.changed) as caught:
        qtbot.mouseClick(toolbar.zoom, Qt.MouseButton.LeftButton)
    assert caught.args == [{"zoom_error": True}]


def test_each_kind_has_a_size_and_an_opacity_of_its_own(qtbot: QtBot, qapp: QApplication) -> None:
    sheet = StyleSheet()
    qtbot.addWidget(sheet)
    sheet.show_styles((PointStyle(kind="marked", size=2.0),))
    with qtbot.waitSignal(sheet.changed) as caught:
        qtbot.keyClick(sheet.sliders["gt", "opacity"].track, Qt.Key.Key_Home)
    assert set(caught.args[0]) == {PointStyle(kind="gt", opacity=0.0), PointStyle(kind="marked", size=2.0)}
    with qtbot.waitSignal(sheet.changed) as caught:
        qtbot.mouseClick(sheet.reset, Qt.MouseButton.LeftButton)
    assert caught.args == [()]
    assert sheet.sliders["gt", "opacity"].value() == 1.0


def test_a_tile_says_done_against_the_truth_and_how_many_objects(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    numbers = table(err_px=[222.4, 1], done=[0.06, NAN], gt_done=[0.0, 1.0], count=[10, 1], dx_px=[3.25, 1])
    dark = TOKENS["dark"]
    caption = points_caption(numbers, 0, numbers.column("err_px"))
    assert caption.left == (("done 0.06", dark.prediction), (" gt 0", dark.gt))
    assert caption.right == "10 objects"
    assert points_caption(numbers, 1, None).left == (("done gt 1", dark.gt),)
    assert points_caption(numbers, 1, None).right == "1 object"
    assert points_caption(numbers, 0, numbers.column("dx_px")).left[-1][0].endswith("3.2 px")


def test_without_a_done_signal_a_tile_says_what_it_is_sorted_by(qapp: QApplication) -> None:
    numbers = table(err_px=[222.4, NAN], count_predicted=[12, 7])
    assert points_caption(numbers, 0, numbers.column("err_px")).left == (("222.4 px", ""),)
    assert points_caption(numbers, 0, None).right == "12 predicted"
    assert points_caption(table(), 0, None).left == ()
