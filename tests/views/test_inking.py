"""What is painted of dashed, noisy and pale curves, on the screen and on paper."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from inspector.analysis.pyramid import pyramid_of
from inspector.views.plot.camera import Area, Camera
from inspector.views.plot.fine_inking import fine_inking
from inspector.views.plot.frame import Frame
from inspector.views.plot.inking import ink_layer, on_dash
from inspector.views.plot.strokes import Layer, layers_of
from inspector.views.traces import Trace

SIDE_PX = 400
POINTS = 20_000


def _frame(ratio: float = 1.0) -> Frame:
    return Frame(area=Area(0, 0, SIDE_PX, SIDE_PX), camera=Camera((0.0, POINTS), (-1.0, 1.0)), ratio=ratio)


def _trace(points: int = POINTS, **changes) -> Trace:
    """Noise in the lower half, with one spike to the top at three quarters of x."""
    y = np.random.default_rng(0).uniform(-0.9, -0.1, points)
    y[points * 3 // 4] = 0.9
    return Trace(label="a", ink=0, parts=(pyramid_of(np.linspace(0, POINTS, points), y),), **changes)


def _alphas(image: QImage) -> np.ndarray:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, 3 : 4 * image.width() : 4].copy()


def _screen(trace: Trace, ratio: float = 1.0) -> np.ndarray:
    image = QImage(round(SIDE_PX * ratio), round(SIDE_PX * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    for layer in layers_of(_frame(ratio), [trace]):
        ink_layer(painter, _frame(ratio), trace, layer, crowd=False)
    painter.end()
    return _alphas(image)


def _paper(trace: Trace, ratio: float, share: float = 1.0) -> tuple[np.ndarray, int]:
    """What is painted, and in how many turns."""
    side = round(SIDE_PX * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    layers = [Layer(0, raw=False, share=share, stroke=layer.stroke) for layer in layers_of(_frame(ratio), [trace])]
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    turns = sum(1 for _ in fine_inking(painter, _frame(ratio), [trace], layers))
    painter.end()
    return _alphas(image), turns


def test_dashes_follow_each_other_in_widths_of_the_line() -> None:
    on = on_dash(np.arange(0.0, 40.0), (7.0, 3.0), 2.0)
    assert on.tolist() == ([True] * 14 + [False] * 6) * 2
    assert on_dash(np.arange(3.0), (), 2.0).all()


@pytest.mark.parametrize("points", [POINTS, 550])
def test_a_noisy_dashed_curve_is_pale_in_its_gaps_and_no_spike_is_lost(qapp, points: int) -> None:
    solid, dashed = _screen(_trace(points)), _screen(_trace(points, variant=1))
    spike = SIDE_PX * 3 // 4
    top = slice(SIDE_PX // 10, SIDE_PX // 3)
    assert solid[top, spike - 2 : spike + 3].any()
    assert dashed[top, spike - 2 : spike + 3].any()
    strongest = dashed[SIDE_PX // 2 :].max(axis=0)
    if points == POINTS:
        assert 0.2 < (strongest < 100).mean() < 0.4
        assert (strongest > 0).all()


@pytest.mark.parametrize(("ratio", "high_px"), [(1.0, 1), (1.5, 2), (2.0, 2)])
def test_a_dense_curve_that_stands_still_is_no_hairline_on_a_fine_screen(qapp, ratio: float, high_px: int) -> None:
    x = np.delete(np.linspace(0, POINTS, POINTS), slice(POINTS // 4, POINTS // 2))  # a line over columns without one
    painted = _screen(Trace(label="a", ink=0, parts=(pyramid_of(x, np.full(len(x), 0.5)),)), ratio)
    assert set((painted[:, 1:-1] == 255).sum(axis=0).tolist()) == {high_px}


@pytest.mark.parametrize("points", [POINTS, 550])
def test_a_noisy_curve_on_paper_is_painted_in_many_turns_with_its_spike(qapp, points: int) -> None:
    painted, turns = _paper(_trace(points), 4.0)
    spike = SIDE_PX * 3
    assert turns > 2
    assert painted[SIDE_PX // 2 : SIDE_PX, spike - 8 : spike + 9].max() == 255


def test_a_pale_curve_is_no_darker_where_its_pieces_meet(qapp) -> None:
    painted, _ = _paper(_trace(550), 4.0, share=0.4)
    assert painted.max() == pytest.approx(0.4 * 255, abs=2)
