"""Probabilities of a yes-or-no question against the answers: precision, recall, calibration.

Accuracy is not among them: where 1 answer in 22 is yes, saying no always is right in 95.5% of all cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray, ShapeError

CALIBRATION_BINS = 15
"""Source: Guo et al. 2017."""


@dataclass(frozen=True, slots=True, eq=False)
class PrecisionRecall:
    """One point for each probability that occurs, taken as the limit from which on the answer is yes.

    Attributes:
        thresholds: (points,) ascending.
        precision, recall: (points,) in 0..1; recall is NaN where no answer is yes.
    """

    thresholds: FloatArray
    precision: FloatArray
    recall: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """How often the answer is yes among samples of about one probability, in equal bins of 0..1.

    Attributes:
        counts: (bins,) samples.
        mean_probability, share: (bins,) mean probability and share of yes; NaN in an empty bin.
    """

    counts: IntArray
    mean_probability: FloatArray
    share: FloatArray


@dataclass(frozen=True, slots=True)
class Detection:
    """What one limit leads to; `precision` is NaN where nothing is above it, `recall` where no answer is yes."""

    threshold: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class BinaryScores:
    """The scores of a set of probabilities; NaN where there is no sample, or none of the kind that a score needs.

    Attributes:
        samples: those with both a probability and an answer; the others count nowhere.
        base_rate: share of yes, which is the average precision of probabilities that say nothing.
        average_precision: area under precision over recall, in steps.
        brier: mean squared difference of probability and answer.
        calibration_error: mean distance of probability and share of yes over the bins, weighted by their samples.
        at_half: the limit 0.5; best: the limit of the largest F1, the highest of several.
    """

    samples: int
    base_rate: float
    average_precision: float
    brier: float
    calibration_error: float
    at_half: Detection
    best: Detection


def known_answers(probabilities: AnyArray, answers: AnyArray) -> tuple[FloatArray, AnyArray]:
    """The probabilities that have an answer, (samples,) float64, and the answers, (samples,) bool.

    Args:
        probabilities: (samples,) in 0..1, NaN where unknown.
        answers: (samples,), above a half for yes; NaN where unknown.

    Raises:
        ShapeError: the two are not lists of equal length.
    """
    if probabilities.ndim != 1 or probabilities.shape != answers.shape:
        message = f"two lists (samples,) are needed, these are {probabilities.shape} and {answers.shape}"
        raise ShapeError(message)
    values, truths = np.asarray(probabilities, np.float64), np.asarray(answers, np.float64)
    known = np.isfinite(values) & np.isfinite(truths)
    return values[known], truths[known] > 0.5


def precision_recall(probabilities: FloatArray, answers: AnyArray) -> PrecisionRecall:
    """Precision and recall at every limit that makes a difference.

    Args:
        probabilities: (samples,) finite.
        answers: (samples,) bool.
    """
    order = np.argsort(-probabilities, kind="stable")
    falling, hits = probabilities[order], np.cumsum(answers[order])
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) if len(falling) else np.empty(0, np.int64)
    true_positives = hits[last].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = true_positives / (hits[-1] if len(hits) else 0)
    return PrecisionRecall(falling[last][::-1], (true_positives / (last + 1))[::-1], recall[::-1])


def average_precision(curve: PrecisionRecall) -> float:
    """Precision, averaged over the steps of recall; NaN where no answer is yes.

    Source: AP = sum over limits of (recall - recall of the limit above) * precision.
    """
    if not len(curve.recall):
        return math.nan
    steps = -np.diff(np.append(curve.recall, 0.0))
    return float((steps * curve.precision).sum())


def reliability(probabilities: FloatArray, answers: AnyArray, bins: int = CALIBRATION_BINS) -> Reliability:
    """Share of yes by probability; a probability on the border of two bins belongs to the upper one, 1 to the last.

    Args:
        probabilities: (samples,) in 0..1; what lies outside counts in the outermost bins.
        answers: (samples,) bool.
        bins: how many, equally wide.
    """
    place = np.clip((probabilities * bins).astype(np.int64), 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(place, probabilities, bins) / counts
        share = np.bincount(place, answers.astype(np.float64), bins) / counts
    return Reliability(counts, mean, share)


def detection_at(threshold: float, probabilities: FloatArray, answers: AnyArray) -> Detection:
    """What saying yes from a limit on leads to.

    Args:
        threshold: the least probability that is a yes.
        probabilities: (samples,) finite.
        answers: (samples,) bool.
    """
    said = probabilities >= threshold
    hits = int(np.count_nonzero(said & answers))
    total, true = int(np.count_nonzero(said)), int(np.count_nonzero(answers))
    return Detection(
        threshold,
        hits / total if total else math.nan,
        hits / true if true else math.nan,
        2 * hits / (total + true) if true else math.nan,
    )


def binary_scores(probabilities: AnyArray, answers: AnyArray) -> BinaryScores:
    """All scores of a yes-or-no question; arguments as `known_answers`.

    Raises:
        ShapeError: the two are not lists of equal length.
    """
    values, truths = known_answers(probabilities, answers)
    if not len(values):
        nothing = Detection(math.nan, math.nan, math.nan, math.nan)
        return BinaryScores(0, math.nan, math.nan, math.nan, math.nan, nothing, nothing)
    curve = precision_recall(values, truths)
    bins = reliability(values, truths)
    apart = np.abs(bins.mean_probability - bins.share)[bins.counts > 0]
    return BinaryScores(
        samples=len(values),
        base_rate=float(truths.mean()),
        average_precision=average_precision(curve),
        brier=float(np.mean((values - truths) ** 2)),
        calibration_error=float((apart * bins.counts[bins.counts > 0]).sum() / len(values)),
        at_half=detection_at(0.5, values, truths),
        best=detection_at(_best_threshold(curve), values, truths),
    )


def _best_threshold(curve: PrecisionRecall) -> float:
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = 2 * curve.precision * curve.recall / (curve.precision + curve.recall)
    f1 = np.nan_to_num(f1, nan=-1.0)
    return float(curve.thresholds[np.flatnonzero(f1 == f1.max())[-1]])
