"""A score that is no better than one that needs no model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import counted, number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of, spread_of
from inspector.diagnosis.gates import gate_step
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.baselines import Baseline, logged_baselines
from inspector.diagnosis.scores.main_score import judged_by
from inspector.diagnosis.scores.score_curves import is_ari
from inspector.diagnosis.tags import loss_pair, shown
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness
from inspector.formats.metric_names import words

ABOUT = About(
    id="below-baseline",
    title="Score is no better than without a model",
    rules=("X.L13",),
    symptom="A validation score ends where a constant answer, a copy of the input or a fixed partition stands.",
    definition="The median of the last three evaluations is not above the best trivial score that was logged beside it"
    " (`baseline/…`) plus **{baseline_errors} standard errors** of such a median, which five evaluations or more tell;"
    " after {baseline_evaluations} evaluations and half of the planned epochs, and of slots {steps_after_warmup} steps"
    " after the warm-up. It is information, and a warning of the score that the recipe is judged by beside baselines"
    " that look at nothing; an error where that score stays clearly below them and neither it nor the"
    " validation loss gets better any more.",
    why="A number that looks good may be what anyone scores who has seen nothing: the model has learnt less than it"
    " seems",
    confirm="Look at predictions of samples that differ: they will be alike",
    false_alarm="Early in training every score is below its baseline; a baseline that looks at the input can be hard"
    " to beat, and colours alone tell generated objects apart",
    cure="Whatever keeps the model from learning comes first: look at the other findings. No setting mends a score by"
    " itself.",
    source="Rule X.L13",
)

_FEWEST_OF_NOISE = 5
"""Evaluations from which their noise can be told from their course."""

_LEFT_OUT = frozenset({"padded", "same"})
"""Padding has a finding of its own, and scenes whose objects share a colour are a part of the others."""


class _Below(NamedTuple):
    """A score, the best baseline that it does not beat, and how it ends."""

    course: Course
    baseline: Baseline
    reached: float
    value: float
    severity: Severity


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Every score that has a logged baseline."""
    baselines = [one for one in logged_baselines(material.curves) if not _LEFT_OUT & set(words(one.score))]
    if not baselines:
        return ABOUT.not_assessable(material.lacking("no baseline was logged beside a score"))
    below, because = [], ""
    for done, tag in enumerate(dict.fromkeys(one.score for one in baselines)):
        pulse.beat(done, len(baselines), f"comparing {shown(tag)}")
        course = course_of(material, tag)
        early = _too_early(material, course)
        because = early or because
        if not early:
            found = _below(material, course, [one for one in baselines if one.score == tag])
            if found is not None:
                below.append(found)
    if below:
        return _finding(sorted(below, key=lambda one: -one.severity.rank))
    return ABOUT.not_assessable(material.lacking(because)) if because else None


def has_baselines(material: Material) -> bool:
    """Whether a run logged baselines beside its scores."""
    return bool(logged_baselines(material.curves))


def _too_early(material: Material, course: Course) -> str:
    """Why a score cannot be held against its baseline yet, empty where it can."""
    limits = material.thresholds
    if len(course) < limits.baseline_evaluations:
        return f"{shown(course.tag)} has {counted(len(course), 'evaluation')}; {limits.baseline_evaluations} are needed"
    if is_ari(course.tag):
        gate = gate_step(material)
        if not course.stepless and course.steps[-1] <= gate:
            return f"slots may part until step {gate:,.0f}, {limits.steps_after_warmup:,} after the warm-up"
    planned = material.number("schedule.epochs")
    epoch = course.epoch(len(course) - 1)
    if planned is not None and epoch is not None and epoch < planned / 2:
        return f"it is epoch {epoch:g} of {planned:g}, and scores begin below their baselines"
    return ""


def _below(material: Material, course: Course, baselines: list[Baseline]) -> _Below | None:
    sign = 1.0 if baselines[0].better == "high" else -1.0
    reached = float(np.median(course.values[-3:]))
    # Of fewer values the first steps of learning would count as noise.
    error = spread_of(course.values) / float(np.sqrt(3)) if len(course) >= _FEWEST_OF_NOISE else 0.0
    worst: _Below | None = None
    for one in baselines:
        trivial = course_of(material, one.tag)
        if not len(trivial):
            continue
        value = float(trivial.values[-1])
        if sign * (reached - value) > material.thresholds.baseline_errors * error:
            continue
        severity = Severity.WARNING if one.blind and one.score == judged_by(material) else Severity.INFO
        far = sign * (reached - value) < -material.thresholds.baseline_errors * error
        surely = far and len(course) >= _FEWEST_OF_NOISE
        if severity is Severity.WARNING and surely and not (_improves(course, sign) or _learns(material)):
            severity = Severity.ERROR
        found = _Below(course, one, reached, value, severity)
        if worst is None or (severity.rank, sign * value) > (worst.severity.rank, sign * worst.value):
            worst = found
    return worst


def _learns(material: Material) -> bool:
    """Whether the validation loss still falls: a score of whole cells may follow later."""
    pair = loss_pair(material.curves)
    course = None if pair is None else course_of(material, pair.validation)
    return course is not None and len(course) >= _FEWEST_OF_NOISE and _improves(course, -1.0)


def _improves(course: Course, sign: float) -> bool:
    """Whether the last third is better than what came before it, by more than noise."""
    third = max(1, len(course) // 3)
    gain = sign * float(course.values[-third:].mean() - course.values[:-third].mean()) if len(course) > third else 0.0
    return gain > spread_of(course.values)


def _held(one: _Below) -> str:
    """How a score stands to its baseline, as a sentence goes on."""
    better = one.reached < one.value if one.baseline.better == "low" else one.reached > one.value
    return "not clearly better than the" if better else "no better than the"


def _finding(below: list[_Below]) -> Finding:
    first = below[0]
    texts = [
        f"{shown(one.course.tag)} ends at {number_text(one.reached)}, {_held(one)} {number_text(one.value)} of"
        f" {one.baseline.name}"
        for one in below[:3]
    ]
    if len(below) > 3:
        texts.append(f"{len(below) - 3} more scores end so")
    last = len(first.course) - 1
    return ABOUT.finding(
        summary=". ".join(texts),
        severity=first.severity,
        sureness=Sureness.LIKELY if first.severity is Severity.ERROR else Sureness.POSSIBLE,
        evidence=tuple(
            one.course.evidence(0, len(one.course) - 1, f"ends no better than {one.baseline.name}") for one in below[:3]
        ),
        baseline=f"{first.baseline.name}: {number_text(first.value)} at {first.course.place(last)}",
    )
