"""Objects that are found while the background is scattered over slots."""

from __future__ import annotations

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.blocks import BLOCKS_TEXT
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import course_of
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import ari_tag, is_foreground, plain_ari_tag, shares_of
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="scattered-background",
    title="Objects are found, the background is scattered",
    rules=("X.A5",),
    symptom="FG-ARI is high and ARI low in the same run.",
    definition="At the end FG-ARI is above **{scattered_fg_ari}** and ARI, which counts the background too, below"
    " **{scattered_ari}**.",
    why="Nothing is wrong: slot attention often shares the background among its slots, and papers report FG-ARI",
    confirm="Look at the masks: each object has a slot of its own, the ground has several",
    false_alarm="None; it explains two numbers that seem to contradict each other",
    cure="None is needed; a task that needs the background in one piece wants another method",
    source="Rule X.A5; perfect objects on a scattered ground score 0.034 as ARI, measured",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Both indices at their last evaluation."""
    pulse.beat(0, 0, "comparing FG-ARI and ARI")
    foreground, everything = ari_tag(material.curves), plain_ari_tag(material.curves)
    if foreground is None or everything is None or not is_foreground(foreground):
        return ABOUT.not_assessable(material.lacking("FG-ARI and ARI were not both logged"))
    found, whole = course_of(material, foreground), course_of(material, everything)
    if not len(found) or not len(whole):
        return ABOUT.not_assessable(material.lacking("FG-ARI and ARI have no finite values"))
    high, low = float(shares_of(found)[-1]), float(shares_of(whole)[-1])
    if high <= material.thresholds.scattered_fg_ari or low >= material.thresholds.scattered_ari:
        return None
    return ABOUT.finding(
        summary=f"{shown(foreground)} is {number_text(high)} and {shown(everything)} {number_text(low)}",
        severity=Severity.INFO,
        sureness=Sureness.CERTAIN,
        evidence=(
            found.evidence(0, len(found) - 1, "tells that objects are found"),
            whole.evidence(0, len(whole) - 1, "counts the background too"),
        ),
        baseline=BLOCKS_TEXT,
    )


def has_both(material: Material) -> bool:
    """Whether FG-ARI and ARI were logged."""
    foreground = ari_tag(material.curves)
    return foreground is not None and is_foreground(foreground) and plain_ari_tag(material.curves) is not None
