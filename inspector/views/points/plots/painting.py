"""Painting a plot of points: its layers from the back, then axes, marks and legend."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.points.plots.scene import Band, Bars, Cells, Dots, Line, Mark, Plot
from inspector.display.tokens import rgb
from inspector.views.fonts import elided, text_font
from inspector.views.pictures import qimage
from inspector.views.points.plots.frame import (
    ROW_PX,
    TEXT_PX,
    Frame,
    ascent_px,
    mark_left_px,
    places_px,
    width_px,
    x_ticks,
    y_ticks,
)
from inspector.views.theme import colour, tokens

RING_PX = 5.0
"""Around the dot of the chosen sample, and so near a dot is pressed."""

_LINE_PX = 1.6
_DROPPED = 0.35
"""How much of their ink bars of samples keep that filters drop."""

_DOT_PX = 4.0
_LARGE_DOT_PX = 7.0
_FEW_DOTS = 40
"""So many are drawn large."""

_LEAST_BAR_PX = 1.5
"""A single sample is still seen beside thousands."""

_SWATCH_PX = 10
_SCALE_PX = 56
_GAP_PX = 12


def paint_plot(painter: QPainter, plot: Plot, frame: Frame, kept: AnyArray | None = None) -> None:
    """Paint a plot into its frame.

    Args:
        painter: of the widget or picture.
        plot: what to paint.
        frame: where its axes lie.
        kept: (samples,) bool, of which the dots stand out; None for all.
    """
    painter.setFont(text_font(TEXT_PX))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_axes(painter, frame)
    painter.save()
    painter.setClipRect(frame.area.adjusted(-1, -1, 1, 1))
    for cells in plot.cells:
        _paint_cells(painter, cells, frame)
    for band in plot.bands:
        _paint_band(painter, band, frame)
    for bars in plot.bars:
        _paint_bars(painter, bars, frame, kept)
    for line in plot.lines:
        _paint_line(painter, line, frame)
    painter.setClipRect(frame.area.adjusted(-_LARGE_DOT_PX, -_LARGE_DOT_PX, _LARGE_DOT_PX, _LARGE_DOT_PX))
    for dots in plot.dots:
        _paint_dots(painter, dots, frame, kept)
    painter.restore()
    _paint_marks(painter, plot, frame)
    if frame.labelled:
        _paint_names(painter, plot, frame)


def paint_sample(painter: QPainter, plot: Plot, frame: Frame, sample: int) -> None:
    """Rings around the dots of a sample."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_ink("text"), 1.4))
    for dots in plot.dots:
        if dots.samples is not None:
            own = dots.samples == sample
            for middle in _places(dots.x[own], dots.y[own], frame):
                painter.drawEllipse(middle, RING_PX, RING_PX)


def _ink(name: str, alpha: float = 1.0) -> QColor:
    return colour(getattr(tokens(), name), alpha)


def _paint_axes(painter: QPainter, frame: Frame) -> None:
    area = frame.area
    painter.fillRect(QRectF(area.left(), area.bottom(), area.width(), 1), _ink("line"))
    painter.setPen(_ink("dim"))
    if frame.y.shown:
        for tick in y_ticks(frame.y, area.height()):
            at = frame.y_px(tick.value)
            painter.fillRect(QRectF(area.left(), round(at), area.width(), 1), _ink("line", 0.6))
            painter.drawText(QPointF(area.left() - 6 - width_px(tick.text), at + ascent_px() / 2 - 1.5), tick.text)
    if frame.x.shown:
        right = area.right()
        for tick in x_ticks(frame.x, area.width()):
            wide = width_px(tick.text)
            left = min(max(frame.x_px(tick.value) - wide / 2, 0.0), right - wide)
            painter.drawText(QPointF(left, area.bottom() + 5 + ascent_px()), tick.text)


def _paint_cells(painter: QPainter, cells: Cells, frame: Frame) -> None:
    if cells.picture is not None:
        picture = cells.picture
    elif cells.alpha is not None:
        picture = np.empty((*cells.alpha.shape, 4), np.uint8)
        picture[..., :3] = rgb(getattr(tokens(), cells.ink))
        picture[..., 3] = cells.alpha
    else:
        return
    left, right = (frame.x_px(end) for end in cells.x)
    ends = [frame.y_px(end) for end in cells.y]
    image = qimage(np.ascontiguousarray(picture if frame.flipped else picture[::-1]))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(QRectF(left, min(ends), right - left, abs(ends[1] - ends[0])), image)


