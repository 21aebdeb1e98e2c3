"""How well the winners of the pixels match the objects, and the figures that stand beside a sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inspector.analysis.baselines import blind_partitions
from inspector.analysis.resampling import resized
from inspector.analysis.segmentation_scores import segmentation_scores
from inspector.analysis.slots import winning_slots
from inspector.core.arrays import LabelMap
from inspector.core.units import percent_text
from inspector.display.rasters import Planes
from inspector.display.slots.scene import Figure

NAN = math.nan


@dataclass(frozen=True, slots=True)
class Scores:
    """Agreement with the objects; NaN where there is no truth, or no object in it.

    Attributes:
        fg_ari: over the pixels of objects; ari: over all pixels.
        baseline: FG-ARI of a fixed 2 x 2 split of the same image.
        objects: how many the truth has.
    """

    fg_ari: float = NAN
    ari: float = NAN
    baseline: float = NAN
    objects: int = 0


def scores_of(masks: Planes, truth: LabelMap | None) -> Scores:
    """The scores of one sample; the soft masks are brought to the truth's size before a winner is chosen."""
    if truth is None:
        return Scores()
    winners = winning_slots(resized(masks, truth.shape[0], truth.shape[1]))
    found = segmentation_scores(truth, winners)
    blind = segmentation_scores(truth, blind_partitions(*truth.shape, len(masks))["2×2 blocks"])
    return Scores(fg_ari=found.fg_ari, ari=found.ari, baseline=blind.fg_ari, objects=found.objects)


def number(value: float) -> str:
    """Two decimals, a dash where undefined."""
    # Adding 0.0 makes a negative zero positive.
    return "–" if math.isnan(value) else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def score_text(scores: Scores, active: int, slots: int) -> str:
    """`FG-ARI 0.04 · 2 of 11 slots active`."""
    counts = f"{active} of {slots} slots active"
    return counts if math.isnan(scores.fg_ari) else f"FG-ARI {number(scores.fg_ari)} · {counts}"


def figures(scores: Scores, active: int, slots: int, mean_entropy: float, mean_cosine: float) -> tuple[Figure, ...]:
    """The figures of one sample, each with what it must be read against."""
    objects = f"{scores.objects} object{'' if scores.objects == 1 else 's'}"
    beaten = scores.fg_ari > scores.baseline
    known = not math.isnan(scores.fg_ari)
    return (
        Figure(
            name="FG-ARI",
            value=number(scores.fg_ari),
            remark=f"2×2 blocks: {number(scores.baseline)}" if known else "no objects in the ground truth",
            ink=("good" if beaten else "critical") if known else "faint",
        ),
        Figure(name="ARI", value=number(scores.ari), remark="background included"),
        Figure(
            name="Active slots",
            value=f"{active} of {slots}",
            remark=f"win over {percent_text(0.01)}; {objects}" if known else f"win over {percent_text(0.01)}",
        ),
        Figure(name="Entropy", value=number(mean_entropy), remark="0 decided, 1 undecided"),
        Figure(name="Slot cosine", value=number(mean_cosine), remark="mean over pairs of slots"),
    )
