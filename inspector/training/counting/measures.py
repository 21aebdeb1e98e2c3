"""What validation measures: errors in pixels of the original images, the done signal, and how far they vary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.analysis.binary_scores import binary_scores
from inspector.analysis.point_scores import pck
from inspector.core.arrays import AnyArray, FloatArray

PCK_SHARE = 0.05
"""A place is right within this share of the longer side of its image."""

SATURATED = 0.99
"""An activation that ends at 1 is saturated from here on."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the model said of samples, and what is so.

    Attributes:
        target, place: (n, 2), x and y in -1..1.
        done: (n,) probabilities.
        is_done: (n,) bool.
        half_px: (n, 2) pixels of the original image that 1 is.
        longer_px: (n,) longer side of the original image.
    """

    target: FloatArray
    place: FloatArray
    done: FloatArray
    is_done: AnyArray
    half_px: FloatArray
    longer_px: FloatArray


def place_scores(answers: Answers) -> dict[str, float]:
    """Pixel errors of the samples with an object left, and how far predictions vary."""
    left = ~answers.is_done
    target, place = answers.target[left], answers.place[left]
    errors = np.linalg.norm((place - target) * answers.half_px[left], axis=1)
    known = bool(len(errors)) and bool(np.isfinite(errors).all())
    spread, truth_spread = (float(points.std(axis=0).mean()) if known else math.nan for points in (place, target))
    return {
        "val/pixel_error": float(errors.mean()) if known else math.nan,
        "val/pixel_error_median": float(np.median(errors)) if known else math.nan,
        "val/pixel_error_p90": float(np.percentile(errors, 90)) if known else math.nan,
        "val/pck": pck(errors, PCK_SHARE * answers.longer_px[left]),
        "predictions/spread": spread,
        "predictions/truth_spread": truth_spread,
        "predictions/outside": float((np.abs(place) > 1).mean()) if known else math.nan,
        "predictions/saturated": float((np.abs(place) > SATURATED).mean()) if known else math.nan,
    }


def done_scores(answers: Answers) -> dict[str, float]:
    """The done signal beside what knowing only its base rate gives."""
    scores = binary_scores(answers.done, answers.is_done)
    rate = scores.base_rate
    # p ln p is 0 at both ends
    floor = -sum(share * math.log(share) for share in (rate, 1 - rate) if share > 0)
    return {
        "val/done_average_precision": scores.average_precision,
        "val/done_f1": scores.at_half.f1,
        "val/done_calibration_error": scores.calibration_error,
        "val/done_highest": float(np.nanmax(answers.done)) if scores.samples else math.nan,
        "baseline/done_average_precision_base_rate": rate,
        "baseline/done_f1_always_done": 2 * rate / (1 + rate),
        "baseline/done_f1_never_done": 0.0 if rate > 0 else math.nan,
        "baseline/loss_done_base_rate": floor,
    }


def mean_place_error_px(targets: FloatArray, half_px: FloatArray, place: FloatArray) -> float:
    """Mean pixel error of one place said of every sample; (n, 2) each, the place (2,)."""
    return float(np.linalg.norm((place - targets) * half_px, axis=1).mean()) if len(targets) else math.nan
