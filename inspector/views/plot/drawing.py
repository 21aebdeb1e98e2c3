"""All that a canvas shows, and what of it fitting shows."""

from __future__ import annotations

import math

import msgspec

from inspector.session.values import XAxis
from inspector.views.plot.camera import Camera, Ends, fitted
from inspector.views.plot.frame import Scale
from inspector.views.traces import Flag, Strip, Trace, extent, extremes

# Room left free around the curves when fitting, as shares of what they take.
_X_MARGIN = 0.01
_Y_MARGIN = 0.05
_UNIT: Ends = (0.0, 1.0)


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """All that a canvas shows.

    Attributes:
        traces: the first ones lie on top.
        x_axis: what x counts.
        x, y: scales of the axes.
        fit_x, fit_y: what fitting shows, in values; None, or NaN, for all there is.
    """

    traces: tuple[Trace, ...] = ()
    strips: tuple[Strip, ...] = ()
    flags: tuple[Flag, ...] = ()
    x_axis: XAxis = "step"
    x: Scale = Scale()
    y: Scale = Scale()
    fit_x: Ends | None = None
    fit_y: Ends | None = None


def fitting(drawing: Drawing) -> Camera:
    """The camera that sees everything; 0 to 1 along an axis without anything to see."""
    y = _y_extent(drawing)
    return Camera(
        fitted(_x_extent(drawing), _X_MARGIN, 0.5) or _UNIT, fitted(y, _Y_MARGIN, _beside(drawing, y[0])) or _UNIT
    )


def _beside(drawing: Drawing, level: float) -> float:
    """Half of what is seen of a curve that is level."""
    if drawing.y.kind != "linear":
        return 0.5
    return max(abs(level) * 0.1, 1e-12) if level else 1.0


def _x_extent(drawing: Drawing) -> Ends:
    ends = drawing.x.ends_to(drawing.fit_x or (math.nan, math.nan))
    if all(math.isfinite(end) for end in ends):
        return ends
    parts = [part.x for trace in drawing.traces for part in trace.parts]
    # x rises, so that its ends tell; on a logarithmic axis those below zero do not.
    return extent([drawing.x.to(x if drawing.x.kind == "log" else x[[0, -1]]) for x in parts if x.size])


def _y_extent(drawing: Drawing) -> Ends:
    parts = [part for trace in drawing.traces for part in (*trace.parts, *trace.behind)]
    wanted = drawing.fit_y or (math.nan, math.nan)
    ends = drawing.y.ends_to(wanted if all(math.isfinite(end) for end in wanted) else extremes(parts))
    return ends if all(math.isfinite(end) for end in ends) else extent([drawing.y.to(part.y) for part in parts])
