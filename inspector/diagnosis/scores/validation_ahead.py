"""A validation accuracy that is too good to be true."""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import evaluations_of
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.accuracy_gap import both_accuracies
from inspector.diagnosis.scores.score_curves import accuracies, in_shares
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="validation-ahead",
    title="Validation is suspiciously good",
    rules=("X.L7",),
    symptom="Validation accuracy is nearly perfect within a few epochs, or stands above that of training.",
    definition="Validation accuracy above **{early_accuracy}** within {early_epochs} epochs of the first, or above that"
    " of training by **{accuracy_ahead}** at the end.",
    why="Validation samples may be among those of training, or be easier; the accuracy says little then",
    confirm="Look for samples that are in both parts, and validate on training samples without augmentation",
    false_alarm="Easy data is learnt in an epoch; dropout and augmentation in training alone put validation ahead",
    cure="Part the data anew, by source and not by sample",
    source="Rule X.L7, UMLAUT",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The plainest validation accuracy."""
    tags = [tag for tag in accuracies(material.curves, "validation") if "padded" not in tag.lower()]
    if not tags:
        return ABOUT.not_assessable(material.lacking("no validation accuracy was logged"))
    course, limits = evaluations_of(material, tags[0], pulse), material.thresholds
    if not len(course):
        return ABOUT.not_assessable(material.lacking(f"{shown(tags[0])} has no finite value"))
    values = in_shares(course.values)
    texts, evidence = [], []
    early = (values > limits.early_accuracy) & (course.ages <= limits.early_epochs)
    if course.by_epoch and early.any():
        first = int(np.argmax(early))
        texts.append(f"{shown(course.tag)} is {percent_text(float(values[first]))} at {course.place(first)} already")
        evidence.append(course.evidence(0, first, "is early"))
    both = both_accuracies(material, pulse)
    if both is not None and both.last[1] - both.last[0] > limits.accuracy_ahead:
        trained, held_out = both.last
        texts.append(
            f"{shown(both.validation.tag)} ends at {percent_text(held_out)}, {shown(both.train.tag)} at"
            f" {percent_text(trained)}"
        )
        evidence.append(both.validation.evidence(0, len(both.validation) - 1, "is ahead of training"))
    if not texts:
        return None
    return ABOUT.finding(
        summary=". ".join(texts), severity=Severity.INFO, sureness=Sureness.POSSIBLE, evidence=tuple(evidence)
    )


def has_accuracy(material: Material) -> bool:
    """Whether a validation accuracy was logged."""
    return bool(accuracies(material.curves, "validation"))
