"""A done signal that never fires, or is so rare that saying no always is nearly right.

Symptom: probabilities that stay low though some samples are done; evidence: the samples that are done, and how many
they are. Where both hold, the second is the cause of the first and told with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.analysis.binary_scores import BinaryScores, binary_scores
from inspector.analysis.point_patterns import FEWEST_POINTS, RARE_DONE, DoneAlwaysLow, DoneRare, done_patterns
from inspector.core.pulse import Pulse
from inspector.core.units import counted, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.points.seen import NO_POINTS, PointsSeen, seen_points
from inspector.diagnosis.tags import part_of, shown
from inspector.diagnosis.values import Cure, Finding, NotAssessable, PointEvidence, Severity, Sureness
from inspector.formats.metric_names import words
from inspector.runs.rising import finite

_CURE = (
    "As many done samples as others in a batch, so that saying no always is wrong half the time; then a weight of"
    " {done_weight_proposed} for the done loss, then {done_weight_after}. Balance first: a weight of the whole loss"
    " counts done samples and others alike, so that it mends no imbalance, and one of done samples alone spoils"
    " calibration."
)

ABOUT = About(
    id="done-signal",
    title="The done signal",
    rules=("S1.13", "S2.06", "S2.07", "S2.08"),
    symptom="A count that goes on after the last object, or stops before it",
    definition="The predicted done of the newest dump with points against the true one: whether it ever exceeds one"
    " half where samples are done, and how many samples are done at all.",
    why="The done signal ends the count: where it fails, every object after the last is invented",
    confirm="Compare average precision with the share of done samples: above it the signal knows something",
    false_alarm="A calibrated model of a rare class seldom exceeds one half",
    cure=_CURE,
    source="Rules S1.13, S2.06, S2.07 and S2.08",
)

SILENT = About(
    id="done-never-fires",
    title="Done signal never fires",
    rules=("S1.13", "S2.06", "S2.07", "S2.08", "S2.12"),
    symptom="All done probabilities lie low, also of the samples that are done",
    definition="No predicted done exceeds 0.57 though samples are done; below {done_all_low} the signal is flat."
    " It is a warning where average precision is {informed_ratio} times the base rate or more (or half of the way to"
    " 1), an error where the signal tells nothing; possible only with fewer than {few_positives} done samples.",
    why="A count that never ends: the model goes on marking objects after the last one",
    confirm="Train on as many done samples as others, or weigh them more: average precision then rises above the share"
    " of done samples",
    false_alarm="A calibrated model of a rare class seldom exceeds one half: average precision tells whether it knows",
    cure=_CURE,
    source="Rules S1.13, S2.06, S2.07, S2.12",
)

RARE = About(
    id="done-rare",
    title="Few samples are done",
    rules=("S2.07",),
    symptom="The done loss falls at once and then says nothing",
    definition="Fewer than 5% of the training samples are done, by their logged share, else of the dump's. Steps drawn"
    " from 0 to N give one in N + 1: 4.5% for N = 21. It is information where {done_found} of those of the dump or more"
    " are found all the same.",
    why="Saying no always is nearly always right, so the loss of the done signal is small before it learns",
    confirm="Count the done samples in a training batch; validation alone may be sampled so",
    false_alarm="One sample in as many as a count has steps is done by nature; a loss weighted for it, or batches"
    " that are balanced, make up for that",
    cure=_CURE,
    source="Rule S2.07; one in N + 1 for steps drawn from 0 to N",
)

ABOUTS = (ABOUT, SILENT, RARE)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The done signal of the newest dump with points (rules S1.13, S2.06, S2.07, S2.08).

    Raises:
        FileError: the dump cannot be read.
    """
    seen = seen_points(material, pulse)
    because = NO_POINTS if seen is None else _lacking(seen)
    if seen is None or because:
        return ABOUT.not_assessable(because)
    found = done_patterns(seen.points.done, seen.points.gt_done)
    low = next((one for one in found if isinstance(one, DoneAlwaysLow)), None)
    rare = _rarity(material, seen, next((one for one in found if isinstance(one, DoneRare)), None))
    if low is not None:
        return _silent(material, seen, low, rare)
    return None if rare is None else _rare(material, seen, rare)


def _lacking(seen: PointsSeen) -> str:
    """Why the signal cannot be judged, empty where it can."""
    points, name = seen.points, file_text(seen.entry)
    known = np.isfinite(points.done) & np.isfinite(points.gt_done)
    if not np.isfinite(points.done).any():
        return f"{name} holds no predicted done"
    if np.count_nonzero(known) < FEWEST_POINTS:
        samples = counted(int(np.count_nonzero(known)), "sample")
        return f"{name} tells of {samples} whether it is done, and {FEWEST_POINTS} are needed"
    return "" if (points.gt_done[known] > 0.5).any() else f"no sample of {name} is done"


