"""What the Features viewer asks for, and what it draws."""

from __future__ import annotations

from typing import Literal

import msgspec

from inspector.core.arrays import AnyArray

ChannelState = Literal["dead", "sparse", "alive", "unknown"]
ChannelOrder = Literal["sparsity", "index", "variance"]
ColourMap = Literal["viridis", "grey"]


class FeaturesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One layer of one dump, drawn for one sample.

    Attributes:
        layer: its name; empty for the one with the most dead channels.
        zero_means: an activation counts as zero where its absolute value is at most this.
    """

    path: str
    place: str
    sample: int
    layer: str = ""
    order: ChannelOrder = "sparsity"
    colour_map: ColourMap = "viridis"
    zero_means: float = 1e-6


class LayerBar(msgspec.Struct, frozen=True, kw_only=True):
    """One layer of the list.

    Attributes:
        sparsity: share of its activations that are zero, 0..1; NaN where none is finite.
        baseline: the same of its activation function over standard-normal values, NaN where that is not known.
    """

    name: str
    sparsity: float
    sparsity_text: str
    baseline: float
    state: ChannelState
    detail: str


class ChannelTile(msgspec.Struct, frozen=True, kw_only=True):
    """One channel, in the order shown.

    Attributes:
        map_index: its row in `FeaturesScene.maps`.
        sparsity: over all samples, 0..1.
    """

    channel: int
    map_index: int
    state: ChannelState
    sparsity: float
    text: str
    detail: str


class FeaturesScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the Features view paints.

    Attributes:
        layer: the layer shown.
        maps: (channels, height, width, 4) uint8 RGBA, the chosen sample's map of each tile.
        low, high: the values at the ends of the colour map, the same for every channel.
        baseline: of the shown layer's activation function, NaN where unknown.
        evidence: on how many samples "never fired" rests, and what that bounds.
    """

    place: str
    sample: int
    samples: int
    layer: str
    layers: tuple[LayerBar, ...]
    channels: tuple[ChannelTile, ...]
    maps: AnyArray
    low: float
    high: float
    order: ChannelOrder
    colour_map: ColourMap
    zero_means: float
    sparsity_text: str
    whole_state: ChannelState
    whole_lines: tuple[str, ...]
    bars_title: str
    counts_text: str
    baseline: float
    baseline_text: str
    evidence: str
    notes: tuple[str, ...] = ()
