"""A loss of points that jumps where it changes its form."""

from __future__ import annotations

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Finding, NotAssessable, SettingEvidence, Severity, Sureness
from inspector.runs.loss_threshold import loss_threshold

ABOUT = About(
    id="funnel-jump",
    title="Loss of points jumps at its threshold",
    rules=("S2.04",),
    symptom="Errors gather just below the threshold of the loss, and those above it come closer slowly.",
    definition="The funnel is d² below its threshold t and t·d + t² above: at t it **jumps from t² to 2t²**, and its"
    " slope falls from 2t to t. Told wherever settings name such a loss.",
    why="Beyond the threshold the pull is half of what it is just below, and a smaller threshold makes it weaker still:"
    " at 40 px of 384 the slope is 0.42 under a square and 0.10 beyond a threshold of 0.1",
    confirm="Plot the loss over the distance: it is not continuous",
    false_alarm="A loss of another form whose threshold has the same name",
    cure="Huber's form, t · (2d − t) beyond t: it neither jumps nor halves its slope. Tightening the threshold, as is"
    " often advised, lowers the gradient where errors are.",
    source="Rule S2.04, whose advice was measured to be backwards; the form of the loss as its authors wrote it",
    acts=True,
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The settings of the loss of points."""
    pulse.beat(0, 0, "looking at the loss of points")
    threshold = loss_threshold(material.run)
    form = material.setting("loss.coord")
    if threshold is None:
        return ABOUT.not_assessable("no setting names the threshold of a loss of points")
    if threshold.form != "funnel" or (form is not None and form != "funnel"):
        return None
    limit = threshold.value
    reason = "The same below the threshold; beyond it without a jump, and with twice the pull (S2.04)"
    return ABOUT.finding(
        summary=f"At a distance of {number_text(limit)} the loss jumps from {number_text(limit**2)} to"
        f" {number_text(2 * limit**2)}, and its slope falls from {number_text(2 * limit)} to {number_text(limit)}",
        severity=Severity.WARNING if form == "funnel" else Severity.INFO,
        sureness=Sureness.CERTAIN if form == "funnel" else Sureness.POSSIBLE,
        evidence=(
            SettingEvidence(
                path=threshold.setting, value=limit, text=f"The funnel's threshold is {number_text(limit)}"
            ),
        ),
        cures=cure("Take Huber's form", edit(material, "loss.coord", "huber", reason)),
    )


def has_threshold(material: Material) -> bool:
    """Whether settings name the threshold of a loss of points."""
    return loss_threshold(material.run) is not None
