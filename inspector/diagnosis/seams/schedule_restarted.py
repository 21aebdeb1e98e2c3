"""A rate that goes through its schedule from the beginning again while the steps go on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.material import Material
from inspector.diagnosis.rates.checkpoint_rates import held_rates
from inspector.diagnosis.tags import rates, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import CurveEvidence, Finding, NotAssessable, Severity, Sureness
from inspector.formats.series import Series
from inspector.runs.rising import finite

ABOUT = About(
    id="schedule-restarted",
    title="Schedule began again in the middle of the run",
    rules=(),
    symptom="The rate stands at its beginning again, with or without a warm-up, while steps and loss go on.",
    definition="A recorded rate jumps by {restart_jump} of its top or more, up, or down and then up as in a warm-up,"
    " and from there repeats its own beginning within {restart_distance} of the top, over {restart_points} points or"
    " more. It was cut off: it stood above {restart_floor} of its top, and then goes on past the place where it was cut"
    " off the first time, without a jump there; or it stood above {restart_cut} of its top. A rate that falls in steps,"
    " as plateau's do, is back at its first value instead, for as many points. Cycles jump after equal lengths, and at"
    " their floor.",
    why="A resume that loads weights and optimizer but not the scheduler starts the schedule anew: the rate is far too"
    " high for where training is, and the run ends before the schedule does",
    confirm="Look for a resume at that step, and for the scheduler in the checkpoint that it was resumed from",
    false_alarm="A cycle that is meant and that ends high above its floor, seen once, looks the same",
    cure="Resume again from the checkpoint at the jump with the scheduler's state, or step a new scheduler to the place"
    " of the run. `run-inspector resume` does so.",
    source="drawn and measured with torch's schedulers; X.R1 and X.R2 are of the edits and the loss there",
)

_CYCLES = frozenset({"CosineAnnealingWarmRestarts", "CyclicLR"})
_FAMILIES = ("cosine_restarts", "cosine_with_restarts", "cyclic")
_PLACES = 21
"""Of the resume between two points that were logged."""
_COMPARED = 2000
"""Points of a repeated course, evenly."""
_MOST_JUMPS = 10_000
_LEAST_MOVE = 0.05
"""Of the top: a rate that stands still has no course to repeat."""
_UNUSUAL = 2.0
"""A jump over the change just before it, where that goes the same way."""
_ALIKE_LENGTHS = 1
"""Points by which cycles of one length differ where they are logged now and then."""
_FEWEST_BEYOND = 2
"""Points past the place where the first was cut off: one alone may be that place itself."""


class _Part(NamedTuple):
    """A stretch of a rate between two jumps, end exclusive."""

    begin: int
    end: int


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Every recorded rate against its own beginning."""
    pulse.beat(0, 0, "looking for schedules that began again")
    if not rates(material.curves):
        return ABOUT.not_assessable(material.lacking("no learning rate was logged"))
    if material.run.record is not None or _is_meant(material):
        return None
    for tag in rates(material.curves):
        one = finite(material.curves[tag])
        found = _restart(one, material.thresholds) if len(one.values) else None
        if found is not None:
            return _finding(material, tag, one, *found)
    return None


def _is_meant(material: Material) -> bool:
    """Whether a checkpoint or a setting names a schedule that starts again by itself."""
    named = (value for value in material.run.settings.values.values() if isinstance(value, str))
    return any(one.scheduler in _CYCLES for one in held_rates(material)) or any(
        value in _CYCLES or value.lower() in _FAMILIES for value in named
    )


def _restart(one: Series, limits: Thresholds) -> tuple[_Part, bool] | None:
    """The part that repeats the first, and whether it goes on past where that was cut off; None where none does."""
    top = float(one.values.max())
    parts = _parts(one.values, limits.restart_jump * top, limits.restart_points)
    if top <= 0 or len(parts) < 2 or _is_cycle(parts):
        return None
    first, again = parts[:2]
    places = _repeats(one, first, again, limits)
    if places is not None:
        goes_on = int((places > one.steps[first.end - 1]).sum()) >= _FEWEST_BEYOND
        if float(one.values[first.end - 1]) > (limits.restart_floor if goes_on else limits.restart_cut) * top:
            return again, goes_on
    return (again, False) if _stands_again(one.values, first, again, limits) else None


