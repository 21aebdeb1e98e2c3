"""A curve as it went: its finite points, or, of one logged every step, the middle of each epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import epoch_text
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import CurveEvidence
from inspector.formats.series import Series
from inspector.runs.rising import finite

_FEWEST_EPOCHS = 5
_PARTS = 20
_MOST_PARTS = 500
_POINTS_OF_A_PART = 5
_VALUES_AT_ONCE = 200_000
"""Parts of the same length are averaged together, so many values between two beats."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Values of a curve that are finite, (points,) float64 each.

    Attributes:
        steps: rise; of a part of the curve, its last.
        epochs: NaN where unknown.
        stepless: steps count the points.
    """

    tag: str
    steps: FloatArray
    epochs: FloatArray
    values: FloatArray
    stepless: bool = False

    def __len__(self) -> int:
        return len(self.values)

    @property
    def by_epoch(self) -> bool:
        """Whether the epoch of every value is known."""
        return bool(len(self)) and bool(np.isfinite(self.epochs).all())

    @property
    def ages(self) -> FloatArray:
        """(points,) float64 epochs since the first value; values since it where epochs are not known."""
        ages: FloatArray = self.epochs - self.epochs[0] if self.by_epoch else np.arange(len(self), dtype=np.float64)
        return ages

    def epoch(self, index: int) -> float | None:
        """The epoch of a value, None where it is not known."""
        value = float(self.epochs[index])
        return value if np.isfinite(value) else None

    def place(self, index: int) -> str:
        """`epoch 6`, `step 1,250` or `point 3`."""
        epoch = self.epoch(index)
        if epoch is not None:
            return f"epoch {epoch_text(epoch)}"
        return f"point {index + 1:,}" if self.stepless else f"step {self.steps[index]:,.0f}"

    def evidence(self, first: int, last: int, text: str) -> CurveEvidence:
        """A stretch of the curve from one value to another."""
        ends = float(self.steps[first]), float(self.steps[last])
        return CurveEvidence(series=self.tag, first_step=ends[0], last_step=ends[1], text=f"{shown(self.tag)} {text}")


def course_of(material: Material, tag: str) -> Course:
    """Every finite point of a curve."""
    one = finite(material.curves[tag])
    return Course(tag, one.steps, _epochs(material, one), one.values, one.stepless)


def typical_course(material: Material, tag: str, pulse: Pulse) -> Course:
    """The medians of a curve over each epoch, or over equal parts where epochs are few or not known.

    A curve that was logged about once an epoch, or has few points, stays as it is.
    """

    def made() -> Course:
        whole = course_of(material, tag)
        return _parted(whole, _bounds(whole), pulse)

    return material.once((typical_course, tag), made)


def evaluations_of(material: Material, tag: str, pulse: Pulse) -> Course:
    """Every finite point of a curve of evaluations; the medians of equal parts of one with far more than those."""
    whole = course_of(material, tag)
    return _parted(whole, _equal(len(whole), _MOST_PARTS) if len(whole) > _MOST_PARTS else None, pulse)


def _parted(whole: Course, bounds: AnyArray | None, pulse: Pulse) -> Course:
    """The medians of parts of a curve; the curve itself without bounds."""
    if bounds is None:
        return whole
    values = np.empty(len(bounds) - 1)
    lengths = np.diff(bounds)
    for length in np.unique(lengths):
        alike = np.flatnonzero(lengths == length)
        at_once = max(1, _VALUES_AT_ONCE // int(length))
        for first in range(0, len(alike), at_once):
            pulse.beat(first, len(alike), f"averaging {shown(whole.tag)}")
            parts = alike[first : first + at_once]
            values[parts] = np.median(whole.values[bounds[parts, None] + np.arange(length)], axis=1)
    last = bounds[1:] - 1
    return Course(whole.tag, whole.steps[last], whole.epochs[last], values, whole.stepless)


def spread_of(values: FloatArray) -> float:
    """Standard deviation of single values, (points,) finite, around their course; in their unit, 0 of fewer than three.

    Source: the median of second differences, which no straight course adds to; of white noise their standard deviation
    is √6 times its own.
    """
    if len(values) < 3:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(values, 2))) / np.sqrt(6.0))


def _bounds(whole: Course) -> AnyArray | None:
    """Where the parts of a curve begin and end, (parts + 1,); None where its points stand for themselves."""
    count = len(whole)
    if whole.by_epoch:
        epochs = np.ceil(whole.epochs - 1e-9)
        begins = np.flatnonzero(np.diff(epochs, prepend=-np.inf) > 0)
        if count < 2 * len(begins):
            return None if count <= _MOST_PARTS else _equal(count, _MOST_PARTS)
        if len(begins) > _MOST_PARTS:
            return _equal(count, _MOST_PARTS)
        if len(begins) >= _FEWEST_EPOCHS:
            return np.append(begins, count)
    return _equal(count, _PARTS) if count >= _PARTS * _POINTS_OF_A_PART else None


def _equal(count: int, parts: int) -> AnyArray:
    return np.linspace(0, count, parts + 1).astype(np.int64)


def _epochs(material: Material, one: Series) -> FloatArray:
    """Epochs of a curve's points, (points,) float64: its own, else by the run's table; NaN where neither tells.

    Between two rows they run straight, as a curve is drawn; `Material.epoch_at` gives the last row before a step.
    """
    if one.epochs is not None:
        return np.asarray(one.epochs, np.float64)
    known = [(moment.step, moment.epoch) for moment in material.run.moments if moment.epoch is not None]
    if one.stepless or len(known) < 2 or not len(one.steps):
        return np.full(len(one.steps), np.nan)
    steps, epochs = np.array(known, np.float64).T
    placed: FloatArray = np.interp(one.steps, steps, epochs, np.nan, np.nan)
    return placed
