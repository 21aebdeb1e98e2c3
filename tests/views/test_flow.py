"""A row of controls goes on below, and nothing in it is wider than the row."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector.views.elided import ElidedLabel
from inspector.views.flow import FlowLayout


def test_a_text_wider_than_the_row_is_cut_to_it(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    row = FlowLayout(whole)
    short, long = ElidedLabel("a short text"), ElidedLabel("long " * 200)
    for label in (short, long):
        row.addWidget(label)
    whole.resize(300, 100)
    whole.show()
    assert long.geometry().left() == 0
    assert long.width() == 300
    assert long.y() > short.geometry().bottom()
    assert short.width() == short.sizeHint().width()
