"""Where findings want different values for a setting, the card shows both and the one that is clicked is chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from inspector.app.staged_card import StagedCard
from inspector.session.values import StagedEdit
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel

SPIKE = StagedEdit(path="optim.lr", old=0.006, new=0.001, reason="it spikes", finding="spike")
TYPED = StagedEdit(path="optim.lr", old=0.006, new=0.003)


def test_both_values_stand_with_their_reasons_until_one_is_clicked(qtbot: QtBot) -> None:
    card = StagedCard()
    qtbot.addWidget(card)
    card.show_edits((), "Resume…", "choose first", (SPIKE, TYPED))
    card.show()
    texts = {label.text() for label in card.findChildren(QLabel) if label.isVisible()}
    assert {"optim.lr", "0.001", "it spikes", "0.003", "typed by hand"} <= texts
    assert not card.resume.isEnabled()
    assert not card.clear.isHidden()
    use = {button.accessibleName(): button for button in card.findChildren(Button) if button.text() == "Use"}
    with qtbot.waitSignal(card.settled, timeout=2000) as caught:
        qtbot.mouseClick(use["Use 0.001 for optim.lr"], Qt.MouseButton.LeftButton)
    assert caught.args == ["optim.lr", "spike"]
    with qtbot.waitSignal(card.settled, timeout=2000) as caught:
        qtbot.mouseClick(use["Use 0.003 for optim.lr"], Qt.MouseButton.LeftButton)
    assert caught.args == ["optim.lr", ""]
    card.show_edits((SPIKE,), "Resume…")
    assert not [button for button in card.findChildren(Button) if button.text() == "Use" and button.isVisible()]
    assert card.resume.isEnabled()


def test_of_a_path_that_is_too_long_the_last_part_is_read_and_the_rest_is_a_tool_tip(qtbot: QtBot) -> None:
    path = "optim.groups.slot_attention.lr_mult"
    card = StagedCard()
    qtbot.addWidget(card)
    card.show_edits((StagedEdit(path=path, old=1.0, new=0.1),), "Resume…")
    card.resize(260, 200)
    card.show()
    name = next(one for one in card.findChildren(ElidedLabel) if one.text() == path)
    assert name.shown_text().startswith("…")
    assert name.shown_text().endswith(".lr_mult")
    assert name.toolTip() == path
