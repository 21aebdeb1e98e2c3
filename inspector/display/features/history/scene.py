"""The ask and the scene of a layer over the dumps of a run."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import AnyArray, FloatArray
from inspector.display.features.scene import ColourMap


class HistoryDump(msgspec.Struct, frozen=True, array_like=True):
    """One dump of the run and its place in time."""

    path: str
    place: str
    step: int | None


class HistoryAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The dumps to follow the layers over, by step, and the logs that hold the rate.

    Attributes:
        layer: the one whose channels are followed; empty for the one with the most dead channels in the last dump.
        left_out: dumps of the run that are not among them, as there are too many.
        stamp: changes when one of the files does.
    """

    dumps: tuple[HistoryDump, ...]
    logs: tuple[str, ...] = ()
    layer: str = ""
    zero_means: float = 1e-6
    colour_map: ColourMap = "viridis"
    left_out: int = 0
    stamp: float = 0.0


class LayerLine(msgspec.Struct, frozen=True, kw_only=True):
    """The sparsity of a layer in each dump, (dumps,) float64; NaN where the dump does not hold it."""

    layer: str
    sparsity: FloatArray


class RateLine(msgspec.Struct, frozen=True, kw_only=True):
    """A learning rate as recorded: `steps` and `rates`, both (points,) float64."""

    tag: str
    steps: FloatArray
    rates: FloatArray


class Deaths(msgspec.Struct, frozen=True, kw_only=True):
    """The channels that fell silent between the same two dumps, and stayed so.

    Attributes:
        said: `9 channels died between step 350 and 700`.
        rate_said: the learning rate then, empty where it is not known.
        hints: what may have silenced them, of what was logged at the time.
    """

    channels: tuple[int, ...]
    said: str
    rate_said: str = ""
    hints: tuple[str, ...] = ()


class HistoryScene(msgspec.Struct, frozen=True, kw_only=True):
    """The layers of a run over its dumps.

    Attributes:
        places: `epoch 70` of each dump.
        steps: (dumps,) float64, 0, 1, 2, ... where the dumps tell no step.
        stepless: whether they do not.
        lines: one a layer.
        layer: the one whose channels follow.
        shares: (channels, dumps) float64 share of values that are not zero, NaN where a dump does not hold the layer.
        cells: (channels, dumps, 4) uint8, a colour for how often each fires; dead ones transparent.
        silent: (channels, dumps) uint8, 1 where a channel is dead.
        rates: as recorded, the one that moves the layer first.
        deaths: the earliest first.
        summary: one sentence on when the layer died, or that it lives.
        problem: why there is nothing to show, or empty.
    """

    places: tuple[str, ...] = ()
    steps: FloatArray
    stepless: bool = False
    lines: tuple[LayerLine, ...] = ()
    layer: str = ""
    shares: FloatArray
    cells: AnyArray
    silent: AnyArray
    rates: tuple[RateLine, ...] = ()
    deaths: tuple[Deaths, ...] = ()
    summary: str = ""
    says: tuple[str, ...] = ()
    problem: str = ""
