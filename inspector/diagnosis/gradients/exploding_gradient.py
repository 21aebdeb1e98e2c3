"""Gradients that are far longer than they were."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import cure, divided, edit
from inspector.diagnosis.gradients.norm_curves import first_quarter, norm_tags
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="exploding-gradient",
    title="Gradients explode",
    rules=("S1.09", "S2.13", "S2.15", "S3.11", "X.G6"),
    symptom="Spikes of the gradient norm, or a norm that climbs by orders and stays there.",
    definition="Over {norm_records} or more logged norms of the whole gradient, or of its modules where the whole was"
    " not logged: some lie above **{gradient_rise}** times the usual one and above **{large_gradient}**; the usual one"
    " is the median of all, or of the first quarter where that is less. It is only information where the median is"
    " above {exploded_norm} all along.",
    why="One long step undoes many: the loss jumps, units are thrown where they stay silent, and numbers overflow",
    confirm="Look at the batch of that step, and at the loss in the same step; with clipped gradients the jump is gone",
    false_alarm="A loss that is a sum over samples or tokens has gradients as many times as long; a norm before"
    " clipping may be long and harmless; a rare class gives rare long gradients",
    cure="Clip the gradient at {clip_norm}, or at half of what it was clipped at; then a rate divided by"
    " {exploded_cut}. A norm that was long all along is a matter of the loss's unit.",
    source="Rules S2.15, S3.11 and X.G6, relative to the run's own usual norm: the seeds' good figures (0.5 to 2; 50 to"
    " 200) contradict each other, as norms depend on the loss and on the number of weights",
)

_LIKELY_RECORDS = 2
"""A single one may be an odd batch, and makes it possible only."""


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The whole gradient, else each module's."""
    limits = material.thresholds
    tags = norm_tags(material.curves)
    longest: tuple[float, Course, float] | None = None
    large: Course | None = None
    looked = False
    whole = {"": tags[""]} if "" in tags else tags
    for done, tag in enumerate(whole.values()):
        pulse.beat(done, len(whole), "looking for long gradients")
        course = course_of(material, tag)
        if len(course) < limits.norm_records:
            continue
        looked = True
        usual = _usual(course.values, limits.norm_records)
        peak = float(course.values.max())
        if usual > 0 and peak > max(limits.gradient_rise * usual, limits.large_gradient):
            longest = max((peak / usual, course, usual), longest or (0.0, course, usual), key=lambda one: one[0])
        elif usual > limits.exploded_norm:
            large = course
    if longest is not None:
        return _exploded(material, longest[1], longest[2])
    if large is not None:
        return _large(large)
    return None if looked else ABOUT.not_assessable(material.lacking(_lacking(limits.norm_records)))


def _usual(values: FloatArray, least: int) -> float:
    return float(min(np.median(values), np.median(first_quarter(values, least))))


def _lacking(least: int) -> str:
    return f"fewer than {least} gradient norms were logged"


def _exploded(material: Material, course: Course, usual: float) -> Finding:
    limits = material.thresholds
    long = np.flatnonzero(course.values > max(limits.gradient_rise * usual, limits.large_gradient))
    first, top = int(long[0]), int(np.argmax(course.values))
    peak = float(course.values[top])
    lasting = bool(np.median(course.values[first:]) > limits.gradient_rise * usual)
    figures = f"{shown(course.tag)} is {number_text(usual)} as a rule and {number_text(peak)} at {course.place(top)}"
    times = f"{len(long):,} of {len(course):,} records lie above {limits.gradient_rise:g} times the usual one"
    return ABOUT.finding(
        title="Gradients explode and stay long" if lasting else "Gradients explode in single steps",
        summary=f"{figures}; {times}",
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY if len(long) >= _LIKELY_RECORDS else Sureness.POSSIBLE,
        since_step=float(course.steps[first]),
        since_epoch=course.epoch(first),
        evidence=(course.evidence(first, int(long[-1]), "is far longer than usual"),),
        cures=_cures(material),
        baseline=f"The run's usual norm: {number_text(usual)}",
    )


def _large(course: Course) -> Finding:
    return ABOUT.finding(
        title="Gradients are long all along",
        rules=("S2.15",),
        summary=f"{shown(course.tag)} is {number_text(float(np.median(course.values)))} in the middle of its records",
        severity=Severity.INFO,
        sureness=Sureness.POSSIBLE,
        since_step=float(course.steps[0]),
        since_epoch=course.epoch(0),
        evidence=(course.evidence(0, len(course) - 1, "is long all along"),),
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    limits = material.thresholds
    clip = material.number("optim.clip_norm")
    new = limits.clip_norm if clip is None or clip > limits.clip_norm else float(f"{clip / 2:.6g}")
    shorter = edit(material, "optim.clip_norm", new, "Bounds every step, whatever the batch (S2.15, S3.11)")
    rate = divided(
        material,
        "optim.lr",
        limits.exploded_cut,
        "Shorter steps stay where gradients are of their usual length (S2.15)",
    )
    return (*cure("Clip the gradient", shorter), *cure("Lower the rate", rate))
