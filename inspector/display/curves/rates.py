"""The panel of learning rates: planned beside recorded, the warm-up, and where the two disagree."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from inspector.analysis.pyramid import pyramid_of
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.language import tr, tr_counted, tr_listed
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.diagnosis.rates.rate_abouts import ABOUTS
from inspector.diagnosis.rates.rate_curves import printed_unit
from inspector.diagnosis.rates.rate_marks import Kind
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Severity
from inspector.display.curves.axis import Axis
from inspector.display.curves.plan import planned_beside, planned_curve, source_text
from inspector.display.curves.scene import Levels, Line, Marker, PlanAsk, Stretch
from inspector.formats.metric_names import words
from inspector.formats.series import Series
from inspector.runs.rising import cleaned, finite

RATE_PANEL = "lr"
PLAN_INK = "good"

_COMPARED_POINTS = 20_000
_LEAST_POINTS = 3
"""So many records must differ: one may be written between two steps."""

_CYCLES = frozenset(("CyclicLR", "CosineAnnealingWarmRestarts"))
"""Their rise is no warm-up."""


class RateExtras(msgspec.Struct, frozen=True):
    """What stands beside the recorded rates."""

    lines: tuple[Line, ...] = ()
    markers: tuple[Marker, ...] = ()


def rate_extras(
    plans: Sequence[PlanAsk],
    axis: Axis,
    recorded: Sequence[Series],
    all_series: Sequence[Series],
    limits: Thresholds,
) -> RateExtras:
    """Planned rates, one dashed line for each group that has its own, with the warm-up and the first disagreement.

    Over time there is no plan: nobody knows how fast the future goes. Disagreements are marked on every axis.

    Args:
        plans: of the groups.
        axis: of the scene.
        recorded: the learning rates that are shown.
        all_series: of the run; they tell how far it has come.
        limits: how far a rate may lie from its plan.
    """
    extents = [(np.nanmin(one.steps), np.nanmax(one.steps)) for one in all_series if np.isfinite(one.steps).any()]
    first = float(min((low for low, _ in extents), default=0.0))
    last = float(max((high for _, high in extents), default=0.0))
    lines: list[Line] = []
    markers: list[Marker] = []
    for plan in plans:
        steps, rates = planned_curve(plan, last)
        x = _places(plan, axis, steps)
        if x is None or not steps.size:
            continue
        warm = _warmup(plan, steps, rates)
        # A resumed run follows the plan from where it was taken up.
        ahead = slice(max(int(np.searchsorted(steps, first, "right")) - 1, 0), None)
        lines.append(_dashed(x[ahead], rates[ahead], plan, variant=len(lines), alone=len(plans) == 1))
        if warm is not None and steps[warm] > first and not markers:
            begin = x[ahead][0]
            until = float(x[warm])
            markers.append(Marker(x=float(begin), until=until, kind="warm-up", label=tr("warm-up"), panel=RATE_PANEL))
    return RateExtras(tuple(lines), (*markers, *disagreements(plans, axis, recorded, limits)))


def _places(plan: PlanAsk, axis: Axis, steps: FloatArray) -> FloatArray | None:
    """X of a plan's steps, the future too; None on an axis that has no future."""
    if axis.kind == "epoch" and plan.steps_per_epoch:
        return steps / plan.steps_per_epoch
    return axis.of_steps(steps) if axis.kind == "step" or math.isfinite(axis.factor) else None


def _warmup(plan: PlanAsk, steps: FloatArray, rates: FloatArray) -> int | None:
    """Index where the planned rate first stands at its top, having risen all the way; None where it begins there."""
    top = int(np.argmax(rates))
    risen = top > 0 and bool((np.diff(rates[: top + 1]) >= 0).all()) and rates[0] < rates[top]
    short = top < len(steps) // 2 and plan.class_name.rpartition(".")[2] not in _CYCLES
    return top if risen and short else None


def _dashed(x: FloatArray, y: FloatArray, plan: PlanAsk, *, variant: int, alone: bool) -> Line:
    pyramid = pyramid_of(x, y)
    nothing = np.zeros(0)
    source = tr("settings") if plan.values else tr("scheduler state")
    label = tr("planned ({source})") if alone else tr("planned {group} ({source})")
    return Line(
        tag="",
        label=label.format(source=source, group=visible(plan.group_name, 40)),
        ink=PLAN_INK,
        stretches=(Stretch(pyramid.x, Levels(pyramid.y, pyramid.lows, pyramid.highs)),),
        dashed=True,
        variant=variant,
        lost_x=nothing,
        lost_y=nothing,
        file=plan.source,
    )


