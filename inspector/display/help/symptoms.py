"""What each kind of finding looks like: drawn examples, made up, in the form of the pictures of evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from inspector.display.triage.scene import Picture, Stroke, StrokeInk

_NAN = math.nan
_EPS = 0.004
"""Of the height, above the foot: a line along it would be cut."""

_SQUARE = 0.28
"""Of the width of a page's picture: so wide an image is as high."""


def _line(*heights: float, ink: StrokeInk = "accent", dashed: bool = False) -> Stroke:
    """A line through heights (0 to 1) at equal distances."""
    y = np.array(heights if len(heights) > 1 else heights * 2, dtype=np.float64)
    return Stroke(x=np.linspace(0.0, 1.0, len(y)), y=np.clip(y, _EPS, 1 - _EPS), ink=ink, dashed=dashed)


def _other(*heights: float) -> Stroke:
    return _line(*heights, ink="warning")


def _dashes(*heights: float) -> Stroke:
    return _line(*heights, ink="dim", dashed=True)


def _curves(top: str, legend: str, *strokes: Stroke, shade: tuple[float, float] | None = None) -> Picture:
    return Picture(strokes=strokes, shade=shade, top=top, left="start", right="end", legend=legend)


def _bars(top: str, legend: str, ends: tuple[str, str], marked: tuple[int, ...], *heights: float) -> Picture:
    return Picture(bars=np.array(heights), marked=marked, top=top, left=ends[0], right=ends[1], legend=legend)


def _errors(legend: str, *lines: tuple[float, float, float, float]) -> Picture:
    """An image with lines of error, each from the object (x, y) to the prediction (x, y), which is the dot."""
    frame = Stroke(x=np.array((0, _SQUARE, _SQUARE, 0, 0)), y=np.array((0, 0, 1, 1, 0)), ink="dim")
    strokes = tuple(
        Stroke(x=np.array((x, found_x)) * _SQUARE, y=np.array((y, found_y)), ink="warning")
        for x, y, found_x, found_y in lines
    )
    dots = tuple((found_x * _SQUARE, found_y) for _x, _y, found_x, found_y in lines)
    return Picture(strokes=(frame, *strokes), dots=dots, left="from object to prediction (dot)", legend=legend)


_COSINE = tuple(0.05 + 0.85 * (1 + math.cos(math.pi * t / 24)) / 2 for t in range(25))
_PLAN = (0.3, 0.6, *_COSINE)
"""A warm-up and a cosine."""

_FLIPPED = ((0.2, 0.7), (0.85, 0.55), (0.6, 0.15), (0.35, 0.9))
"""Where objects are, x and y."""

