"""Tiles are painted whole, or not at all, and the process lives on."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication

from inspector.formats.marks import UNMARKED
from inspector.views.gallery.texts import Caption
from inspector.views.gallery.tiles import Picture, painted
from inspector.views.theme import apply_theme

WHOLE = (0.0, 0.0, 1.0, 1.0)


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def picture(inside: tuple[float, float, float, float] = WHOLE) -> Picture:
    return Picture(np.full((40, 80, 4), 255, np.uint8), inside, np.zeros((1, 4), np.float32), "")


def test_what_cannot_be_painted_over_a_tile_ends_nothing_but_the_tile() -> None:
    def fail(_painter: QPainter, _area: QRectF, _rows: object) -> None:
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            painted(picture(), QSize(120, 90), 1.0, Caption(), UNMARKED, fail)


def test_points_are_painted_where_the_picture_lies_which_fills_its_tile_whatever_its_cell() -> None:
    areas: list[QRectF] = []

    def note(_painter: QPainter, area: QRectF, _rows: object) -> None:
        areas.append(QRectF(area))

    painted(picture(), QSize(120, 90), 1.0, Caption(), UNMARKED, note)
    painted(picture((0.25, 0.0, 0.5, 1.0)), QSize(120, 90), 1.0, Caption(), UNMARKED, note)
    # A picture of 80 by 40 fits 120 by 60 into the tile, in its middle; one of 40 by 40 fits 90 by 90.
    assert areas == [QRectF(0, 15, 120, 60), QRectF(15, 0, 90, 90)]
