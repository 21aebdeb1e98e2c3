"""The planned learning rate as dashed lines beside the recorded ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inspector.analysis.pyramid import pyramid_of
from inspector.core.arrays import FloatArray
from inspector.display.curves.axis import Axis
from inspector.display.curves.plan import planned_curve
from inspector.display.curves.scene import Levels, Line, PlanAsk, Stretch
from inspector.formats.series import Series

PLAN_INK = "good"


def planned_lines(plan: PlanAsk, axis: Axis, all_series: Sequence[Series]) -> list[Line]:
    """The dashed line of the plan; none over time, whose future nobody knows."""
    extents = [(np.nanmin(series.steps), np.nanmax(series.steps)) for series in all_series if series.steps.size]
    steps, rates = planned_curve(plan, float(max((last for _, last in extents), default=0.0)))
    # A resumed run follows the plan from where it was taken up.
    ahead = steps >= min((first for first, _ in extents), default=0.0)
    steps, rates = steps[ahead], rates[ahead]
    if axis.kind == "epoch" and plan.steps_per_epoch:
        x = steps / plan.steps_per_epoch
    elif axis.kind == "step" or np.isfinite(axis.factor):
        x = axis.of_steps(steps)
    else:
        return []
    if not steps.size:
        return []
    label = "planned (settings)" if plan.source == "settings" else "planned (scheduler state)"
    return [_dashed(x, rates, label, plan.source)]


def _dashed(x: FloatArray, y: FloatArray, label: str, file: str) -> Line:
    pyramid = pyramid_of(x, y)
    nothing = np.zeros(0)
    return Line(
        tag="",
        label=label,
        ink=PLAN_INK,
        stretches=(Stretch(pyramid.x, Levels(pyramid.y, pyramid.lows, pyramid.highs)),),
        dashed=True,
        lost_x=nothing,
        lost_y=nothing,
        file=file,
    )
