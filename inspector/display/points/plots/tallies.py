"""Bars that count things of samples, each of which is known, so that those of kept samples can be told apart."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.display.points.plots.scene import Bars, PlotInk


class Tally:
    """Values in bins.

    Args:
        edges: (bins + 1,) ascending; what lies beyond them is counted in the outermost bins.
        values: (counted,) finite.
        samples: (counted,) the sample of each.
    """

    def __init__(self, edges: FloatArray, values: FloatArray, samples: IntArray) -> None:
        self.edges, self.samples = edges, samples
        self.places = np.clip(np.searchsorted(edges, values, "right") - 1, 0, len(edges) - 2)
        self.counts = self._of(np.ones(len(values), bool))

    def _of(self, some: AnyArray) -> FloatArray:
        return np.bincount(self.places[some], minlength=len(self.edges) - 1).astype(np.float64)

    def bars(self, some: AnyArray, *, ink: PlotInk = "accent", name: str = "", bases: FloatArray | None = None) -> Bars:
        """The bars of some of the values, (counted,) bool."""
        return Bars(
            edges=self.edges,
            heights=self._of(some),
            bases=bases,
            samples=self.samples[some],
            places=self.places[some],
            ink=ink,
            name=name,
        )
