"""Masks that divide up the picture by place, whatever is on it.

Symptom: the same stripes or blocks on every image; evidence: how much of the choice of a slot its place tells.
"""

from __future__ import annotations

import numpy as np

from inspector.analysis.slot_places import FEWEST_SAMPLES, LEAST_SAMPLES
from inspector.core.pulse import Pulse
from inspector.core.units import number_text, percent_text
from inspector.diagnosis import blocks
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import another_seed, cure
from inspector.diagnosis.gates import parted_too_little
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.slots.dump_slots import NO_MASKS, DumpedSlots, newest_slots
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, SlotEvidence, Sureness

ABOUT = About(
    id="striped-masks",
    title="Masks divide up the picture by place",
    rules=("X.A4",),
    symptom="The same stripes or blocks on every image, through objects and ground alike",
    definition="I(slot; place) / H(slot), the mutual information of the winning slot and the place over the entropy of"
    " the slot, taken over the images of a dump and corrected for their number, is above {position_share};"
    f" {{steps_after_warmup}} steps after the warm-up or later, over {LEAST_SAMPLES} images or more. 0 is masks that"
    f" follow what is on the image, 1 a fixed partition. Of {FEWEST_SAMPLES} to {LEAST_SAMPLES - 1} images it is how"
    " far two of them agree, place by place, on the slot that wins, beyond chance: above {place_agreement}.",
    why="Slots that own places need no object, and reconstruct by pieces; FG-ARI of 2×2 blocks is"
    f" {blocks.FG_ARI_TEXT}, so the score may look fair",
    confirm="Step through samples with one slot shown: its mask stays where it is",
    false_alarm="A fixed camera, or objects that always stand in the same places",
    cure="Another seed first, as it is settled early; a weaker decoder, which cannot draw a large piece from one slot;"
    " slots that start apart rather than each with a query of its own.",
    source="Rule X.A4; the correction is that of Miller 1955, the agreement Cohen's kappa over pairs of images",
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
    if seen.samples < FEWEST_SAMPLES:
        many = "1 image" if seen.samples == 1 else f"{seen.samples} images"
        because = f"{file_text(entry)} has {many}; {FEWEST_SAMPLES} are needed to tell places from objects"
        return ABOUT.not_assessable(because)
    few = seen.samples < LEAST_SAMPLES
    if not (seen.place_agreement > limits.place_agreement if few else seen.position_share > limits.position_share):
        return None
    if because := parted_too_little(material, seen.entry.step):
        return ABOUT.not_assessable(because)
    return ABOUT.finding(
        summary=_few_text(seen) if few else _text(seen),
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY if entry.step is not None and not few else Sureness.POSSIBLE,
        since_step=step_of(entry),
        since_epoch=entry.epoch,
        evidence=tuple(
            SlotEvidence(
                dump=entry.path,
                sample=sample,
                slots=tuple(range(seen.slots)),
                text=f"Sample {sample + 1} of {file_text(entry)}, divided as the others are",
            )
            for sample in (0, 1)
        ),
        cures=_cures(material),
        baseline=_baseline(seen.fg_ari, seen.blocks_fg_ari),
    )


def _text(seen: DumpedSlots) -> str:
    share = percent_text(seen.position_share)
    return f"Where a pixel lies tells {share} of which slot wins it, over {_images(seen)}"


def _few_text(seen: DumpedSlots) -> str:
    return (
        f"The same slots win the same places: {percent_text(seen.place_agreement)} beyond chance, over {_images(seen)}"
    )


def _images(seen: DumpedSlots) -> str:
    return f"{seen.samples} images of {file_text(seen.entry)}"


def _baseline(score: float, by_blocks: float) -> str:
    fixed = "A fixed partition of the picture has 100%, masks that follow objects at random places near 0"
    if not np.isfinite(score):
        return fixed
    return f"{fixed}; FG-ARI is {number_text(score)}, and 2×2 blocks score {number_text(by_blocks)} on the same images"


def _cures(material: Material) -> tuple[Cure, ...]:
    other = another_seed(material, "whether slots own places is settled early (X.A4)")
    return cure("Start anew with another seed", other)
