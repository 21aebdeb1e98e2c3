"""Many dots: each one where they are few, else how many lie in each of fine cells."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from inspector.core.arrays import FloatArray, IntArray
from inspector.display.points.plots.scene import Cells, Dots

MOST_DOTS = 3_000
FINE_CELLS = 128
_FAINTEST = 70
"""Of 255: a single dot among thousands is still seen."""


class Scattered(TypedDict, total=False):
    """The fields of a plot that hold its dots."""

    dots: tuple[Dots, ...]
    cells: tuple[Cells, ...]


def scattered(
    x: FloatArray, y: FloatArray, samples: IntArray, x_ends: tuple[float, float], y_ends: tuple[float, float]
) -> Scattered:
    """The dots at (points,) x and y, each of a sample; what lies beyond the ends of the axes is drawn at them."""
    across, along = np.clip(x, *x_ends), np.clip(y, *y_ends)
    if len(x) <= MOST_DOTS:
        return {"dots": (Dots(x=across, y=along, samples=samples),)}
    cells = [
        np.minimum((values - low) * (FINE_CELLS / (high - low)), FINE_CELLS - 1).astype(np.int64)
        for values, (low, high) in ((along, y_ends), (across, x_ends))
    ]
    counts = np.bincount(cells[0] * FINE_CELLS + cells[1], minlength=FINE_CELLS**2).reshape(FINE_CELLS, FINE_CELLS)
    deep = np.log1p(counts) / np.log1p(counts.max())
    alpha = np.where(counts > 0, _FAINTEST + (255 - _FAINTEST) * deep, 0).astype(np.uint8)
    return {"cells": (Cells(x=x_ends, y=y_ends, alpha=alpha),)}
