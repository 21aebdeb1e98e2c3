"""Slots that had parted and are alike again, which is not the same as slots that never parted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import reward_apart, shorter_steps
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import mask_entropy, shown, with_words
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness
from inspector.formats.series import Series

ABOUT = About(
    id="slot-collapse",
    title="Slots collapsed after they had parted",
    rules=("S0.11a", "S0.11b", "S0.11c"),
    symptom="Slot similarity falls as slots part, and later climbs back towards 1; masks become uniform again.",
    definition="The mean cosine between slots of an image had fallen to **{slots_apart}** and is above"
    " **{slot_cosine}** in the last {collapsed_evaluations} evaluations; or mask entropy, over that of a uniform mask,"
    " had fallen to **{entropy_apart}** and is above **{mask_entropy}** in the last. A cosine of 0.99 before slots part"
    " is normal and never told: slots that never part are another finding.",
    why="What the slots stood for is lost, and equal slots get equal gradients, so that they stay so",
    confirm="Look at the masks of dumps before and after; resume from the checkpoint before it with a smaller rate",
    false_alarm="Slots that share a background may be alike while objects keep their own; look at FG-ARI beside it",
    cure="Resume from before the collapse with a smaller rate and clipped gradients; a diversity loss, clamped, holds"
    " slots apart",
    source="Rules S0.11a to S0.11c, gated by what was measured: runs that end well begin at 0.99, pass 0.70 to 0.81"
    " while FG-ARI is 0.65 to 0.71, and end at 0.33 to 0.49",
)

_SLOT = frozenset({"slot", "slots"})
_COSINE = frozenset({"cosine", "cos", "similarity", "sim"})


class _Collapse(NamedTuple):
    """A curve, where its slots were furthest apart, and since when they are alike."""

    course: Course
    apart: int
    since: int


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Slot cosine and mask entropy."""
    pulse.beat(0, 0, "looking at slot similarity")
    known = [tag for tag in (cosine_tag(material.curves), mask_entropy(material.curves)) if tag is not None]
    if not known:
        return ABOUT.not_assessable(material.lacking("neither slot similarity nor mask entropy was logged"))
    found = collapses(material)
    if found:
        return _finding(material, found)
    longest = max(len(course_of(material, tag)) for tag in known)
    needed = material.thresholds.collapsed_evaluations + 1
    if longest < needed:
        because = f"{longest} values of {shown(known[0])}; {needed} are needed"
        return ABOUT.not_assessable(material.lacking(because))
    return None


def has_measures(material: Material) -> bool:
    """Whether slot similarity or mask entropy was logged."""
    return cosine_tag(material.curves) is not None or mask_entropy(material.curves) is not None


def cosine_tag(curves: Mapping[str, Series]) -> str | None:
    """The mean cosine between slots of an image, as it is; None where it was not logged."""
    return with_words(curves, _SLOT, _COSINE, without=frozenset({"centred", "centered", "loss"}))


def collapses(material: Material) -> list[_Collapse]:
    """Slot cosine and mask entropy, where they tell that slots had parted and are alike again."""
    limits, found = material.thresholds, []
    marks = (
        (cosine_tag(material.curves), limits.slots_apart, limits.slot_cosine),
        (mask_entropy(material.curves), limits.entropy_apart, limits.mask_entropy),
    )
    for tag, apart, alike in marks:
        if tag is not None:
            seen = _collapse(course_of(material, tag), apart, alike, limits)
            if seen is not None:
                found.append(seen)
    return found


def _collapse(course: Course, apart: float, alike: float, limits: Thresholds) -> _Collapse | None:
    last = limits.collapsed_evaluations
    if len(course) <= last or not (course.values[-last:] > alike).all():
        return None
    below = np.flatnonzero(course.values <= alike)
    if not len(below) or course.values.min() > apart:
        return None
    return _Collapse(course, int(np.argmin(course.values)), int(below[-1]) + 1)


def _finding(material: Material, found: list[_Collapse]) -> Finding:
    texts = [
        f"{shown(one.course.tag)} was {number_text(float(one.course.values[one.apart]))} at"
        f" {one.course.place(one.apart)} and is {number_text(float(one.course.values[-1]))} now"
        for one in found
    ]
    first = min(found, key=lambda one: one.course.steps[one.since])
    return ABOUT.finding(
        summary=". ".join(texts),
        rules=("S0.11c",),
        severity=Severity.ERROR,
        sureness=Sureness.CERTAIN if len(found) > 1 else Sureness.LIKELY,
        since_step=float(first.course.steps[first.since]),
        since_epoch=first.course.epoch(first.since),
        evidence=tuple(
            one.course.evidence(one.apart, len(one.course) - 1, "since slots were furthest apart") for one in found
        ),
        cures=(
            *shorter_steps(
                material, material.thresholds.collapse_rate_cut, "Smaller steps keep what was found (S0.11c)"
            ),
            *reward_apart(material, "S0.11c"),
        ),
    )
