"""Where a plot's axes lie in its widget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF

from inspector.core.arrays import FloatArray
from inspector.display.points.plots.scene import Axis, Band, Bars, Dots, Line, Mark, Plot
from inspector.display.ticks import Tick, linear_ticks
from inspector.views.fonts import text_font, text_width

TEXT_PX = 11
ROW_PX = 15
FOOT_PX = 19
_TICK_ROOM_PX = 64
_ROW_ROOM_PX = 34
_EDGE_PX = 6
_END_PX = 1.5
_MARK_GAP_PX = 5
"""Between the line of a mark and its text."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The area of a plot, and what its ends stand for.

    Attributes:
        area: between the axes, in pixels of the widget.
        rows: for each upright mark with a text the row above the area that its text stands in.
        right_px: where the widget ends, for texts above the area.
    """

    area: QRectF
    x: Axis
    y: Axis
    flipped: bool
    rows: tuple[int, ...]
    right_px: float
    labelled: bool

    def x_px(self, value: float) -> float:
        """Where a value of the x axis lies."""
        return self.area.left() + (value - self.x.low) / (self.x.high - self.x.low) * self.area.width()

    def y_px(self, value: float) -> float:
        """Where a value of the y axis lies."""
        share = (value - self.y.low) / (self.y.high - self.y.low) * self.area.height()
        return self.area.top() + share if self.flipped else self.area.bottom() - share

    def x_at(self, x_px: float) -> float:
        """The value of the x axis at a pixel, within the axis."""
        share = _share(x_px - self.area.left(), self.area.width())
        return self.x.low * (1 - share) + self.x.high * share

    def y_at(self, y_px: float) -> float:
        """The value of the y axis at a pixel, within the axis."""
        down = _share(y_px - self.area.top(), self.area.height())
        share = down if self.flipped else 1 - down
        return self.y.low * (1 - share) + self.y.high * share

    def holds(self, at: QPointF) -> bool:
        """Whether a pixel lies between the axes."""
        return self.area.contains(at)


def _share(at_px: float, length_px: float) -> float:
    """How far along an axis a pixel is, 0..1; one beside its end is at the end, beyond which no hand may get."""
    if at_px < _END_PX or length_px <= 2 * _END_PX:
        return 0.0
    return min(at_px / length_px, 1.0) if at_px <= length_px - _END_PX else 1.0


def frame_of(plot: Plot, size: QSizeF, *, labelled: bool) -> Frame:
    """The frame of a plot in a widget of a size."""
    left = (
        max((width_px(tick.text) for tick in y_ticks(plot.y, size.height())), default=-8.0) + 8 if plot.y.shown else 0
    )
    right = size.width() - (_EDGE_PX if labelled else 0)
    bottom = size.height() - (FOOT_PX if plot.x.shown else 2) - (ROW_PX if labelled and plot.x.label else 0)
    head = ROW_PX + 5 if labelled and (plot.y.label or named(plot)) else 0
    area = QRectF(left, head, max(right - left, 1), max(bottom - head, 1))
    rows = _rows(plot, area)
    area.setTop(min(head + ROW_PX * (max(rows, default=-1) + 1), area.bottom() - 1))
    if plot.square:
        area = _square(plot, area)
    return Frame(area, plot.x, plot.y, plot.flipped, rows, right, labelled)


def places_px(x: FloatArray, y: FloatArray, frame: Frame) -> FloatArray:
    """(points, 2) where values of both axes lie, in pixels."""
    across = frame.area.left() + (x - frame.x.low) / (frame.x.high - frame.x.low) * frame.area.width()
    share = (y - frame.y.low) / (frame.y.high - frame.y.low) * frame.area.height()
    along = frame.area.top() + share if frame.flipped else frame.area.bottom() - share
    return np.stack([across, along], axis=1)


def named(plot: Plot) -> bool:
    """Whether a plot has a legend."""
    drawn: tuple[Bars | Band | Line | Dots, ...] = (*plot.bars, *plot.bands, *plot.lines, *plot.dots)
    return any(one.name for one in drawn) or any(one.legend[0] for one in plot.cells)


def x_ticks(axis: Axis, width_px: float) -> tuple[Tick, ...]:
    """The ticks of an axis so wide; the last one says the unit."""
    return _with_unit(
        axis, axis.ticks or linear_ticks(axis.low, axis.high, max(2, int(width_px / _TICK_ROOM_PX)), whole=axis.whole)
    )


def y_ticks(axis: Axis, height_px: float) -> tuple[Tick, ...]:
    """The ticks of an axis so high."""
    return axis.ticks or linear_ticks(axis.low, axis.high, max(2, int(height_px / _ROW_ROOM_PX)), whole=axis.whole)


def _with_unit(axis: Axis, ticks: tuple[Tick, ...]) -> tuple[Tick, ...]:
    if not axis.unit or not ticks:
        return ticks
    last = ticks[-1]
    return (*ticks[:-1], Tick(last.value, f"{last.text} {axis.unit}"))


def width_px(text: str) -> float:
    """How wide a text of a plot is."""
    return text_width(text, TEXT_PX)


@cache
def ascent_px() -> float:
    """From the top of a text of a plot to its base line."""
    return QFontMetricsF(text_font(TEXT_PX)).ascent()


def mark_left_px(mark: Mark, at_px: float, area: QRectF) -> float:
    """Where the text of an upright mark begins: right of its line, left of it where it would leave the area."""
    wide = width_px(mark.text)
    return at_px + _MARK_GAP_PX if at_px + _MARK_GAP_PX + wide <= area.right() else at_px - _MARK_GAP_PX - wide


def _rows(plot: Plot, area: QRectF) -> tuple[int, ...]:
    """The first row for each mark's text in which it covers no other's."""
    taken: list[list[tuple[float, float]]] = []
    rows = []
    span = plot.x.high - plot.x.low
    for mark in plot.marks:
        if mark.level or not mark.text:
            continue
        left = mark_left_px(mark, area.left() + (mark.at - plot.x.low) / span * area.width(), area)
        right = left + width_px(mark.text) + _MARK_GAP_PX
        row = next(
            (row for row, known in enumerate(taken) if all(right <= a or left >= b for a, b in known)), len(taken)
        )
        taken[row : row + 1] = [[*(taken[row] if row < len(taken) else []), (left, right)]]
        rows.append(row)
    return tuple(rows)


def _square(plot: Plot, area: QRectF) -> QRectF:
    """The largest part of an area in which a unit is as long on both axes, in its middle."""
    across, along = plot.x.high - plot.x.low, plot.y.high - plot.y.low
    scale = min(area.width() / across, area.height() / along)
    width, height = scale * across, scale * along
    return QRectF(area.left() + (area.width() - width) / 2, area.top() + (area.height() - height) / 2, width, height)
