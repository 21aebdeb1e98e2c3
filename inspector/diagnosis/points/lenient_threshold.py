"""A loss of points that forgives errors which are to be mended.

Symptom: most errors lie between the goal and the loss's threshold; evidence: those samples, and the setting. A pixel
error that stays where it is has this cause then, and is told with it.
"""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import evaluations_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.points.error_stuck import StuckError, stuck_error
from inspector.diagnosis.points.seen import NO_POINTS, PointsSeen, seen_points, too_few
from inspector.diagnosis.tags import pixel_error
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import (
    Cure,
    Evidence,
    Finding,
    NotAssessable,
    SettingEvidence,
    Severity,
    Sureness,
)
from inspector.runs.loss_threshold import LossThreshold, loss_threshold, threshold_px

ABOUT = About(
    id="loss-threshold",
    title="Loss threshold hides errors",
    rules=("S2.04", "S2.01"),
    symptom="The loss of the coordinates is small while points are visibly off",
    definition="The threshold t of the loss, t · W / 2 pixels where coordinates run from −1 to 1, is more than"
    " {lenient_goals} times the goal, and more than {forgiven_share} of all errors lie between the two. It is more than"
    " information where the pixel error has also stayed where it is.",
    why="Within its threshold the loss is a square, whose slope vanishes with the error: what is nearly right is"
    " hardly pulled any nearer",
    confirm="Draw the loss over the error: a lower threshold of the funnel form weakens the slope between the two"
    " thresholds and helps nothing; Huber's form, t(2d − t) beyond t, keeps it, and so does a larger weight",
    false_alarm="A model that still gets better, and marks that are no better than the goal; a loss that"
    " sums the distances along x and y forgives less along the diagonal",
    cure="Huber's form of the loss, which has no jump and keeps its slope. A lower threshold of the funnel form is"
    " often advised; it weakens the slope between the new threshold and the old one and helps nothing.",
    source="Rules S2.04 and S2.01; the slopes were measured",
    acts=True,
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The threshold in the settings against the errors of the newest dump (rule S2.04).

    Raises:
        FileError: the points cannot be read.
    """
    threshold = loss_threshold(material.run)
    if threshold is None:
        return ABOUT.not_assessable("no setting names the threshold of a loss of points")
    seen = seen_points(material, pulse)
    if seen is None or (lacking := too_few(seen)):
        return ABOUT.not_assessable(NO_POINTS if seen is None else lacking)
    if not forgives(seen, threshold, material.thresholds):
        return None
    tag = pixel_error(material.curves)
    stuck = None if tag is None else stuck_error(evaluations_of(material, tag, pulse), material.thresholds)
    return _finding(material, seen, threshold, stuck)


def forgives(seen: PointsSeen, threshold: LossThreshold, limits: Thresholds) -> bool:
    """Whether most errors are above the goal and within a threshold that is far above it; not told of few points.

    One cause, one finding: errors that a single mistake explains, or predictions in one place, are not the loss's.
    """
    if seen.pattern is not None or too_few(seen):
        return False
    goal_px, reach_px = seen.goal_px, _reach_px(seen, threshold)
    return reach_px > limits.lenient_goals * goal_px and _share(seen, goal_px, reach_px) > limits.forgiven_share


def _reach_px(seen: PointsSeen, threshold: LossThreshold) -> float:
    """How far the threshold reaches along the longer side of most images."""
    return float(np.median(threshold_px(threshold.value, seen.points.original_sizes).max(axis=1)))


def _share(seen: PointsSeen, low_px: float, high_px: float) -> float:
    return float(((seen.errors_px > low_px) & (seen.errors_px <= high_px)).mean())


def _finding(material: Material, seen: PointsSeen, threshold: LossThreshold, stuck: StuckError | None) -> Finding:
    goal_px, reach_px = seen.goal_px, _reach_px(seen, threshold)
    median_px = float(np.median(seen.errors_px))
    lasting = f". {stuck.text}" if stuck is not None else ""
    return ABOUT.finding(
        rules=("S2.04",) if stuck is None else ("S2.04", "S2.01"),
        title=f"Loss threshold hides {median_px:.0f} px errors",
        summary=f"Threshold {threshold.value:g} is {round(reach_px, 1):g} px on {seen.longer_px:.0f} px images;"
        f" {percent_text(_share(seen, 0.0, reach_px))} of errors fall in its quadratic zone, over {seen.told}{lasting}",
        severity=Severity.INFO if stuck is None else Severity.WARNING,
        sureness=Sureness.POSSIBLE if stuck is None else Sureness.LIKELY,
        since_step=seen.since_step if stuck is None else stuck.since_step,
        since_epoch=seen.entry.epoch if stuck is None else stuck.since_epoch,
        evidence=_evidence(material, seen, threshold, stuck, goal_px, reach_px),
        cures=_cures(material),
        false_alarm=f"A model that still gets better, and marks that are no better than {goal_px:.0f} px; a loss that"
        " sums the distances along x and y forgives less along the diagonal",
    )


def _evidence(
    material: Material,
    seen: PointsSeen,
    threshold: LossThreshold,
    stuck: StuckError | None,
    goal_px: float,
    reach_px: float,
) -> tuple[Evidence, ...]:
    worst = seen.points.worst_px
    there = np.flatnonzero((worst > goal_px) & (worst <= reach_px))
    sample = int(there[0]) if len(there) else 0
    found: list[Evidence] = [
        seen.of_range("err_px", goal_px, reach_px, sample, f"Samples that are {goal_px:.0f} to {reach_px:.0f} px off")
    ]
    if threshold.setting:
        value = material.run.settings.values[threshold.setting]
        found.append(SettingEvidence(path=threshold.setting, value=value, text=f"The loss changes at {value}"))
    if stuck is not None:
        found.append(stuck.evidence("stays"))
    return tuple(found)


def _cures(material: Material) -> tuple[Cure, ...]:
    reason = "Its slope stays one beyond the threshold and has no jump, so near misses are pulled in (S2.04, S2.01)"
    return cure("Use Huber's form of the loss", edit(material, "loss.coord", "huber", reason))
