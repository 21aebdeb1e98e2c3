"""What the statistics of a layer say of it and of its channels: each channel's kind, and the number that decided."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.analysis.activation_swap import COMPARED, sparsity_under
from inspector.analysis.null_sparsity import null_sparsities, null_sparsity
from inspector.analysis.sparsity import LayerStatistics
from inspector.analysis.unit_kinds import UnitKind, UnitLabel, UnitNumbers, unit_labels, unit_numbers
from inspector.analysis.unit_limits import UnitLimits
from inspector.artifacts.dumps.dump import Dump, activation_layers, layer_name, layer_statistics
from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.display.features.normalisation import Affine
from inspector.display.features.scene import ChannelOrder, ChannelState
from inspector.formats.facts import DatasetFacts

DEAD_WARNING, DEAD_ERROR = 0.1, 0.5
"""Shares of dead channels above which a layer is marked. Source: rule X.D2 of the reference."""

_ACTIVATION_NAMES = {"relu": "ReLU", "leakyrelu": "leaky ReLU", "gelu": "GELU", "silu": "SiLU", "elu": "ELU"}
_PLAIN_RELU = "relu"


@dataclass(frozen=True, slots=True, eq=False)
class LayerMeasures:
    """One layer at one threshold of zero.

    Attributes:
        threshold: the one that was counted, nearest to the one asked for.
        sparsity: of each channel, 0..1, NaN where nothing finite was seen; `whole` over all of them.
        alone: share of zeros that the activation gives on standard-normal inputs, NaN where it is not known.
        behind: the same behind the layer's own batch normalisation, over all channels; NaN where that is not known.
        normalised: where that stands, `step 290`; empty where it is not known.
        activation: as written for people, empty where it is not known.
        numbers: of the channels; `numbers.baseline` is what each is compared with.
        limits: what the kinds are held against, beside the threshold.
        elsewhere: share of zeros that other activations would give on the same values; empty where that is not known.
    """

    name: str
    statistics: LayerStatistics
    threshold: float
    sparsity: FloatArray
    whole: float
    alone: float
    behind: float
    normalised: str
    activation: str
    numbers: UnitNumbers
    limits: UnitLimits
    labels: tuple[UnitLabel, ...]
    elsewhere: dict[str, float]

    @property
    def baseline(self) -> float:
        """What the layer is compared with: the activation behind its own normalisation, else alone."""
        return self.alone if math.isnan(self.behind) else self.behind

    @property
    def zeros(self) -> int:
        """Values that count as zero."""
        return int(self.statistics.near_zero[self.statistics.nearest_row(self.threshold)].sum())

    @property
    def values(self) -> int:
        """Finite values seen."""
        return int(self.statistics.n.sum())

    def count(self, kind: UnitKind) -> int:
        """Channels of a kind."""
        return sum(label.kind == kind for label in self.labels)

    @property
    def dead_share(self) -> float:
        """Dead channels among all."""
        return self.count("dead") / max(len(self.labels), 1)

    @property
    def state(self) -> ChannelState:
        """The layer's own mark."""
        if math.isnan(self.whole):
            return "unknown"
        if self.dead_share > DEAD_ERROR:
            return "dead"
        above = self.whole > self.baseline + self.limits.over_baseline
        return "sparse" if self.dead_share > DEAD_WARNING or above else "healthy"


def layers_of(dump: Dump) -> dict[str, DatasetFacts]:
    """The layers of a dump that hold a value, by name."""
    return {layer_name(layer): layer for layer in activation_layers(dump) if 0 not in layer.shape}


