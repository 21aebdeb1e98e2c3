"""The strip above the points says the mistake behind their errors and tells when it is to be undone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.display.points.pattern.scene import PatternScene
from inspector.views.points.pattern_strip import PatternStrip
from inspector.views.points.view import PointsView, make
from inspector.views.theme import apply_theme
from tests.views.acting import changes_on_click

SWAPPED = PatternScene(title="Predicted points have x and y swapped", text="The median error falls", can_undo=True)


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


@pytest.fixture
def strip(qtbot: QtBot) -> PatternStrip:
    made = PatternStrip()
    qtbot.addWidget(made)
    made.resize(600, 60)
    made.show()
    return made


def test_it_stands_where_there_is_a_mistake_alone(strip: PatternStrip) -> None:
    strip.show_scene(SWAPPED)
    assert strip.isVisible()
    assert (strip.what.text(), strip.said.text()) == (SWAPPED.title, SWAPPED.text)
    strip.show_scene(PatternScene())
    assert not strip.isVisible()


def test_what_cannot_be_undone_has_no_switch(strip: PatternStrip) -> None:
    strip.show_scene(PatternScene(title="All predictions lie near (0.10, 0.20)", text="They spread by 0.01"))
    assert not strip.undo.isVisible()


def test_the_switch_says_what_is_shown_and_tells_what_is_wished(strip: PatternStrip, qtbot: QtBot) -> None:
    strip.show_scene(SWAPPED)
    with qtbot.waitSignal(strip.undone) as told:
        qtbot.mouseClick(strip.undo, Qt.MouseButton.LeftButton)
    assert told.args == [True]
    strip.show_scene(PatternScene(title="a", text="b", can_undo=True, undone=True))
    assert (strip.undo.isChecked(), strip.undo.text()) == (True, "Undone")
    with qtbot.waitSignal(strip.undone) as told:
        qtbot.mouseClick(strip.undo, Qt.MouseButton.LeftButton)
    assert told.args == [False]


def test_the_view_shows_the_part_and_changes_the_session(qtbot: QtBot) -> None:
    view: PointsView = make(None)
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    view.show_part("pattern", SWAPPED)
    assert not view.pattern.isHidden()
    assert changes_on_click(qtbot, view, view.pattern.undo) == {"undo_point_pattern": True}
