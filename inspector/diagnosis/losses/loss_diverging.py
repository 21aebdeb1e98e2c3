"""A training loss that rises from its best and does not come back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.analysis.smoothing import smoothed
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, spread_of, typical_course
from inspector.diagnosis.cures import shorter_steps
from inspector.diagnosis.losses.loss_curves import is_contest, training_loss
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="loss-diverging",
    title="Training loss rises",
    rules=("S1.02", "S3.01", "S3.03", "S3.06", "S3.12", "X.L4"),
    symptom="The training loss falls for a while or not at all, then climbs from epoch to epoch.",
    definition="Over the medians L of the epochs, and their least one before the end, it is said where one of these"
    " holds:\n\n- the last two lie above **{diverged_ratio} · min L**;\n- the last lies above **min L +"
    " {diverged_rise}** and above (1 + {diverged_rise_share}) · min L, and the one before is no longer the least;\n-"
    " the last is **{diverged_times} · min L** or more.\n\nIn each case the rise must be {diverged_spreads} standard"
    " deviations of a single value, and {diverged_floor} of all that the loss had fallen. A curve of two or three"
    " values must reach over {diverged_span} epochs. It is an error where the loss ends above its first value and"
    " still rises (critical where its first value is its least), or at {diverged_times} · min L after {diverged_lost}"
    " of all that it had fallen was lost again; else a warning.",
    why="Steps are too long for the place that the weights have come to: each leads further up, and what was learnt is"
    " lost",
    confirm="Resume from the checkpoint of the least loss with a third of the rate: the loss should fall again",
    false_alarm="A curriculum, a term whose weight grows, harder augmentation or a restart of the rate raise the loss"
    " on purpose",
    cure="A smaller rate first: divided by {diverged_cut}, or by {diverged_small_cut} where it is small already. A"
    " schedule that is overwritten by a warm-up never lowers the rate, and is mended first. Gradients clipped beside"
    " it help against single long steps. Label smoothing does not make a loss rise; it adds a constant floor.",
    source="Rules S1.02, S3.01, S3.06 and X.L4; the absolute threshold of S3.06 misses the run that it was made for,"
    " hence the relative one",
)

_FEW = 3
"""Values of a curve that cannot be asked for two in a row."""


class _Rise(NamedTuple):
    """What was seen: the index of the best value, and the rules that it meets."""

    best: int
    rules: tuple[str, ...]
    since_start: bool


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The loss that the run learns from."""
    tag = training_loss(material)
    if tag is None:
        return ABOUT.not_assessable(material.lacking("no training loss was logged"))
    if is_contest(material.curves):
        return ABOUT.not_assessable("its losses follow a reward or an opponent, and may rise in a run that goes well")
    course = typical_course(material, tag, pulse)
    if len(course) < 2:
        return ABOUT.not_assessable(material.lacking(f"{shown(tag)} has one finite value or none; 2 are needed"))
    seen = _rise(course, material.thresholds)
    return None if seen is None else _finding(material, course, seen)


def _rise(course: Course, limits: Thresholds) -> _Rise | None:
    values, last = course.values, len(course) - 1
    best = int(np.argmin(values))
    least, now = float(values[best]), float(values[-1])
    if best == last or not _is_clear(course, best, limits):
        return None
    tail = values[max(best + 1, last - 1) :]
    twice = len(tail) > 1 or len(course) <= _FEW
    fired = {
        "S3.01": bool(least > 0 and twice and (tail >= limits.diverged_ratio * least).all()),
        "S3.06": twice and now > least + max(limits.diverged_rise, limits.diverged_rise_share * abs(least)),
        "X.L4": bool(least > 0 and now >= limits.diverged_times * least),
        "S1.02": False,
    }
    if not any(fired.values()):
        return None
    fired["S1.02"] = now > float(values[0]) and _is_rising(course, limits.validation_decay)
    return _Rise(best, tuple(rule for rule, met in fired.items() if met), fired["S1.02"])


def _is_clear(course: Course, best: int, limits: Thresholds) -> bool:
    """Whether the rise is more than noise, and more than a ripple at the foot of a long fall."""
    values = course.values
    rise = float(min(values[max(best + 1, len(values) - 2) :]) - values[best])
    if len(values) <= _FEW and course.ages[-1] - course.ages[best] < limits.diverged_span:
        return False
    fallen = float(values[: best + 1].max() - values[best])
    return rise > max(limits.diverged_spreads * spread_of(values), limits.diverged_floor * fallen, 0.0)


def _is_rising(course: Course, decay: float) -> bool:
    """Whether the average rises over the last fifth of the curve."""
    averaged = smoothed(course.values, decay)
    return bool(averaged[-1] > averaged[-max(2, len(averaged) // 5)])


def _finding(material: Material, course: Course, seen: _Rise) -> Finding:
    values, best = course.values, seen.best
    least, now, last = float(values[best]), float(values[-1]), len(course) - 1
    since = best + 1
    times = f", {now / least:.2f} times its least" if least > 0 else ""
    summary = (
        f"{shown(course.tag)} was {number_text(least)} at {course.place(best)} and is {number_text(now)} at"
        f" {course.place(last)}{times}"
    )
    if seen.since_start:
        summary += f"; it began at {number_text(float(values[0]))}"
    rate = material.number("optim.lr")
    rules = seen.rules
    if rate is not None:
        rules += ("S3.03",) if rate > material.thresholds.diverged_rate else ("S3.12",)
    return ABOUT.finding(
        summary=summary,
        rules=rules,
        title="Training loss rises from the start" if best == 0 else ABOUT.title,
        severity=_severity(course, seen, material.thresholds),
        sureness=_sureness(course, seen),
        since_step=float(course.steps[since]),
        since_epoch=course.epoch(since),
        evidence=(course.evidence(best, last, "rises from its least value"),),
        cures=_cures(material),
    )


def _severity(course: Course, seen: _Rise, limits: Thresholds) -> Severity:
    values = course.values
    fallen = float(values[: seen.best + 1].max() - values[seen.best])
    lost = float(values[-1] - values[seen.best]) >= limits.diverged_lost * fallen
    if seen.since_start:
        return Severity.CRITICAL if seen.best == 0 and len(course) > _FEW else Severity.ERROR
    return Severity.ERROR if lost and "X.L4" in seen.rules else Severity.WARNING


def _sureness(course: Course, seen: _Rise) -> Sureness:
    if len(course) <= _FEW or len(course) - 1 - seen.best < 2:
        return Sureness.POSSIBLE
    return Sureness.CERTAIN if seen.since_start and len(seen.rules) > 1 and len(course) >= 5 else Sureness.LIKELY


def _cures(material: Material) -> tuple[Cure, ...]:
    rate, limits = material.number("optim.lr") or 0.0, material.thresholds
    cut = limits.diverged_cut if rate > limits.diverged_rate else limits.diverged_small_cut
    return shorter_steps(material, cut, "Shorter steps do not overshoot; training takes a little longer (S3.03)")
