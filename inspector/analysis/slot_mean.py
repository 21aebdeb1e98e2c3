"""The vector that all slots of a dump share, gathered sample by sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, check_axes


@dataclass(frozen=True, slots=True, eq=False)
class SlotMean:
    """Running mean of slot vectors.

    Attributes:
        total: (features,) float64, sum of the vectors; None before the first.
        vectors: how many were added.
        left_out: how many were not finite, or of another length than the first.
    """

    total: FloatArray | None = None
    vectors: int = 0
    left_out: int = 0

    def with_slots(self, slots: AnyArray) -> SlotMean:
        """This mean and the slots of one more sample, (slots, features)."""
        check_axes(slots, "KD", "slots")
        vectors = np.asarray(slots, np.float64)
        if self.total is not None and self.total.shape != vectors.shape[1:]:
            return SlotMean(self.total, self.vectors, self.left_out + len(vectors))
        kept = vectors[np.isfinite(vectors).all(axis=1)]
        if not len(kept):
            return SlotMean(self.total, self.vectors, self.left_out + len(vectors))
        total = kept.sum(axis=0) if self.total is None else self.total + kept.sum(axis=0)
        return SlotMean(total, self.vectors + len(kept), self.left_out + len(vectors) - len(kept))

    @property
    def mean(self) -> FloatArray | None:
        """(features,) float64, None before the first finite vector."""
        return None if self.total is None else self.total / self.vectors
