"""The logged error of points in pixels, and its last stretch without change."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.units import number_text
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import shown, with_words
from inspector.runs.rising import finite

_MOST_POINTS = 500
"""A stretch is looked for among so many; of longer curves means are taken."""

_PIXELS = frozenset({"px", "pixel", "pixels"})
_ERROR = frozenset({"err", "error", "errors", "distance", "dist", "median", "mae"})
_TRAIN = frozenset({"train", "training", "trn"})


class StuckError(NamedTuple):
    """A stretch of a pixel error that does not change; its median, and by how much it falls in an epoch."""

    tag: str
    first_step: float
    last_step: float
    epochs: float
    median_px: float
    slope_px: float

    @property
    def text(self) -> str:
        """`val/pixel_error stayed at 14.8 px for 45 epochs`."""
        return f"{shown(self.tag)} stayed at {number_text(self.median_px)} px for {self.epochs:.0f} epochs"


def pixel_error_tag(curves: Iterable[str]) -> str | None:
    """The curve of the pixel error, that of held-out data first; None where none was logged."""
    tags = tuple(curves)
    return with_words(tags, _PIXELS, _ERROR, without=_TRAIN) or with_words(tags, _PIXELS, _ERROR)


def long_enough(material: Material, tag: str) -> bool:
    """Whether a curve has enough values over enough epochs to be called stuck."""
    curve = _by_epoch(material, tag)
    return (
        len(curve.epochs) >= material.thresholds.stuck_points
        and curve.epochs[-1] - curve.epochs[0] >= material.thresholds.stuck_epochs
    )


def stuck_error(material: Material, tag: str) -> StuckError | None:
    """The longest last stretch of the error that is flat and above the goal; None where there is none."""
    curve = _by_epoch(material, tag)
    found = None
    for first in range(len(curve.epochs) - material.thresholds.stuck_points, -1, -1):
        steps, epochs, values = (array[first:] for array in curve)
        span, slope, median = float(epochs[-1] - epochs[0]), _slope(epochs, values), float(np.median(values))
        if span < material.thresholds.stuck_epochs:
            continue
        if median < material.thresholds.stuck_error_px or abs(slope) >= material.thresholds.stuck_slope_px:
            break
        found = StuckError(tag, float(steps[0]), float(steps[-1]), span, median, slope)
    return found


class _Curve(NamedTuple):
    """(points,) each; epochs do not fall."""

    steps: FloatArray
    epochs: FloatArray
    values: FloatArray


def _by_epoch(material: Material, tag: str) -> _Curve:
    """A curve over epochs, the means of equal stretches where it is long; no points where epochs are not told."""
    points = finite(material.curves[tag])
    nothing = _Curve(np.empty(0), np.empty(0), np.empty(0))
    if not len(points.values) or (points.stepless and points.epochs is None):
        return nothing
    parts = np.array_split(np.arange(len(points.values)), min(len(points.values), _MOST_POINTS))
    steps = np.array([points.steps[part[-1]] for part in parts])
    values = np.array([points.values[part].mean() for part in parts])
    if points.epochs is not None and np.isfinite(points.epochs).all():
        return _Curve(steps, np.maximum.accumulate([points.epochs[part[-1]] for part in parts]), values)
    known = [material.epoch_at(step) for step in steps.tolist()]
    epochs = np.array([math.nan if one is None else one for one in known])
    return nothing if np.isnan(epochs).any() else _Curve(steps, np.maximum.accumulate(epochs), values)


def _slope(epochs: FloatArray, values: FloatArray) -> float:
    """Pixels an epoch, by least squares."""
    away = epochs - epochs.mean()
    return float((away * (values - values.mean())).sum() / max(float((away**2).sum()), 1e-12))
