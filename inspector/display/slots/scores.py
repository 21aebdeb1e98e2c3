"""How well the winners of the pixels match the objects, and the figures that stand beside a sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.analysis.baselines import COLOUR, baseline_scores
from inspector.analysis.resampling import resized
from inspector.analysis.segmentation_scores import SegmentationScores, segmentation_scores
from inspector.analysis.slots import ACTIVE_AREA, active_slots_name, winning_slots
from inspector.core.arrays import LabelMap, ShapeError
from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.notes import Notes
from inspector.core.units import number_text, percent_text
from inspector.display.rasters import Planes
from inspector.display.slots.scene import Figure, Ink
from inspector.display.slots.tiles import number

NAN = math.nan
UNSCORED = SegmentationScores(NAN, NAN, NAN, NAN, 0, NAN)

_SCORES = (
    ("fg_ari", "FG-ARI", tr("adjusted Rand index over the pixels of objects")),
    ("ari", "ARI", tr("the same over all pixels, background included")),
    ("miou", "mIoU", tr("overlap of each object with a slot of its own, mean over objects")),
    ("mbo", "mBO", tr("overlap of each object with its best slot, mean over objects")),
)


_SHORT = {COLOUR: tr("colours")}
"""What rivals are called in the narrow column beside a score, where that is not their name."""


@dataclass(frozen=True, slots=True)
class SampleFigures:
    """What the figures of a sample are made of; NaN where undefined.

    Attributes:
        active: how many of `slots` are; active_area: the share of pixels above which one is.
        effective: effective number of slots.
        entropy: mean over the pixels that count.
        cosine, centred: mean over pairs of slots, raw and less the mean over `mean_of` samples.
        reconstruction_mse: mean squared difference from the image in 0..1.
    """

    slots: int
    active: int
    active_area: float
    effective: float
    entropy: float
    cosine: float = NAN
    centred: float = NAN
    mean_of: int = 0
    reconstruction_mse: float = NAN


def scores_of(
    masks: Planes, truth: LabelMap | None, notes: Notes | None = None, winners: LabelMap | None = None
) -> SegmentationScores:
    """The scores of one sample; the soft masks are brought to the truth's size before a winner is chosen.

    Args:
        masks: (slots, rows, columns), as recorded.
        truth: the object of each pixel, negative where undefined; None where it is not known.
        notes: takes why it is not scored.
        winners: of the masks as recorded, where they are known already.
    """
    if truth is None:
        return UNSCORED
    try:
        if winners is None or winners.shape != truth.shape:
            winners = winning_slots(resized(masks, truth.shape[0], truth.shape[1]))
        return segmentation_scores(truth, winners)
    except ShapeError as error:
        if notes is not None:
            notes.add(tr("The true masks are not scored: {why}").format(why=error))
        return UNSCORED


def blind_scores(truth: LabelMap | None, slots: int) -> dict[str, SegmentationScores]:
    """What partitions that look at nothing score against a (height, width) truth, by name; empty without one."""
    try:
        return {} if truth is None else baseline_scores(truth, slots)
    except ShapeError:
        return {}


def score_text(scores: SegmentationScores, active: int, slots: int) -> str:
    """`FG-ARI 0.04 · 2 of 11 slots active`."""
    counts = tr_many("{active} of {slots} slot active", "{active} of {slots} slots active", slots)
    counts = counts.format(active=active, slots=slots)
    return counts if math.isnan(scores.fg_ari) else f"FG-ARI {number(scores.fg_ari)} · {counts}"


def score_figures(scores: SegmentationScores, rivals: dict[str, SegmentationScores]) -> tuple[Figure, ...]:
    """The scores of one sample, each beside the best of what partitions score that took no learning, by name."""
    return tuple(_score(scores, rivals, *names) for names in _SCORES)


def figures(
    scores: SegmentationScores, blind: dict[str, SegmentationScores], what: SampleFigures
) -> tuple[Figure, ...]:
    """The figures of one sample, each with what it must be read against."""
    found = list(score_figures(scores, blind))
    active = tr("{active} of {slots}").format(active=what.active, slots=what.slots)
    wins = tr("win over {share}").format(share=percent_text(what.active_area))
    found += [
        Figure(
            name=tr("Active slots"),
            value="–" if math.isnan(what.effective) else active,
            remark="; ".join((wins, tr_counted(scores.objects, "object")) if scores.objects else (wins,)),
            column="active_slots" if what.active_area == ACTIVE_AREA else "",
            details=(active_slots_name(what.active_area), tr("The share is chosen under Display")),
        ),
        Figure(
            name=tr("Effective slots"),
            value=number(what.effective),
            remark=tr("of {slots}").format(slots=what.slots),
            column="effective_slots",
            details=(tr("The exponential of the entropy of the slots' areas"),),
        ),
        Figure(
            name=tr("Mask entropy"),
            value=number(what.entropy),
            remark=tr("0 decided, 1 undecided"),
            column="mask_entropy",
        ),
        Figure(
            name=tr("Slot cosine"),
            value=number(what.cosine),
            remark=tr("mean over pairs, raw"),
            column="slot_cosine",
        ),
    ]
    if what.mean_of:
        samples = tr("Less the mean of the slots of {samples}").format(samples=tr_counted(what.mean_of, "sample"))
        least = tr("Its least value with {slots} is {least}")
        found.append(
            Figure(
                name=tr("Cosine, centred"),
                value=number(what.centred),
                remark=tr("less the slots' mean"),
                column="slot_cosine_centred",
                details=(
                    samples,
                    least.format(slots=tr_counted(what.slots, "slot"), least=number(-1 / max(what.slots - 1, 1))),
                ),
            )
        )
    if not math.isnan(what.reconstruction_mse):
        found.append(
            Figure(
                name=tr("Reconstruction"),
                value=number_text(what.reconstruction_mse, 3),
                remark=tr("mean squared error"),
                column="reconstruction_mse",
            )
        )
    return tuple(found)


def _score(
    scores: SegmentationScores, blind: dict[str, SegmentationScores], key: str, name: str, meaning: str
) -> Figure:
    value = float(getattr(scores, key))
    if math.isnan(value):
        why = tr("not scored") if math.isnan(scores.ari) else tr("no objects in the ground truth")
        return Figure(name=name, value="–", remark=why, ink="faint", column=key, details=(meaning,))
    rivals = {partition: float(getattr(one, key)) for partition, one in blind.items()}
    known = {partition: score for partition, score in rivals.items() if not np.isnan(score)}
    best = max(known, key=lambda partition: known[partition], default="")
    beaten = best and value > known[best]
    ink: Ink = "good" if beaten else "critical" if best and value < known[best] else "text"
    lines = (meaning, *(f"{tr(partition)}: {number(score)}" for partition, score in known.items()))
    remark = f"{_SHORT.get(best) or tr(best)}: {number(known[best])}" if best else ""
    return Figure(name=name, value=number(value), remark=remark, ink=ink, column=key, details=lines)
