"""The maps of one sample as colours, all channels on one scale."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.arrays import AnyArray
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.display.colour_maps import apply_map
from inspector.display.features.scene import ColourMap
from inspector.display.rasters import Planes

LARGEST_MAP_PX = 96
MOST_PIXELS = 4_000_000
"""Of all maps together: two thousand channels still travel in 16 MB."""

BATCH_PIXELS = 400_000
"""Coloured between two beats."""

HIGH_PERCENTILE = 99.0
"""Of the values that are not zero; single spikes above it take the last colour, as they would hide the rest."""


def colour_range(maps: Planes, threshold: float) -> tuple[float, float]:
    """The values of the first and last colour of (channels, height, width) maps; 0 and 1 without a finite value.

    From 0, or the least value below it, to nearly the greatest.
    """
    finite = maps[np.isfinite(maps)]
    if not finite.size:
        return 0.0, 1.0
    low = min(0.0, float(finite.min()))
    active = finite[np.abs(finite) > threshold]
    high = float(np.percentile(active, HIGH_PERCENTILE)) if active.size else 0.0
    return low, high if high > low else low + 1.0


def within_limits(maps: Planes) -> Planes:
    """(channels, height, width) with sides that can be sent; of each block the greatest value is kept."""
    channels, height, width = maps.shape
    side = max(1, min(LARGEST_MAP_PX, math.isqrt(MOST_PIXELS // max(channels, 1))))
    return _blocks(_blocks(maps, min(height, side), 1), min(width, side), 2)


def coloured(maps: Planes, low: float, high: float, colour_map: ColourMap, pulse: Pulse) -> AnyArray:
    """(channels, height, width, 4) uint8; NaN is transparent."""
    pictures = np.empty((*maps.shape, 4), np.uint8)
    step = max(1, BATCH_PIXELS // max(maps[:1].size, 1))
    for first in range(0, len(maps), step):
        pulse.beat(first, len(maps), tr("channels"))
        pictures[first : first + step] = apply_map(maps[first : first + step], low, high, colour_map)
    return pictures


def _blocks(maps: Planes, length: int, axis: int) -> Planes:
    if maps.shape[axis] <= length:
        return maps
    starts = np.arange(length) * maps.shape[axis] // length
    greatest: Planes = np.maximum.reduceat(maps, starts, axis=axis)
    return greatest
