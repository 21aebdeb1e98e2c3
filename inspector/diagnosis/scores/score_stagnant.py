"""An ARI that gets no better for half of a long run, and stays below what good training reaches."""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.blocks import BLOCKS_TEXT
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import evaluations_of
from inspector.diagnosis.cures import another_seed, cure, reward_apart
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.baselines import blind_score
from inspector.diagnosis.scores.main_score import judged_by
from inspector.diagnosis.scores.score_curves import ari_tag, is_foreground, shares_of
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="score-stagnant",
    title="ARI gets no better",
    rules=("S0.14", "S0.15"),
    symptom="The ARI levels off early and far from what slots reach that stand for objects.",
    definition="After {stagnant_epochs} epochs the best ARI of the second half is less than **{stagnant_gain}** above"
    " that of the first half, and the best is below **{ari_goal}**. It is a warning where an FG-ARI is no better"
    " than one that looks at nothing ({blind_ari}, where no baseline was logged), unless the recipe is judged by"
    " another score; else information, as a best below {ari_goal} after {ari_goal_epochs} epochs is without the first.",
    why="More epochs of the same do not help: something other than time is missing",
    confirm="Start anew with another seed; look at the masks of the newest dump beside the baselines",
    false_alarm="The plain ARI counts the background, which slots may scatter: it stays below 0.1 while FG-ARI is 1."
    " Epochs are no measure across sizes of data",
    cure="Another seed first, as one in three stays on the plateau with the same settings; then a diversity loss with"
    " clamp",
    source="Rules S0.14 and S0.15",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """FG-ARI, else ARI."""
    pulse.beat(0, 0, "looking at the ARI")
    tag = ari_tag(material.curves)
    if tag is None:
        return ABOUT.not_assessable(material.lacking("no ARI was logged"))
    limits, course = material.thresholds, evaluations_of(material, tag, pulse)
    if len(course) < 4 or not course.by_epoch or course.ages[-1] < limits.stagnant_epochs:
        because = f"{shown(tag)} does not reach over {limits.stagnant_epochs:g} epochs with 4 values or more"
        return ABOUT.not_assessable(material.lacking(because))
    values = shares_of(course)
    half = int(np.argmax(course.ages >= course.ages[-1] / 2))
    best = float(values.max())
    stands = float(values[half:].max() - values[:half].max()) < limits.stagnant_gain
    if best >= limits.ari_goal or not (stands or course.ages[-1] >= limits.ari_goal_epochs):
        return None
    text = f"{shown(tag)} is at best {number_text(best)} in {course.ages[-1]:.0f} epochs"
    if stands:
        text += f", and was {number_text(float(values[:half].max()))} in the first half of them already"
    scattered = not is_foreground(tag)
    is_poor = best <= blind_score(material, tag) and judged_by(material) in ("", tag)
    return ABOUT.finding(
        summary=text,
        rules=("S0.15",) if stands else ("S0.14",),
        title=ABOUT.title if stands else "ARI is below what good training reaches",
        severity=Severity.WARNING if stands and is_poor and not scattered else Severity.INFO,
        sureness=Sureness.POSSIBLE if scattered else Sureness.LIKELY,
        since_step=float(course.steps[half]) if stands else None,
        since_epoch=course.epoch(half) if stands else None,
        evidence=(course.evidence(half if stands else 0, len(course) - 1, "gets no better"),),
        cures=_cures(material),
        baseline=BLOCKS_TEXT,
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    other = another_seed(material, "one seed of three stays on the plateau (X.A2)")
    return (*cure("Start anew with another seed", other), *reward_apart(material, "S0.06"))
