"""One slot that takes nearly all of nearly every image.

Symptom: one mask is white and the others are black; evidence: images of the newest dump on which it is so.
"""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import counted, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import another_seed, cure, one_colour_a_slot, slots_apart
from inspector.diagnosis.gates import parted_too_little
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.slots.dump_slots import NO_MASKS, newest_slots
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, SlotEvidence, Sureness

ABOUT = About(
    id="one-slot",
    title="One slot takes all",
    rules=("X.A3",),
    symptom="One mask is white and all others are black, whatever the image shows",
    definition="One slot wins more than **{takes_all}** of the content of an image, on more than **{one_slot_share}**"
    " of the images, {steps_after_warmup} steps after the warm-up or later. It is an error where the true masks leave"
    " less than {empty_ground} of the pixels to the ground, a warning where no dump tells, and nothing where the"
    " ground alone is as large.",
    why="Nothing is taken apart: one slot carries the picture, and no gradient gives the others work",
    confirm="Look at the pictures that each slot draws: those that win nothing draw noise or the ground",
    false_alarm="Images of one large object or of hardly anything but ground; slots that need a longer warm-up",
    cure="A decoder too weak to draw a picture from one slot; slots that start apart; another seed; a loss on the"
    " cosine between slots does not help here, as the idle ones may differ already.",
    source="Rule X.A3",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The decoder masks of the newest dump.

    Raises:
        FileError: they cannot be read.
    """
    seen = newest_slots(material, pulse)
    if seen is None:
        return ABOUT.not_assessable(NO_MASKS)
    entry, limits = seen.entry, material.thresholds
    largest = seen.areas.max(axis=1) if seen.slots else np.full(seen.samples, np.nan)
    known = np.isfinite(largest)
    if not known.any() or seen.slots < 2:
        return ABOUT.not_assessable(f"{file_text(entry)} has no masks of several slots")
    share = float((largest[known] > limits.takes_all).mean())
    ground = seen.ground[np.isfinite(seen.ground)]
    if share <= limits.one_slot_share or (ground.size and ground.mean() > limits.empty_ground):
        return None
    if because := parted_too_little(material, seen.entry.step):
        return ABOUT.not_assessable(because)
    sample = int(np.nanargmax(largest))
    winner = int(np.argmax(seen.areas[sample]))
    return ABOUT.finding(
        summary=f"One slot wins more than {percent_text(limits.takes_all)} of the content on {percent_text(share)} of"
        f" {counted(int(known.sum()), 'image')} of {file_text(entry)}",
        severity=Severity.ERROR if ground.size else Severity.WARNING,
        sureness=Sureness.CERTAIN if ground.size and entry.step is not None else Sureness.POSSIBLE,
        since_step=step_of(entry),
        since_epoch=entry.epoch,
        evidence=(
            SlotEvidence(
                dump=entry.path,
                sample=sample,
                slots=(winner,),
                text=f"Slot {winner} of sample {sample + 1} in {file_text(entry)}, which wins"
                f" {percent_text(float(largest[sample]))}",
            ),
        ),
        cures=_cures(material),
        baseline=f"The ground covers {percent_text(float(ground.mean()))} of the pixels" if ground.size else "",
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    other = another_seed(material, "which slots win is settled early and by chance")
    return (
        *cure("Start anew with one colour a slot", one_colour_a_slot(material)),
        *cure("Start anew with slots apart", slots_apart(material)),
        *cure("Start anew with another seed", other),
    )
