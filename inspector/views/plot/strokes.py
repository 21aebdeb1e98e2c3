"""Curves and bands on a painter: bars where they are dense, smooth lines where there is room for them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import cast

import msgspec
import numpy as np
import shiboken6
from PySide6.QtCore import QLine, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from inspector.analysis.pyramid import Pyramid
from inspector.core.arrays import AnyArray, FloatArray
from inspector.views.legend import ink_colour
from inspector.views.plot.columns import DENSE, NO_LINES, bars, columns, joined_points, seen
from inspector.views.plot.frame import Frame
from inspector.views.traces import Strip, Trace

_WIDE_PX = 1.6
_DENSE_PX = 1.0
_DOT_PX = 5.0
_DASHES = ((), (7.0, 3.0), (2.0, 2.0), (7.0, 2.5, 2.0, 2.5), (3.0, 2.0, 1.0, 2.0))
_PLANNED_DASHES = (4.0, 3.0)
_RAW_SHARE = 0.28
_STALE_SHARE = 0.42
_UNCHOSEN_SHARE = 0.18
_BAND_SHARE = 0.16
# Wide smooth lines are stroked by software, 200 ms where noise fills the screen; thin hard ones then look the same.
_SMOOTH_POINTS = 1200
_CROWD_POINTS = 8000
# A line that goes up and down over so many pixels takes 10 ms where it is wide, and a second at 50 times as many;
# as a smooth line of one pixel it takes a fiftieth of that.
_WIDE_LENGTH_PX = 8000.0
_PLANNED_POINTS = 500
# What lies farther outside is cut: the painter's own numbers end at some millions.
_FAR_PX = 1000.0
_FARTHEST_PX = 1e6


class Stroke(msgspec.Struct, frozen=True):
    """A part of a curve as it comes to the screen, in the screen's own pixels.

    Attributes:
        upright: (bars, 4) int32: left, first row, right, last row of each; None where the part has room for points.
        slanted: (lines, 4) int32, over columns without a point.
        points: (points, 2) float64, NaN rows are gaps; empty where there are bars.
    """

    upright: AnyArray | None
    slanted: AnyArray
    points: FloatArray


class Layer(msgspec.Struct, frozen=True):
    """A stroke of one curve.

    Attributes:
        trace: index of the curve.
        raw: it is what was logged, behind what is smoothed.
        share: how much of its ink it has, 0..1.
    """

    trace: int
    raw: bool
    share: float
    stroke: Stroke


_NO_POINTS: FloatArray = np.zeros((0, 2))


def stroke(part: Pyramid, frame: Frame, *, planned: bool = False) -> Stroke:
    """A curve cut to the screen; every value that no other of its column exceeds is there.

    Args:
        part: of the curve.
        frame: the way to pixels.
        planned: it is smooth and to be dashed, so an even share of its points is enough.
    """
    low, high = frame.x_values()
    first, last = seen(part, low, high)
    count = max(round(frame.area.width * frame.ratio), 1)
    if planned:
        stride = max((last - first) // _PLANNED_POINTS, 1)
        x, y = (values[::stride] for values in joined_points(part, first, last))
    elif last - first > max(DENSE * count, _SMOOTH_POINTS):
        return _dense(part, frame, first, last, count)
    else:
        x, y = joined_points(part, first, last)
    points = np.column_stack([frame.x_px(x), frame.y_px(y)]) * frame.ratio
    return Stroke(None, NO_LINES, _cut_off(points, frame))


def _dense(part: Pyramid, frame: Frame, first: int, last: int, count: int) -> Stroke:
    if frame.x.kind == "linear":
        cut = columns(part, first, last, frame.camera.x, count)
    else:
        cut = columns(part, first, last, frame.x.back(np.linspace(*frame.camera.x, count + 1)), count)
    top, bottom = frame.y_px(cut.high) * frame.ratio, frame.y_px(cut.low) * frame.ratio
    # On a logarithmic axis a column that goes down to 0 or below goes on to the foot.
    if frame.y.kind == "log":
        bottom = np.where(np.isnan(bottom) & np.isfinite(cut.low) & np.isfinite(top), _FARTHEST_PX, bottom)
    highest, lowest = frame.area.top * frame.ratio - _FAR_PX, frame.area.bottom * frame.ratio + _FAR_PX
    top, bottom = (np.minimum(np.maximum(level, highest), lowest) for level in (top, bottom))
    upright, slanted = bars(cut, top, bottom)
    left = round(frame.area.left * frame.ratio)
    upright[:, ::2] += left
    slanted[:, ::2] += left
    return Stroke(upright, slanted, _NO_POINTS)


def _cut_off(points: FloatArray, frame: Frame) -> FloatArray:
    """The first and the last point moved along their lines to just outside; the others within what can be drawn."""
    left = frame.area.left * frame.ratio - _FAR_PX
    right = frame.area.right * frame.ratio + _FAR_PX
    if len(points) > 1:
        points[0] = _moved_to(points[0], points[1], left, np.less)
        points[-1] = _moved_to(points[-1], points[-2], right, np.greater)
    return np.clip(points, -_FARTHEST_PX, _FARTHEST_PX)


def _moved_to(outer: FloatArray, inner: FloatArray, edge: float, beyond: np.ufunc) -> FloatArray:
    if not beyond(outer[0], edge) or not np.isfinite([*outer, *inner]).all() or outer[0] == inner[0]:
        return outer
    share = (edge - outer[0]) / (inner[0] - outer[0])
    return np.asarray(outer + (inner - outer) * min(share, 1.0))


def layers_of(
    frame: Frame,
    traces: Sequence[Trace],
    hidden: frozenset[int] = frozenset(),
    chosen: frozenset[int] | None = None,
) -> list[Layer]:
    """What is to be painted, in that order: what was logged behind what is smoothed, the first curves on top.

    Args:
        frame: the way to pixels.
        traces: curves.
        hidden: indices of those that are left out.
        chosen: indices of those that are not pale; None for all.
    """
    layers: list[Layer] = []
    for raw in (True, False):
        for index in reversed(range(len(traces))):
            if index in hidden:
                continue
            trace = traces[index]
            pale = 1.0 if chosen is None or index in chosen else _UNCHOSEN_SHARE
            for number, part in enumerate(trace.behind if raw else trace.parts):
                share = pale * (_RAW_SHARE if raw else 1.0) * (_STALE_SHARE if number in trace.stale else 1.0)
                layers.append(Layer(index, raw, share, stroke(part, frame, planned=trace.dashed)))
    return layers


def paint_layers(
    painter: QPainter, frame: Frame, traces: Sequence[Trace], layers: Sequence[Layer], *, fine: bool = False
) -> None:
    """Paint curves that were cut to the screen; the painter counts in pixels of the layout.

    Args:
        painter: of any device.
        frame: the way to pixels.
        traces: the curves.
        layers: what of them is seen.
        fine: every line is smooth and has its width in the layout however fine the device is; this takes longer.
    """
    crowded = not fine and sum(len(layer.stroke.points) for layer in layers) > _CROWD_POINTS
    painter.save()
    painter.scale(1 / frame.ratio, 1 / frame.ratio)
    for layer in layers:
        trace = traces[layer.trace]
        ink = _faded(QColor(ink_colour(trace.ink, dim=trace.dim)), layer.share)
        if layer.stroke.upright is not None:
            if fine:
                _paint_bars_as_line(painter, layer.stroke, ink, frame.ratio)
            else:
                _paint_bars(painter, layer.stroke, ink)
            continue
        points = layer.stroke.points
        smooth = fine or (not crowded and len(points) <= _SMOOTH_POINTS)
        pen = _pen(trace, ink, raw=layer.raw, smooth=smooth, ratio=frame.ratio)
        if not fine and pen.widthF() > 1.0 and _length_px(points, frame) > _WIDE_LENGTH_PX:
            pen.setWidthF(1.0)
        _paint_line(painter, points, pen)
    painter.restore()


def _length_px(points: FloatArray, frame: Frame) -> float:
    """How far a line goes up and down within the axes, in the device's pixels."""
    within = np.clip(points[:, 1], frame.area.top * frame.ratio, frame.area.bottom * frame.ratio)
    return float(np.nansum(np.abs(np.diff(within))))