def _paint_band(painter: QPainter, band: Band, frame: Frame) -> None:
    for rows in _unbroken(np.isfinite(band.low) & np.isfinite(band.high)):
        top = _places(band.x[rows], band.high[rows], frame)
        foot = _places(band.x[rows], band.low[rows], frame)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_ink(band.ink, 0.22))
        painter.drawPolygon(QPolygonF([*top, *foot[::-1]]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_bars(painter: QPainter, bars: Bars, frame: Frame, kept: AnyArray | None) -> None:
    if kept is None or bars.samples is None or bars.places is None:
        _paint_heights(painter, bars, bars.heights, frame, _ink(bars.ink))
        return
    _paint_heights(painter, bars, bars.heights, frame, _ink(bars.ink, _DROPPED))
    stays = bars.places[_of_kept(bars.samples, kept)]
    _paint_heights(painter, bars, np.bincount(stays, minlength=len(bars.heights)), frame, _ink(bars.ink))


def _of_kept(samples: IntArray, kept: AnyArray) -> AnyArray:
    """Which of these samples are kept; none that is not among those that are known."""
    within = samples < len(kept)
    stays: AnyArray = within & kept[np.where(within, samples, 0)]
    return stays


def _paint_heights(painter: QPainter, bars: Bars, heights: AnyArray, frame: Frame, ink: QColor) -> None:
    bases = np.zeros(len(heights)) if bars.bases is None else bars.bases
    for bar in np.flatnonzero(heights > 0).tolist():
        left, right = frame.x_px(float(bars.edges[bar])), frame.x_px(float(bars.edges[bar + 1]))
        foot, top = frame.y_px(float(bases[bar])), frame.y_px(float(bases[bar] + heights[bar]))
        gap = 1.0 if right - left > 3 else 0.0
        high = max(foot - top, _LEAST_BAR_PX)
        painter.fillRect(QRectF(left, foot - high, max(right - left - gap, 1), high), ink)


def _paint_line(painter: QPainter, line: Line, frame: Frame) -> None:
    style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(_ink(line.ink), _LINE_PX if not line.dashed else 1.2, style))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for rows in _unbroken(np.isfinite(line.x) & np.isfinite(line.y)):
        places = _places(line.x[rows], line.y[rows], frame)
        painter.drawPolyline(QPolygonF(places))
        if len(places) == 1:
            painter.drawPoint(places[0])


def _paint_dots(painter: QPainter, dots: Dots, frame: Frame, kept: AnyArray | None) -> None:
    known = np.isfinite(dots.x) & np.isfinite(dots.y)
    few = int(known.sum()) <= _FEW_DOTS
    usual = _ink(dots.ink, 1.0 if few else 0.55)
    parts = [(known, usual)]
    if kept is not None and dots.samples is not None:
        stays = _of_kept(dots.samples, kept)
        parts = [(known & ~stays, _ink("faint", 0.3)), (known & stays, usual)]
    for some, ink in parts:
        pen = QPen(ink, _LARGE_DOT_PX if few else _DOT_PX)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(QPolygonF(_places(dots.x[some], dots.y[some], frame)))


def _paint_marks(painter: QPainter, plot: Plot, frame: Frame) -> None:
    """Lines first, so that none strikes out the text of another."""
    area = frame.area
    rows = iter(frame.rows)
    texts: list[tuple[QPointF, Mark]] = []
    for mark in plot.marks:
        painter.setPen(QPen(_ink(mark.ink), 1, Qt.PenStyle.DashLine))
        if mark.level:
            at = _sharp(frame.y_px(mark.at))
            painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at))
            top = at - 3 - ascent_px() if at - 3 - ascent_px() > area.top() else at + 2
            texts.append((QPointF(area.right() - width_px(mark.text) - 2, top), mark))
            continue
        at, top = _sharp(frame.x_px(mark.at)), area.top()
        if mark.text:
            top -= ROW_PX * (max(frame.rows) + 1 - next(rows))
            texts.append((QPointF(mark_left_px(mark, at, area), top), mark))
        painter.drawLine(QPointF(at, top), QPointF(at, area.bottom()))
    for corner, mark in texts:
        if not mark.level:
            painter.fillRect(QRectF(corner, QSizeF(width_px(mark.text), ROW_PX - 1)), _ink("panel"))
        painter.setPen(_ink(mark.ink))
        painter.drawText(corner + QPointF(0, ascent_px()), mark.text)


