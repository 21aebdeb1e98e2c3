"""A loss of the done signal that stays where it is."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import loss_pair, losses, name_of, part_of, shown
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness
from inspector.formats.metric_names import words

ABOUT = About(
    id="done-loss-stuck",
    title="Done loss is stuck",
    rules=("S2.10", "S2.11"),
    symptom="The validation loss of the done signal runs level for the whole training.",
    definition="Over the last {done_loss_epochs} epochs, and {done_loss_values} values or more, more than"
    " {done_loss_share} of the values lie between **{done_loss_low} and {done_loss_high}**, and the loss changes by"
    " less than {done_loss_change} of its median. Its floor for a model that always says the base rate p is −p ln p −"
    " (1−p) ln(1−p): 0.135 of 3%, 0.693 of one half.",
    why="The model says nearly the same whether or not everything was counted, so a count never ends",
    confirm="Look at the done probabilities of a dump: whether those of done samples lie apart from the others",
    false_alarm="A weight on done samples raises this loss; validation samples may be drawn otherwise than training"
    " samples",
    cure="As many done samples as others first: it mends what weights only make up for. A weight of 3 on a class of 3%"
    " is far from balance, and weights shift what a probability means.",
    source="Rules S2.10 and S2.11; the base rate's entropy stands beside it as a baseline",
)

_DONE = frozenset({"done", "stop", "finished", "eos"})
_NO_BETTER = 0.95
"""Of the loss of a constant answer: so near to it the sentence says no better; it decides nothing else."""


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The validation loss of the done signal."""
    pulse.beat(0, 0, "looking at the done loss")
    tag = done_loss_tag(material)
    if tag is None:
        return ABOUT.not_assessable(material.lacking("no validation loss of the done signal was logged"))
    limits, course = material.thresholds, course_of(material, tag)
    if len(course) < limits.done_loss_values or not course.by_epoch or course.ages[-1] < limits.done_loss_epochs:
        needed = f"{limits.done_loss_epochs:g} epochs with {limits.done_loss_values} values or more"
        return ABOUT.not_assessable(material.lacking(f"{shown(tag)} does not reach over {needed}"))
    first = int(np.argmax(course.epochs >= course.epochs[-1] - limits.done_loss_epochs))
    first = min(first, len(course) - limits.done_loss_values)
    last = course.values[first:]
    middle = float(np.median(last))
    inside = float(((last >= limits.done_loss_low) & (last <= limits.done_loss_high)).mean()) > limits.done_loss_share
    half = len(last) // 2
    change = abs(float(np.median(last[-half:]) - np.median(last[:half])))
    if not inside or change > limits.done_loss_change * middle:
        return None
    return _finding(material, course, first, middle)


def has_done_loss(material: Material) -> bool:
    """Whether a validation loss of the done signal was logged."""
    return done_loss_tag(material) is not None


def done_loss_tag(material: Material) -> str | None:
    """The validation loss of the done signal, None where it was not logged."""
    return next(
        (
            tag
            for tag in losses(material.curves)
            if part_of(tag) == "validation" and _DONE & set(name_of(tag)) and "baseline" not in words(tag)
        ),
        None,
    )


def _finding(material: Material, course: Course, first: int, middle: float) -> Finding:
    base = _base_rate_loss(material)
    beside = ""
    if math.isfinite(base):
        verb = "no better than" if middle >= _NO_BETTER * base else "and"
        beside = f", {verb} {number_text(base)} of a model that always says the base rate"
    summary = (
        f"{shown(course.tag)} stays at {number_text(middle)} from {course.place(first)} to"
        f" {course.place(len(course) - 1)}{beside}"
    )
    pair = loss_pair(material.curves)
    whole = course_of(material, pair.validation) if pair is not None else None
    high = whole is not None and len(whole) and float(whole.values.min()) >= material.thresholds.done_loss_low
    if whole is not None and high:
        summary += f". {shown(whole.tag)} never got below {number_text(float(whole.values.min()))}"
    return ABOUT.finding(
        summary=summary,
        rules=("S2.10", "S2.11") if high else ("S2.10",),
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY if beside else Sureness.POSSIBLE,
        since_step=float(course.steps[first]),
        since_epoch=course.epoch(first),
        evidence=(course.evidence(first, len(course) - 1, "stays level"),),
        cures=_cures(material),
        baseline=f"Always the base rate: {number_text(base)}"
        if math.isfinite(base)
        else "Always the base rate: 0.135 where 3% are done, 0.693 where half are",
    )


def _base_rate_loss(material: Material) -> float:
    """What the run logged as the loss of the base rate, NaN where it did not."""
    for tag in material.curves:
        if {"baseline", "done", "loss"} <= set(words(tag)):
            course = course_of(material, tag)
            if len(course):
                return float(course.values[-1])
    return math.nan


def _cures(material: Material) -> tuple[Cure, ...]:
    limits = material.thresholds
    share = material.number("data.done_positive_fraction")
    even = None
    if share is None or share < limits.done_share_proposed:
        reason = "As many done samples as others (S1.13)"
        even = edit(material, "data.done_positive_fraction", limits.done_share_proposed, reason)
    weight, heavier = material.number("loss.done_weight"), None
    if weight is not None and weight < limits.done_weight_proposed:
        reason = "The done loss weighs more beside that of places (S2.07)"
        heavier = edit(material, "loss.done_weight", limits.done_weight_proposed, reason)
    return (*cure("Balance done samples", even), *cure("Weigh the done loss more", heavier))
