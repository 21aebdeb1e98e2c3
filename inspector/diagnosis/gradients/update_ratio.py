"""Steps that are long or short beside the weights that they move."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.gradients.norm_curves import ratio_tags
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import Cure, Finding, NotAssessable, ProposedEdit, Severity, Sureness

HIGH = About(
    id="updates-long",
    title="Steps are long beside the weights",
    rules=("X.G4",),
    symptom="An update ratio that stays above a tenth.",
    definition="The median of a module's logged update ratio, the spread of an update over that of the weights, is"
    " above **{update_high}**; about {update_usual} is usual. {silent_records} or more must have been logged.",
    why="Such a step changes the weights by a good part of themselves: what was learnt is written over",
    confirm="Lower the rate of that module for an epoch: the loss should fall faster",
    false_alarm="Weights that begin at zero, as LoRA's second matrix, have next to no spread at first",
    cure="A rate that brings the ratio to about {update_usual}, for the module alone where the others are sound.",
    source="Rule X.G4 (Karpathy; TheDeepChecker warns above 0.1 and below 1e-4)",
)

LOW = About(
    id="updates-short",
    title="Steps are short beside the weights",
    rules=("X.G4",),
    symptom="Update ratios that never come near a thousandth.",
    definition="The largest logged update ratio of every module stays below **{update_low}**; about {update_usual} is"
    " usual. A warm-up and the end of a decay have small ones in any run and are not held against it.",
    why="Weights that move by less than a ten-thousandth in a step take many thousands of steps to go anywhere",
    confirm="Try ten times the rate for an epoch: the loss should fall faster",
    false_alarm="A pretrained model that is tuned, and large batches over many steps, do well with short steps",
    cure="A higher rate, with an eye on the loss.",
    source="Rule X.G4",
)

_LISTED = 3


class _Module(NamedTuple):
    name: str
    course: Course
    middle: float
    most: float


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Each module's ratio of updates to weights."""
    limits = material.thresholds
    found = []
    tags = ratio_tags(material.curves)
    for done, (name, tag) in enumerate(tags.items()):
        pulse.beat(done, len(tags), "comparing updates")
        course = course_of(material, tag)
        if len(course) >= limits.silent_records and course.values.any():
            found.append(_Module(name, course, float(np.median(course.values)), float(course.values.max())))
    if not found:
        return HIGH.not_assessable(material.lacking(f"fewer than {limits.silent_records} update ratios were logged"))
    long = [one for one in found if one.middle > limits.update_high]
    if long:
        return _long(material, long, every=len(long) == len(found))
    if all(one.most < limits.update_low for one in found):
        return _short(material, max(found, key=lambda one: one.most))
    return None


def has_ratios(material: Material) -> bool:
    """Whether update ratios were logged."""
    return bool(ratio_tags(material.curves))


def _long(material: Material, long: list[_Module], *, every: bool) -> Finding:
    long = sorted(long, key=lambda one: -one.middle)
    texts = [f"{number_text(one.middle)} of {shown(one.name)}" for one in long[:_LISTED]]
    first = min(long, key=lambda one: one.course.steps[0]).course
    return HIGH.finding(
        summary=f"The median update ratio is {', '.join(texts)}, where about"
        f" {number_text(material.thresholds.update_usual)} is usual",
        severity=Severity.WARNING,
        sureness=Sureness.POSSIBLE,
        since_step=float(first.steps[0]),
        since_epoch=first.epoch(0),
        evidence=tuple(one.course.evidence(0, len(one.course) - 1, "stays high") for one in long),
        cures=_slower(material, long, every=every),
    )


def _slower(material: Material, long: list[_Module], *, every: bool) -> tuple[Cure, ...]:
    """One rate for all where all are long, else each module's own factor."""
    usual = material.thresholds.update_usual
    if every:
        return _scaled(material, usual / long[0].middle)
    edits: list[ProposedEdit | None] = []
    for one in long:
        path = f"optim.groups.{one.name}.lr_mult"
        factor = material.number(path)
        if factor is not None:
            reason = f"Brings its update ratio from {number_text(one.middle)} to about {number_text(usual)} (X.G4)"
            edits.append(edit(material, path, float(f"{factor * usual / one.middle:.2g}"), reason))
    return cure("Lower the rate of these modules", *edits) or _scaled(material, usual / long[0].middle)


def _scaled(material: Material, by: float) -> tuple[Cure, ...]:
    rate = material.number("optim.lr")
    if rate is None:
        return ()
    reason = f"Brings update ratios to about {number_text(material.thresholds.update_usual)} (X.G4)"
    return cure("Scale the rate", edit(material, "optim.lr", float(f"{rate * by:.2g}"), reason))


def _short(material: Material, longest: _Module) -> Finding:
    course = longest.course
    return LOW.finding(
        summary=f"The largest update ratio of any module is {number_text(longest.most)}, of {shown(longest.name)},"
        f" where about {number_text(material.thresholds.update_usual)} is usual",
        severity=Severity.INFO,
        sureness=Sureness.POSSIBLE,
        since_step=float(course.steps[0]),
        since_epoch=course.epoch(0),
        evidence=(course.evidence(0, len(course) - 1, "stays low"),),
        cures=_scaled(material, min(material.thresholds.update_usual / longest.most, 10.0)),
    )
