"""A training loss that is gone within a few epochs, while something else says that little was learnt."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text, percent_text
from inspector.diagnosis.blocks import BLOCKS_TEXT
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of, typical_course
from inspector.diagnosis.cures import cure, more_weight_decay, varied_data, whole_data
from inspector.diagnosis.losses.loss_curves import compared_losses, data_term, training_loss
from inspector.diagnosis.losses.samples import training_samples
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import ari_tag
from inspector.diagnosis.subjects import slots
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import Evidence, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="memorised",
    title="Training samples are learnt by heart",
    rules=("S0.01", "S0.05"),
    symptom="The training loss falls to nothing in a few epochs; validation or the score of slots does not follow.",
    definition="Training loss L below **{memorised_share} · L(first)** within {memorised_epochs} epochs, and a second"
    " witness: validation loss {gap_ratio} times training loss or more, or an ARI that ends below {blind_ari}, or, in a"
    " run of slots, fewer than {few_samples} samples. The loss alone says nothing. Where a term of it is negative, L is"
    " its term of the data.",
    why="What is known by heart is not understood: pictures are copied without being parted into objects, and later"
    " steps have nothing left to learn from",
    confirm="Train on all samples: the loss should fall more slowly and the score rise with it",
    false_alarm="Generated data without noise can rightly be rebuilt to less than 1% of the first error, hence the"
    " second witness; data that is generated without end cannot be learnt by heart",
    cure="All of the data first, or at least half of it; then weight decay. A diversity loss parts slots but does not"
    " make samples harder to learn by heart.",
    source="Rules S0.01 and S0.05",
)


class _Witness(NamedTuple):
    """What else says so: a rule, a sentence, evidence; `strong` where it is seen in what the run does."""

    text: str
    evidence: tuple[Evidence, ...]
    strong: bool
    rule: str = "S0.01"


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The training loss over its first value, then the second witnesses."""
    tag = training_loss(material)
    if tag is None:
        return ABOUT.not_assessable(material.lacking("no training loss was logged"))
    course = typical_course(material, data_term(material.curves, tag), pulse)
    if len(course) < 2:
        return ABOUT.not_assessable(material.lacking(f"{shown(course.tag)} has one finite value or none; 2 are needed"))
    gone = _gone(material, course)
    if gone is None:
        return None
    witnesses = [one for one in (_gap(material), _low_ari(material), _few_samples(material)) if one is not None]
    return _finding(material, course, gone, witnesses) if witnesses else None


def _gone(material: Material, course: Course) -> int | None:
    """Index of the first value that is next to nothing, None where that comes late or never."""
    limits = material.thresholds
    if course.values[0] <= 0:
        return None
    found = (course.values < limits.memorised_share * course.values[0]) & (course.ages <= limits.memorised_epochs)
    return int(np.argmax(found)) if found.any() else None


def _gap(material: Material) -> _Witness | None:
    pair = compared_losses(material.curves)
    if pair is None or pair.train is None:
        return None
    trained, held_out = course_of(material, pair.train), course_of(material, pair.validation)
    if not len(trained) or not len(held_out) or trained.values[-1] <= 0:
        return None
    ratio = float(held_out.values[-1] / trained.values[-1])
    if ratio < material.thresholds.gap_ratio:
        return None
    text = f"{shown(pair.validation)} is {ratio:.0f} times as large"
    return _Witness(text, (held_out.evidence(0, len(held_out) - 1, "does not follow"),), strong=True)


def _low_ari(material: Material) -> _Witness | None:
    tag = ari_tag(material.curves)
    if tag is None:
        return None
    course = course_of(material, tag)
    if not len(course) or course.values[-1] >= material.thresholds.blind_ari:
        return None
    text = f"{shown(tag)} is {number_text(float(course.values[-1]))}"
    return _Witness(text, (course.evidence(0, len(course) - 1, "does not follow"),), strong=True)


def _few_samples(material: Material) -> _Witness | None:
    found = training_samples(material)
    if found is None or not slots(material) or found.value >= material.thresholds.few_samples:
        return None
    text = f"there are {found.value:,} training samples, where {material.thresholds.few_samples:,} are advised"
    return _Witness(text, (found,), strong=False, rule="S0.05")


def _finding(material: Material, course: Course, gone: int, witnesses: list[_Witness]) -> Finding:
    left = float(course.values[gone] / course.values[0])
    summary = (
        f"{shown(course.tag)} fell from {number_text(float(course.values[0]))} to"
        f" {number_text(float(course.values[gone]))}, {percent_text(left)} of it, by {course.place(gone)}; "
        + ", and ".join(one.text for one in witnesses)
    )
    strong = sum(one.strong for one in witnesses)
    severity = Severity.CRITICAL if strong and len(witnesses) > 1 else Severity.ERROR if strong else Severity.WARNING
    return ABOUT.finding(
        summary=summary,
        rules=tuple(dict.fromkeys(("S0.01", *(one.rule for one in witnesses)))),
        severity=severity,
        sureness=Sureness.LIKELY if strong else Sureness.POSSIBLE,
        since_step=float(course.steps[gone]),
        since_epoch=course.epoch(gone),
        evidence=(
            course.evidence(0, gone, "falls to next to nothing"),
            *(found for one in witnesses for found in one.evidence),
        ),
        cures=(
            *cure("Train on all samples", whole_data(material)),
            *varied_data(material),
            *more_weight_decay(material),
        ),
        baseline=BLOCKS_TEXT if ari_tag(material.curves) is not None else "",
    )
