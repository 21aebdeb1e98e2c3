"""What each check looks at, in a word, so that a reader sees at a glance what was looked at."""

from __future__ import annotations

from functools import cache

from inspector.core.language import tr
from inspector.diagnosis.channels import checks as channels
from inspector.diagnosis.check import Check
from inspector.diagnosis.checkpoints import checks as checkpoints
from inspector.diagnosis.gradients import checks as gradients
from inspector.diagnosis.losses import checks as losses
from inspector.diagnosis.plan import checks as plan
from inspector.diagnosis.points import checks as points
from inspector.diagnosis.rates import checks as rates
from inspector.diagnosis.scores import checks as scores
from inspector.diagnosis.seams import checks as seams
from inspector.diagnosis.slots import checks as slots

OWN = tr("Own rules")

_SUBJECTS: tuple[tuple[str, tuple[Check, ...]], ...] = (
    (tr("Loss"), losses.CHECKS),
    (tr("Scores"), scores.CHECKS),
    (tr("Learning rate"), rates.CHECKS),
    (tr("Gradients"), gradients.CHECKS),
    (tr("Slots"), slots.CHECKS),
    (tr("Activations"), channels.CHECKS),
    (tr("Points"), points.CHECKS),
    (tr("Weights"), checkpoints.CHECKS),
    (tr("Settings"), plan.CHECKS),
    (tr("Resumes"), seams.CHECKS),
)


def subject_of(kind: str) -> str:
    """The subject of a kind of finding; of one that a file of the user's looks for, that it does."""
    return _by_kind().get(kind, OWN)


@cache
def _by_kind() -> dict[str, str]:
    return {about.id: subject for subject, checks in _SUBJECTS for check in checks for about in check.abouts}