def layer_measures(
    dump: Dump, layer: DatasetFacts, zero: float, limits: UnitLimits, affine: Affine | None, pulse: Pulse
) -> LayerMeasures:
    """A layer's channels, told apart; kept with the dump.

    Args:
        dump: the layer's.
        layer: of activations.
        zero: |a| below which a value counts as zero.
        limits: what the kinds are held against.
        affine: the normalisation before the activation, None where it is not known.
        pulse: of this work.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    key = f"kinds of {layer.path}"
    known = dump.remembered.get(key)
    if known is None or known[:3] != (zero, limits, affine):
        statistics = layer_statistics(dump, layer, pulse)
        measures = measures_of(layer_name(layer), layer, statistics, (zero, limits), affine)
        known = dump.remembered[key] = zero, limits, affine, measures
    found: LayerMeasures = known[3]
    return found


def measures_of(
    name: str,
    layer: DatasetFacts,
    statistics: LayerStatistics,
    held_against: tuple[float, UnitLimits],
    affine: Affine | None = None,
) -> LayerMeasures:
    """The same from statistics that are known, held against what counts as zero and the limits of the kinds."""
    zero, limits = held_against
    row = statistics.nearest_row(zero)
    threshold = float(statistics.epsilons[row])
    activation, slope = _activation_of(layer)
    alone = null_sparsity(activation, threshold, slope=slope) if activation else math.nan
    channels = len(statistics.n)
    own = np.full(channels, math.nan)
    if affine is not None and activation and affine.scale.shape == affine.shift.shape == (channels,):
        # A scale of 0 leaves the shift alone, as one next to nothing does.
        scales = np.maximum(np.abs(affine.scale), np.finfo(np.float32).tiny)
        own = null_sparsities(activation, threshold, affine.shift, scales, slope=slope)
    baselines = np.where(np.isnan(own), alone, own)
    numbers = unit_numbers(statistics, activation, baselines, threshold)
    counted = int(statistics.n.sum())
    whole = float(statistics.near_zero[row].sum() / counted) if counted else math.nan
    under = sparsity_under(whole, threshold) if activation == _PLAIN_RELU and counted else {}
    is_known = bool(np.isfinite(own).any())
    return LayerMeasures(
        name=name,
        statistics=statistics,
        threshold=threshold,
        sparsity=statistics.fractions[row],
        whole=whole,
        alone=alone,
        behind=float(baselines.mean()) if is_known else math.nan,
        normalised=affine.place if is_known and affine is not None else "",
        activation=_ACTIVATION_NAMES.get(activation, activation),
        numbers=numbers,
        limits=limits,
        labels=unit_labels(statistics, activation, baselines, threshold, limits, numbers=numbers),
        elsewhere={other: under[other] for other in COMPARED[1:] if math.isfinite(under.get(other, math.nan))},
    )


def ordered_channels(measures: LayerMeasures, order: ChannelOrder) -> tuple[int, ...]:
    """Channel numbers, the most striking first; what is undefined stands last."""
    if order == "index":
        return tuple(range(len(measures.labels)))
    key = measures.sparsity if order == "sparsity" else measures.statistics.variance
    return tuple(int(channel) for channel in np.argsort(-key, kind="stable"))


def strikingness(measures: LayerMeasures) -> tuple[float, float]:
    """What layers are compared by: dead channels first, then zeros."""
    return measures.dead_share, float(np.nan_to_num(measures.whole))


def firing_shares(measures: LayerMeasures) -> tuple[FloatArray, bool]:
    """How often each channel fires, (channels,) float64, and whether of samples rather than of values."""
    counted = measures.statistics.firing is not None
    return (measures.numbers.firing if counted else 1.0 - measures.sparsity), counted


def _activation_of(layer: DatasetFacts) -> tuple[str, float]:
    """The activation that made the values, empty where the file does not say, and its slope below 0."""
    attributes = layer.attributes
    if attributes.get("tap") == "pre":
        return "identity", 0.0
    name, slope = attributes.get("activation"), attributes.get("negative_slope")
    known = name.lower().replace("_", "") if isinstance(name, str) else ""
    return known, float(slope) if isinstance(slope, (int, float)) and slope > 0 else 0.01
