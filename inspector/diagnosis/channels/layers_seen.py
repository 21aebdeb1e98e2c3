"""The layers that the checks of channels look at: those of the newest dump with activations, read once for all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.null_sparsity import zero_epsilon
from inspector.analysis.sparsity import LayerStatistics, dead_channels
from inspector.artifacts.dumps.dump import Dump, activation_layers, layer_name, layer_statistics, opened
from inspector.core.arrays import AnyArray
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import LayerEvidence
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts
from inspector.runs.values import FileEntry

NO_ACTIVATIONS = "no dump with activations"

SPARSITY, DEAD, DORMANT = "sparsity/", "dead_channels/", "dormant_channels/"
"""Prefixes of what our own trainer logs of each layer: the share of its values that are silent, beside
`baseline/sparsity_<layer>`; of its channels that are dead; of those that are dormant and not dead, of some layers."""

_NAMES = {"relu": "ReLU", "leakyrelu": "LeakyReLU", "gelu": "GELU"}


@dataclass(frozen=True, slots=True, eq=False)
class LayerSeen:
    """One layer of a dump.

    Attributes:
        activation: its function's name as the dump states it, empty where it does not; slope: of a leaky ReLU below 0.
        dead: (channels,) bool, those that never fire.
    """

    dataset: DatasetFacts
    name: str
    activation: str
    slope: float
    statistics: LayerStatistics
    dead: AnyArray

    @property
    def channels(self) -> int:
        """How many there are."""
        return max(len(self.dead), 1)

    @property
    def samples(self) -> int:
        """How many were seen."""
        return self.statistics.samples

    @property
    def shown(self) -> str:
        """Its name in a sentence."""
        return visible(self.name, 60)

    @property
    def function(self) -> str:
        """The name of its activation in a sentence."""
        return function_name(self.activation)


@dataclass(frozen=True, slots=True, eq=False)
class LayersSeen:
    """All layers of a dump that were recorded after their activation, in their order."""

    entry: FileEntry
    dump: Dump
    layers: tuple[LayerSeen, ...]

    @property
    def step(self) -> float | None:
        """Where the dump stands, None where that is not known."""
        return step_of(self.entry)

    def evidence(self, layer: LayerSeen, channels: tuple[int, ...], text: str) -> LayerEvidence:
        """Channels of a layer as evidence; `text` without the name of the file."""
        text = f"{text} of {layer.shown} in {file_text(self.entry)}"
        return LayerEvidence(dump=self.entry.path, layer=layer.name, channels=channels, text=text)


def layers_seen(material: Material, pulse: Pulse) -> LayersSeen | None:
    """The layers of the newest dump with activations, None where there is none.

    What one check has read all others know.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    found = [(entry, facts) for entry, facts in material.dumps if any(_is_usable(one) for one in facts.datasets)]
    if not found:
        return None
    entry, limits = found[-1][0], material.thresholds
    dump = opened(Path(entry.path), pulse)
    usable = [one for one in activation_layers(dump) if _is_usable(one)]
    share = limits.largest_streamed_bytes / max(1, sum(one.bytes for one in usable))
    layers = []
    for one in usable:
        enough = max(1, int(min(share, 1.0) * one.samples))
        layers.append(_seen(one, layer_statistics(dump, one, pulse, enough), limits))
    return LayersSeen(entry, dump, tuple(layers))


def function_name(activation: str) -> str:
    """The name of an activation in a sentence, whatever its spelling."""
    return _NAMES.get(activation.lower().replace("_", ""), visible(activation, 40))


def has_layers(material: Material) -> bool:
    """Whether activations were recorded, or their silence logged."""
    dumped = any(one.role == Role.ACTIVATION for _entry, facts in material.dumps for one in facts.datasets)
    return dumped or any(tag.startswith((SPARSITY, DEAD, DORMANT)) for tag in material.curves)


def _is_usable(one: DatasetFacts) -> bool:
    """Activations after the non-linearity, with a channel axis and values."""
    taken_before = one.attributes.get("tap") == "pre"
    return one.role == Role.ACTIVATION and all(one.shape) and not taken_before


def _seen(dataset: DatasetFacts, statistics: LayerStatistics, limits: Thresholds) -> LayerSeen:
    stated, slope = dataset.attributes.get("activation"), dataset.attributes.get("negative_slope")
    activation = stated if isinstance(stated, str) else ""
    return LayerSeen(
        dataset=dataset,
        name=layer_name(dataset),
        activation=activation,
        slope=slope if isinstance(slope, float) else 0.01,
        statistics=statistics,
        dead=np.asarray(dead_channels(statistics, limits.dead_epsilon if zero_epsilon(activation) else 0.0)),
    )
