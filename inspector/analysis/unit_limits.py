"""What the kinds of channels are held against, apart from what tells them: the window holds it without numpy."""

from __future__ import annotations

from dataclasses import dataclass

DORMANT_SCORE = 0.025
"""At or below this a channel is dormant. Source: Sokar et al. 2023, as set in DrM."""


@dataclass(frozen=True, slots=True)
class UnitLimits:
    """All adjustable; what counts as zero stands beside them.

    Attributes:
        nearly_dead_samples: share of samples up to which a channel that fires is nearly dead.
        nearly_dead_values: the same of values, where samples were not counted or are few.
        saturated: share of values at a bound. Source: rules S1.05 and X.D5.
        dormant: mean |a| over the layer's.
        duplicate: correlation from which two channels are one.
        over_baseline: by how much the share of zeros is above the baseline: half of all healthy channels are a little.
    """

    nearly_dead_samples: float = 0.05
    nearly_dead_values: float = 0.01
    saturated: float = 0.5
    dormant: float = DORMANT_SCORE
    duplicate: float = 0.99
    over_baseline: float = 0.1


LIMITS = UnitLimits()
