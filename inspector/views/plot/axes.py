"""The ticks and the grid around curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from inspector.display.curves.scales import axis_ticks
from inspector.display.ticks import Tick
from inspector.display.tokens import mixed
from inspector.session.values import XAxis
from inspector.views.fonts import text_font
from inspector.views.plot.camera import Area, Camera
from inspector.views.plot.drawing import Drawing
from inspector.views.plot.flags import sentence_px
from inspector.views.plot.frame import Frame
from inspector.views.theme import colour, tokens

TICK_PX = 11
_X_TICK_EVERY_PX = 72
_WALL_TICK_EVERY_PX = 92
_Y_TICK_EVERY_PX = 64
_Y_AXIS_PX = 54.0
_WIDEST_Y_AXIS_PX = 110.0
_X_AXIS_PX = 20.0
_TOP_PX = 6.0
# Half of a tick's text, so that the last one is not cut.
_RIGHT_PX = 14.0
_GAP_PX = 6.0


def frame_in(width: float, height: float, drawing: Drawing, camera: Camera, ratio: float) -> Frame:
    """The way to the pixels of a widget that are left beside the texts of the ticks and below a sentence."""
    top = _TOP_PX + sentence_px(drawing.flags)

    def framed(left: float) -> Frame:
        area = Area(left, top, max(width - left - _RIGHT_PX, 1.0), max(height - top - _X_AXIS_PX, 1.0))
        return Frame(area=area, camera=camera, x=drawing.x, y=drawing.y, ratio=ratio)

    return framed(_y_axis_px(y_ticks(framed(_Y_AXIS_PX))))


def x_ticks(frame: Frame, axis: XAxis) -> tuple[Tick, ...]:
    """Ticks of the x axis, at its coordinates."""
    every = _WALL_TICK_EVERY_PX if axis == "wall" else _X_TICK_EVERY_PX
    count = max(int(frame.area.width / every), 2)
    return axis_ticks(*frame.camera.x, count, frame.x.kind, threshold=frame.x.threshold, kind=axis)


def y_ticks(frame: Frame) -> tuple[Tick, ...]:
    """Ticks of the y axis, at its coordinates."""
    count = max(int(frame.area.height / _Y_TICK_EVERY_PX), 3)
    return axis_ticks(*frame.camera.y, count, frame.y.kind, threshold=frame.y.threshold)


def _y_axis_px(ticks: Sequence[Tick]) -> float:
    """How wide the texts of a y axis are; the same for most axes, so that cards in a column line up."""
    metrics = QFontMetricsF(text_font(TICK_PX))
    widest = max((metrics.horizontalAdvance(tick.text) for tick in ticks), default=0.0)
    return min(max(widest + _GAP_PX + 4, _Y_AXIS_PX), _WIDEST_Y_AXIS_PX)


def paint_axes(painter: QPainter, frame: Frame, x: Sequence[Tick], y: Sequence[Tick]) -> None:
    """Level lines at the ticks of y, and the texts of both axes."""
    theme = tokens()
    area = frame.area
    painter.setFont(text_font(TICK_PX))
    metrics = QFontMetricsF(painter.font())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(QPen(colour(mixed(theme.line, theme.panel, 0.35)), 1))
    low, high = frame.camera.y
    levels = [(tick, area.top + (high - tick.value) * area.height / (high - low)) for tick in y]
    painter.drawLines([QLineF(area.left, round(at) + 0.5, area.right, round(at) + 0.5) for _, at in levels])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(colour(theme.faint))
    for tick, at in levels:
        left = area.left - _GAP_PX - metrics.horizontalAdvance(tick.text)
        painter.drawText(QPointF(max(left, 0.0), at + metrics.capHeight() / 2), tick.text)
    low, high = frame.camera.x
    end = -1e9
    for tick in x:
        middle = area.left + (tick.value - low) * area.width / (high - low)
        width = metrics.horizontalAdvance(tick.text)
        left = min(max(middle - width / 2, 0.0), area.right + _RIGHT_PX - width)
        if left > end:
            painter.drawText(QPointF(left, area.bottom + 4 + metrics.ascent()), tick.text)
            end = left + width + _GAP_PX