class _Rarity(NamedTuple):
    """How few samples are done, and of which."""

    share: float
    text: str


_SHARES = frozenset({"share", "fraction"})


def _rarity(material: Material, seen: PointsSeen, dumped: DoneRare | None) -> _Rarity | None:
    """Of the training batches where their share was logged, which may be balanced where validation is not."""
    for tag, curve in material.curves.items():
        named = set(words(tag))
        if part_of(tag) == "train" and "done" in named and named & _SHARES and len(finite(curve).values):
            share = float(finite(curve).values.mean())
            text = f"{shown(tag)} is {percent_text(share)} on average"
            return _Rarity(share, text) if share < RARE_DONE else None
    if dumped is None:
        return None
    text = f"{dumped.positives:,} of {dumped.samples:,} samples of {file_text(seen.entry)} are done"
    return _Rarity(dumped.base_rate, text)


def _silent(material: Material, seen: PointsSeen, low: DoneAlwaysLow, rare: _Rarity | None) -> Finding:
    scores = binary_scores(seen.points.done, seen.points.gt_done)
    halfway = (1 + scores.base_rate) / 2
    informed = scores.average_precision >= min(material.thresholds.informed_ratio * scores.base_rate, halfway)
    weight = material.number("loss.done_weight")
    weighted = weight is not None and weight >= material.thresholds.done_weight_proposed
    flat = low.highest < material.thresholds.done_all_low
    told = (("S2.07", rare is not None), ("S2.08", weighted), ("S2.12", flat))
    rules = ("S1.13", "S2.06", *(rule for rule, holds in told if holds))
    return SILENT.finding(
        rules=rules,
        summary=f"{percent_text(scores.base_rate)} of samples are done; no prediction exceeds {low.highest:.2f}, over"
        f" {counted(scores.samples, 'sample')} of {file_text(seen.entry)}",
        severity=Severity.WARNING if informed else Severity.ERROR,
        sureness=Sureness.CERTAIN if low.positives >= material.thresholds.few_positives else Sureness.POSSIBLE,
        since_step=seen.since_step,
        since_epoch=seen.entry.epoch,
        evidence=_evidence(seen),
        why=SILENT.why
        + (f"; {rare.text}, and so few teach it that saying no always is nearly right" if rare is not None else ""),
        confirm=f"Call it done from {scores.best.threshold:.2f} on, where F1 is {scores.best.f1:.2f}: it knows, and"
        " stays low"
        if informed
        else SILENT.confirm,
        cures=_cures(material, weight),
        baseline=_baseline(scores),
    )


def _rare(material: Material, seen: PointsSeen, rare: _Rarity) -> Finding:
    scores = binary_scores(seen.points.done, seen.points.gt_done)
    return RARE.finding(
        title=f"Only {percent_text(rare.share)} of samples are done",
        summary=f"{rare.text}; from one half on {percent_text(scores.at_half.recall)} of those of"
        f" {file_text(seen.entry)} are found",
        severity=Severity.INFO if scores.at_half.recall >= material.thresholds.done_found else Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=seen.since_step,
        since_epoch=seen.entry.epoch,
        evidence=_evidence(seen),
        cures=_cures(material, material.number("loss.done_weight")),
        baseline=_baseline(scores),
    )


def _evidence(seen: PointsSeen) -> tuple[PointEvidence, ...]:
    """The samples that are done, the surest of them as the example."""
    done = np.where(seen.points.gt_done > 0.5, seen.points.done, np.nan)
    sample, many = int(np.nanargmax(done)), int(np.count_nonzero(np.isfinite(done)))
    return (
        seen.of_range("gt_done", 0.5, None, sample, f"{counted(many, 'sample')} that are done"),
        seen.of_sample(sample, f"Sample {sample + 1}, which is done and gets {done[sample]:.2f}"),
    )


def _baseline(scores: BinaryScores) -> str:
    return (
        f"Average precision is {scores.average_precision:.2f}, where knowing nothing gives {scores.base_rate:.2f};"
        f" saying no always is right in {percent_text(1 - scores.base_rate)}"
    )


def _cures(material: Material, weight: float | None) -> tuple[Cure, ...]:
    balanced = edit(
        material,
        "data.done_positive_fraction",
        material.thresholds.done_share_proposed,
        "As many done samples as others, so that saying no always is wrong half the time (S1.13, S2.07)",
    )
    more = (
        material.thresholds.done_weight_after
        if weight is not None and weight >= material.thresholds.done_weight_proposed
        else material.thresholds.done_weight_proposed
    )
    heavier = None
    if weight is None or weight < more:
        reason = "The done loss weighs more beside that of places, for done samples and others alike (S2.06, S2.08)"
        heavier = edit(material, "loss.done_weight", more, reason)
    return (*cure("Balance done samples", balanced), *cure("Weigh the done loss more", heavier))
