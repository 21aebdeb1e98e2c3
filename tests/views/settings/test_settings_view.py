"""The form with real keys: an edit is checked, staged, shown and taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.core.pulse import QUIET
from inspector.display.settings.prepare import prepare
from inspector.display.settings.scene import SettingsAsk, SettingsScene
from inspector.formats.recipes.slots import SlotsSettings
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of
from inspector.runs.values import SettingsSheet
from inspector.session.intents import EditsStaged, EditUnstaged
from inspector.session.values import StagedEdit
from inspector.views.elided import ElidedLabel
from inspector.views.settings.view import Choice, Editor, SettingsView, make
from inspector.views.theme import apply_theme


def _scene(*staged: StagedEdit) -> SettingsScene:
    sheet = SettingsSheet(values=values_of(SlotsSettings()), fields=fields_of(SlotsSettings), source="settings.json")
    return prepare(SettingsAsk(sheet=sheet, staged=staged, filter=""), QUIET)


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> SettingsView:
    apply_theme(qapp, "dark")
    made = make(None)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show_scene(_scene())
    made.show()
    qtbot.waitUntil(lambda: not made.pending())
    return made


def _type(qtbot: QtBot, view: SettingsView, path: str, text: str) -> None:
    editor = view.rows[path].editor
    assert isinstance(editor, Editor)
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)


def test_a_number_is_staged_with_its_old_value(qtbot: QtBot, view: SettingsView) -> None:
    with qtbot.waitSignal(view.intent) as caught:
        _type(qtbot, view, "optim.lr", "1e-4")
    assert caught.args == [EditsStaged((StagedEdit(path="optim.lr", old=1e-3, new=1e-4),))]


@pytest.mark.parametrize(
    ("path", "text"), [("optim.lr", "fast"), ("optim.lr", "-1"), ("data.subset", "2"), ("model.slots", "1.5")]
)
def test_what_is_not_allowed_is_said_and_not_staged(qtbot: QtBot, view: SettingsView, path: str, text: str) -> None:
    with qtbot.assertNotEmitted(view.intent):
        _type(qtbot, view, path, text)
    assert path in view.rows[path].effect.text()
    editor = view.rows[path].editor
    assert isinstance(editor, Editor)
    assert editor.wrong


def test_off_is_a_value_where_it_is_allowed(qtbot: QtBot, view: SettingsView) -> None:
    with qtbot.waitSignal(view.intent) as caught:
        _type(qtbot, view, "optim.clip_norm", "off")
    assert caught.args[0].edits[0].new is None


def test_a_choice_is_staged_by_key(qtbot: QtBot, view: SettingsView) -> None:
    box = view.rows["encoder.activation"].editor
    assert isinstance(box, Choice)
    box.setFocus()
    with qtbot.waitSignal(view.intent) as caught:
        box.setCurrentIndex(1)
        box.activated.emit(1)
    assert caught.args[0].edits[0].new == "leaky_relu"


def test_a_staged_edit_is_shown_and_taken_back(qtbot: QtBot, view: SettingsView) -> None:
    view.show_scene(_scene(StagedEdit(path="optim.lr", old=1e-3, new=1e-4)))
    row = view.rows["optim.lr"]
    assert row.back.isVisible()
    assert row.effect.text() == "takes effect"
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.mouseClick(row.back, Qt.MouseButton.LeftButton)
    assert caught.args == [EditUnstaged("optim.lr")]
    view.show_scene(_scene())
    assert not view.rows["optim.lr"].back.isVisible()


def test_a_description_that_is_cut_is_told_whole(view: SettingsView) -> None:
    why = view.rows["optim.lr"].why
    view.resize(560, 700)
    QApplication.processEvents()
    assert why.width() < why.sizeHint().width()
    assert isinstance(why, ElidedLabel)
    assert why.toolTip() == why.text() != ""
