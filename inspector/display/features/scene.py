"""What the Features viewer asks for, and what it draws."""

from __future__ import annotations

from typing import Literal

import msgspec

from inspector.analysis.unit_limits import LIMITS, UnitLimits
from inspector.core.arrays import AnyArray, FloatArray, Rgba

ChannelState = Literal["unknown", "dead", "saturated", "nearly dead", "dormant", "duplicate", "sparse", "healthy"]
"""The kinds of `analysis.unit_kinds`, said again so that the window need not load what tells them apart."""

ChannelOrder = Literal["sparsity", "index", "variance"]
ColourMap = Literal["viridis", "grey"]
FeaturesPage = Literal["channels", "spatial", "firing", "epochs"]


class FeaturesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One layer of one dump, drawn for one sample.

    Attributes:
        layer: its name; empty for the one with the most dead channels.
        zero_means: an activation counts as zero where its absolute value is below this.
        limits: what the kinds of channels are held against beside it.
        page: what is drawn beside the numbers.
        checkpoint: the one of the run that is nearest to the dump, empty where there is none.
        stamp: changes when it does.
        generous: read on where the usual limits left something out.
    """

    path: str
    place: str
    sample: int
    layer: str = ""
    order: ChannelOrder = "sparsity"
    colour_map: ColourMap = "viridis"
    zero_means: float = 1e-6
    limits: UnitLimits = LIMITS
    page: FeaturesPage = "channels"
    generous: bool = False
    checkpoint: str = ""
    checkpoint_place: str = ""
    stamp: float = 0.0


class LayerBar(msgspec.Struct, frozen=True, kw_only=True):
    """One layer of the list.

    Attributes:
        sparsity: share of its activations that are zero, 0..1; NaN where none is finite.
        baseline: the same as its activation function leaves it by itself, behind the layer's own batch normalisation
            where that is known; NaN where the function is not.
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
        kind_said: its kind, the number that decided and what it was held against.
        detail: that, and its numbers.
        baseline: the sparsity that its own batch normalisation leaves it, None where that is not known.
    """

    channel: int
    map_index: int
    state: ChannelState
    sparsity: float
    text: str
    kind_said: str
    detail: str
    baseline: float | None = None


class SpatialMap(msgspec.Struct, frozen=True, kw_only=True):
    """The share of a layer's channels that fire at each position.

    Attributes:
        title: `Sample 3`, `Mean over 12 samples`.
        said: least, mean and largest share.
        shares: (rows, columns) float64 in 0..1 on the layer's own grid; NaN in the padding.
        rgba: (height, width, 4) uint8 as drawn, over the image where there is one.
    """

    title: str
    said: str
    shares: FloatArray
    rgba: Rgba


class FiringRow(msgspec.Struct, frozen=True, kw_only=True):
    """The channels of one layer by how often they fire.

    Attributes:
        shares: (channels,) float64 share of samples on which each fires, or of values where samples were not counted.
        cells: (channels, 4) uint8, a colour each.
        dead: those that never fire, which have the colour of their severity instead.
        details: what each says under the pointer.
    """

    layer: str
    said: str
    shares: FloatArray
    cells: AnyArray
    dead: tuple[int, ...]
    details: tuple[str, ...]


class FeaturesScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the Features view paints.

    Attributes:
        layer: the layer shown.
        maps: (channels, height, width, 4) uint8 RGBA, the chosen sample's map of each tile; none on other pages.
        low, high: the values at the ends of the colour map, the same for every channel.
        baseline: of the shown layer's activation function by itself, NaN where unknown.
        evidence: on how many samples "never fired" rests, and what that bounds.
        thresholds: what the kinds of channels are held against, a line each; limits: the same on one line.
        elsewhere: what the same values would be under other activations; empty where that is not known.
        spatial: on the page of that name, this sample's and the mean over samples.
        spatial_problem: why there is no such map, empty otherwise.
        whole: whether all samples that it is of were read; else it is asked for again and reads on.
        firing: on the page of that name, every layer.
        firing_means: what a cell's colour counts.
        limited: whether reading on generously shows more.
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
    thresholds: str = ""
    limits: str = ""
    elsewhere: str = ""
    page: FeaturesPage = "channels"
    spatial: tuple[SpatialMap, ...] = ()
    spatial_problem: str = ""
    whole: bool = True
    firing: tuple[FiringRow, ...] = ()
    firing_means: str = ""
    notes: tuple[str, ...] = ()
    limited: bool = False
