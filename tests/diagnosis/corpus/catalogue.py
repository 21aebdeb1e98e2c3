"""Every kind of planted run, and which seeds thresholds may be tuned on."""

from __future__ import annotations

from inspector.diagnosis.engine import CHECKS
from tests.diagnosis.corpus.draws import Planted
from tests.diagnosis.corpus.features import FEATURES
from tests.diagnosis.corpus.gradients import GRADIENTS
from tests.diagnosis.corpus.healthy import HEALTHY
from tests.diagnosis.corpus.losses import LOSSES
from tests.diagnosis.corpus.points import POINTS
from tests.diagnosis.corpus.rates import RATES
from tests.diagnosis.corpus.scores import SCORES
from tests.diagnosis.corpus.slots import SLOTS
from tests.diagnosis.corpus.weights import WEIGHTS

PLANTED: tuple[Planted, ...] = (
    *LOSSES,
    *SCORES,
    *RATES,
    *GRADIENTS,
    *SLOTS,
    *FEATURES,
    *POINTS,
    *WEIGHTS,
    *HEALTHY,
)

TUNED: tuple[int, ...] = tuple(range(6))
"""Seeds that thresholds and predicates may be looked at with."""

KEPT_APART: tuple[int, ...] = tuple(range(2000, 2020))
"""Seeds that nothing is tuned on; their figures are told on their own."""

GROUPS = frozenset({"point-pattern", "done-signal"})
"""Kinds that only say that one of several could not be looked for; they are never found."""


def kinds() -> set[str]:
    """Every kind of finding that can be made."""
    return {about.id for check in CHECKS for about in check.abouts} - GROUPS


def not_planted() -> list[str]:
    """Kinds of finding that no planted run must give."""
    return sorted(kinds() - {label for one in PLANTED for label in one.labels})
