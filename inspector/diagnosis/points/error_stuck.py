"""A logged pixel error that stays where it is, far from the goal.

Symptom: ten epochs in which the error of points changes by less than a pixel; evidence: that stretch of its curve.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, evaluations_of
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import pixel_error, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import CurveEvidence, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="pixel-error-stuck",
    title="Pixel error is stuck",
    rules=("S2.01", "S2.09"),
    symptom="A flat curve of the pixel error, well above the goal",
    definition="Over the last {stuck_epochs} epochs or more, with {stuck_points} evaluations or more, the pixel error"
    " changes by less than {stuck_slope_px} px an epoch (least squares) and its median is {stuck_error_px} px or more.",
    why="Training goes on without the places getting better",
    confirm="Look at a dump of points: whether errors lie within the threshold of the loss, and whether one mistake"
    " explains them",
    false_alarm="The best that the resolution of the features allows: half a cell of the map that points are read"
    " from; 10 px of an image much larger than 384 px may be the goal",
    cure="Find the cause first: one mistake behind all errors, a loss that forgives them, or heads without a gradient."
    " Without one, a finer map of features and more epochs at a decayed rate.",
    source="Rules S2.01 and S2.09",
)


class StuckError(NamedTuple):
    """The last stretch of a pixel error that does not change, from index `first` on.

    Attributes:
        epochs: how long it is; median_px: of its values; slope_px: by how much it changes in an epoch.
    """

    course: Course
    first: int
    epochs: float
    median_px: float
    slope_px: float

    @property
    def text(self) -> str:
        """`val/pixel_error stayed at 14.8 px for 45 epochs`."""
        return f"{shown(self.course.tag)} stayed at {number_text(self.median_px)} px for {self.epochs:.0f} epochs"

    @property
    def since_step(self) -> float:
        """Where it begins."""
        return float(self.course.steps[self.first])

    @property
    def since_epoch(self) -> float | None:
        """Where it begins."""
        return self.course.epoch(self.first)

    def evidence(self, text: str) -> CurveEvidence:
        """All of the stretch."""
        return self.course.evidence(self.first, len(self.course) - 1, text)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The last stretch of the pixel error (rule S2.01)."""
    tag, limits = pixel_error(material.curves), material.thresholds
    if tag is None:
        return ABOUT.not_assessable(material.lacking("no pixel error was logged"))
    course = evaluations_of(material, tag, pulse)
    if not course.by_epoch or len(course) < limits.stuck_points or course.ages[-1] < limits.stuck_epochs:
        needed = f"{limits.stuck_epochs:.0f} epochs with {limits.stuck_points} values or more"
        return ABOUT.not_assessable(f"{shown(tag)} does not reach over {needed}")
    stuck = stuck_error(course, limits)
    return None if stuck is None else _finding(stuck)


def stuck_error(course: Course, limits: Thresholds) -> StuckError | None:
    """The longest last stretch of the error that is flat and above the goal; None where there is none."""
    found = None
    for first in range(len(course) - limits.stuck_points if course.by_epoch else -1, -1, -1):
        epochs, values = course.epochs[first:], course.values[first:]
        span, slope, median = float(epochs[-1] - epochs[0]), _slope(epochs, values), float(np.median(values))
        if span < limits.stuck_epochs:
            continue
        if not (median >= limits.stuck_error_px and abs(slope) < limits.stuck_slope_px):  # NaN is not stuck
            break
        found = StuckError(course, first, span, median, slope)
    return found


def _slope(epochs: FloatArray, values: FloatArray) -> float:
    """Pixels an epoch, by least squares."""
    away = epochs - epochs.mean()
    return float((away * (values - values.mean())).sum() / max(float((away**2).sum()), 1e-12))


def _finding(stuck: StuckError) -> Finding:
    return ABOUT.finding(
        title=f"Pixel error is stuck at {number_text(stuck.median_px)} px",
        summary=stuck.text,
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=stuck.since_step,
        since_epoch=stuck.since_epoch,
        baseline="On images of 384 px errors are expected to fall from 80 to 150 px early on to 20 to 40 px, and to"
        " end at 3 to 10 px",
        evidence=(stuck.evidence(f"changes by {abs(stuck.slope_px):.2g} px an epoch"),),
    )
