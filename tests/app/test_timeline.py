"""The texts below the timeline stand inside it, whatever the run."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF

from inspector.app.timeline_strip import Flag, TimelineStrip
from inspector.diagnosis.values import Severity
from inspector.display.timeline.scene import TimelineScene
from inspector.views.fonts import SMALL_PX, text_font


def _strip(qtbot, *steps: float) -> TimelineStrip:
    strip = TimelineStrip()
    qtbot.addWidget(strip)
    strip.resize(600, strip.sizeHint().height())
    strip.scene = TimelineScene(
        first_step=steps[0], last_step=steps[-1], steps=np.zeros(0), values=np.zeros(0), tag="", marks=(), axis="step",
        ticks=tuple((step, f"{step:,.0f}") for step in steps),
    )  # fmt: skip
    return strip


@pytest.mark.parametrize("steps", [(2_400.0,), (123_456_789.0,), (0.0, 1_234_567.0), tuple(np.arange(0, 9e6, 1e5))])
def test_every_text_of_the_axis_is_whole_and_apart(qtbot, steps):
    strip = _strip(qtbot, *steps)
    areas = strip.tick_areas()
    metrics = QFontMetricsF(text_font(SMALL_PX))
    assert areas[0][1] == f"{steps[0]:,.0f}"
    for area, text in areas:
        assert area.left() >= 0
        assert area.right() <= strip.width()
        assert area.width() >= metrics.horizontalAdvance(text)
    assert all(one.right() < other.left() for (one, _), (other, _) in pairwise(areas))
    strip.grab()


def test_a_cursor_that_moves_has_the_curve_painted_once_and_a_new_curve_is_painted_anew(qtbot, monkeypatch):
    strip = _strip(qtbot, 0.0, 10.0)
    painted = []
    monkeypatch.setattr(strip, "_paint_curve", lambda _painter, scene, _theme: painted.append(scene))
    for step in (1.0, 2.0, 3.0):
        strip.cursor_step = step
        strip.grab()
    assert painted == [strip.scene]
    strip.scene = msgspec.structs.replace(strip.scene, tag="another")
    strip.grab()
    strip.flags = (Flag(5.0, Severity.INFO, "found"),)
    assert strip.spoken_text().endswith("; note: found at step 5")
    strip.grab()
    strip.resize(500, strip.height())
    strip.grab()
    assert len(painted) == 4
