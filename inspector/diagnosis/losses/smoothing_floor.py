"""Label smoothing while most answers are still wrong, and the floor that it puts under the loss."""

from __future__ import annotations

import math

from inspector.core.pulse import Pulse
from inspector.core.units import number_text, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.losses.initial_loss import classes_of
from inspector.diagnosis.losses.loss_curves import training_loss
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import accuracies, in_shares
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import Finding, NotAssessable, SettingEvidence, Severity, Sureness
from inspector.formats.metric_names import words

ABOUT = About(
    id="smoothing-floor",
    title="Label smoothing puts a floor under the loss",
    rules=("S3.05",),
    symptom="The loss levels off far above zero although answers get better.",
    definition="Label smoothing ε above 0 and an accuracy below **{smoothing_accuracy}**. Over C classes no model gets"
    " below the entropy of the smoothed target, **−(1−ε+ε/C) ln(1−ε+ε/C) − (C−1)(ε/C) ln(ε/C)**: 0.500 of ε 0.1 and"
    " C 10.",
    why="What counts is how far the loss is above its floor; read as it is, it looks as if little were learnt",
    confirm="Subtract the floor: what is left should fall towards 0",
    false_alarm="Smoothing makes no loss rise, and early smoothing seldom hurts; it is told so that the loss is read"
    " rightly",
    cure="No smoothing below an accuracy of {smoothing_accuracy}, then 0.1 for the last of the way",
    source="Rule S3.05, as information: smoothing adds a constant floor and was not measured to hurt",
    acts=True,
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The setting, the accuracy that was reached, and the floor where classes are known."""
    pulse.beat(0, 0, "looking at label smoothing")
    found = _smoothing(material)
    if found is None:
        return ABOUT.not_assessable("no setting names label smoothing above 0")
    path, share = found
    accuracy = _accuracy(material)
    if accuracy is None:
        return ABOUT.not_assessable(material.lacking("no accuracy was logged beside label smoothing"))
    reached = float(in_shares(accuracy.values).max())
    if reached >= material.thresholds.smoothing_accuracy:
        return None
    best = percent_text(reached)
    texts = [f"Labels are smoothed by {number_text(share)} while {shown(accuracy.tag)} is {best} at best"]
    classes = classes_of(material)
    if classes is not None:
        floor = floor_of(share, classes)
        texts.append(f"No loss gets below {number_text(floor)}")
        tag = training_loss(material)
        loss = course_of(material, tag) if tag else None
        if loss is not None and len(loss):
            texts[-1] += f"; {shown(loss.tag)} is {number_text(float(loss.values[-1]) - floor)} above it"
    text = f"Label smoothing is {number_text(share)}"
    reason = "Targets without smoothing are clearer until most answers are right (S3.05)"
    return ABOUT.finding(
        summary=". ".join(texts),
        severity=Severity.INFO,
        sureness=Sureness.CERTAIN,
        evidence=(
            SettingEvidence(path=path, value=share, text=text),
            accuracy.evidence(0, len(accuracy) - 1, "is below what smoothing is for"),
        ),
        cures=cure("No label smoothing for now", edit(material, "loss.label_smoothing", 0.0, reason)),
    )


def floor_of(smoothing: float, classes: float) -> float:
    """The least cross entropy against smoothed targets, in nats.

    Source: the entropy of (1 − ε + ε/C, ε/C, …, ε/C), as torch smooths.
    """
    other = smoothing / classes
    right = 1.0 - smoothing + other
    return -right * math.log(right) - (classes - 1.0) * other * math.log(other)


def smooths(material: Material) -> bool:
    """Whether a run smooths its labels."""
    return _smoothing(material) is not None


def _smoothing(material: Material) -> tuple[str, float] | None:
    """The setting and its value, None where labels are not smoothed."""
    for path in material.run.settings.values:
        share = material.number(path) if path.rpartition(".")[2] == "label_smoothing" else None
        if share is not None and 0 < share < 1:
            return path, share
    return None


def _accuracy(material: Material) -> Course | None:
    """The plainest accuracy; one that counts content alone before those that padding may raise."""
    tags = [tag for part in ("train", "", "validation") for tag in accuracies(material.curves, part)]
    for tag in sorted(tags, key=lambda tag: "content" not in words(tag)):
        course = course_of(material, tag)
        if len(course):
            return course
    return None
