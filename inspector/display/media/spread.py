"""Histograms of many steps as one picture: values upwards, steps to the right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inspector.artifacts.logs.media import Histogram
from inspector.core.arrays import FloatArray, Rgba
from inspector.display.colour_maps import apply_map

_ROWS, _COLUMNS = 96, 480
"""A picture keeps its proportions where it is drawn, so this one has those of its place whatever the steps."""


def over_steps(histograms: Sequence[Histogram]) -> tuple[Rgba, float, float] | None:
    """The picture, (96, 480, 4) uint8, and the least and greatest value it spans; None where there is no value.

    Each step's column is scaled by its own densest place, since steps may count different numbers of values.
    """
    filled = [one for one in histograms if one.counts.size and one.counts.sum() > 0]
    if not filled:
        return None
    low = min(float(one.edges[0]) for one in filled)
    high = max(float(one.edges[-1]) for one in filled)
    if not high > low:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, _ROWS + 1)
    density = np.stack([_density(one, edges) for one in histograms], axis=1)
    steps = np.arange(_COLUMNS) * len(histograms) // _COLUMNS
    return apply_map(density[::-1, steps], 0.0, 1.0, "viridis"), low, high


def _density(histogram: Histogram, edges: FloatArray) -> FloatArray:
    """The share of values in each row, 0 to 1 of the densest; NaN where the histogram is empty."""
    if not histogram.counts.size or histogram.counts.sum() <= 0:
        return np.full(len(edges) - 1, np.nan)
    sums = np.concatenate([[0.0], np.cumsum(histogram.counts)])
    # np.interp needs places that grow: where several edges coincide, what lies between them stands at the last
    places, last = np.unique(histogram.edges[::-1], return_index=True)
    shares: FloatArray = np.diff(np.interp(edges, places, sums[::-1][last]))
    if len(places) == 1:
        shares[min(int(np.searchsorted(edges, places[0], "right")) - 1, len(shares) - 1)] = 1.0
    shares /= max(float(shares.max()), float(np.finfo(np.float64).tiny))
    return shares
