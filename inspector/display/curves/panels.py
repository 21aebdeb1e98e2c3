"""Series laid out in panels: which axis, which lines, which colours, which range."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.display.curves.axis import StepTable, cursor_table, place, step_table
from inspector.display.curves.grouping import Place, place_of
from inspector.display.curves.lines import extent_x, fitting_range, lost_points, stretches_of
from inspector.display.curves.plan import planned_curve
from inspector.display.curves.scene import CurvesAsk, CurvesScene, Line, Panel, PlanAsk
from inspector.formats.series import Series
from inspector.session.values import XAxis

_RATE_PANEL = "lr"
_PLAN_INK = "good"
_INK_LIKE_THE_PLAN = 2
MAX_LABEL = 120
FUTURE = 3.0
"""The axis goes on to the end of the plan, but no further than so many times what was logged."""


def curves_of(
    found: Sequence[tuple[str, Series]], ask: CurvesAsk, pulse: Pulse, notes: Sequence[str] = ()
) -> CurvesScene:
    """The scene of series that are read already, each with the name of its file."""
    all_series = [series for _, series in found]
    axis, table, axis_notes = _axis(all_series, ask)
    origin = _origin(all_series) if axis == "time" else 0.0
    pattern, filter_error = _pattern(ask.filter)
    grouped: dict[str, list[tuple[Place, str, Series]]] = {}
    for file, series in found:
        where = place_of(series.tag)
        grouped.setdefault(where.key, []).append((where, file, series))
    panels: list[tuple[int, Panel]] = []
    hidden = 0
    unplaced = 0
    for key, members in grouped.items():
        lines: list[Line] = []
        for label, ink, (_, file, series) in _dealt(members):
            pulse.beat(what=series.tag)
            if not pattern.search(series.tag):
                hidden += 1
                continue
            x = place(series, axis, table, origin)
            if series.values.size and not np.isfinite(x).any():
                unplaced += 1
                continue
            lines.append(_line(series, x, label, ink, file, ask.smoothing))
        if key == _RATE_PANEL and ask.plan is not None and lines:
            lines = [*_planned(ask.plan, axis, all_series), *lines]
        if lines:
            panels.append((members[0][0].order, _panel(members[0][0], lines, ask)))
    panels.sort(key=lambda item: item[0])
    if unplaced:
        axis_notes.append(f"{unplaced} series have no {axis} and are left out")
    cursor = cursor_table(table, axis, origin)
    drawn = [line for _, panel in panels for line in panel.lines]
    return CurvesScene(
        x_axis=axis,
        panels=tuple(panel for _, panel in panels),
        fit_x=_fit_x(drawn),
        last_x=extent_x([line for line in drawn if not line.dashed])[1],
        cursor_steps=cursor.steps,
        cursor_x=cursor.x,
        hidden=hidden,
        filter_error=filter_error,
        notes=(*notes, *axis_notes),
    )


def _fit_x(lines: Sequence[Line]) -> tuple[float, float]:
    """What was logged, and as much of the planned future as leaves that a fair part of the axis."""
    low, high = extent_x([line for line in lines if not line.dashed])
    _, planned = extent_x([line for line in lines if line.dashed])
    return low, (max(high, min(planned, high * FUTURE)) if math.isfinite(planned) else high)


def _axis(all_series: Sequence[Series], ask: CurvesAsk) -> tuple[XAxis, StepTable, list[str]]:
    """The axis that is asked for, or steps where no file knows it."""
    nothing = StepTable(np.zeros(0), np.zeros(0))
    if ask.x_axis == "step":
        return "step", nothing, []
    table = step_table(all_series, ask.moments, ask.x_axis)
    own = [series.epochs if ask.x_axis == "epoch" else series.times for series in all_series]
    if table.steps.size or any(values is not None and np.isfinite(values).any() for values in own):
        return ask.x_axis, table, []
    return "step", nothing, [f"no log tells the {ask.x_axis}, so steps are shown"] if all_series else []


def _origin(all_series: Sequence[Series]) -> float:
    """The time of the run's first record."""
    times = [series.times[np.isfinite(series.times)] for series in all_series if series.times is not None]
    return min((float(known.min()) for known in times if known.size), default=0.0)


