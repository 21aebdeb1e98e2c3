"""A validation score that swings up and down without getting anywhere."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.analysis.smoothing import smoothed
from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import counted, number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, evaluations_of
from inspector.diagnosis.cures import shorter_steps
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import ari_tag, scores, shares_of
from inspector.diagnosis.tags import shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="score-oscillating",
    title="Score swings up and down",
    rules=("S0.04", "S0.17", "S0.18"),
    symptom="A validation score goes up and down by a third of its scale from evaluation to evaluation, with no trend.",
    definition="- error: over the last {swing_evaluations} evaluations the score falls by **{swing}** of its scale or"
    " more from a peak to a later low, turns {swing_turns} times or more, and ends below its peak by {swing_left} of"
    " that;\n- warning: {adrift_epochs} epochs after the first or later, the last {adrift_evaluations} values of an"
    " ARI have a standard deviation above **{adrift_spread}** around a mean between {adrift_low} and {adrift_high};\n-"
    " info: of the averaged score, over {adrift_evaluations} evaluations or more, more than {fall_share} of all"
    " changes are falls of more than {fall_least}.",
    why="The model finds and loses one solution after another, so the last checkpoint is good or bad by chance",
    confirm="Evaluate one checkpoint twice with other seeds and on more samples: what differs then is noise of the"
    " evaluation, not of the training",
    false_alarm="Rates that go up and down on purpose, and small validation sets; a rising score that dips is not"
    " told, and strict monotony is asked of none",
    cure="A quarter of the rate and clipped gradients; a larger batch where memory allows",
    source="Rules S0.04, S0.17 and S0.18; a fall in place of the plain range, which a rising score has too",
)


class _Swing(NamedTuple):
    """What was seen: from which index on, the rules it meets, a sentence on it."""

    course: Course
    first: int
    rule: str
    severity: Severity
    text: str


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Every score of held-out data; the worst is told."""
    tags = scores(material.curves)
    if not tags:
        return ABOUT.not_assessable(material.lacking("no validation score was logged"))
    limits, found, longest = material.thresholds, [], 0
    for done, tag in enumerate(tags):
        pulse.beat(done, len(tags), f"looking at {shown(tag)}")
        course = evaluations_of(material, tag, pulse)
        longest = max(longest, len(course))
        seen = _swings(course, limits) or _drifts(course, limits, ari_tag(material.curves)) or _falls(course, limits)
        if seen is not None:
            found.append(seen)
    if found:
        return _finding(material, max(found, key=lambda one: one.severity.rank))
    if longest < limits.swing_evaluations:
        because = f"{counted(longest, 'evaluation')} of {shown(tags[0])}; {limits.swing_evaluations} are needed"
        return ABOUT.not_assessable(material.lacking(because))
    return None


def _swings(course: Course, limits: Thresholds) -> _Swing | None:
    if len(course) < limits.swing_evaluations:
        return None
    first = len(course) - limits.swing_evaluations
    values = shares_of(course)[first:]
    falls = np.maximum.accumulate(values) - values
    deepest = float(falls.max())
    turns = int((np.diff(np.sign(np.diff(values))) != 0).sum())
    lasting = float(values.max() - np.median(values[-2:])) >= limits.swing_left * deepest
    if deepest < limits.swing or turns < limits.swing_turns or not lasting:
        return None
    low, high = (number_text(float(value)) for value in (course.values[first:].min(), course.values[first:].max()))
    text = f"between {low} and {high} in its last {limits.swing_evaluations} evaluations, with {turns} turns"
    return _Swing(course, first, "S0.04", Severity.ERROR, text)


def _drifts(course: Course, limits: Thresholds, ari: str | None) -> _Swing | None:
    if course.tag != ari or len(course) < limits.adrift_evaluations or course.ages[-1] < limits.adrift_epochs:
        return None
    values = shares_of(course)[-limits.adrift_evaluations :]
    mean, spread = float(values.mean()), float(values.std())
    if spread <= limits.adrift_spread or not limits.adrift_low < mean < limits.adrift_high or _trend(values) > spread:
        return None
    text = f"about a mean of {number_text(mean)} with a standard deviation of {number_text(spread)}"
    return _Swing(course, len(course) - limits.adrift_evaluations, "S0.18", Severity.WARNING, text)


def _trend(values: FloatArray) -> float:
    """What the second half is above the first, on average."""
    half = len(values) // 2
    return float(values[-half:].mean() - values[:half].mean())


def _falls(course: Course, limits: Thresholds) -> _Swing | None:
    if len(course) < limits.adrift_evaluations:
        return None
    changes = np.diff(smoothed(shares_of(course), limits.validation_decay))
    falls = int((changes < -limits.fall_least).sum())
    if falls <= limits.fall_share * len(changes):
        return None
    return _Swing(course, 0, "S0.17", Severity.INFO, f"down in {falls} of {len(changes)} evaluations, averaged")


def _finding(material: Material, seen: _Swing) -> Finding:
    course = seen.course
    return ABOUT.finding(
        summary=f"{shown(course.tag)} goes {seen.text}",
        rules=(seen.rule,),
        severity=seen.severity,
        sureness=Sureness.LIKELY if seen.severity is Severity.ERROR else Sureness.POSSIBLE,
        since_step=float(course.steps[seen.first]),
        since_epoch=course.epoch(seen.first),
        evidence=(course.evidence(seen.first, len(course) - 1, "swings"),),
        cures=shorter_steps(
            material, material.thresholds.collapse_rate_cut, "Smaller steps do not leave a solution (S0.04)"
        ),
    )
