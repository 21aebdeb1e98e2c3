"""What stands at the edges of the axes: arrows to points outside, marks of values that are not finite."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from inspector.core.language import tr, tr_counted
from inspector.display.curves.scene import LOST_WORDS
from inspector.display.x_texts import x_text
from inspector.session.values import XAxis
from inspector.views.legend import ink_colour
from inspector.views.plot.frame import Frame
from inspector.views.plot.strokes import Layer
from inspector.views.theme import tokens
from inspector.views.traces import Trace, outside

BUCKET_PX = 12
_ARROW_PX = 4.0
_MARK_PX = 4.0
_REACH_PX = 8.0


class Arrow(msgspec.Struct, frozen=True):
    """Points of curves lie beyond this place of the upper or lower edge.

    Attributes:
        x_px: its middle.
        up: it stands at the upper edge.
        traces: indices of the curves, the topmost first.
    """

    x_px: float
    up: bool
    traces: tuple[int, ...]


class LostMark(msgspec.Struct, frozen=True):
    """Values of curves were not finite here.

    Attributes:
        kind: index into LOST_WORDS; +inf stands at the upper edge, the others at the lower one.
        traces: indices of the curves.
        x: where the first of them was lost.
        count: marks that fell together.
    """

    x_px: float
    kind: int
    traces: tuple[int, ...]
    x: float
    count: int


def arrows(frame: Frame, layers: Sequence[Layer]) -> tuple[Arrow, ...]:
    """One arrow for each stretch of an edge, beyond which there are points."""
    area = frame.area
    found: dict[tuple[int, bool], dict[int, None]] = {}
    for layer in reversed(layers):
        above, below = _beyond(layer, area.top * frame.ratio, area.bottom * frame.ratio)
        for up, places in ((True, above), (False, below)):
            if not places.size:
                continue
            x_px = places / frame.ratio
            inside = x_px[(x_px >= area.left) & (x_px <= area.right)]
            buckets = ((inside - area.left) // BUCKET_PX).astype(np.int64)
            for bucket in np.flatnonzero(np.bincount(buckets)).tolist():
                found.setdefault((bucket, up), {})[layer.trace] = None
    return tuple(
        Arrow(area.left + (bucket + 0.5) * BUCKET_PX, up, tuple(traces)) for (bucket, up), traces in found.items()
    )


def _beyond(layer: Layer, top: float, bottom: float) -> tuple[np.ndarray, np.ndarray]:
    """Pixels across of what lies above and below."""
    upright, points = layer.stroke.upright, layer.stroke.points
    if upright is not None:
        return upright[upright[:, 1] < top - 1, 0], upright[upright[:, 3] > bottom + 1, 0]
    return points[points[:, 1] < top - 1, 0], points[points[:, 1] > bottom + 1, 0]


def lost_marks(frame: Frame, traces: Sequence[Trace], hidden: frozenset[int]) -> tuple[LostMark, ...]:
    """Where values in sight were not finite; marks of one kind that would lie on each other are one."""
    area = frame.area
    found: dict[tuple[int, int], list[tuple[int, float, float]]] = {}
    for index, trace in enumerate(traces):
        if index in hidden or not trace.lost_x.size:
            continue
        kinds = trace.lost_kinds if trace.lost_kinds.size else np.zeros(trace.lost_x.size, np.int64)
        for x, x_px, kind in zip(trace.lost_x.tolist(), frame.x_px(trace.lost_x).tolist(), kinds.tolist(), strict=True):
            if area.left <= x_px <= area.right:
                found.setdefault((int(x_px // BUCKET_PX), kind), []).append((index, x, x_px))
    return tuple(
        LostMark(held[0][2], kind, tuple(dict.fromkeys(index for index, *_ in held)), held[0][1], len(held))
        for (_, kind), held in found.items()
    )


def paint_arrows(painter: QPainter, frame: Frame, traces: Sequence[Trace], some: Sequence[Arrow]) -> None:
    """Small filled triangles in the ink of the topmost curve."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for arrow in some:
        trace = traces[arrow.traces[0]]
        painter.setBrush(QColor(ink_colour(trace.ink, dim=trace.dim)))
        painter.drawPolygon(_triangle(arrow.x_px, _edge(frame, arrow.up), _ARROW_PX, up=arrow.up))


