"""Layers down, channels across: how often each fires."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.texts import visible
from inspector.display.colour_maps import apply_map
from inspector.display.features.measures import LayerMeasures, firing_shares
from inspector.display.features.scene import ColourMap, FiringRow
from inspector.display.features.texts import channel_text, counts_text

UNKNOWN_GREY = (128, 128, 128, 255)


def firing_cells(shares: FloatArray, colour_map: ColourMap) -> AnyArray:
    """A colour for each share in 0..1, shares.shape + (4,) uint8; grey where it is not known."""
    cells = apply_map(shares, 0.0, 1.0, colour_map)
    cells[np.isnan(shares)] = UNKNOWN_GREY
    return cells


def firing_row(measures: LayerMeasures, colour_map: ColourMap) -> FiringRow:
    """One layer."""
    shares, _of_samples = firing_shares(measures)
    return FiringRow(
        layer=visible(measures.name),
        said=counts_text(measures),
        shares=shares,
        cells=firing_cells(shares, colour_map),
        dead=tuple(label.channel for label in measures.labels if label.kind == "dead"),
        details=tuple(channel_text(measures, channel) for channel in range(len(measures.labels))),
    )
