"""The strips above the points look as their stored pictures do, in both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inspector.display.points.pattern.scene import PatternScene
from inspector.display.tokens import ThemeName
from inspector.session.gallery import GalleryState
from inspector.session.values import ViewState
from inspector.views.points.comparison import Comparison
from inspector.views.points.pattern_strip import PatternStrip
from inspector.views.theme import apply_theme
from tests.views.points.test_comparison import SCENE

SWAPPED = PatternScene(
    title="Predicted points have x and y swapped",
    text="The median error of 101.3 px falls to 4.6 px once x and y of the predictions change places, as pixels",
    can_undo=True,
)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_strips_look_as_stored(
    qtbot: QtBot, qapp: QApplication, check_picture: Callable[[Any, str], None], theme: ThemeName
) -> None:
    apply_theme(qapp, theme)
    sheet = QWidget()
    qtbot.addWidget(sheet)
    column = QVBoxLayout(sheet)
    comparison = Comparison(sheet)
    gallery = GalleryState(viewer="points", filter="broken")
    for undone in (False, True):
        strip = PatternStrip()
        column.addWidget(strip)
        strip.show_scene(msgspec.structs.replace(SWAPPED, undone=undone))
    column.addWidget(comparison.strip)
    comparison.reflect(ViewState(compared_dump="/r/a.h5", galleries=(gallery,)))
    comparison.show_scene(msgspec.structs.replace(SCENE, notes=("10 samples are in one of the dumps alone",)))
    sheet.resize(920, 240)
    check_picture(sheet, f"points-strips-{theme}")
