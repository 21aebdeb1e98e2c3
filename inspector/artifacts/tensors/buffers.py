"""Memory that is used again, since fresh memory costs more than most work on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray


class Buffers:
    """Arrays that one thread uses again from block to block."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], AnyArray] = {}

    def array(self, purpose: str, count: int, dtype: npt.DTypeLike) -> AnyArray:
        """(count,) of any content; the same memory for the same purpose and type."""
        key = (purpose, np.dtype(dtype).char)
        kept = self._kept.get(key)
        if kept is None or kept.size < count:
            kept = self._kept[key] = np.empty(count, dtype)
        return kept[:count]
