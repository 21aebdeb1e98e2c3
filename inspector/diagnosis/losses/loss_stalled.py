"""A training loss that has not moved since the run began."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import number_text, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of, spread_of, typical_course
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.gates import warmup_steps
from inspector.diagnosis.losses.loss_curves import is_contest, training_losses
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import accuracies, in_shares
from inspector.diagnosis.tags import name_of, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness
from inspector.formats.metric_names import words

ABOUT = About(
    id="loss-stalled",
    title="Training loss does not fall",
    rules=("X.L2", "X.L3", "S2.14"),
    symptom="The training loss, or one term of it, is as high at the end as it was at the beginning.",
    definition="Over {stalled_epochs} epochs or more, counted from the first, and {stalled_steps} optimizer steps"
    " after the warm-up or later: the least mean of up to {stalled_averaged} epochs is above **(1 − {stalled_fall}) ·"
    " the first**, and the last one below (1 + 2 · {stalled_fall}) · the first, as a loss that rises is another"
    " finding. Told of the whole loss, and of a term of places. An accuracy that rose by less than {stalled_gain} in"
    " the same time makes it certain. A loss that fell once and then stays is not told: it may have converged.",
    why="Nothing is learnt: the rate is far too small or too large, the gradient does not arrive, or the output does"
    " not depend on the input",
    confirm="Train on one batch alone for a few hundred steps: where that loss does not fall either, something is"
    " cut off",
    false_alarm="A run that was resumed after it had converged, and a slow start under a long warm-up",
    cure="Look whether gradients arrive first. A rate three times as large or a third of it tells which of the two it"
    " was. For a term of places Huber's form pulls at every distance, where a tighter funnel pulls less.",
    source="Rules X.L2, X.L3 and S2.14, counted from the beginning alone since a loss that has converged is as flat",
)

_PLACES = frozenset({"coord", "coords", "spatial", "xy", "point", "points", "position"})


_NOISE_SPREADS = 4.0
"""Three values of one level lie within so many standard deviations in 99 of 100 curves."""


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The loss that the run learns from, then the term of places."""
    tags = training_losses(material)
    if not tags:
        return ABOUT.not_assessable(material.lacking("no training loss was logged"))
    if is_contest(material.curves):
        return ABOUT.not_assessable("its losses follow a reward or an opponent, and need not fall")
    limits = material.thresholds
    gate, because = (warmup_steps(material) or 0.0) + limits.stalled_steps, ""
    for tag in (tags[0], *(tag for tag in tags[1:] if _PLACES & set(words(tag)) and len(name_of(tag)) == 2)):
        course = typical_course(material, tag, pulse)
        if not course.by_epoch:
            because = because or f"the epochs of {shown(tag)} are not known"
        elif course.ages[-1] < limits.stalled_epochs or len(course) < limits.stalled_epochs:
            because = because or f"{shown(tag)} reaches over fewer than {limits.stalled_epochs:g} epochs"
        elif course.epochs[0] > limits.stalled_epochs:
            because = because or f"{shown(tag)} was first logged at {course.place(0)}, when it may have fallen already"
        elif _is_flat(course, limits):
            if _steps(course) > gate:
                return _finding(material, course)
            because = because or f"{shown(tag)} ends before step {gate:,.0f}, {limits.stalled_steps} after the warm-up"
    return ABOUT.not_assessable(material.lacking(because)) if because else None


def _steps(course: Course) -> float:
    """The optimizer steps that a curve reaches over; infinite where its steps count points or epochs."""
    counts_epochs = course.stepless or course.steps[-1] <= course.epochs[-1] + 1
    return math.inf if counts_epochs else float(course.steps[-1])


def _is_flat(course: Course, limits: Thresholds) -> bool:
    """Whether it neither fell nor rose far, noise left aside: a loss that rises is told as such."""
    first, fall = _first(course), limits.stalled_fall
    averaged = _averaged(course.values, limits)
    return first > 0 and float(averaged.min()) > (1 - fall) * first and float(averaged[-1]) < (1 + 2 * fall) * first


def _first(course: Course) -> float:
    """Where it began: the median of the first three where they differ by noise alone, else the very first."""
    values, middle = course.values, float(np.median(course.values[:3]))
    is_noise = float(np.ptp(values[:3])) <= _NOISE_SPREADS * spread_of(values)
    return middle if is_noise else float(values[0])


def _averaged(values: FloatArray, limits: Thresholds) -> FloatArray:
    """Means of neighbours, up to a quarter of the curve: a least one of many is low by chance."""
    count = min(limits.stalled_averaged, max(1, len(values) // 4))
    return np.convolve(values, np.full(count, 1.0 / count), mode="valid")


def _finding(material: Material, course: Course) -> Finding:
    first, least = _first(course), float(_averaged(course.values, material.thresholds).min())
    below = f", {percent_text(1 - least / first)} below" if least < first else ""
    summary = (
        f"{shown(course.tag)} was {number_text(first)} at {course.place(0)} and never less than {number_text(least)}"
        f"{below}, up to {course.place(len(course) - 1)}, noise left aside"
    )
    accuracy = _flat_accuracy(material)
    rules = ["S2.14" if _PLACES & set(words(course.tag)) else "X.L3"]
    evidence = [course.evidence(0, len(course) - 1, "stays where it began")]
    if accuracy is not None:
        summary += f". {shown(accuracy.tag)} stays at {number_text(float(np.median(accuracy.values)))}"
        evidence.append(accuracy.evidence(0, len(accuracy) - 1, "stays too"))
        rules.append("X.L2")
    return ABOUT.finding(
        summary=summary,
        rules=tuple(rules),
        severity=Severity.WARNING,
        sureness=Sureness.CERTAIN if accuracy is not None else Sureness.LIKELY,
        since_step=float(course.steps[0]),
        since_epoch=course.epoch(0),
        evidence=tuple(evidence),
        cures=_cures(material),
    )


def _flat_accuracy(material: Material) -> Course | None:
    for part in ("train", "", "validation"):
        for tag in accuracies(material.curves, part):
            course = course_of(material, tag)
            values = in_shares(course.values)
            if len(course) > 1 and float(values.max() - values[0]) < material.thresholds.stalled_gain:
                return course
    return None


def _cures(material: Material) -> tuple[Cure, ...]:
    rate = material.number("optim.lr")
    larger = None
    if rate is not None:
        reason = "Where steps are too short the loss falls at once; where it rises, the rate is not the cause (X.L2)"
        larger = edit(material, "optim.lr", float(f"{rate * 3:.6g}"), reason)
    huber = None
    if material.setting("loss.coord") in ("funnel", "mse"):
        reason = "Huber pulls alike at every distance; a tighter funnel pulls less at the errors that it is to mend"
        huber = edit(material, "loss.coord", "huber", reason)
    return (*cure("Let the loss pull at far errors", huber), *cure("Try three times the rate", larger))