def _parts(values: FloatArray, jump: float, fewest: int) -> list[_Part]:
    """The stretches between jumps: up by so much at once, or down and then up again, as a second warm-up does.

    What jumps within the fewest points of a part is its warm-up.
    """
    change = np.diff(values)
    before, after = np.append(0.0, change[:-1]), np.append(change[1:], 0.0)
    up = change > np.maximum(jump, _UNUSUAL * before)
    down = (-change > np.maximum(jump, -_UNUSUAL * before)) & (after > 0)
    begins = [0]
    for place in np.flatnonzero(up | down)[:_MOST_JUMPS] + 1:
        if place - begins[-1] >= fewest:
            begins.append(int(place))
    return [_Part(begin, end) for begin, end in zip(begins, [*begins[1:], len(values)], strict=True)]


def _is_cycle(parts: list[_Part]) -> bool:
    """Whether three or more parts are of one length, but for the last, which may be cut off."""
    lengths = [part.end - part.begin for part in parts[:-1]]
    return len(lengths) >= 2 and max(lengths) - min(lengths) <= _ALIKE_LENGTHS


def _stands_again(values: FloatArray, first: _Part, again: _Part, limits: Thresholds) -> bool:
    """Whether a rate that falls in steps stands at its first value again, where it had stood below."""
    count, top = limits.restart_points, float(values[first.begin])
    before, after = values[max(first.begin, first.end - count) : first.end], values[again.begin : again.end][:count]
    still = len(before) == len(after) == count and float(np.ptp(before)) == 0 < float(before[0])
    return still and bool((np.abs(after - top) <= limits.flat_range * top).all())


def _repeats(one: Series, first: _Part, again: _Part, limits: Thresholds) -> FloatArray | None:
    """Where the points of a part would stand in the first, as steps; None where its course is another."""
    steps, values = one.steps[first.begin : first.end], one.values[first.begin : first.end]
    top = float(one.values.max())
    for resumed in np.linspace(one.steps[again.begin - 1], one.steps[again.begin], _PLACES):
        places: FloatArray = one.steps[again.begin : again.end] - resumed
        begin, end = np.searchsorted(places, (steps[0], np.nextafter(steps[-1], np.inf)))
        if end - begin < limits.restart_points:
            continue
        compared = np.unique(np.linspace(begin, end - 1, min(end - begin, _COMPARED)).astype(np.int64))
        found = one.values[again.begin + compared]
        far = float(np.abs(found - np.interp(places[compared], steps, values)).max())
        if float(np.ptp(found)) >= _LEAST_MOVE * top and far <= limits.restart_distance * top:
            return places
    return None


def _finding(material: Material, tag: str, one: Series, again: _Part, goes_on: bool) -> Finding:
    step = float(one.steps[again.begin])
    before, after = float(one.values[again.begin - 1]), float(one.values[again.begin])
    return ABOUT.finding(
        summary=f"{shown(tag)} goes from {number_text(before)} to {number_text(after)} at step {step:,.0f} and repeats"
        f" its course from step {one.steps[0]:,.0f} on"
        + (", past the place where that was cut off" if goes_on else ""),
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY if goes_on else Sureness.POSSIBLE,
        since_step=step,
        since_epoch=material.epoch_at(step),
        evidence=(
            CurveEvidence(
                series=tag,
                first_step=float(one.steps[again.begin - 1]),
                last_step=float(one.steps[again.end - 1]),
                text=f"{shown(tag)} begins again",
            ),
        ),
        baseline=f"Before the jump: {number_text(before)}",
    )
