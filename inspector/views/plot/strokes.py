"""Curves cut to the screen: bars where they are dense, points to be joined where there is room for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from inspector.analysis.pyramid import Pyramid
from inspector.core.arrays import AnyArray, FloatArray
from inspector.views.plot.columns import DENSE, NO_LINES, bars, columns, joined_points, seen
from inspector.views.plot.frame import Frame
from inspector.views.traces import Trace

SMOOTH_POINTS = 1200
"""Of fewer points in sight each is joined to the next, however narrow the screen."""

_RAW_SHARE = 0.28
_STALE_SHARE = 0.42
_UNCHOSEN_SHARE = 0.18
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
    elif last - first > max(DENSE * count, SMOOTH_POINTS):
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
) -> Iterator[Layer]:
    """What is to be painted, in that order: what was logged behind what is smoothed, the first curves on top.

    Each is cut when its turn comes.

    Args:
        frame: the way to pixels.
        traces: curves.
        hidden: indices of those that are left out.
        chosen: indices of those that are not pale; None for all.
    """
    for raw in (True, False):
        for index in reversed(range(len(traces))):
            if index in hidden:
                continue
            trace = traces[index]
            pale = 1.0 if chosen is None or index in chosen else _UNCHOSEN_SHARE
            for number, part in enumerate(trace.behind if raw else trace.parts):
                share = pale * (_RAW_SHARE if raw else 1.0) * (_STALE_SHARE if number in trace.stale else 1.0)
                yield Layer(index, raw, share, stroke(part, frame, planned=trace.dashed))
