"""Curves and bands that were cut to the screen, painted: bars where they are dense, smooth lines elsewhere."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import cast

import numpy as np
import shiboken6
from PySide6.QtCore import QLine, QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from inspector.core.arrays import AnyArray, FloatArray
from inspector.views.legend import ink_colour
from inspector.views.plot.frame import Frame
from inspector.views.plot.strokes import SMOOTH_POINTS, Layer, Stroke, stroke
from inspector.views.traces import Strip, Trace

WIDE_PX = 1.6
DENSE_PX = 1.0
LONG_PX = 8000.0
"""A wide smooth line that goes up and down over so many pixels takes 10 ms, and a second at 50 times as many; as one of
one pixel, or as lines one by one, a fiftieth of that."""

OPAQUE = 255

_DOT_PX = 5.0
_DASHES = ((), (7.0, 3.0), (2.0, 2.0), (7.0, 2.5, 2.0, 2.5), (3.0, 2.0, 1.0, 2.0))
_PLANNED_DASHES = (4.0, 3.0)
_BETWEEN_DASHES_SHARE = 0.25
_BAND_SHARE = 0.16
# Wide smooth lines are stroked by software, 200 ms where noise fills the screen; thin hard ones then look the same.
_CROWD_POINTS = 8000
_LAYER_MS = 0.1
_BAR_MS = 3e-4
_PIXEL_MS = 6e-6
_PALE_PIXEL_MS = 12e-6
_HARD_POINT_MS = 5e-4
_WIDE_PX_MS = 2.5e-3
_THIN_PX_MS = 5e-5


def is_crowd(layers: Sequence[Layer]) -> bool:
    """Whether there are too many points for smooth lines."""
    return sum(len(layer.stroke.points) for layer in layers) > _CROWD_POINTS


def work_ms(layer: Layer, frame: Frame, *, crowd: bool) -> float:
    """About how long `ink_layer` takes on a slow processor, in milliseconds."""
    one = layer.stroke
    if one.upright is not None:
        pixels = float((one.upright[:, 3] - one.upright[:, 1]).sum())
        return _LAYER_MS + len(one.upright) * _BAR_MS + pixels * (_PALE_PIXEL_MS if layer.share < 1 else _PIXEL_MS)
    if crowd or len(one.points) > SMOOTH_POINTS:
        return _LAYER_MS + len(one.points) * _HARD_POINT_MS
    long_px = length_px(one.points, frame)
    return _LAYER_MS + (long_px * _WIDE_PX_MS if long_px <= LONG_PX else long_px * _THIN_PX_MS)


def ink_layer(painter: QPainter, frame: Frame, trace: Trace, layer: Layer, *, crowd: bool) -> None:
    """Paint one stroke of a curve on a screen; the painter counts in pixels of the layout.

    Args:
        painter: of the screen.
        frame: the way to pixels.
        trace: the curve.
        layer: what of it is seen.
        crowd: it has no room for smooth lines among the others.
    """
    painter.save()
    painter.scale(1 / frame.ratio, 1 / frame.ratio)
    ink = ink_of(trace, layer)
    points = layer.stroke.points
    if layer.stroke.upright is not None:
        _ink_bars(painter, layer.stroke, ink, dashes_of(trace, layer), max(round(DENSE_PX * frame.ratio), 1))
    elif crowd or len(points) > SMOOTH_POINTS:
        ink_line(painter, points, pen_of(trace, layer, 0.0))
    else:
        long = length_px(points, frame) > LONG_PX
        ink_line(painter, points, pen_of(trace, layer, 1.0 if long else width_px(layer) * frame.ratio))
    painter.restore()


def ink_of(trace: Trace, layer: Layer) -> QColor:
    """The colour of a stroke, as pale as it is to be."""
    return _faded(QColor(ink_colour(trace.ink, dim=trace.dim)), layer.share)


def width_px(layer: Layer) -> float:
    """How wide a smooth line is, in pixels of the layout."""
    return 1.0 if layer.raw else WIDE_PX


def dashes_of(trace: Trace, layer: Layer) -> tuple[float, ...]:
    """The lengths of dashes and of the gaps between them, in widths of the line; empty for a line without gaps."""
    if layer.raw:
        return ()
    return _PLANNED_DASHES if trace.dashed else _DASHES[trace.variant % len(_DASHES)]


def pen_of(trace: Trace, layer: Layer, width: float) -> QPen:
    """The pen of a line that is so wide; 0 for the thinnest there is, without smooth edges."""
    pen = QPen(ink_of(trace, layer), width)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    if dashes := dashes_of(trace, layer):
        pen.setDashPattern(dashes)
    return pen


def on_dash(across: FloatArray, dashes: tuple[float, ...], unit: float) -> AnyArray:
    """Whether places across lie on a dash; all of them where there are no gaps.

    A line that goes up and down many times within a dash is dashed across, and is pale in the gaps instead of absent,
    so that every value is seen.

    Args:
        across: (places,) in pixels.
        dashes: as of `dashes_of`.
        unit: pixels of one width.
    """
    if not dashes:
        return np.ones(len(across), bool)
    borders = np.cumsum(dashes) * unit
    return np.asarray(np.searchsorted(borders, across % borders[-1], "right") % 2 == 0)


def between_dashes(ink: QColor) -> QColor:
    """The ink of a gap."""
    return _faded(ink, ink.alphaF() * _BETWEEN_DASHES_SHARE)


def length_px(points: FloatArray, frame: Frame) -> float:
    """How far a line goes up and down within the axes, in the device's pixels."""
    within = np.clip(points[:, 1], frame.area.top * frame.ratio, frame.area.bottom * frame.ratio)
    return float(np.nansum(np.abs(np.diff(within))))


