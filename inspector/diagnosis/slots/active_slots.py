"""Too few slots in use on an image."""

from __future__ import annotations

import numpy as np

from inspector.analysis.slots import active_slots
from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import course_of
from inspector.diagnosis.cures import cure, edit, one_colour_a_slot, slots_apart
from inspector.diagnosis.gates import gate_step, parted_too_little, warmup_steps
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.slots.dump_slots import NO_MASKS, newest_slots, newest_with_masks
from inspector.diagnosis.tags import shown, with_words
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, SlotEvidence, Sureness
from inspector.formats.metric_names import words

ABOUT = About(
    id="active-slots-low",
    title="Few slots are in use",
    rules=("S4.05",),
    symptom="One or two slots win all cells of an image, and the others none.",
    definition="The median of the last three values of active slots, those that win a share of the cells, or their mean"
    " over a dump's images where none was logged, is"
    " **{least_active}** or less, and less than **{active_slack}** of the objects and the ground where that number is"
    " known; {steps_after_warmup} steps after the warm-up or later.",
    why="A slot that takes several objects cannot tell them apart, and slots that win nothing learn nothing",
    confirm="Look at the raw attention first: its softmax must run over slots; over positions slots do not compete",
    false_alarm="Images of one object need two slots. Early in training one slot often takes all",
    cure="The softmax over slots first, where it is not, and a decoder that no slot can paint a whole picture with;"
    " then slots that start apart. Another activation, as is often"
    " advised, changes how sparse features look and not how slots compete.",
    source="Rule S4.05; that a softmax over positions is a cause follows from its sums, X.A1",
)

_OF_OBJECTS = "objects and the ground are on an image"


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The logged number of active slots, else that of the newest dump's masks.

    Raises:
        FileError: the masks cannot be read.
    """
    pulse.beat(0, 0, "counting active slots")
    tag = active_tag(material)
    if tag is None:
        return _of_dump(material, pulse)
    course, limits = course_of(material, tag), material.thresholds
    if not len(course):
        return ABOUT.not_assessable(material.lacking(f"{shown(tag)} has no finite value"))
    active = float(np.median(course.values[-3:]))
    needed, of_what = _needed(material)
    enough = needed is not None and active >= limits.active_slack * needed
    if active > limits.least_active or enough:
        return None
    warmup, gate = warmup_steps(material), gate_step(material)
    if not course.stepless and course.steps[-1] <= gate:
        because = (
            f"{number_text(active)} slots are in use at step {course.steps[-1]:,.0f}; that few may be normal until"
            f" step {gate:,.0f}"
        )
        return ABOUT.not_assessable(because)
    first = _since(course.values, limits.least_active)
    return ABOUT.finding(
        summary=f"{number_text(active)} slots are in use on an image"
        + (f", where {number_text(needed)} {of_what}" if needed is not None else ""),
        severity=Severity.ERROR if needed is not None else Severity.WARNING,
        sureness=Sureness.LIKELY if needed is not None and warmup is not None else Sureness.POSSIBLE,
        since_step=float(course.steps[first]),
        since_epoch=course.epoch(first),
        evidence=(course.evidence(first, len(course) - 1, "is low"),),
        cures=_cures(material),
        baseline=f"{number_text(needed)} {of_what}" if needed is not None else "",
    )


def active_tag(material: Material) -> str | None:
    """The mean number of active slots, None where it was not logged."""
    return with_words(
        material.curves,
        frozenset({"active", "used"}),
        frozenset({"slot", "slots"}),
        without=frozenset({"baseline", "loss"}),
    )


def has_active(material: Material) -> bool:
    """Whether the number of active slots was logged, or a dump holds masks."""
    return active_tag(material) is not None or newest_with_masks(material) is not None


def _of_dump(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    seen = newest_slots(material, pulse)
    if seen is None:
        because = f"the number of active slots was not logged, and there is {NO_MASKS}"
        return ABOUT.not_assessable(material.lacking(because))
    entry, limits, active = seen.entry, material.thresholds, seen.active
    if not np.isfinite(active):
        return ABOUT.not_assessable(f"{file_text(entry)} has no masks of which one wins")
    objects = seen.objects[np.isfinite(seen.objects)]
    needed, of_what = (float(objects.mean()) + 1, _OF_OBJECTS) if objects.size else _needed(material)
    enough = needed is not None and active >= limits.active_slack * needed
    if active > limits.least_active or enough:
        return None
    if because := parted_too_little(material, seen.entry.step):
        return ABOUT.not_assessable(because)
    fewest = int(np.nanargmin(active_slots(seen.areas).sum(axis=1)))
    sure = needed is not None and entry.step is not None
    return ABOUT.finding(
        summary=f"{number_text(active)} slots are in use on an image, over {seen.samples} of {file_text(entry)}"
        + (f", where {number_text(needed)} {of_what}" if needed is not None else ""),
        severity=Severity.ERROR if sure else Severity.WARNING,
        sureness=Sureness.LIKELY if sure else Sureness.POSSIBLE,
        since_step=step_of(entry),
        since_epoch=entry.epoch,
        evidence=(
            SlotEvidence(
                dump=entry.path,
                sample=fewest,
                slots=tuple(np.flatnonzero(active_slots(seen.areas[fewest])).tolist()),
                text=f"The slots in use on sample {fewest + 1} of {file_text(entry)}",
            ),
        ),
        cures=_cures(material),
        baseline=f"{number_text(needed)} {of_what}" if needed is not None else "",
    )


def _needed(material: Material) -> tuple[float | None, str]:
    """How many slots an image needs, and what says so."""
    for tag in material.curves:
        if {"baseline", "active", "colours"} <= set(words(tag)):
            course = course_of(material, tag)
            if len(course):
                return float(course.values[-1]), "colours are on a grid"
    least, most = material.number("data.min_objects"), material.number("data.max_objects")
    if least is None or most is None:
        return None, ""
    return (least + most) / 2 + 1, _OF_OBJECTS


def _since(values: FloatArray, least: float) -> int:
    """Where the last unbroken stretch of few slots begins."""
    above = np.flatnonzero(values > least)
    return min(int(above[-1]) + 1, len(values) - 1) if len(above) else 0


def _cures(material: Material) -> tuple[Cure, ...]:
    axis = None
    if material.setting("model.attention_axis") not in (None, "slots"):
        axis = edit(material, "model.attention_axis", "slots", "Slots compete for each cell only so (X.A1)")
    return (
        *cure("Let slots compete", axis, one_colour_a_slot(material)),
        *cure("Start anew with slots apart", slots_apart(material)),
    )