def paint_lost(painter: QPainter, frame: Frame, marks: Sequence[LostMark]) -> None:
    """A cross for NaN, a hollow triangle for an infinity."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens().critical), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for mark in marks:
        edge = _edge(frame, _at_top(mark))
        if LOST_WORDS[mark.kind] == "NaN":
            middle = edge - _MARK_PX
            for way in (1, -1):
                painter.drawLine(
                    QPointF(mark.x_px - _MARK_PX, middle - way * _MARK_PX),
                    QPointF(mark.x_px + _MARK_PX, middle + way * _MARK_PX),
                )
        else:
            painter.drawPolygon(_triangle(mark.x_px, edge, _MARK_PX + 1, up=_at_top(mark)))


def _at_top(mark: LostMark) -> bool:
    return LOST_WORDS[mark.kind] == "+inf"


def _edge(frame: Frame, up: bool) -> float:
    return frame.area.top + 1 if up else frame.area.bottom - 1


def _triangle(x_px: float, edge: float, size_px: float, *, up: bool) -> QPolygonF:
    foot = edge + (1.6 if up else -1.6) * size_px
    return QPolygonF([QPointF(x_px, edge), QPointF(x_px - size_px, foot), QPointF(x_px + size_px, foot)])


def arrow_text(arrow: Arrow, frame: Frame, traces: Sequence[Trace]) -> str:
    """`train/loss: 3 points above 2.4`, a line for each curve."""
    low, high = (frame.value_at(arrow.x_px + side * BUCKET_PX / 2, 0)[0] for side in (-1, 1))
    lines: list[str] = []
    for index in arrow.traces:
        trace = traces[index]
        above, below = outside(trace.behind or trace.parts, (low, math.nextafter(high, low)), frame.y_values())
        count = above if arrow.up else below
        if count:
            text = (
                tr("{curve}: {points} above what is shown") if arrow.up else tr("{curve}: {points} below what is shown")
            )
            lines.append(text.format(curve=trace.label, points=tr_counted(count, "point")))
    return "\n".join(lines)


def lost_text(mark: LostMark, traces: Sequence[Trace], axis: XAxis) -> str:
    """`train/loss: NaN at 1,200`, and how many more."""
    names = ", ".join(traces[index].label for index in mark.traces)
    text = tr("{curves}: {value} at {x}")
    if mark.count > 1:
        text = tr("{curves}: {value} at {x} and {count:,} more near it")
    return text.format(curves=names, value=LOST_WORDS[mark.kind], x=x_text(mark.x, axis), count=mark.count - 1)


def arrow_at(some: Sequence[Arrow], frame: Frame, x_px: float, y_px: float) -> Arrow | None:
    """The arrow under a pixel."""
    near = [
        arrow
        for arrow in some
        if abs(arrow.x_px - x_px) <= BUCKET_PX / 2 and abs(_edge(frame, arrow.up) - y_px) <= 1.5 * _REACH_PX
    ]
    return min(near, key=lambda arrow: abs(arrow.x_px - x_px), default=None)


def lost_at(marks: Sequence[LostMark], frame: Frame, x_px: float, y_px: float) -> LostMark | None:
    """The mark under a pixel."""
    near = [
        mark
        for mark in marks
        if abs(mark.x_px - x_px) <= _REACH_PX and abs(_edge(frame, _at_top(mark)) - y_px) <= 1.5 * _REACH_PX
    ]
    return min(near, key=lambda mark: abs(mark.x_px - x_px), default=None)
