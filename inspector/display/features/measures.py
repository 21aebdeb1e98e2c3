"""What the statistics of a layer say of its channels: dead, alive but sparse, or neither."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.analysis.sparsity import LayerStatistics, dead_channels, null_sparsity
from inspector.core.arrays import FloatArray
from inspector.display.features.scene import ChannelOrder, ChannelState
from inspector.formats.facts import DatasetFacts

DEAD_WARNING, DEAD_ERROR = 0.1, 0.5
"""Shares of dead channels above which a layer is marked. Source: rule X.D2 of the reference."""

CLEARLY_ABOVE = 0.1
"""How far a sparsity is above its baseline before it is marked: half of all healthy channels are a little above it."""

_ACTIVATION_NAMES = {"relu": "ReLU", "leakyrelu": "leaky ReLU", "gelu": "GELU", "silu": "SiLU", "elu": "ELU"}


@dataclass(frozen=True, slots=True, eq=False)
class LayerMeasures:
    """One layer at one threshold of zero.

    Attributes:
        threshold: the one that was counted, nearest to the one asked for.
        sparsity: of each channel, 0..1, NaN where nothing finite was seen; `whole` over all of them.
        baseline: share of zeros that the activation gives on standard-normal inputs, NaN where it is not known.
        activation: as written for people, empty where it is not known.
    """

    name: str
    statistics: LayerStatistics
    threshold: float
    sparsity: FloatArray
    whole: float
    baseline: float
    activation: str
    states: tuple[ChannelState, ...]

    @property
    def zeros(self) -> int:
        """Values that count as zero."""
        return int(self.statistics.near_zero[_row(self.statistics, self.threshold)].sum())

    @property
    def values(self) -> int:
        """Finite values seen."""
        return int(self.statistics.n.sum())

    def count(self, state: ChannelState) -> int:
        """Channels in a state."""
        return self.states.count(state)

    @property
    def state(self) -> ChannelState:
        """The layer's own mark."""
        dead = self.count("dead") / max(len(self.states), 1)
        if math.isnan(self.whole):
            return "unknown"
        if dead > DEAD_ERROR:
            return "dead"
        return "sparse" if dead > DEAD_WARNING or self.whole > self.baseline + CLEARLY_ABOVE else "alive"


def measures_of(name: str, layer: DatasetFacts, statistics: LayerStatistics, zero_means: float) -> LayerMeasures:
    """A layer's channels, told apart."""
    threshold = float(statistics.epsilons[_row(statistics, zero_means)])
    sparsity = statistics.fractions[_row(statistics, threshold)]
    activation, slope = _activation_of(layer)
    baseline = null_sparsity(activation, threshold, slope=slope) if activation else math.nan
    dead = dead_channels(statistics, threshold)
    whole_counted = statistics.n.sum()
    return LayerMeasures(
        name=name,
        statistics=statistics,
        threshold=threshold,
        sparsity=sparsity,
        whole=float(statistics.near_zero[_row(statistics, threshold)].sum() / whole_counted)
        if whole_counted
        else math.nan,
        baseline=baseline,
        activation=_ACTIVATION_NAMES.get(activation, activation),
        states=tuple(
            _state(bool(dead[channel]), float(sparsity[channel]), baseline, int(statistics.not_finite[channel]))
            for channel in range(len(sparsity))
        ),
    )


def ordered_channels(measures: LayerMeasures, order: ChannelOrder) -> tuple[int, ...]:
    """Channel numbers, the most striking first; what is undefined stands last."""
    if order == "index":
        return tuple(range(len(measures.states)))
    key = measures.sparsity if order == "sparsity" else measures.statistics.variance
    return tuple(int(channel) for channel in np.argsort(-key, kind="stable"))


def _state(dead: bool, sparsity: float, baseline: float, not_finite: int) -> ChannelState:
    if dead:
        return "dead"
    if not_finite or math.isnan(sparsity):
        return "unknown"
    return "sparse" if sparsity > baseline + CLEARLY_ABOVE else "alive"


def _row(statistics: LayerStatistics, threshold: float) -> int:
    """The threshold counted that is nearest to the one asked for, in orders of magnitude; 0 is its own."""
    known = statistics.epsilons
    if threshold == 0 and known[0] == 0:
        return 0
    with np.errstate(divide="ignore"):
        distance = np.abs(np.log10(known) - math.log10(max(threshold, 1e-300)))
    return int(np.argmin(distance))


def _activation_of(layer: DatasetFacts) -> tuple[str, float]:
    """The activation that made the values, empty where the file does not say, and its slope below 0."""
    attributes = layer.attributes
    if attributes.get("tap") == "pre":
        return "identity", 0.0
    name, slope = attributes.get("activation"), attributes.get("negative_slope")
    known = name.lower().replace("_", "") if isinstance(name, str) else ""
    return known, float(slope) if isinstance(slope, (int, float)) and slope > 0 else 0.01
