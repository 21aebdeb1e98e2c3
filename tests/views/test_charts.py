"""Bars of any number keep what stands out."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.display.tokens import TOKENS
from inspector.views.charts import BarChart
from inspector.views.pictures import rgba_of
from inspector.views.theme import apply_theme


def test_of_bars_narrower_than_a_pixel_the_tallest_is_drawn_in_its_own_ink(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    chart = BarChart()
    qtbot.addWidget(chart)
    chart.resize(100, 102)
    heights = np.full(5000, 0.1)
    heights[3210] = 1.0
    inks = ["accent"] * 5000
    inks[3210] = "critical"
    chart.set_bars(heights, inks=inks, top=1.0)
    chart.set_selected(3211)
    pixels = rgba_of(chart.grab().toImage())[..., :3]
    critical, accent, text = (
        np.array(list(bytes.fromhex(getattr(TOKENS["dark"], name)[1:]))) for name in ("critical", "accent", "text")
    )
    # Bar 3210 of 5,000 stands in column 64 of 100; the others reach a tenth as high.
    column = pixels[:, 64].astype(int)
    assert (np.abs(column[5:95] - critical).max(axis=1) < 60).all()
    assert (np.abs(pixels[95, 10].astype(int) - accent) < 60).all()
    assert (np.abs(pixels[50, 10].astype(int) - accent) > 60).any()
    assert (pixels[101, 64] == text).all()