def _faded(ink: QColor, share: float) -> QColor:
    faded = QColor(ink)
    faded.setAlphaF(share)
    return faded


def _pen(trace: Trace, ink: QColor, *, raw: bool, smooth: bool, ratio: float) -> QPen:
    pen = QPen(ink, (1.0 if raw else _WIDE_PX) * ratio if smooth else 0.0)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    dashes = _dashes(trace)
    if dashes and not raw:
        pen.setDashPattern(dashes)
    return pen


def _dashes(trace: Trace) -> tuple[float, ...]:
    return _PLANNED_DASHES if trace.dashed else _DASHES[trace.variant % len(_DASHES)]


def _paint_bars(painter: QPainter, one: Stroke, ink: QColor) -> None:
    assert one.upright is not None
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    if len(one.upright):
        _paint_rectangles(painter, one.upright, ink)
    if len(one.slanted):
        lines = np.ascontiguousarray(one.slanted, np.int32)
        painter.setPen(QPen(ink, 0))
        painter.drawLines(cast("QLine", shiboken6.wrapInstance(lines.ctypes.data, QLine)), len(lines))


def _paint_bars_as_line(painter: QPainter, one: Stroke, ink: QColor, ratio: float) -> None:
    """The same as one line of many pieces, so that where they lie on each other the ink is no darker."""
    assert one.upright is not None
    path = QPainterPath()
    for column, first, _, last in one.upright.tolist():
        path.moveTo(column + 0.5, first)
        path.lineTo(column + 0.5, last + 1)
    for left, top, right, bottom in one.slanted.tolist():
        path.moveTo(left + 0.5, top + 0.5)
        path.lineTo(right + 0.5, bottom + 0.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, max(_DENSE_PX * ratio, 1.0)))
    painter.drawPath(path)


