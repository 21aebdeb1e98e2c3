"""Panels of curves as charts of a page: their lines cut down to what it shows, and where ticks stand."""

from __future__ import annotations

import math

import numpy as np

from inspector.analysis.pyramid import decimate
from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.display.curves.judge import ask as curves_ask
from inspector.display.curves.prepare import prepare as prepare_curves
from inspector.display.curves.scales import axis_ticks, to_axis
from inspector.display.curves.scene import CurvesScene, Line, Panel, TableRow
from inspector.display.report.values import Chart, ChartLine, Mark
from inspector.display.x_texts import x_text
from inspector.formats.metric_names import better_of
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState

WIDTH_PX = 260
"""So many columns a curve is drawn in; each has two points."""

MOST_CHARTS, MOST_LINES = 24, 10

_X_TICKS, _Y_TICKS = 4, 4
_ROOM = 0.05
"""Above and below a curve, as a share of its range."""


def charts_of(run: Run, pulse: Pulse) -> tuple[tuple[Chart, ...], int]:
    """The charts of a run's curves as the view lays them out, and how many are left out.

    Raises:
        WorkCancelled: the pulse says so.
    """
    ask = curves_ask(run, RunState(key=run.key, paths=run.paths), ViewState())
    if ask is None:
        return (), 0
    scene = prepare_curves(ask, pulse)
    drawable = [panel for panel in scene.panels if all(map(math.isfinite, panel.fit_y))]
    charts = []
    for done, panel in enumerate(drawable[:MOST_CHARTS]):
        pulse.beat(done, len(drawable), "drawing the curves")
        charts.append(_chart(panel, scene))
    return tuple(charts), max(len(drawable) - MOST_CHARTS, 0)


def _chart(panel: Panel, scene: CurvesScene) -> Chart:
    x_ends = _ends(scene.fit_x[0], scene.fit_x[1], 0.0)
    low, high = to_axis(np.array(panel.fit_y), panel.y_scale, panel.y_threshold).tolist()
    y_ends = _ends(low, high, _ROOM)
    rows = {row.line: row for row in panel.rows}
    lines = [_line(line, rows.get(place), panel, scene, x_ends, y_ends) for place, line in enumerate(panel.lines)]
    shown = lines[:MOST_LINES]
    y_ticks = axis_ticks(*y_ends, _Y_TICKS, panel.y_scale, threshold=panel.y_threshold)
    x_ticks = axis_ticks(*x_ends, _X_TICKS, kind=scene.x_axis)
    return Chart(
        title=panel.title,
        group=panel.group or panel.title,
        lines=tuple(shown),
        x_label=scene.x_label,
        x_marks=tuple(Mark(_share(tick.value, x_ends), tick.text) for tick in x_ticks),
        y_marks=tuple(Mark(_share(tick.value, y_ends), tick.text) for tick in y_ticks),
        more=len(lines) - len(shown),
    )


def _ends(low: float, high: float, room: float) -> tuple[float, float]:
    """The ends of an axis; around a single value there is room, too."""
    if not high > low:
        beside = abs(low) * 0.1 or 1.0
        return low - beside, low + beside
    return low - room * (high - low), high + room * (high - low)


def _line(
    line: Line,
    row: TableRow | None,
    panel: Panel,
    scene: CurvesScene,
    x_ends: tuple[float, float],
    y_ends: tuple[float, float],
) -> ChartLine:
    xs: list[FloatArray] = []
    ys: list[FloatArray] = []
    for stretch in line.stretches:
        x, y = decimate(stretch.x, stretch.shown.y, *x_ends, WIDTH_PX)
        if xs:
            xs.append(x[:1])
            ys.append(np.full(min(len(x), 1), np.nan))
        xs.append(x)
        ys.append(y)
    x, y = (np.concatenate([*parts, np.empty(0)]) for parts in (xs, ys))
    return ChartLine(
        label=line.label,
        ink=line.ink,
        dashed=line.dashed,
        dim=line.dim,
        last="" if row is None or math.isnan(row.last) else number_text(row.last),
        best=_best(line, row, scene),
        x=(x - x_ends[0]) / (x_ends[1] - x_ends[0]),
        y=(to_axis(y, panel.y_scale, panel.y_threshold) - y_ends[0]) / (y_ends[1] - y_ends[0]),
    )


def _best(line: Line, row: TableRow | None, scene: CurvesScene) -> str:
    if row is None or math.isnan(row.best) or not better_of(line.tag):
        return ""
    return f"{number_text(row.best)} at {scene.x_label} {x_text(row.best_x, scene.x_axis)}"


def _share(value: float, ends: tuple[float, float]) -> float:
    return (value - ends[0]) / (ends[1] - ends[0])
