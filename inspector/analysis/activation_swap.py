"""What another activation function would make of the same values: sparsity that is bought, not learnt."""

from __future__ import annotations

import math
from statistics import NormalDist

from inspector.analysis.null_sparsity import null_sparsity

COMPARED = ("ReLU", "LeakyReLU", "GELU", "SiLU")


def rectified_shift(sparsity: float, epsilon: float) -> float:
    """Mean of the normal values, in their standard deviations, of which a ReLU leaves this share near zero.

    NaN for a share of 0 or 1, which any shift far enough gives.
    """
    return epsilon - NormalDist().inv_cdf(sparsity) if 0.0 < sparsity < 1.0 else math.nan


def sparsity_under(sparsity: float, epsilon: float, names: tuple[str, ...] = COMPARED) -> dict[str, float]:
    """Share of near-zero values that each activation gives on the values behind a ReLU of this sparsity.

    NaN where the share is 0 or 1, and for an unknown name. A ReLU at 60% and epsilon 0.01 is a GELU at 2%.

    Args:
        sparsity: share of |a| < epsilon behind the ReLU, 0..1.
        epsilon: |a| below it counts as zero.
        names: of activations, in any spelling.
    """
    shift = rectified_shift(sparsity, epsilon)
    return {name: math.nan if math.isnan(shift) else null_sparsity(name, epsilon, shift=shift) for name in names}
