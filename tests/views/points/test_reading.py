"""How coordinates are read is shown, asked where it is not sure, and chosen for truth and predictions apart."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from inspector.display.points.reading import Reading, ReadSide
from inspector.formats.point_conventions import Convention, Frame, Unit
from inspector.session.intents import ConventionsChosen, ViewChanged
from inspector.views.points.reading_sheet import ReadingButton, ReadingSheet
from inspector.views.points.reading_strip import ReadingStrip
from inspector.views.theme import apply_theme

SIGNED = Convention(unit=Unit.SIGNED)
GUESS = Reading(
    file="step_0001500.h5",
    sides=(
        ReadSide(name="Truth", dataset="gt_xy", convention=SIGNED),
        ReadSide(name="Predictions", dataset="pred_xy", convention=SIGNED),
    ),
    text="Truth and predictions: −1 to 1 over the original image, x first (values, a guess)",
    sure=False,
    size_known=True,
    pairing_text="Paired by their order",
    radius_px=math.nan,
)


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def press(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def strip(qtbot: QtBot, told: list[Any]) -> ReadingStrip:
    made = ReadingStrip()
    qtbot.addWidget(made)
    made.intent.connect(told.append)
    made.show_reading(GUESS)
    return made


@pytest.fixture
def sheet(qtbot: QtBot, told: list[Any]) -> ReadingSheet:
    made = ReadingSheet()
    qtbot.addWidget(made)
    made.intent.connect(told.append)
    made.show_reading(GUESS, None)
    made.show()
    return made


def test_a_doubtful_reading_is_asked_and_a_sure_one_is_not(strip: ReadingStrip) -> None:
    assert not strip.isHidden()
    assert "a guess" in strip.said.text()
    assert "step_*.h5" in strip.said.text()
    strip.show_reading(msgspec.structs.replace(GUESS, sure=True))
    assert strip.isHidden()


def test_keeping_the_guess_says_it_of_truth_and_predictions(qtbot: QtBot, strip: ReadingStrip, told: list[Any]) -> None:
    press(qtbot, strip.keep)
    assert told == [ConventionsChosen("step_*.h5", {"gt_xy": SIGNED, "pred_xy": SIGNED})]


def test_another_unit_is_chosen_in_the_strip(qtbot: QtBot, strip: ReadingStrip, told: list[Any]) -> None:
    press(qtbot, strip.unit.segment(Unit.SHARES))
    assert told == [ConventionsChosen("step_*.h5", dict.fromkeys(("gt_xy", "pred_xy"), Convention(unit=Unit.SHARES)))]


def test_what_is_read_alike_is_chosen_together_and_else_apart(
    qtbot: QtBot, sheet: ReadingSheet, told: list[Any]
) -> None:
    press(qtbot, sheet.choices[0].order.segment("yx"))
    turned = msgspec.structs.replace(SIGNED, is_yx=True)
    assert told.pop() == ConventionsChosen("step_*.h5", {"gt_xy": turned, "pred_xy": turned})
    press(qtbot, sheet.apart)
    assert [name.text() for name in sheet.names] == ["Truth", "Predictions"]
    press(qtbot, sheet.choices[1].unit.segment(Unit.PIXELS))
    assert told.pop() == ConventionsChosen("step_*.h5", {"pred_xy": Convention()})
    by_hand = msgspec.structs.replace(GUESS.sides[1], convention=Convention(), by_hand=True)
    sheet.show_reading(msgspec.structs.replace(GUESS, sides=(GUESS.sides[0], by_hand)), None)
    press(qtbot, sheet.guessed[1])
    assert told.pop() == ConventionsChosen("step_*.h5", {"pred_xy": None})
    assert not sheet.guessed[0].isEnabled()


def test_what_the_network_was_given_is_typed_where_points_lie_in_it(
    qtbot: QtBot, sheet: ReadingSheet, told: list[Any]
) -> None:
    assert not sheet.given.isEnabled()
    boxed = Convention(unit=Unit.SIGNED, frame=Frame.LETTERBOXED)
    sides = tuple(msgspec.structs.replace(side, convention=boxed, by_hand=True) for side in GUESS.sides)
    sheet.show_reading(msgspec.structs.replace(GUESS, sides=sides), None)
    qtbot.keyClicks(sheet.given, "640 x 448")
    qtbot.keyClick(sheet.given, Qt.Key.Key_Return)
    given = msgspec.structs.replace(boxed, given_hw=(448, 640))
    assert told[0] == ConventionsChosen("step_*.h5", {"gt_xy": given, "pred_xy": given})


def test_a_radius_is_typed_and_a_wrong_one_says_nothing(qtbot: QtBot, sheet: ReadingSheet, told: list[Any]) -> None:
    qtbot.keyClicks(sheet.radius, "twelve")
    qtbot.keyClick(sheet.radius, Qt.Key.Key_Return)
    assert told == []
    sheet.radius.clear()
    qtbot.keyClicks(sheet.radius, "12 px")
    qtbot.keyClick(sheet.radius, Qt.Key.Key_Return)
    sheet.radius.clear()
    qtbot.keyClick(sheet.radius, Qt.Key.Key_Return)
    assert told == [ViewChanged({"match_radius_px": 12.0}), ViewChanged({"match_radius_px": None})]


def test_the_button_names_the_units_of_both(qtbot: QtBot) -> None:
    button = ReadingButton()
    qtbot.addWidget(button)
    button.show_reading(GUESS, None)
    assert button.text() == "−1 to 1"
    pixels = msgspec.structs.replace(GUESS.sides[0], convention=Convention())
    button.show_reading(msgspec.structs.replace(GUESS, sides=(pixels, GUESS.sides[1])), None)
    assert button.text() == "Pixels and −1 to 1"
    assert "Paired by their order" in button.toolTip()
