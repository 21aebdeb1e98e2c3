"""The card of a resumed run against its parent, with a real click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from inspector.display.triage.scene import AgainstParent, BecameRow
from inspector.views.triage.parent_card import ParentCard

KNOWN = AgainstParent(
    name="first",
    known=True,
    counts="1 gone",
    rows=(BecameRow(word="gone", tone="good", title="By heart", because="not found"),),
)


def test_the_card_is_there_for_a_resumed_run_alone(qtbot: QtBot) -> None:
    card = ParentCard()
    qtbot.addWidget(card)
    assert card.isHidden()
    card.show_against(KNOWN)
    assert not card.isHidden()
    assert {"gone", "By heart", "not found", "1 gone"} <= {label.text() for label in card.findChildren(QLabel)}
    assert card.open_button.isHidden()
    card.show_against(None)
    assert card.isHidden()


def test_a_parent_that_is_not_open_is_opened_by_a_click(qtbot: QtBot) -> None:
    card = ParentCard()
    qtbot.addWidget(card)
    card.show_against(AgainstParent(name="first", known=False))
    card.show()
    assert card.counts.text() == "it is not open"
    with qtbot.waitSignal(card.wanted, timeout=2000):
        qtbot.mouseClick(card.open_button, Qt.MouseButton.LeftButton)
