"""Layers whose features are of one direction wherever one looks.

Symptom: maps that are alike everywhere; evidence: the mean cosine between features of two places of a sample. How much
of a map its channels fill is told beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.analysis.spatial_features import map_entropies, spatial_diversity
from inspector.artifacts.dumps.layer_padding import content_of, valid_positions
from inspector.core.pulse import Pulse
from inspector.core.units import listed, percent_text
from inspector.diagnosis.channels.layers_seen import NO_ACTIVATIONS, LayerSeen, LayersSeen, layers_seen
from inspector.diagnosis.check import About
from inspector.diagnosis.gates import learnt_too_little
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="flat-features",
    title="Features are the same everywhere",
    rules=("S4.09", "S4.10"),
    symptom="Maps of a layer without edges or spots: what a place says is what every other place says",
    definition="The spatial diversity of a layer, 1 less the mean cosine between the features of two different places"
    " of a sample, averaged over {spatial_samples} samples, is below {flat_diversity}; independent channels behind a"
    " ReLU have 0.36. Beside it stands how evenly channels fire: the entropy of a map, its least value taken off, over"
    " ln of its places. It is told {steps_after_warmup} steps after the warm-up or later. Places in the padding and"
    " places that are all zero do not count. Always information.",
    why="What reads places apart, as slots, heads of coordinates or a decoder, has nothing to tell them by",
    confirm="Compare with the layer before: where features still differ there, this layer smooths them away",
    false_alarm="Pictures that are mostly one ground, in early layers; a large mean shared by all places, which a"
    " normalisation takes off. The bare entropy in nats says nothing on small grids, as it cannot exceed ln of the"
    " places: 2.2 for 3 × 3",
    cure="Fewer or smaller averaging layers, and a normalisation over places. No setting of the recipes changes that.",
    source="Rules S4.09 and S4.10, without each place's cosine with itself, and over ln of the places",
)

_MOST_BYTES = 16 * 10**6
"""The most that is read again of a layer for this, beside one sample."""


class _Flat(NamedTuple):
    """A layer with the means over its samples; `evenness` is NaN where every map is constant."""

    layer: LayerSeen
    diversity: float
    evenness: float


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Some samples of the newest dump with activations.

    Raises:
        FileError: the activations cannot be read.
    """
    seen = layers_seen(material, pulse)
    if seen is None:
        return ABOUT.not_assessable(NO_ACTIVATIONS)
    placed = [one for one in seen.layers if set(one.dataset.layout) & set("PHW")]
    if not placed:
        return ABOUT.not_assessable("the layers of the dump have no places")
    limits, told = material.thresholds, []
    for done, one in enumerate(placed):
        pulse.beat(done, len(placed), f"places of {one.name}")
        key = f"places {limits.spatial_samples} {one.dataset.path}"
        if key not in seen.dump.remembered:
            seen.dump.remembered[key] = _measured(seen, one, limits.spatial_samples, pulse)
        found: _Flat = seen.dump.remembered[key]
        if found.diversity < limits.flat_diversity:
            told.append(found)
    if not told:
        return None
    if because := learnt_too_little(material, seen.step):
        return ABOUT.not_assessable(because)
    texts = [f"{one.layer.shown} has {one.diversity:.3f}{_evenness(one)}" for one in told]
    return ABOUT.finding(
        title=f"Features of {len(told)} of {len(placed)} layers are the same everywhere",
        summary=f"Spatial diversity is near 0: {listed(texts)}",
        severity=Severity.INFO,
        sureness=Sureness.POSSIBLE,
        since_step=seen.step,
        since_epoch=seen.entry.epoch,
        evidence=tuple(seen.evidence(one.layer, (), "All channels") for one in told),
        baseline="Independent channels behind a ReLU have a diversity of 0.36, without one 1",
    )


def _measured(seen: LayersSeen, layer: LayerSeen, most: int, pulse: Pulse) -> _Flat:
    dump, dataset = seen.dump, layer.dataset
    samples = dataset.samples
    each = max(1, dataset.bytes // max(1, samples))
    count = min(samples, most, max(1, _MOST_BYTES // each))
    values = np.moveaxis(dump.rows(dataset, 0, count), _channel_axis(dataset.layout), 1).astype(np.float32)
    content = content_of(dump, dataset)
    valid = None if content is None else valid_positions(dump, dataset, content[:count])
    diversities, evenness = [], []
    for sample in range(count):
        pulse.beat(sample, count, f"places of {layer.name}")
        features = values[sample].reshape(values.shape[1], -1)
        if valid is not None:
            features = features[:, valid[sample].reshape(-1)]
        diversities.append(spatial_diversity(features))
        evenness.append(_mean(map_entropies(features).tolist()))
    return _Flat(layer, _mean(diversities), _mean(evenness))


def _channel_axis(layout: str) -> int:
    """Where channels stand once samples stand first."""
    return layout.replace("N", "").index("C") + 1


def _evenness(one: _Flat) -> str:
    return f", and its maps fill {percent_text(one.evenness)} of ln of the places" if np.isfinite(one.evenness) else ""


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
