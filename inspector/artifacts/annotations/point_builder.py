"""Points gathered image by image."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.arrays import starts_of
from inspector.formats.annotated_images import PointLists


class PointBuilder:
    """Collects the points of images, which may come in any order."""

    def __init__(self) -> None:
        self._images: list[int] = []
        self._rows: list[tuple[float, float, float, int]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, image: int, x: float, y: float, confidence: float = math.nan, kind: int = -1) -> None:
        """Keep a point; of one image they stay in the order they came."""
        self._images.append(image)
        self._rows.append((x, y, confidence, kind))

    def lists(self, images: int) -> PointLists:
        """What was gathered.

        Args:
            images: how many there are; every point belongs to one of them.
        """
        owner = np.array(self._images, np.int64)
        order = np.argsort(owner, kind="stable")
        rows = np.array(self._rows, np.float64).reshape(-1, 4)[order]
        offsets = starts_of(np.bincount(owner, minlength=images))
        kinds = rows[:, 3].astype(np.int64)
        return PointLists(
            offsets=offsets,
            places=rows[:, :2],
            confidence=rows[:, 2] if np.isfinite(rows[:, 2]).any() else None,
            kinds=kinds if (kinds >= 0).any() else None,
        )