def _pattern(text: str) -> tuple[re.Pattern[str], str]:
    """The filter as an expression, and why it is none; it then stands for itself."""
    try:
        return re.compile(text, re.IGNORECASE), ""
    except re.error as error:
        return re.compile(re.escape(text), re.IGNORECASE), f"not a regular expression: {error}"


def _dealt(members: Sequence[tuple[Place, str, Series]]) -> list[tuple[str, int, tuple[Place, str, Series]]]:
    """Labels that differ within a panel, and palette numbers that do not depend on the filter."""
    labels = Counter(where.label for where, _, _ in members)
    tags = Counter(series.tag for _, _, series in members)
    taken = {where.ink for where, _, _ in members}
    if members[0][0].key == _RATE_PANEL:
        taken.add(_INK_LIKE_THE_PLAN)
    free = (ink for ink in range(10_000) if ink not in taken)
    dealt: list[tuple[str, int, tuple[Place, str, Series]]] = []
    used: set[int] = set()
    for member in members:
        where, file, series = member
        label = where.label if labels[where.label] == 1 else series.tag
        if tags[series.tag] > 1:
            label = f"{series.tag} · {file}"
        ink = where.ink if where.ink is not None and where.ink not in used else next(free)
        used.add(ink)
        dealt.append((visible(label, MAX_LABEL), ink, member))
    if len(members) == 1 and members[0][0].key == _RATE_PANEL:
        return [("recorded", dealt[0][1], members[0])]
    return dealt


def _line(series: Series, x: FloatArray, label: str, ink: int, file: str, smoothing: float) -> Line:
    # A rate is what the optimizer used: an average of it never was.
    decay = 0.0 if place_of(series.tag).key == _RATE_PANEL else min(max(smoothing, 0.0), 0.999)
    lost_x, lost_y = lost_points(x, series.values)
    lost_whole = lost_y.size > 0 and not np.isfinite(lost_y).any()
    return Line(
        tag=series.tag,
        label=f"{label} (never finite)" if lost_whole else label,
        ink=ink,
        stretches=stretches_of(x, series.values, decay),
        lost_x=lost_x,
        lost_y=lost_y,
        file=file,
    )


def _planned(plan: PlanAsk, axis: XAxis, all_series: Sequence[Series]) -> list[Line]:
    """The dashed line of the plan; none over time, whose future nobody knows."""
    extents = [(np.nanmin(series.steps), np.nanmax(series.steps)) for series in all_series if series.steps.size]
    steps, rates = planned_curve(plan, float(max((last for _, last in extents), default=0.0)))
    # A resumed run follows the plan from where it was taken up.
    ahead = steps >= min((first for first, _ in extents), default=0.0)
    steps, rates = steps[ahead], rates[ahead]
    if axis == "epoch" and plan.steps_per_epoch:
        steps = steps / plan.steps_per_epoch
    elif axis != "step":
        return []
    if not steps.size:
        return []
    nothing = np.zeros(0)
    label = "planned (settings)" if plan.source == "settings" else "planned (scheduler state)"
    return [
        Line(
            tag="",
            label=label,
            ink=_PLAN_INK,
            stretches=stretches_of(steps, rates, 0.0),
            dashed=True,
            lost_x=nothing,
            lost_y=nothing,
            file=plan.source,
        )
    ]


def _panel(where: Place, lines: Sequence[Line], ask: CurvesAsk) -> Panel:
    low, high = fitting_range(lines, ignore_outliers=ask.ignore_outliers, log_y=False)
    log_y = ask.y_scale == "log" and not where.bounded and not low < 0 and high > 0
    if log_y:
        low, high = fitting_range(lines, ignore_outliers=ask.ignore_outliers, log_y=True)
    elif 0 < low < high / 2 and math.isfinite(high):
        low = 0.0
    return Panel(
        key=where.key,
        title=visible(where.title, MAX_LABEL),
        lines=tuple(lines),
        y_scale="log" if log_y else "linear",
        fit_y=(low, high),
    )
