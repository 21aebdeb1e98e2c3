"""The strip of two dumps says what became of the samples, and tells what is pressed."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.display.points.compared.scene import ComparedScene
from inspector.display.points.overlay import Overlay
from inspector.display.points.pattern.scene import DumpChoice
from inspector.display.tokens import TOKENS, rgb
from inspector.session.gallery import GalleryState, NumberRange
from inspector.session.intents import GalleryChanged, ViewChanged
from inspector.session.values import ViewState
from inspector.views.pictures import rgba_of
from inspector.views.points.comparison import CHOOSE_FILE, Comparison, filter_with
from inspector.views.points.overlay import paint_overlay
from inspector.views.points.shown import Shown
from inspector.views.theme import apply_theme

SCENE = ComparedScene(
    place="step_500.h5",
    limit_px=10.0,
    fixed=76,
    broken=1_009,
    same=115,
    unknown=0,
    text="median 18.1 px there, 7.8 px here",
    matched_text="200 samples matched by index",
    sample=3,
    change_text="sample 4: 37.2 px there, 7.6 px here, fixed",
    predictions=((0.5, 0.25),),
)
OTHERS = (DumpChoice("/r/a.h5", "a.h5 · epoch 2"), DumpChoice("/r/b.h5", "b.h5 · epoch 4"))
COMPARED = ViewState(compared_dump="/r/a.h5")


@pytest.fixture
def comparison(qtbot: QtBot, qapp: QApplication) -> Comparison:
    apply_theme(qapp, "dark")
    made = Comparison(qapp)
    for widget in (made.button, made.strip):
        qtbot.addWidget(widget)
    made.reflect(ViewState())
    return made


def test_the_strip_stands_only_beside_another_dump(comparison: Comparison) -> None:
    comparison.strip.show()
    comparison.reflect(ViewState())
    assert comparison.strip.isHidden()
    comparison.reflect(COMPARED)
    assert not comparison.strip.isHidden()
    assert comparison.strip.title.text() == "Reading the other dump…"
    assert comparison.strip.words["fixed"].isHidden()


def test_it_says_how_many_are_fixed_broken_and_same(comparison: Comparison) -> None:
    comparison.reflect(COMPARED)
    comparison.show_scene(msgspec.structs.replace(SCENE, notes=("10 samples are in one of the dumps alone",)))
    strip = comparison.strip
    assert [button.text() for button in strip.words.values()] == ["76 fixed", "1,009 broken", "115 same"]
    assert strip.title.text() == "Against step_500.h5 · median 18.1 px there, 7.8 px here"
    assert strip.said.text() == "sample 4: 37.2 px there, 7.6 px here, fixed · 200 samples matched by index"
    assert strip.limit.text() == "Limit 10 px"
    assert [item.text for item in strip.limit.items() if item.on] == ["2.6% of the longer side"]
    assert not strip.noted.isHidden()
    comparison.say("step_500.h5: is no HDF5 file")
    assert strip.title.text() == "step_500.h5: is no HDF5 file"
    assert comparison.predictions(3) == ()


def test_predictions_are_those_of_the_shown_sample(comparison: Comparison) -> None:
    comparison.reflect(COMPARED)
    comparison.show_scene(SCENE)
    assert comparison.predictions(3) == ((0.5, 0.25),)
    assert comparison.predictions(4) == ()
    comparison.reflect(ViewState())
    assert comparison.predictions(3) == ()


def test_dumps_are_offered_and_chosen(comparison: Comparison, qtbot: QtBot) -> None:
    comparison.reflect(COMPARED)
    comparison.offer(OTHERS)
    items = comparison.button.items()
    assert [(item.text, item.on) for item in items] == [
        ("No other dump", False), ("a.h5 · epoch 2", True), ("b.h5 · epoch 4", False), ("Another file…", False),
    ]  # fmt: skip
    with qtbot.waitSignal(comparison.intent) as told:
        comparison.button.chosen.emit(items[2].key)
    assert told.args == [ViewChanged({"compared_dump": "/r/b.h5"})]
    with qtbot.waitSignal(comparison.command) as asked:
        comparison.button.chosen.emit(items[3].key)
    assert asked.args == [CHOOSE_FILE]


def test_dumps_of_compared_runs_stand_under_a_heading(comparison: Comparison) -> None:
    comparison.offer(OTHERS[:1])
    comparison.offer_beside((DumpChoice("/s/a.h5", "second · a.h5"), DumpChoice("/s/b.h5", "second · b.h5")))
    comparison.reflect(ViewState(compared_dump="/s/b.h5"))
    told = [(item.text, item.heading, item.on) for item in comparison.button.items()[1:-1]]
    assert told == [
        ("a.h5 · epoch 2", "", False), ("second · a.h5", "Compared runs", False), ("second · b.h5", "", True),
    ]  # fmt: skip


def test_a_word_is_filtered_by_and_taken_away_again(comparison: Comparison, qtbot: QtBot) -> None:
    gallery = GalleryState(viewer="points", filter="flagged fixed")
    comparison.reflect(msgspec.structs.replace(COMPARED, galleries=(gallery,)))
    comparison.show_scene(SCENE)
    comparison.strip.show()
    assert [word for word, button in comparison.strip.words.items() if button.isChecked()] == ["fixed"]
    for word, expected in (("broken", "flagged broken"), ("fixed", "flagged")):
        with qtbot.waitSignal(comparison.intent) as told:
            qtbot.mouseClick(comparison.strip.words[word], Qt.MouseButton.LeftButton)
        assert told.args == [GalleryChanged("points", {"filter": expected})]


def test_the_limit_is_chosen_and_the_comparison_closed(comparison: Comparison, qtbot: QtBot) -> None:
    comparison.reflect(COMPARED)
    comparison.show_scene(SCENE)
    comparison.strip.show()
    with qtbot.waitSignal(comparison.intent) as told:
        comparison.strip.limit.chosen.emit(comparison.strip.limit.items()[2].key)
    assert told.args == [ViewChanged({"change_limit_px": 5.0})]
    own, changed = (NumberRange(column, 1.0, 2.0) for column in ("err_px", "err_change_px"))
    gallery = GalleryState(viewer="points", filter="flagged fixed", ranges=(own, changed))
    comparison.reflect(msgspec.structs.replace(COMPARED, change_limit_px=5.0, galleries=(gallery,)))
    comparison.show_scene(msgspec.structs.replace(SCENE, limit_px=5.0))
    assert [item.text for item in comparison.strip.limit.items() if item.on] == ["5 px"]
    wished: list[object] = []
    comparison.intent.connect(wished.append)
    qtbot.mouseClick(comparison.strip.close_button, Qt.MouseButton.LeftButton)
    assert wished == [
        GalleryChanged("points", {"filter": "flagged", "ranges": (own,)}),
        ViewChanged({"compared_dump": ""}),
    ]


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [("", "fixed", "fixed"), ("err_px>3 same", "broken", "err_px>3 broken"), ("same flagged", "", "flagged")],
)
def test_one_word_stands_in_a_filter_at_a_time(text: str, word: str, expected: str) -> None:
    assert filter_with(text, word) == expected


@pytest.mark.parametrize(("place", "seen"), [((0.5, 0.25), True), ((1.5, 0.25), False)])
def test_the_other_prediction_is_a_ring_of_its_own_colour(
    qapp: QApplication, place: tuple[float, float], seen: bool
) -> None:
    apply_theme(qapp, "dark")
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_overlay(Overlay((), (), (place,)), Shown(), painter, QRectF(0, 0, 200, 200), 1.0)
    painter.end()
    found = rgba_of(image)[..., :3].astype(int) - np.array(rgb(TOKENS["dark"].other_prediction))
    rows, columns = np.nonzero(np.abs(found).max(-1) < 30)
    assert (len(rows) > 0) is seen
    if seen:
        middle = (columns.max() + columns.min() + 1) / 2, (rows.max() + rows.min() + 1) / 2
        assert middle == pytest.approx((100, 50), abs=1)