def disagreements(
    plans: Sequence[PlanAsk], axis: Axis, recorded: Sequence[Series], limits: Thresholds
) -> tuple[Marker, ...]:
    """Where recorded rates do not follow their plan, with a sentence; one for all that leave it at the same steps."""
    found: dict[tuple[float, float], list[_Disagreement]] = {}
    for one in recorded:
        plan = plan_for(one.tag, len(recorded), plans)
        known = _disagreement(plan, axis, one, limits) if plan is not None and not one.stepless else None
        if known is not None:
            found.setdefault(known.x, []).append(known)
    return tuple(
        Marker(
            x=x,
            until=until,
            kind="finding",
            label=_sentence(alike),
            opens=ABOUTS[Kind.OVERWRITTEN].id,
            severity=Severity.CRITICAL.value,
            panel=RATE_PANEL,
        )
        for (x, until), alike in found.items()
    )


class _Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a rate leaves its plan, first and last x, at how many of its records, and the step where it is worst."""

    x: tuple[float, float]
    tag: str
    source: str
    step: float
    recorded: float
    planned: float
    off: int
    records: int


def _sentence(alike: Sequence[_Disagreement]) -> str:
    one = alike[0]
    return tr(
        "{recorded} recorded, {planned} planned at step {step:,.0f}: {rates} not as {source} at {off:,} of {records}"
    ).format(
        recorded=number_text(one.recorded),
        planned=number_text(one.planned),
        step=one.step,
        rates=tr_listed([each.tag for each in alike], most=1),
        source=one.source,
        off=one.off,
        records=tr_counted(one.records, "record"),
    )


def plan_for(tag: str, tags: int, plans: Sequence[PlanAsk]) -> PlanAsk | None:
    """The plan of a recorded rate's group: the only one, the one whose group it names, or the one of its number."""
    if len(plans) == 1:
        return plans[0]
    spoken = words(tag)
    named = [plan for plan in plans if not plan.group_name.isdecimal() and plan.group_name.lower() in spoken]
    if named:
        return named[0]
    number = spoken[-1] if spoken and spoken[-1].isdecimal() and len(spoken[-1]) < 4 else ""
    return plans[int(number)] if number and tags == len(plans) and int(number) < len(plans) else None


def _disagreement(plan: PlanAsk, axis: Axis, one: Series, limits: Thresholds) -> _Disagreement | None:
    known = finite(cleaned(one))
    rows = np.linspace(0, len(known.values) - 1, min(len(known.values), _COMPARED_POINTS)).astype(np.int64)
    some = _rows(known, np.unique(rows))
    planned = planned_beside(plan, some)
    if planned is None:
        return None
    # Loggers differ in whether the step counts before or after: the neighbours' plan will do.
    around = [beside for shift in (-1.0, 1.0) if (beside := planned_beside(plan, some, shift)) is not None]
    low, high = np.minimum.reduce([planned, *around]), np.maximum.reduce([planned, *around])
    slack = limits.rate_deviation * np.abs(planned) + limits.trace_tolerance * abs(plan.base_lr)
    away = np.maximum(some.values - high, low - some.values)
    off = np.flatnonzero(away > slack)
    if off.size < _LEAST_POINTS or away.max() <= printed_unit(some.values) / 2 * (1 + 1e-9):  # the log rounds
        return None
    places = axis.of_steps(some.steps[off[[0, -1]]])
    if not np.isfinite(places).all():
        return None
    worst = int(off[np.argmax(np.abs(some.values[off] - planned[off]))])
    return _Disagreement(
        x=(float(places[0]), float(places[1])),
        tag=visible(one.tag, 60),
        source=source_text(plan),
        step=float(some.steps[worst]),
        recorded=float(some.values[worst]),
        planned=float(planned[worst]),
        off=off.size,
        records=len(some.values),
    )


def _rows(one: Series, rows: IntArray) -> Series:
    return msgspec.structs.replace(
        one,
        steps=one.steps[rows],
        values=one.values[rows],
        epochs=None if one.epochs is None else one.epochs[rows],
        times=None,
        starts=None,
    )
