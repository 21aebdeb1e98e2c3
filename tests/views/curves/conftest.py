"""A view of curves on the screen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.views.curves.view import CurvesView, make
from inspector.views.theme import apply_theme


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


@pytest.fixture
def view(qtbot: QtBot) -> CurvesView:
    """Empty, 1000 by 700 pixels."""
    made = make()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made
