"""Which scale and range the axes of panels have."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np

from inspector.core.language import tr
from inspector.display.curves.lines import extent_x, fitting_range
from inspector.display.curves.scales import symlog_threshold
from inspector.display.curves.scene import CurvesAsk, Line, Panel
from inspector.session.values import AxisScale

FUTURE = 3.0
"""The axis goes on to the end of the plan, but no further than so many times what was logged."""

_THRESHOLD_POINTS = 20_000
"""Values of a stretch that tell a symlog axis's threshold, taken evenly."""

_replace = msgspec.structs.replace


def ranged(panel: Panel, ask: CurvesAsk, *, bounded: bool) -> Panel:
    """A panel with its scale and the range that fits it.

    Args:
        panel: with its lines.
        ask: what is wanted.
        bounded: the axis stays linear whatever is wanted.
    """
    outliers = ask.ignore_outliers
    low, high = fitting_range(panel.lines, ignore_outliers=outliers, positive=False)
    scale = _scale(ask.y_scale, low, high, bounded=bounded)
    if scale == "log":
        low, high = fitting_range(panel.lines, ignore_outliers=outliers, positive=True)
    if scale == "linear" and ask.from_zero and math.isfinite(high):
        low, high = min(low, 0.0), max(high, 0.0)
    elif scale == "linear" and 0 < low < high / 2 and math.isfinite(high):
        low = 0.0
    threshold = _threshold(panel.lines) if scale == "symlog" else 1.0
    return _replace(panel, y_scale=scale, y_threshold=threshold, fit_y=(low, high))


def _scale(wanted: AxisScale, low: float, high: float, *, bounded: bool) -> AxisScale:
    if bounded or not math.isfinite(high):
        return "linear"
    if wanted == "log" and (low < 0 or not high > 0):
        return "linear"
    return wanted


def _threshold(lines: Sequence[Line]) -> float:
    parts = [(stretch.logged or stretch.shown).y for line in lines for stretch in line.stretches]
    return symlog_threshold(np.concatenate([y[:: max(-(-y.size // _THRESHOLD_POINTS), 1)] for y in parts]))


def shared_ranges(panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """Panels of one group and scale with one range."""
    groups: dict[tuple[str, AxisScale], list[Panel]] = defaultdict(list)
    for panel in panels:
        groups[panel.group, panel.y_scale].append(panel)
    shared = {
        key: (union([panel.fit_y for panel in group]), min(panel.y_threshold for panel in group))
        for key, group in groups.items()
    }
    found = []
    for panel in panels:
        fit_y, threshold = shared[panel.group, panel.y_scale]
        found.append(_replace(panel, fit_y=fit_y, y_threshold=threshold))
    return tuple(found)


def union(ranges: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The range over all ranges that are finite; NaN twice where none is."""
    finite = [one for one in ranges if math.isfinite(one[0]) and math.isfinite(one[1])]
    return (min(low for low, _ in finite), max(high for _, high in finite)) if finite else (math.nan, math.nan)


class XRange(msgspec.Struct, frozen=True):
    """The scale, threshold and fitting range of the x axis; `note` says why the scale is not the one asked for."""

    scale: AxisScale
    threshold: float
    fit: tuple[float, float]
    note: str = ""


def x_range(lines: Sequence[Line], wanted: AxisScale) -> XRange:
    """What was logged, and as much of the planned future as leaves that a fair part of the axis."""
    logged = [line for line in lines if not line.dashed]
    low, high = extent_x(logged)
    _, planned = extent_x([line for line in lines if line.dashed])
    end = max(high, min(planned, high * FUTURE)) if math.isfinite(planned) else high
    if wanted == "symlog":
        parts = [stretch.x for line in logged for stretch in line.stretches]
        threshold = symlog_threshold(
            np.concatenate([np.zeros(0), *(x[:: max(-(-x.size // _THRESHOLD_POINTS), 1)] for x in parts)])
        )
        return XRange("symlog", threshold, (low, end))
    if wanted == "log":
        least = min((first for line in logged if (first := _first_above_zero(line)) is not None), default=None)
        if least is None:
            note = tr("no x is above 0, so the x axis is linear") if math.isfinite(high) else ""
            return XRange("linear", 1.0, (low, end), note)
        return XRange("log", 1.0, (least, end))
    return XRange("linear", 1.0, (low, end))


def _first_above_zero(line: Line) -> float | None:
    found = []
    for stretch in line.stretches:
        place = int(np.searchsorted(stretch.x, 0.0, "right"))
        if place < stretch.x.size:
            found.append(float(stretch.x[place]))
    return min(found, default=None)
