"""Masks of a dump that find objects no better than a fixed grid does."""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import counted, number_text
from inspector.diagnosis import blocks
from inspector.diagnosis.check import About
from inspector.diagnosis.gates import parted_too_little
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.scores.baselines import logged_baselines
from inspector.diagnosis.scores.score_curves import is_foreground
from inspector.diagnosis.slots.dump_slots import NO_MASKS, DumpedSlots, newest_slots
from inspector.diagnosis.values import Finding, NotAssessable, Severity, SlotEvidence, Sureness

ABOUT = About(
    id="masks-below-baseline",
    title="Masks find objects no better than a fixed grid",
    rules=("X.L13",),
    symptom="An FG-ARI that looks fair, of masks that cut through objects",
    definition="Over the scenes of a dump that have two objects or more, {baseline_samples} of them at least, the mean"
    " FG-ARI of the decoder masks is not above that of fixed 2×2 blocks by more than **{baseline_errors} standard"
    " errors** of the difference, scene by scene, nor above {found_fg_ari}, where all objects are found, whatever"
    " blocks score; {steps_after_warmup} steps after the warm-up or later. Runs that log a baseline beside their"
    " FG-ARI are judged by their curves, in the finding of scores. Clusters of the pictures' colours stand beside it"
    " and decide nothing, as generated objects are told apart by colour alone.",
    why="FG-ARI leaves out the ground and is kind to any division: blocks that look at nothing have"
    f" {blocks.FG_ARI_TEXT}",
    confirm=f"Look at the masks beside the true ones, and at ARI with the ground: blocks have {blocks.ARI_TEXT} there",
    false_alarm="Few scenes, and scenes whose objects fill the quarters of the picture",
    cure="Whatever keeps slots from parting: look at the other findings of slots. No setting mends it by itself.",
    source="Rule X.L13; baselines measured on three kinds of generated scenes",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The decoder and true masks of the newest dump.

    Raises:
        FileError: they cannot be read.
    """
    if any(is_foreground(one.score) for one in logged_baselines(material.curves)):
        return None
    seen = newest_slots(material, pulse)
    if seen is None:
        return ABOUT.not_assessable(NO_MASKS)
    entry, limits = seen.entry, material.thresholds
    scenes = int((np.isfinite(seen.fg_aris) & np.isfinite(seen.blocks_fg_aris)).sum())
    if scenes < limits.baseline_samples:
        because = f"{file_text(entry)} has {counted(scenes, 'scene')} with true masks of two objects"
        return ABOUT.not_assessable(f"{because}; {limits.baseline_samples} are needed")
    over = seen.fg_aris - seen.blocks_fg_aris
    over = over[np.isfinite(over)]
    error = float(over.std(ddof=1) / np.sqrt(len(over)))
    if over.mean() > limits.baseline_errors * error or seen.fg_ari > limits.found_fg_ari:
        return None
    if because := parted_too_little(material, seen.entry.step):
        return ABOUT.not_assessable(because)
    return _finding(seen, scenes, error)


def _finding(seen: DumpedSlots, scenes: int, error: float) -> Finding:
    entry, sample = seen.entry, seen.sample
    coloured = seen.colour_fg_aris[np.isfinite(seen.colour_fg_aris)]
    by_colour = f", clusters of colours {number_text(float(coloured.mean()))}" if coloured.size else ""
    return ABOUT.finding(
        summary=f"FG-ARI of the masks is {number_text(seen.fg_ari)} over {counted(scenes, 'scene')} of"
        f" {file_text(entry)}, and 2×2 blocks score {number_text(seen.blocks_fg_ari)} (the difference is"
        f" right to {number_text(error)})",
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY if entry.step is not None else Sureness.POSSIBLE,
        since_step=step_of(entry),
        since_epoch=entry.epoch,
        evidence=(
            SlotEvidence(
                dump=entry.path,
                sample=sample,
                slots=tuple(range(seen.slots)),
                text=f"All slots of sample {sample + 1} in {file_text(entry)}",
            ),
        ),
        baseline=f"2×2 blocks score {number_text(seen.blocks_fg_ari)}{by_colour} on the same scenes",
    )
