"""A logged pixel error that stays where it is, far from the goal.

Symptom: ten epochs in which the error of points changes by less than a pixel; evidence: that stretch of its curve.
"""

from __future__ import annotations

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.material import Material
from inspector.diagnosis.pixel_error import StuckError, long_enough, pixel_error_tag, stuck_error
from inspector.diagnosis.tags import shown
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


def check(material: Material, _pulse: Pulse) -> Finding | NotAssessable | None:
    """The last stretch of the pixel error (rule S2.01)."""
    tag = pixel_error_tag(material.curves)
    if tag is None:
        return ABOUT.not_assessable(material.lacking("no pixel error was logged"))
    if not long_enough(material, tag):
        limits = material.thresholds
        needed = f"{limits.stuck_epochs:.0f} epochs with {limits.stuck_points} values or more"
        because = f"{shown(tag)} does not reach over {needed}"
        return ABOUT.not_assessable(because)
    stuck = stuck_error(material, tag)
    return None if stuck is None else _finding(material, stuck)


def _finding(material: Material, stuck: StuckError) -> Finding:
    text = f"{shown(stuck.tag)} changes by {abs(stuck.slope_px):.2g} px an epoch"
    return ABOUT.finding(
        title=f"Pixel error is stuck at {number_text(stuck.median_px)} px",
        summary=stuck.text,
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=stuck.first_step,
        since_epoch=material.epoch_at(stuck.first_step),
        baseline="On images of 384 px errors are expected to fall from 80 to 150 px early on to 20 to 40 px, and to"
        " end at 3 to 10 px",
        evidence=(CurveEvidence(series=stuck.tag, first_step=stuck.first_step, last_step=stuck.last_step, text=text),),
    )