SYMPTOMS: Mapping[str, Picture] = {
    "loss-not-finite": _curves(
        "train/loss", "A loss that ends", _line(0.95, 0.7, 0.52, 0.42, 0.36, 0.5, *(_NAN,) * 5), shade=(0.5, 1.0)
    ),
    "weights-not-finite": _curves(
        "largest |weight|", "Weights that leave all bounds", _line(0.1, 0.11, 0.12, 0.14, 0.3, 0.95, *(_NAN,) * 4),
        shade=(0.55, 1.0),
    ),
    "loss-diverging": _curves(
        "train/loss", "A loss that falls and climbs",
        _line(0.8, 0.5, 0.33, 0.25, 0.22, 0.24, 0.31, 0.42, 0.55, 0.72, 0.9), shade=(0.5, 1.0),
    ),
    "overfitting": _curves(
        "loss", "Training falls on, validation above it turns",
        _line(0.9, 0.6, 0.42, 0.31, 0.24, 0.19, 0.15, 0.12, 0.1),
        _other(0.92, 0.66, 0.52, 0.47, 0.49, 0.55, 0.63, 0.71, 0.8), shade=(0.4, 1.0),
    ),
    "memorised": _curves(
        "loss", "Training is at nothing, validation above it does not follow",
        _line(0.9, 0.4, 0.12, 0.04, 0.02, 0.01, 0.01, 0.01), _other(0.92, 0.85, 0.84, 0.86, 0.85, 0.87, 0.88, 0.88),
        shade=(0.3, 1.0),
    ),
    "negative-loss": _curves(
        "train/loss", "A loss that falls through zero (dashed)",
        _line(0.95, 0.7, 0.52, 0.4, 0.31, 0.24, 0.18, 0.14, 0.12), _dashes(0.25), shade=(0.62, 1.0),
    ),
    "loss-stalled": _curves(
        "train/loss", "A loss that stays where it began",
        _line(0.82, 0.79, 0.83, 0.8, 0.82, 0.79, 0.81, 0.82, 0.8, 0.81), shade=(0.0, 1.0),
    ),
    "done-loss-stuck": _curves(
        "loss of done", "A level course above the entropy of the base rate (dashed)",
        _line(0.62, 0.56, 0.54, 0.55, 0.54, 0.55, 0.54, 0.54), _dashes(0.35), shade=(0.3, 1.0),
    ),
    "funnel-jump": Picture(
        strokes=(
            Stroke(x=np.array((0, 0.1, 0.2, 0.3, 0.4, 0.4, 1.0)), y=np.array((0, 0.02, 0.07, 0.15, 0.26, 0.5, 0.95))),
            Stroke(x=np.array((0.4, 1.0)), y=np.array((0.26, 0.99)), ink="dim", dashed=True),
        ),
        shade=(0.37, 0.43), top="loss", left="distance 0", right="far",
        legend="The loss by distance jumps at its threshold; Huber's form (dashed) goes on",
    ),
    "initial-loss": _curves(
        "train/loss", "The first value lies far above that of a guess (dashed)",
        _line(0.95, 0.6, 0.4, 0.3, 0.25, 0.22, 0.2), _dashes(0.45), shade=(0.0, 0.06),
    ),
    "loss-noisy": _curves(
        "epoch medians", "Medians that scatter as much as they fall",
        _line(0.8, 0.5, 0.72, 0.4, 0.66, 0.36, 0.62, 0.33, 0.6, 0.35, 0.58), shade=(0.3, 1.0),
    ),
    "smoothing-floor": _curves(
        "train/loss", "It levels off at the floor of smoothing (dashed)",
        _line(0.95, 0.7, 0.56, 0.48, 0.44, 0.42, 0.41, 0.4, 0.4), _dashes(0.37), shade=(0.6, 1.0),
    ),
    "still-improving": _curves(
        "validation", "It has not levelled off",
        _line(0.95, 0.84, 0.74, 0.66, 0.58, 0.51, 0.44, 0.38, 0.32), shade=(0.75, 1.0),
    ),
    "score-collapsed": _curves(
        "val/ari", "It climbs, and falls to a fraction of its best",
        _line(0.05, 0.2, 0.42, 0.6, 0.7, 0.08, 0.1, 0.07, 0.12), shade=(0.5, 1.0),
    ),
    "score-oscillating": _curves(
        "val/ari", "Up and down by a third of its scale",
        _line(0.1, 0.6, 0.2, 0.65, 0.3, 0.6, 0.15, 0.55, 0.25, 0.3), shade=(0.1, 1.0),
    ),
    "below-baseline": _curves(
        "val/score", "It ends below the trivial answer (dashed)",
        _line(0.05, 0.18, 0.3, 0.37, 0.41, 0.43, 0.44, 0.44), _dashes(0.55), shade=(0.7, 1.0),
    ),
    "behind-course": _curves(
        "val/ari", "It climbs more slowly than good training (dashed)",
        _line(0.05, 0.12, 0.18, 0.24, 0.3, 0.35, 0.39, 0.43), _dashes(0.1, 0.25, 0.4, 0.53, 0.64, 0.73, 0.8, 0.85),
        shade=(0.5, 1.0),
    ),
    "score-stagnant": _curves(
        "val/ari", "No better after the first evaluations",
        _line(0.1, 0.16, 0.18, 0.17, 0.18, 0.17, 0.18, 0.17, 0.18), shade=(0.25, 1.0),
    ),
    "padded-accuracy": _curves(
        "accuracy", "Over padded cells, beside all zeros (dashed); below, over content alone",
        _line(0.9, 0.92, 0.93, 0.935, 0.94, 0.94), _dashes(0.92), _other(0.1, 0.22, 0.3, 0.34, 0.36, 0.37),
    ),
    "accuracy-gap": _curves(
        "accuracy", "Training runs away above held-out data",
        _line(0.2, 0.5, 0.7, 0.82, 0.9, 0.95, 0.97), _other(0.2, 0.42, 0.52, 0.55, 0.56, 0.55, 0.55), shade=(0.5, 1.0),
    ),
    "validation-ahead": _curves(
        "accuracy", "Held-out data lies above training throughout",
        _line(0.15, 0.35, 0.48, 0.56, 0.62, 0.66), _other(0.3, 0.58, 0.72, 0.8, 0.86, 0.9), shade=(0.2, 1.0),
    ),
    "scattered-background": _bars(
        "score", "FG-ARI is high, ARI next to nothing", ("FG-ARI   ARI", ""), (1,), 0.96, 0.05
    ),
    "rate-not-planned": _curves(
        "lr", "Recorded, beside the plan (dashed)", _line(0.3, 0.6, 0.9), _dashes(*_PLAN), shade=(0.3, 1.0)
    ),
    "overwritten-rate": _curves(
        "lr", "Flat after the warm-up, with a dip at each epoch; the plan is dashed",
        _line(0.3, 0.6, *(0.9, 0.9, 0.9, 0.82, 0.9, 0.9, 0.9, 0.74, 0.9, 0.9, 0.9, 0.66) * 2, 0.9), _dashes(*_PLAN),
        shade=(0.1, 1.0),
    ),
    "compounded-rate": _curves(
        "lr", "A constant fraction of the plan (dashed) for good",
        _line(0.3, 0.4, *(0.222 * y + 0.03 for y in _COSINE)), _dashes(*_PLAN), shade=(0.1, 1.0),
    ),
    "rate-written-after": _curves(
        "lr", "From one step on it is not what its scheduler set (dashed)",
        _line(*_COSINE[:12], *(0.7,) * 13), _dashes(*_COSINE), shade=(0.46, 1.0),
    ),
    "groups-one-rate": _curves(
        "lr", "Two plans (dashed), one rate for both groups",
        _line(*_COSINE), _dashes(*_COSINE), _dashes(*(0.3 * y for y in _COSINE)), shade=(0.0, 1.0),
    ),
    "schedule-unit": _curves(
        "lr", "It swings up and down though one fall was planned (dashed)",
        _line(*(0.05 + 0.85 * (1 + math.cos(math.pi * t / 4)) / 2 for t in range(25))), _dashes(*_COSINE),
        shade=(0.16, 1.0),
    ),
    "schedule-past-end": _curves(
        "lr", "Past its length the cosine rises again; held at its floor dashed",
        _line(*_COSINE[::2], *_COSINE[::-2][1:7]), _dashes(*_COSINE[::2], *(0.05,) * 6), shade=(0.67, 1.0),
    ),
    "attention-axis": _bars(
        "sum over slots", "Each position's weights should sum to 1 over slots", ("positions", ""), tuple(range(12)),
        0.15, 0.9, 0.3, 0.05, 0.6, 0.2, 1.0, 0.1, 0.45, 0.08, 0.7, 0.25,
    ),
    "slots-not-separating": _curves(
        "mask entropy", "It stays at that of uniform masks; a run that parts is dashed",
        _line(0.98, 0.97, 0.98, 0.97, 0.97, 0.98, 0.97), _dashes(0.98, 0.97, 0.9, 0.7, 0.55, 0.5, 0.52),
        shade=(0.4, 1.0),
    ),
    "slot-collapse": _curves(
        "slot cosine", "Slots part, and become alike again",
        _line(0.97, 0.9, 0.7, 0.5, 0.4, 0.42, 0.6, 0.85, 0.95, 0.96), shade=(0.6, 1.0),
    ),
    "active-slots-low": _bars(
        "area won", "One slot wins nearly all", ("slots", ""), (1, 2, 3, 4, 5, 6), 0.95, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0
    ),
    "dead-channels": _bars(
        "largest |a|", "Channels that never fire (marked)", ("channels", ""), (2, 3, 7, 10, 11, 14),
        0.6, 0.8, 0.0, 0.0, 0.4, 0.9, 0.3, 0.0, 0.7, 0.5, 0.0, 0.0, 0.65, 0.35, 0.0, 0.75,
    ),
    "point-pattern": _errors(
        "All errors point the same way", *((x, y, x + 0.12, y - 0.15) for x, y in _FLIPPED)
    ),
    "points-swapped": _errors("Mirrored at the diagonal", *((x, y, 1 - y, 1 - x) for x, y in _FLIPPED)),
    "points-offset": _errors("One vector for all", *((x, y, x - 0.14, y - 0.1) for x, y in _FLIPPED)),
    "points-scaled": _errors(
        "Farther out, farther off", *((x, y, 0.5 + (x - 0.5) * 0.55, 0.5 + (y - 0.5) * 0.55) for x, y in _FLIPPED)
    ),
    "points-collapsed": _errors("All in one corner", *((x, y, 0.03, 0.04) for x, y in _FLIPPED)),
    "points-at-border": _errors(
        "Predictions along the edges", (0.2, 0.7, 0.01, 0.7), (0.85, 0.55, 0.99, 0.55), (0.6, 0.15, 0.6, 0.02),
        (0.35, 0.9, 0.35, 0.98),
    ),
    "done-signal": _curves(
        "predicted done", "Samples that are done and others look alike, below one half (dashed)",
        _line(0.1, 0.13, 0.16, 0.2, 0.24, 0.3), _other(0.12, 0.15, 0.19, 0.23, 0.28, 0.34), _dashes(0.5),
    ),
    "done-never-fires": _curves(
        "predicted done", "No probability reaches one half (dashed)",
        _line(0.02, 0.04, 0.06, 0.09, 0.13, 0.18, 0.24, 0.3), _dashes(0.5), shade=(0.6, 1.0),
    ),
    "done-rare": _bars(
        "samples", "One in 22 is done (marked)", ("steps of a sequence", ""), (21,), *(0.85,) * 22
    ),
    "loss-threshold": _bars(
        "samples", "Errors between the goal and the loss's threshold (marked)", ("error 0 px", ""),
        (3, 4, 5, 6, 7, 8), 0.2, 0.35, 0.5, 0.75, 0.9, 0.85, 0.7, 0.5, 0.3, 0.12, 0.06, 0.03,
    ),
    "pixel-error-stuck": _curves(
        "pixel error", "Level, and above the goal (dashed)",
        _line(0.9, 0.7, 0.62, 0.6, 0.61, 0.6, 0.61, 0.6), _dashes(0.3), shade=(0.4, 1.0),
    ),
    "moments-not-finite": _curves(
        "train/loss", "It ends with the first step after a resume",
        _line(0.9, 0.7, 0.55, 0.45, 0.38, *(_NAN,) * 3), shade=(0.57, 0.63),
    ),
    "no-gradient": _bars(
        "gradient norm", "A module that gets none (marked)", ("modules", ""), (3,), 0.7, 0.9, 0.6, 0.0, 0.8, 0.5
    ),
    "frozen-modules": _bars(
        "change", "Weights that are equal in every checkpoint (marked)", ("modules", ""), (0, 1),
        0.0, 0.0, 0.6, 0.8, 0.7, 0.5,
    ),
    "gradient-depth": _bars(
        "gradient norm", "Smaller by orders towards the input", ("input", "output"), (0, 1, 2),
        0.005, 0.012, 0.03, 0.07, 0.15, 0.3, 0.6, 0.95,
    ),
    "empty-weights": _bars(
        "spread of weights", "A matrix of one value (marked)", ("layers", ""), (4,), 0.6, 0.5, 0.7, 0.55, 0.0, 0.65
    ),
    "duplicated-filters": _bars(
        "distance to the nearest", "Two filters that are copies (marked)", ("filters", ""), (2, 6),
        0.8, 0.7, 0.0, 0.9, 0.75, 0.85, 0.0, 0.7,
    ),
    "dead-outputs": _bars(
        "norm of a row", "Outputs with next to no weights (marked)", ("outputs", ""), (1, 5, 6),
        0.7, 0.01, 0.8, 0.6, 0.75, 0.01, 0.01, 0.65, 0.7, 0.8,
    ),
    "zero-gradients": _bars(
        "second moment", "Channels that never had a gradient (marked)", ("channels", ""), (0, 1, 3, 4, 6, 7, 8, 9),
        0.0, 0.0, 0.7, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0,
    ),
    "moments-underflow": _curves(
        "one weight", "It leaps while others move little",
        _line(0.5, 0.5, 0.51, 0.5, 0.9, 0.9, 0.9, 0.2, 0.2, 0.2), _other(0.3, 0.31, 0.31, 0.32, 0.32, 0.33, 0.34),
        shade=(0.33, 0.78),
    ),
    "unequal-steps": _bars(
        "steps made", "Parameters that were stepped less often (marked)", ("parameters", ""), (5, 6, 7),
        0.95, 0.95, 0.95, 0.95, 0.95, 0.5, 0.5, 0.5, 0.95,
    ),
    "rate-high": _bars(
        "lr", "A group above a hundredth; a thousandth is usual (the others)", ("groups", ""), (1,), 0.1, 0.95, 0.12
    ),
    "rate-low": _curves("train/loss", "It hardly moves", _line(0.8, 0.799, 0.797, 0.796, 0.794), shade=(0.0, 1.0)),
    "rate-spike": _curves(
        "lr and loss", "The rate (below) leaps within a step, and the loss after it",
        _line(*(0.12,) * 24, 0.95, *(0.12,) * 15),
        _other(*(0.3 + 0.55 * math.exp(-t / 8) for t in range(25)), *(0.72, 0.8, 0.78, 0.77), *(0.76,) * 11),
        shade=(0.58, 0.72),
    ),
    "vanishing-gradient": _curves(
        "grad_norm, by orders", "One module falls away from the others",
        _line(0.8, 0.78, 0.8, 0.79, 0.8, 0.78), _line(0.72, 0.73, 0.7, 0.72, 0.71, 0.7),
        _other(0.7, 0.5, 0.35, 0.2, 0.1, 0.05), shade=(0.5, 1.0),
    ),
    "exploding-gradient": _curves(
        "grad_norm, by orders", "Spikes, and a climb that stays",
        _line(0.2, 0.22, 0.2, 0.75, 0.24, 0.22, 0.8, 0.5, 0.7, 0.85, 0.9, 0.95), shade=(0.5, 1.0),
    ),
    "updates-long": _curves(
        "update_ratio, by orders", "Above a tenth; a thousandth is dashed",
        _line(0.85, 0.9, 0.88, 0.91, 0.9, 0.92), _dashes(0.4), shade=(0.0, 1.0),
    ),
    "updates-short": _curves(
        "update_ratio, by orders", "Far below a thousandth (dashed)",
        _line(0.12, 0.1, 0.11, 0.1, 0.09, 0.1), _dashes(0.6), shade=(0.0, 1.0),
    ),
    "clip-saturation": _curves(
        "clip_fraction", "Nearly every step is clipped", _line(0.9, 0.97, 0.99, 0.98, 0.99, 0.97, 0.98),
        shade=(0.0, 1.0),
    ),
    "one-slot": _bars("area won", "One slot has all of every image", ("slots", ""), (2,), 0.0, 0.0, 1.0, 0.0, 0.0, 0.0),
    "striped-masks": _bars(
        "overlap of a slot's masks between images", "Each slot has its place on every image", ("slots", ""),
        (0, 1, 2, 3), 0.93, 0.95, 0.92, 0.94,
    ),
    "masks-below-baseline": _curves(
        "val/fg_ari", "It looks fair, and a fixed grid scores as much (dashed)",
        _line(0.1, 0.35, 0.46, 0.5, 0.51, 0.51), _dashes(0.56), shade=(0.6, 1.0),
    ),
    "sparse-features": _bars(
        "share of zeros", "Layers beyond what their activation leaves by itself (marked)", ("layers", ""), (1, 2),
        0.52, 0.9, 0.95, 0.55,
    ),
    "dormant-channels": _bars(
        "mean |a|", "Faint, and not dead (marked)", ("channels", ""), (1, 4, 5, 9),
        0.7, 0.03, 0.9, 0.6, 0.02, 0.03, 0.8, 0.5, 0.65, 0.02, 0.75,
    ),
    "saturated-channels": _bars(
        "values", "Hardly anything but the two ends (marked)", ("−1", "1"), (0, 1, 14, 15),
        0.9, 0.4, 0.08, 0.05, 0.04, 0.03, 0.03, 0.02, 0.02, 0.03, 0.03, 0.04, 0.05, 0.08, 0.45, 0.95,
    ),
    "flat-features": _curves(
        "a", "Along a row of the image: one value everywhere; a layer that sees is dashed",
        _line(0.5, 0.51, 0.5, 0.5, 0.51, 0.5), _dashes(0.2, 0.25, 0.8, 0.9, 0.3, 0.15, 0.6, 0.2),
    ),
    "activation-scale": _bars(
        "largest |a|", "One layer out of scale (marked)", ("layers", ""), (2,), 0.12, 0.1, 0.97, 0.14, 0.11
    ),
    "points-outside": _errors(
        "Predictions that leave the image", (0.35, 0.4, 1.1, 0.35), (0.85, 0.55, 1.25, 0.7), (0.6, 0.15, 1.15, 0.05),
        (0.7, 0.85, 1.4, 0.95),
    ),
    "resume-rate": _curves(
        "lr", "It goes on where the parent ended; the edit is dashed",
        _line(0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55), _dashes(*(_NAN,) * 4, 0.25, 0.22, 0.2, 0.18),
        shade=(0.55, 1.0),
    ),
    "schedule-restarted": _curves(
        "lr", "Cut off half-way it begins again; the schedule that was planned is dashed",
        _line(*_PLAN[:13], *_PLAN[:14]), _dashes(*_PLAN), shade=(0.48, 1.0),
    ),
    "resume-loss-jump": _curves(
        "train/loss", "Higher after the resume than before it",
        _line(0.9, 0.6, 0.45, 0.36, 0.3, 0.55, 0.42, 0.35, 0.31), shade=(0.5, 0.75),
    ),
    "grid-accuracy": _curves(
        "val/accuracy_content", "It ends where the most frequent colour stands (dashed)",
        _line(0.1, 0.4, 0.55, 0.6, 0.61, 0.61), _dashes(0.64), shade=(0.6, 1.0),
    ),
    "two-trainings": Picture(
        strokes=(_line(0.9, 0.6, 0.4, 0.3, 0.24, 0.2), _other(0.95, 0.75, 0.6, 0.52, 0.47, 0.45)), top="loss",
        left="step 0", right="end", legend="Two curves under one name, both from the beginning",
    ),
}  # fmt: skip
"""A picture by the id of a finding; without what no curve or picture shows."""
