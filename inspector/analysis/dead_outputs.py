"""Output units of a weight that have next to no weight beside the others."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import FloatArray

DEAD_SHARE = 1e-4
"""Share of the layer's usual norm up to which an output counts as dead."""


def usual_norm(norms: FloatArray) -> float:
    """The norm of a layer's outputs that have one: three in four of them may be dead. NaN where none has one.

    The upper quartile: of a layer that is dead for the most part the median is that of dead outputs.

    Args:
        norms: (outputs,); those that are NaN, infinite or 0 are left out.
    """
    known = norms[np.isfinite(norms) & (norms > 0)]
    return float(np.quantile(known, 0.75, method="higher")) if known.size else float("nan")


def dead_outputs(norms: FloatArray) -> tuple[int, ...]:
    """Outputs whose norm is zero or next to nothing beside the usual one of those that have one, ascending.

    Relative to the layer, as whole layers are scaled by what follows them; not only exact zeros, as an output that gets
    no gradient shrinks under weight decay by 1 - rate x decay a step and never gets there: it falls to DEAD_SHARE in
    ln(1 / DEAD_SHARE) = 9.2 times 1 / (rate x decay) steps.

    Args:
        norms: (outputs,) Euclidean norms of the rows of a weight; one that is NaN or infinite is not dead.

    Returns:
        Indices; none where no output has a norm.

    Source: the decay of Loshchilov and Hutter 2019; a unit is measured by its layer as dormant ones are, Sokar et al.
        2023; the share is this program's.
    """
    return tuple(np.flatnonzero(norms <= DEAD_SHARE * usual_norm(norms)).tolist())
