"""Memory that is used again, since fresh memory costs more than most work on it."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray

Number = type[np.generic] | np.dtype[np.generic]


class Buffers:
    """Arrays that one thread uses again from block to block."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Number], AnyArray] = {}

    def array(self, purpose: str, count: int, dtype: Number) -> AnyArray:
        """(count,) of any content; the same memory for the same purpose and type."""
        key = (purpose, dtype)
        kept = self._kept.get(key)
        if kept is None or kept.size < count:
            kept = self._kept[key] = np.empty(count, dtype)
        return kept[:count]
