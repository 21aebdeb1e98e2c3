"""Predicted points that lie outside of their images.

Symptom: red rings beyond the edge, or none where one should be; evidence: the samples with the farthest ones.
"""

from __future__ import annotations

import numpy as np

from inspector.analysis.points import are_known
from inspector.core.pulse import Pulse
from inspector.core.units import percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.points.seen import NO_POINTS, seen_points, too_few
from inspector.diagnosis.points.slower_heads import slower_heads
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="points-outside",
    title="Predictions lie outside of their images",
    rules=("S1.06",),
    symptom="Error lines that lead out of the picture",
    definition="More than {outside_share} of the predicted coordinates lie beyond −1..1, the edges of the image, by"
    " more than a pixel. It is information, and a warning where some reach {far_outside}, where counting heads clamp."
    " Points that one mistake explains, or that pile up at the border, are told by that finding alone.",
    why="A prediction outside is wrong whatever the image shows; a clamp hides how far out it is, and passes no"
    " gradient, so that a clamped sample cannot come back through that head",
    confirm="Look at the coordinates before the clamp: they go on growing there",
    false_alarm="Coordinates read by another convention than they were written in; objects cut by the edge",
    cure="Punish softly what lies outside in place of a clamp; a rate divided by {collapsed_cut}, though not below"
    " {collapsed_rate}. A clamp at 2, as is often advised, only hides it.",
    source="Rule S1.06, whose clamp has no gradient outside of its range",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The points of the newest dump (rule S1.06).

    Raises:
        FileError: the points cannot be read.
    """
    seen = seen_points(material, pulse)
    lacking = NO_POINTS if seen is None else too_few(seen)
    if seen is None or lacking:
        return ABOUT.not_assessable(lacking)
    if seen.pattern is not None:
        return None
    points, limits = seen.points, material.thresholds
    sides = points.original_sizes[points.of][:, ::-1]
    places = (points.prediction_original + 0.5) / sides * 2 - 1
    known = are_known(points.prediction_original)
    far, pixel = np.abs(places[known]), 2 / sides[known]
    share = float((far > 1 + pixel).mean()) if known.any() else 0.0
    if share <= limits.outside_share:
        return None
    clamped = float((far >= limits.far_outside - pixel).mean())
    worst = int(points.of[np.flatnonzero(known)[int(np.argmax(far.max(axis=1)))]])
    beyond = f"; {percent_text(clamped)} reach {limits.far_outside:g} and more" if clamped else ""
    return ABOUT.finding(
        summary=f"{percent_text(share)} of predicted coordinates lie beyond −1..1{beyond}, over {seen.told}",
        severity=Severity.WARNING if clamped else Severity.INFO,
        sureness=Sureness.LIKELY if points.convention_sure else Sureness.POSSIBLE,
        since_step=seen.since_step,
        since_epoch=seen.entry.epoch,
        evidence=(seen.of_sample(worst, f"Sample {worst + 1}, whose prediction lies farthest outside"),),
        cures=_cures(material, clamped=clamped > 0),
        baseline="Of the objects themselves none lies outside",
    )


def _cures(material: Material, *, clamped: bool) -> tuple[Cure, ...]:
    free, lower = None, slower_heads(material, "Smaller steps throw less out (S1.06)")
    if clamped and material.number("model.coord_clamp") is not None:
        reason = "Behind a clamp there is no gradient, so what lies outside cannot come back (S1.06)"
        free = edit(material, "model.coord_clamp", None, reason)
    return (*cure("Predict coordinates without a clamp", free), *cure("Lower the rate", lower))
