"""Curves painted for paper: every line smooth and as wide as in the layout, a little each turn.

A picture of pixels is cut to its own columns and costs as much as it has pixels, however many points there are. In a
drawing (SVG, PDF) a line is cut to columns a third of a pixel of the layout wide: two values, the least and the
greatest, stand for the points of one; below three points for two columns every point is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPainterPath, QPen, QTransform

from inspector.core.arrays import FloatArray
from inspector.views.plot.frame import Frame
from inspector.views.plot.inking import (
    DENSE_PX,
    LONG_PX,
    OPAQUE,
    WIDE_PX,
    between_dashes,
    dashes_of,
    ink_dots,
    ink_line,
    ink_lines,
    ink_of,
    length_px,
    on_dash,
    pen_of,
    width_px,
)
from inspector.views.plot.strokes import Layer, Stroke
from inspector.views.traces import Trace

# Of lines one by one; each takes as long as some pixels, however short it is.
_TURN_PX = 60_000.0
_LINE_PX = 60.0
_BAR_ENDS = np.array([0.5, 0.0, 0.5, 1.0])
_MIDDLE = 0.5


def fine_inking(painter: QPainter, frame: Frame, traces: Sequence[Trace], layers: Sequence[Layer]) -> Iterator[None]:
    """Paint curves on a device with more pixels than a screen; the painter counts in pixels of the layout."""
    of_pixels = painter.paintEngine().type() == QPaintEngine.Type.Raster
    for layer in layers:
        trace, one = traces[layer.trace], layer.stroke
        painter.save()
        painter.scale(1 / frame.ratio, 1 / frame.ratio)
        if one.upright is None and (not of_pixels or length_px(one.points, frame) <= LONG_PX):
            ink_line(painter, one.points, pen_of(trace, layer, width_px(layer) * frame.ratio))
            yield
        else:
            yield from _inking_pieces(painter, frame, trace, layer, of_pixels=of_pixels)
        painter.restore()


def _inking_pieces(painter: QPainter, frame: Frame, trace: Trace, layer: Layer, *, of_pixels: bool) -> Iterator[None]:
    """Paint bars, or a long line, by their pieces."""
    one, ink, dashes = layer.stroke, ink_of(trace, layer), dashes_of(trace, layer)
    lines = _bar_lines(one) if one.upright is not None else _point_lines(one.points)
    width = max((DENSE_PX if one.upright is not None else width_px(layer)) * frame.ratio, 1.0)
    on = on_dash(lines[:, 0], dashes, WIDE_PX * frame.ratio)
    for shown, shade in ((lines[~on], between_dashes(ink)), (lines[on], ink)):
        pen = QPen(shade, width)
        if not len(shown):
            continue
        if not of_pixels:
            _ink_path(painter, shown, pen)
            yield
        elif shade.alpha() == OPAQUE:
            yield from _inking_lines(painter, shown, pen)
        else:
            yield from _inking_pale(painter, frame, shown, pen)
    ink_dots(painter, one.points, ink, frame.ratio)


def _ink_path(painter: QPainter, lines: FloatArray, pen: QPen) -> None:
    """Paint lines as one of many pieces, so that where they lie on each other the ink is no darker."""
    path = QPainterPath()
    for left, top, right, bottom in lines.tolist():
        path.moveTo(left, top)
        path.lineTo(right, bottom)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(path)


def _inking_lines(painter: QPainter, lines: FloatArray, pen: QPen) -> Iterator[None]:
    """Paint lines one by one, which takes a hundredth of what a line through all their ends takes."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    done_px = np.cumsum(np.abs(lines[:, 3] - lines[:, 1]) + _LINE_PX)
    borders = np.searchsorted(done_px, np.arange(0.0, done_px[-1], _TURN_PX))
    for piece in np.split(lines, borders[1:]):
        ink_lines(painter, piece)
        yield


def _inking_pale(painter: QPainter, frame: Frame, lines: FloatArray, pen: QPen) -> Iterator[None]:
    """As `_inking_lines`, on a sheet of its own, so that the ink is no darker where lines lie on each other."""
    area = frame.area
    across = QRectF(area.left, area.top, area.width, area.height)
    layout = painter.deviceTransform()
    layout.scale(frame.ratio, frame.ratio)
    place = layout.mapRect(across).toAlignedRect()
    sheet = QImage(place.size(), QImage.Format.Format_ARGB32_Premultiplied)
    sheet.fill(Qt.GlobalColor.transparent)
    share = pen.color().alphaF()
    opaque = QColor(pen.color())
    opaque.setAlpha(OPAQUE)
    pen.setColor(opaque)
    on_sheet = QPainter(sheet)
    try:
        on_sheet.setTransform(painter.deviceTransform() * QTransform.fromTranslate(-place.left(), -place.top()))
        yield from _inking_lines(on_sheet, lines, pen)
    finally:
        on_sheet.end()
    painter.save()
    painter.resetTransform()
    painter.setOpacity(share)
    painter.drawImage(place.topLeft(), sheet)
    painter.restore()


def _bar_lines(one: Stroke) -> FloatArray:
    """(lines, 4) float64: the middle of each bar, and the slanted lines between bars."""
    assert one.upright is not None
    return np.concatenate([one.upright + _BAR_ENDS, one.slanted + _MIDDLE])


def _point_lines(points: FloatArray) -> FloatArray:
    """(lines, 4) float64: from each point to the next, where neither is a gap."""
    lines = np.column_stack([points[:-1], points[1:]])
    return np.asarray(lines[np.isfinite(lines).all(axis=1)])
