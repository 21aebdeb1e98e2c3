"""The ask and the scene of one channel."""

from __future__ import annotations

import msgspec

from inspector.analysis.unit_limits import LIMITS, UnitLimits
from inspector.core.arrays import AnyArray, Rgba
from inspector.display.features.scene import ColourMap


class ChannelAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One channel of a layer of a dump.

    Attributes:
        generous: read on where the usual limits left something of the dump out.
        checkpoint: the one of the run that is nearest to the dump, empty where there is none.
        stamp: changes when one of the files does.
    """

    path: str
    layer: str
    channel: int
    zero_means: float = 1e-6
    limits: UnitLimits = LIMITS
    colour_map: ColourMap = "viridis"
    generous: bool = False
    checkpoint: str = ""
    checkpoint_place: str = ""
    stamp: float = 0.0


class SampleTile(msgspec.Struct, frozen=True, kw_only=True):
    """The map of the channel on one sample: its row in `ChannelScene.pictures`, and its largest value in words."""

    sample: int
    picture: int
    text: str


class ChannelScene(msgspec.Struct, frozen=True, kw_only=True):
    """One channel looked at closely.

    Attributes:
        kind_said: its kind, the number that decided and its threshold.
        lines: names and figures.
        pictures: (samples, height, width, 4) uint8, the maps over the images where there are some.
        strongest: the samples that excite it most, the strongest first.
        in_order: the first samples, as they come.
        samples_said: how many samples were looked at.
        whole: whether they were all; else it is asked for again and reads on.
        weights: (height, width, 4) uint8, its incoming weights as small pictures, one an input; empty without any.
        weights_said: where they come from, or why there are none.
        hints: what may have silenced it, by its weights.
    """

    layer: str
    channel: int
    kind_said: str
    lines: tuple[tuple[str, str], ...] = ()
    pictures: AnyArray
    strongest: tuple[SampleTile, ...] = ()
    in_order: tuple[SampleTile, ...] = ()
    samples_said: str = ""
    whole: bool = True
    weights: Rgba
    weights_said: str = ""
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
