"""A run that ended while its metric was still getting better."""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import counted, number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, evaluations_of, spread_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import scores
from inspector.diagnosis.subjects import slots
from inspector.diagnosis.tags import loss_pair, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness
from inspector.runs.values import Life

ABOUT = About(
    id="still-improving",
    title="Still getting better at the end",
    rules=("S0.09", "X.L12"),
    symptom="The last evaluation is the best, and the curve has not levelled off.",
    definition="The best evaluation lies in the last {improving_share} of the run, and the mean of its last quarter is"
    " better than that of the quarter before by **{improving_spreads} standard errors** and by **{improving_gain}** of"
    " all that was gained since the first, with {improving_evaluations} evaluations or more. Not told while the run"
    " lives, nor of one that ended before its planned epochs. Of slots that were trained for less than {slot_epochs}"
    " epochs, that is said with it.",
    why="The result is that of a run that was cut short: comparisons with longer ones are unfair to it",
    confirm="Resume for half as many epochs again",
    false_alarm="A schedule that has reached its floor gains little more; a best value at the end may be luck",
    cure="Half as many epochs again, with the schedule stretched over them",
    source="Rule X.L12, the tuning playbook; S0.09 alone says nothing, as epochs are no measure across sizes of data",
    acts=True,
)

_LAST_EPOCH = 1.0
"""The last evaluation may lie so many epochs before the end."""


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The plainest validation score, else the validation loss."""
    pulse.beat(0, 0, "looking at the last evaluations")
    found = _metric(material, pulse)
    if found is None:
        return ABOUT.not_assessable(material.lacking("no validation score and no validation loss was logged"))
    course, sign = found
    if material.run.liveness.life in (Life.LIVE, Life.STALLED):
        return ABOUT.not_assessable("the run has not ended")
    planned, epoch = material.number("schedule.epochs"), course.epoch(len(course) - 1) if len(course) else None
    if planned is not None and epoch is not None and epoch < planned - _LAST_EPOCH:
        return None
    needed = material.thresholds.improving_evaluations
    if len(course) < needed:
        because = f"{counted(len(course), 'evaluation')} of {shown(course.tag)}; {needed} are needed"
        return ABOUT.not_assessable(material.lacking(because))
    first = _since(course, sign, material.thresholds)
    if first is None:
        return None
    best = len(course) - 1 - int(np.argmax((sign * course.values)[::-1]))
    usual = material.thresholds.slot_epochs
    is_short = slots(material) and course.by_epoch and course.epochs[-1] < usual
    beside = f"; slots are usually trained for {usual:g} epochs or more" if is_short else ""
    return ABOUT.finding(
        rules=("S0.09", "X.L12") if is_short else ("X.L12",),
        summary=f"{shown(course.tag)} is best at {course.place(best)}, {number_text(float(course.values[best]))}; at"
        f" {course.place(first)} it was {number_text(float(course.values[first]))}{beside}",
        severity=Severity.INFO,
        sureness=Sureness.LIKELY,
        since_step=float(course.steps[first]),
        since_epoch=course.epoch(first),
        evidence=(course.evidence(first, len(course) - 1, "still gets better"),),
        cures=_cures(material),
    )


def has_metric(material: Material) -> bool:
    """Whether a validation score or a validation loss was logged."""
    return bool(scores(material.curves)) or loss_pair(material.curves) is not None


def _metric(material: Material, pulse: Pulse) -> tuple[Course, float] | None:
    """The curve and 1 where high is better, else -1."""
    tags = scores(material.curves)
    if tags:
        return evaluations_of(material, tags[0], pulse), 1.0
    pair = loss_pair(material.curves)
    return None if pair is None else (evaluations_of(material, pair.validation, pulse), -1.0)


def _since(course: Course, sign: float, limits: Thresholds) -> int | None:
    """Where the last quarter begins, if it is better and ends with the best; None else."""
    values = sign * course.values
    quarter = max(2, len(values) // 4)
    late, before = values[-quarter:], values[-2 * quarter : -quarter]
    if values[: max(1, int(np.ceil(len(values) * (1 - limits.improving_share))))].max() >= values.max():
        return None
    error = max(spread_of(values), float(np.finfo(np.float64).eps)) * float(np.sqrt(2 / quarter))
    gain, whole = float(late.mean() - before.mean()), float(values.max() - values[0])
    is_clear = gain > max(limits.improving_spreads * error, limits.improving_gain * whole)
    return len(values) - quarter if is_clear else None


def _cures(material: Material) -> tuple[Cure, ...]:
    epochs = material.setting("schedule.epochs")
    if not isinstance(epochs, int) or isinstance(epochs, bool):
        return ()
    reason = "Half as many again, as it had not levelled off (X.L12)"
    return cure("Train longer", edit(material, "schedule.epochs", epochs + max(1, epochs // 2), reason))
