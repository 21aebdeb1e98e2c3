"""A logged pixel error that stays where it is, far from the goal.

Symptom: ten epochs in which the error of points changes by less than a pixel; evidence: that stretch of its curve.
"""

from __future__ import annotations

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.material import Material
from inspector.diagnosis.points.lenient_threshold import forgives
from inspector.diagnosis.points.pixel_error import StuckError, long_enough, pixel_error_tag, stuck_error
from inspector.diagnosis.points.seen import seen_points
from inspector.diagnosis.tags import shown
from inspector.diagnosis.thresholds import STUCK_EPOCHS, STUCK_POINTS
from inspector.diagnosis.values import CurveEvidence, Finding, NotAssessable, Severity, Sureness
from inspector.runs.loss_threshold import loss_threshold

ID = "pixel-error-stuck"
TITLE = "Pixel error is stuck"


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The last stretch of the pixel error (rule S2.01), where nothing else explains it.

    Raises:
        FileError: the points cannot be read.
    """
    tag = pixel_error_tag(material.curves)
    if tag is None:
        return NotAssessable(id=ID, title=TITLE, because=material.lacking("no pixel error was logged"))
    if not long_enough(material, tag):
        because = f"{shown(tag)} does not reach over {STUCK_EPOCHS:.0f} epochs with {STUCK_POINTS} values or more"
        return NotAssessable(id=ID, title=TITLE, because=because)
    stuck = stuck_error(material, tag)
    return None if stuck is None or _explained(material, pulse) else _finding(material, stuck)


def _explained(material: Material, pulse: Pulse) -> bool:
    """Whether another finding tells the cause: one mistake behind all errors, or a loss that forgives them."""
    seen, threshold = seen_points(material, pulse), loss_threshold(material.run)
    return seen is not None and (seen.pattern is not None or (threshold is not None and forgives(seen, threshold)))


def _finding(material: Material, stuck: StuckError) -> Finding:
    text = f"{shown(stuck.tag)} changes by {abs(stuck.slope_px):.2g} px an epoch"
    return Finding(
        id=ID,
        rules=("S2.01",),
        title=f"Pixel error is stuck at {number_text(stuck.median_px)} px",
        summary=stuck.text,
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=stuck.first_step,
        since_epoch=material.epoch_at(stuck.first_step),
        evidence=(CurveEvidence(series=stuck.tag, first_step=stuck.first_step, last_step=stuck.last_step, text=text),),
        why="Training goes on without the places getting better",
        confirm="Look at a dump of points: whether errors lie within the threshold of the loss, and whether one mistake"
        " explains them",
        false_alarm="The best that the resolution of the features allows: half a cell of the map that points are read"
        " from; 10 px of an image much larger than 384 px may be the goal",
        source="Rule S2.01",
    )
