"""An accuracy that is lower on held-out data."""

from __future__ import annotations

from typing import NamedTuple

from inspector.core.pulse import Pulse
from inspector.core.units import percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of, typical_course
from inspector.diagnosis.cures import more_weight_decay
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import accuracies, in_shares
from inspector.diagnosis.tags import name_of, shown
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="accuracy-gap",
    title="Accuracy is lower on held-out data",
    rules=("X.L8",),
    symptom="Training accuracy stands well above that of validation.",
    definition="At the end, training accuracy lies **{gap_accuracy}** above that of validation, or"
    " **{gap_high_accuracy}** where it is above {high_accuracy}.",
    why="Part of what was learnt holds for the training samples alone",
    confirm="Look whether validation loss rises, which tells when it began",
    false_alarm="Held-out data that is harder, as in ARC, where puzzles are new; augmentation works the other way",
    cure="More data or augmentation; more weight decay",
    source="Rule X.L8, AutoTrainer",
)


class Accuracies(NamedTuple):
    """The same accuracy on both parts of the data."""

    train: Course
    validation: Course

    @property
    def last(self) -> tuple[float, float]:
        """Both at the end, 0..1."""
        return float(in_shares(self.train.values)[-1]), float(in_shares(self.validation.values)[-1])


def both_accuracies(material: Material, pulse: Pulse) -> Accuracies | None:
    """Training and validation accuracy of one name, None where there are not both."""
    held_out = {name_of(tag): tag for tag in reversed(accuracies(material.curves, "validation"))}
    for tag in (*accuracies(material.curves, "train"), *accuracies(material.curves, "")):
        if name_of(tag) in held_out:
            found = Accuracies(typical_course(material, tag, pulse), course_of(material, held_out[name_of(tag)]))
            if len(found.train) and len(found.validation):
                return found
    return None


def has_both(material: Material) -> bool:
    """Whether accuracies of training and of validation were logged."""
    held_out = {name_of(tag) for tag in accuracies(material.curves, "validation")}
    trained = (*accuracies(material.curves, "train"), *accuracies(material.curves, ""))
    return any(name_of(tag) in held_out for tag in trained)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The plainest accuracy that both parts have."""
    found = both_accuracies(material, pulse)
    if found is None:
        return ABOUT.not_assessable(material.lacking("no accuracy was logged of both training and validation"))
    limits = material.thresholds
    trained, held_out = found.last
    if trained - held_out < (limits.gap_high_accuracy if trained > limits.high_accuracy else limits.gap_accuracy):
        return None
    return ABOUT.finding(
        summary=f"{shown(found.train.tag)} is {percent_text(trained)} and {shown(found.validation.tag)}"
        f" {percent_text(held_out)}",
        severity=Severity.INFO,
        sureness=Sureness.LIKELY,
        evidence=tuple(one.evidence(0, len(one) - 1, "at its end") for one in found),
        cures=more_weight_decay(material),
    )