def _faded(ink: QColor, share: float) -> QColor:
    faded = QColor(ink)
    faded.setAlphaF(share)
    return faded


def _ink_bars(painter: QPainter, one: Stroke, ink: QColor, dashes: tuple[float, ...], high_px: int) -> None:
    """Paint bars that are at least so many of the screen's pixels high, and lines between them."""
    assert one.upright is not None
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    edges = one.upright
    if high_px > 1:
        edges = edges.copy()
        edges[:, 3] = np.maximum(edges[:, 3], edges[:, 1] + high_px - 1)
    if dashes:
        on = on_dash(edges[:, 0], dashes, WIDE_PX)
        _ink_rectangles(painter, edges[~on], between_dashes(ink))
        _ink_rectangles(painter, edges[on], ink)
    else:
        _ink_rectangles(painter, edges, ink)
    if len(one.slanted):
        painter.setPen(QPen(ink, 0))
        # Pale lines that lie on each other would be darker.
        for below in range(high_px if ink.alpha() == OPAQUE else 1):
            lines = np.ascontiguousarray(one.slanted + np.array([0, below, 0, below]), np.int32)
            painter.drawLines(cast("QLine", shiboken6.wrapInstance(lines.ctypes.data, QLine)), len(lines))


def _ink_rectangles(painter: QPainter, edges: AnyArray, ink: QColor) -> None:
    """(rectangles, 4) int32: the edges of each as a QRect holds them, all within it."""
    if not len(edges):
        return
    held = np.ascontiguousarray(edges, np.int32)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRects(cast("QRect", shiboken6.wrapInstance(held.ctypes.data, QRect)), len(held))


def ink_line(painter: QPainter, points: FloatArray, pen: QPen) -> None:
    """Join points, as far as there are no gaps; a point between gaps is a dot."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=pen.widthF() > 0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    for begin, end in unbroken(points):
        if end - begin > 1:
            painter.drawPolyline(polygon(points[begin:end]))
    ink_dots(painter, points, pen.color(), max(pen.widthF() / WIDE_PX, 1.0))


def ink_dots(painter: QPainter, points: FloatArray, ink: QColor, ratio: float) -> None:
    """Paint the points that stand between gaps."""
    alone = [QPointF(*points[begin]) for begin, end in unbroken(points) if end - begin == 1]
    if alone:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(QPen(ink, _DOT_PX * ratio, c=Qt.PenCapStyle.RoundCap))
        painter.drawPoints(alone)


def unbroken(points: FloatArray) -> list[tuple[int, int]]:
    """The first point of every stretch without a gap, and the one after its last."""
    known = np.isfinite(points).all(axis=1)
    ends = np.flatnonzero(np.diff(known, prepend=False, append=False)).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def ink_lines(painter: QPainter, lines: FloatArray) -> None:
    """(lines, 4) float64: both ends of each, painted with the painter's pen."""
    held = np.ascontiguousarray(lines, np.float64)
    if len(held):
        painter.drawLines(cast("QLineF", shiboken6.wrapInstance(held.ctypes.data, QLineF)), len(held))


def polygon(points: FloatArray) -> QPolygonF:
    """(points, 2) float64 as Qt's list of points, copied at once."""
    held = np.ascontiguousarray(points, np.float64)
    made = QPolygonF()
    made.resize(len(held))
    if len(held):
        ctypes.memmove(shiboken6.getCppPointer(made.data())[0], held.ctypes.data, held.nbytes)
    return made


def ink_strips(painter: QPainter, frame: Frame, strips: Sequence[Strip]) -> None:
    """Paint bands and their names, which stand at their right ends."""
    for strip in strips:
        ink = _faded(QColor(ink_colour(strip.ink)), _BAND_SHARE)
        lows, highs = stroke(strip.lows, frame), stroke(strip.highs, frame)
        painter.save()
        painter.scale(1 / frame.ratio, 1 / frame.ratio)
        if lows.upright is not None and highs.upright is not None:
            _ink_filled_columns(painter, lows.upright, highs.upright, ink)
        else:
            _ink_filled(painter, lows.points, highs.points, ink)
        painter.restore()


def _ink_filled_columns(painter: QPainter, lows: AnyArray, highs: AnyArray, ink: QColor) -> None:
    _, one, other = np.intersect1d(lows[:, 0], highs[:, 0], return_indices=True)
    edges = highs[other].copy()
    edges[:, 3] = np.maximum(lows[one, 3], edges[:, 1])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    _ink_rectangles(painter, edges, ink)


def _ink_filled(painter: QPainter, lows: FloatArray, highs: FloatArray, ink: QColor) -> None:
    if len(lows) != len(highs):
        return
    known = np.isfinite(lows) & np.isfinite(highs)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    for begin, end in unbroken(np.where(known, highs, np.nan)):
        painter.drawPolygon(polygon(np.concatenate([highs[begin:end], lows[begin:end][::-1]])))


def clip_to(painter: QPainter, frame: Frame) -> None:
    """Let nothing be painted outside the axes."""
    area = frame.area
    painter.setClipRect(QRectF(area.left, area.top, area.width, area.height))
