"""A loss or an accuracy that goes up and down from epoch to epoch."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import counted, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of, spread_of, typical_course
from inspector.diagnosis.cures import cure, divided, edit
from inspector.diagnosis.losses.loss_curves import is_contest, training_loss
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import accuracies, in_shares
from inspector.diagnosis.tags import shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, CurveEvidence, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="loss-noisy",
    title="Loss goes up and down from epoch to epoch",
    rules=("X.L1", "X.L5"),
    symptom="Medians of whole epochs scatter as much as they fall.",
    definition="Over the last {noisy_values} medians of epochs, {noisy_fewest} at least: their standard deviation"
    " around their course is above **{noisy_spread} · median** and they turn in {noisy_turns} of the places where they"
    " could; or a validation accuracy goes back and forth by **{noisy_swing}** in {noisy_swings} of its evaluations."
    " Single steps scatter in every run and are not looked at.",
    why="Steps are long, or batches small, for what is left to learn: the loss wanders around its floor",
    confirm="Halve the rate for an epoch: noise of this kind goes down with it at once",
    false_alarm="Small validation sets and few samples an epoch scatter by chance",
    cure="A rate divided by {noisy_cut}, or a batch twice as large where memory allows; an average of the weights"
    " hides it too",
    source="Rules X.L1 and X.L5, on epochs in place of steps",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The training loss by epochs, then the validation accuracy."""
    limits = material.thresholds
    tag = training_loss(material)
    if tag is None:
        return ABOUT.not_assessable(material.lacking("no training loss was logged"))
    if is_contest(material.curves):
        return ABOUT.not_assessable("its losses follow a reward or an opponent, and go up and down")
    course = typical_course(material, tag, pulse)
    texts: list[str] = []
    evidence: list[CurveEvidence] = []
    rules: list[str] = []
    if len(course) >= limits.noisy_fewest and _is_noisy(course.values[-limits.noisy_values :], limits):
        last = course.values[-limits.noisy_values :]
        texts.append(f"{shown(tag)} scatters by {percent_text(spread_of(last) / float(np.median(last)))} of itself")
        evidence.append(course.evidence(len(course) - len(last), len(course) - 1, "goes up and down"))
        rules.append("X.L5")
    accuracy = _swinging(material)
    if accuracy is not None:
        share = _swings(in_shares(accuracy.values), limits)
        texts.append(f"{shown(accuracy.tag)} goes back and forth in {percent_text(share)} of its evaluations")
        evidence.append(accuracy.evidence(0, len(accuracy) - 1, "goes back and forth"))
        rules.append("X.L1")
    if texts:
        return ABOUT.finding(
            summary=". ".join(texts),
            rules=tuple(rules),
            severity=Severity.INFO,
            sureness=Sureness.POSSIBLE,
            evidence=tuple(evidence),
            cures=_cures(material),
        )
    if len(course) < limits.noisy_fewest:
        because = f"{shown(tag)} has {counted(len(course), 'epoch')}; {limits.noisy_fewest} are needed"
        return ABOUT.not_assessable(material.lacking(because))
    return None


def _is_noisy(values: FloatArray, limits: Thresholds) -> bool:
    middle = float(np.median(values))
    return middle > 0 and spread_of(values) > limits.noisy_spread * middle and _turns(values) >= limits.noisy_turns


def _turns(values: FloatArray) -> float:
    """In which share of the places where a curve could turn it does."""
    signs = np.sign(np.diff(values))
    return float((signs[1:] * signs[:-1] < 0).mean()) if len(signs) > 1 else 0.0


def _swings(values: FloatArray, limits: Thresholds) -> float:
    """Share of evaluations that lie clear above, or below, both neighbours."""
    if len(values) < limits.noisy_fewest:
        return 0.0
    left, right = values[1:-1] - values[:-2], values[1:-1] - values[2:]
    clear = (np.minimum(np.abs(left), np.abs(right)) >= limits.noisy_swing) & (left * right > 0)
    return float(clear.mean())


def _swinging(material: Material) -> Course | None:
    for part in ("validation", "test"):
        for tag in accuracies(material.curves, part)[:1]:
            course = course_of(material, tag)
            if _swings(in_shares(course.values), material.thresholds) >= material.thresholds.noisy_swings:
                return course
    return None


def _cures(material: Material) -> tuple[Cure, ...]:
    lower = divided(
        material, "optim.lr", material.thresholds.noisy_cut, "Shorter steps wander less around the floor (X.L1)"
    )
    size = material.setting("data.batch_size")
    larger = None
    if isinstance(size, int) and not isinstance(size, bool):
        larger = edit(material, "data.batch_size", size * 2, "A mean over more samples scatters less (X.L5)")
    return (*cure("Lower the rate", lower), *cure("Double the batch", larger))