def _paint_rectangles(painter: QPainter, edges: AnyArray, ink: QColor) -> None:
    """(rectangles, 4) int32: the edges of each as a QRect holds them, all within it."""
    held = np.ascontiguousarray(edges, np.int32)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRects(cast("QRect", shiboken6.wrapInstance(held.ctypes.data, QRect)), len(held))


def _paint_line(painter: QPainter, points: FloatArray, pen: QPen) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=pen.widthF() > 0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    known = np.isfinite(points).all(axis=1)
    ends = np.flatnonzero(np.diff(known, prepend=False, append=False))
    alone: list[QPointF] = []
    painter.setPen(pen)
    for begin, end in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        if end - begin > 1:
            painter.drawPolyline(polygon(points[begin:end]))
        else:
            alone.append(QPointF(points[begin, 0], points[begin, 1]))
    if alone:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(QPen(pen.color(), _DOT_PX * max(pen.widthF() / _WIDE_PX, 1.0), c=Qt.PenCapStyle.RoundCap))
        painter.drawPoints(alone)


def polygon(points: FloatArray) -> QPolygonF:
    """(points, 2) float64 as Qt's list of points, copied at once."""
    held = np.ascontiguousarray(points, np.float64)
    made = QPolygonF()
    made.resize(len(held))
    if len(held):
        ctypes.memmove(shiboken6.getCppPointer(made.data())[0], held.ctypes.data, held.nbytes)
    return made


def paint_strips(painter: QPainter, frame: Frame, strips: Sequence[Strip]) -> None:
    """Paint bands and their names, which stand at their right ends."""
    for strip in strips:
        ink = _faded(QColor(ink_colour(strip.ink)), _BAND_SHARE)
        lows, highs = stroke(strip.lows, frame), stroke(strip.highs, frame)
        painter.save()
        painter.scale(1 / frame.ratio, 1 / frame.ratio)
        if lows.upright is not None and highs.upright is not None:
            _paint_filled_columns(painter, lows.upright, highs.upright, ink)
        else:
            _paint_filled(painter, lows.points, highs.points, ink)
        painter.restore()


def _paint_filled_columns(painter: QPainter, lows: AnyArray, highs: AnyArray, ink: QColor) -> None:
    _, one, other = np.intersect1d(lows[:, 0], highs[:, 0], return_indices=True)
    edges = highs[other].copy()
    edges[:, 3] = np.maximum(lows[one, 3], edges[:, 1])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    if len(edges):
        _paint_rectangles(painter, edges, ink)


def _paint_filled(painter: QPainter, lows: FloatArray, highs: FloatArray, ink: QColor) -> None:
    if len(lows) != len(highs):
        return
    known = np.isfinite(lows).all(axis=1) & np.isfinite(highs).all(axis=1)
    ends = np.flatnonzero(np.diff(known, prepend=False, append=False))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    for begin, end in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        painter.drawPolygon(polygon(np.concatenate([highs[begin:end], lows[begin:end][::-1]])))


def clip_to(painter: QPainter, frame: Frame) -> None:
    """Let nothing be painted outside the axes."""
    area = frame.area
    painter.setClipRect(QRectF(area.left, area.top, area.width, area.height))