def _sharp(at_px: float) -> float:
    """The middle of a pixel, so that a line is not spread over two."""
    return math.floor(at_px) + 0.5


def _paint_names(painter: QPainter, plot: Plot, frame: Frame) -> None:
    """The y axis's name and the legend above the plot, the x axis's below it."""
    painter.setPen(_ink("faint"))
    base = ascent_px()
    x_label = frame.x.label
    foot = frame.area.bottom() + 5 + ROW_PX + base
    painter.drawText(QPointF(frame.area.right() - width_px(x_label), foot), x_label)
    painter.drawText(QPointF(0, base), _y_name(plot, frame))
    right, entries, rest = frame.right_px, _entries(plot), len(left_out(plot, frame))
    if rest:
        painter.drawText(QPointF(right - width_px(f"+{rest}"), base), f"+{rest}")
        right -= width_px(f"+{rest}") + _GAP_PX
    for ink, name in reversed(entries[: len(entries) - rest]):
        painter.setPen(_ink("dim"))
        painter.drawText(QPointF(right - width_px(name), base), name)
        painter.fillRect(QRectF(right - _entry_px(name), base - 7, _SWATCH_PX, 6), ink)
        right -= _entry_px(name) + _GAP_PX
    for cells in plot.cells:
        if cells.legend[0]:
            _paint_scale(painter, cells.legend, right, base)


def left_out(plot: Plot, frame: Frame) -> list[str]:
    """The last names of the legend, which it has no room for beside the name of the y axis."""
    names = [name for _, name in _entries(plot)]
    y_name = _y_name(plot, frame)
    room = frame.right_px - (width_px(y_name) + _GAP_PX if y_name else 0.0)
    for count in range(len(names), 0, -1):
        rest = len(names) - count
        widths = [*map(_entry_px, names[:count]), *([width_px(f"+{rest}")] if rest else [])]
        if sum(widths) + _GAP_PX * (len(widths) - 1) <= room:
            return names[count:]
    return names


def _y_name(plot: Plot, frame: Frame) -> str:
    """The name of the y axis with its unit, cut where the colours of a map stand beside it."""
    name = f"{plot.y.label} ({plot.y.unit})" if plot.y.label and plot.y.unit else plot.y.label
    return elided(name, frame.right_px - max(map(_scale_px, plot.cells), default=0.0), TEXT_PX)


def _entry_px(name: str) -> float:
    return width_px(name) + _SWATCH_PX + 5


def _entries(plot: Plot) -> list[tuple[QColor, str]]:
    drawn: list[tuple[str, float, str]] = [
        *((bars.ink, 1.0, bars.name) for bars in plot.bars),
        *((line.ink, 1.0, line.name) for line in plot.lines),
        *((band.ink, 0.35, band.name) for band in plot.bands),
        *((dots.ink, 1.0, dots.name) for dots in plot.dots),
    ]
    return [(_ink(ink, alpha), name) for ink, alpha, name in drawn if name]


def _scale_px(cells: Cells) -> float:
    """The width of what tells the colours of a map, with the gap before it."""
    return _SCALE_PX + 10 + _GAP_PX + sum(map(width_px, cells.legend)) if cells.legend[0] else 0.0


def _paint_scale(painter: QPainter, legend: tuple[str, str], right: float, base: float) -> None:
    """The colours of a map from its least to its greatest value."""
    low, high = legend
    painter.setPen(_ink("dim"))
    painter.drawText(QPointF(right - width_px(high), base), high)
    end = right - width_px(high) - 5
    strip = np.ascontiguousarray(COLOUR_MAPS["viridis"][None])
    painter.drawImage(QRectF(end - _SCALE_PX, base - 7, _SCALE_PX, 6), qimage(strip))
    painter.drawText(QPointF(end - _SCALE_PX - 5 - width_px(low), base), low)


def _places(x: FloatArray, y: FloatArray, frame: Frame) -> list[QPointF]:
    return [QPointF(*place) for place in places_px(x, y, frame).tolist()]


def _unbroken(known: AnyArray) -> Iterator[slice]:
    """The stretches in which everything is known."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(np.int8), [0]])))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield slice(first, last)
