"""The axis over which attention sums to one: over slots, which then compete, or over positions, which is a fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inspector.analysis.halves import widened
from inspector.analysis.slots import axis_sum_error
from inspector.core.arrays import AnyArray, ShapeError

NormalisedOver = Literal["slots", "heads and slots", "slots, then positions", "positions", "neither"]

TOLERANCE = 1e-3
TOLERANCE_HALF = 1e-2
"""How far a sum may be from 1, in single and in half precision or whole numbers. Source: measured on recorded dumps."""


@dataclass(frozen=True, slots=True)
class AttentionAxis:
    """Along which axis the weights of one sample sum to one.

    Attributes:
        over: what they are normalised over; `slots, then positions` where one factor a slot makes the slots of every
            position sum to 1, as for the weighted mean of Slot Attention, and `positions` where none does.
        slots: how far a sum over slots, or over heads and slots, is from 1 at worst; positions: the same of a sum over
            positions; infinite where one is not finite, NaN for an empty array.
    """

    over: NormalisedOver
    slots: float
    positions: float

    @property
    def competes(self) -> bool:
        """Whether a slot that takes more leaves less to the others."""
        return self.over in ("slots", "heads and slots", "slots, then positions")


def attention_axis(weights: AnyArray, tolerance: float | None = None) -> AttentionAxis:
    """Look at one sample's attention.

    Args:
        weights: (slots, positions) or (heads, slots, positions), as recorded.
        tolerance: how far a sum may be from 1; by the dtype where it is not given.

    Raises:
        ShapeError: the weights have neither two nor three axes.

    Source: Locatello et al. 2020 for slots; Singh et al. 2022 for heads and slots; rule X.A1.
    """
    if weights.ndim not in (2, 3):
        raise ShapeError(f"attention of slots and positions needs 2 or 3 axes, this has {weights.ndim}")
    precise = weights.dtype.kind == "f" and weights.dtype.itemsize > 2
    allowed = (TOLERANCE if precise else TOLERANCE_HALF) if tolerance is None else tolerance
    values = widened(weights)
    slots, positions = axis_sum_error(values, -2), axis_sum_error(values, -1)
    together = axis_sum_error(values, (0, 1)) if values.ndim == 3 else np.inf
    over: NormalisedOver = "neither"
    if slots <= allowed:
        over = "slots"
    elif together <= allowed:
        over, slots = "heads and slots", together
    elif positions <= allowed:
        over = "slots, then positions" if _was_renormalised(values, allowed) else "positions"
    return AttentionAxis(over, slots, positions)


def _was_renormalised(weights: AnyArray, tolerance: float) -> bool:
    """Whether one factor a slot makes the slots of every position sum to 1."""
    if weights.ndim != 2 or not weights.size or not np.isfinite(weights).all():
        return False
    columns = np.asarray(weights, np.float64).T
    factors = np.linalg.lstsq(columns, np.ones(len(columns)), rcond=None)[0]
    return bool(np.abs(columns @ factors - 1.0).max() <= tolerance)
