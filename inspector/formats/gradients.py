"""What the length of a module's gradient says of it."""

from __future__ import annotations

import math
from typing import Literal

GradientClass = Literal["none", "zero", "vanishing", "fine", "exploding"]

VANISHING_NORM = 1e-4
"""L2 below which a gradient vanishes. Source: X.G2 (AutoTrainer, beta 2), S1.08."""

EXPLODING_NORM = 1e3
"""L2 above which a gradient explodes. Source: S2.13, S2.15."""

SOURCE = (
    f"L2 before clipping; vanishing below {VANISHING_NORM:g} (X.G2, S1.08), exploding above {EXPLODING_NORM:g} (S2.15)"
)


def gradient_class(norm: float) -> GradientClass:
    """What a gradient of that L2 norm is: none where it is NaN because no weight has one, zero where all are."""
    if math.isnan(norm):
        return "none"
    if norm == 0.0:
        return "zero"
    if norm > EXPLODING_NORM:
        return "exploding"
    return "vanishing" if norm < VANISHING_NORM else "fine"
