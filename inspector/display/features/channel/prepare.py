"""Reads all that is known of one channel."""

from __future__ import annotations

import math
from pathlib import Path

from inspector.artifacts.dumps.dump import opened
from inspector.core.errors import UnsupportedError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import number_text, percent_text
from inspector.display.features.channel.samples import responses_of, tiles_of
from inspector.display.features.channel.scene import ChannelAsk, ChannelScene
from inspector.display.features.channel.weights import incoming_of
from inspector.display.features.measures import LayerMeasures, layer_measures, layers_of
from inspector.display.features.normalisation import Nearest, affines_of
from inspector.display.features.texts import kind_text

_QUIET_KINDS = ("dead", "nearly dead", "dormant")
"""Of these a cause is asked for."""


def prepare(ask: ChannelAsk, pulse: Pulse) -> ChannelScene:
    """The channel with its samples, its weights and its numbers.

    Raises:
        FileError: the dump has no such channel, or cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    notes = Notes()
    dump = opened(Path(ask.path), pulse, generous=ask.generous)
    layers = layers_of(dump)
    layer = layers.get(ask.layer)
    if layer is None:
        raise UnsupportedError(dump.path, f"a layer {visible(ask.layer, 60)}", "none of that name")
    pulse.beat(what=tr("weights"))
    nearest = Nearest(ask.checkpoint, ask.checkpoint_place, ask.stamp)
    affine = affines_of(nearest, dump, layers, notes, pulse).get(ask.layer)
    measures = layer_measures(dump, layer, ask.zero_means, ask.limits, affine, pulse)
    channels = len(measures.labels)
    if not 0 <= ask.channel < channels:
        expected = f"channel {ask.channel} of {visible(ask.layer, 60)}"
        raise UnsupportedError(dump.path, expected, f"{channels} channels")
    incoming = incoming_of(ask, channels, tuple(layers), pulse)
    responses = responses_of(dump, layer, ask.channel, notes, pulse)
    pictures, strongest, in_order = tiles_of(dump, responses, measures.threshold, ask.colour_map, pulse)
    label, fires = measures.labels[ask.channel], responses.fires(measures.threshold)
    return ChannelScene(
        layer=visible(ask.layer),
        channel=ask.channel,
        kind_said=kind_text(label, measures),
        lines=(*_numbers(measures, ask.channel), *incoming.lines),
        pictures=pictures,
        strongest=strongest,
        in_order=in_order,
        samples_said=responses.said if fires else tr("{samples}, it fires on none").format(samples=responses.said),
        whole=responses.whole,
        weights=incoming.picture,
        weights_said=incoming.said,
        hints=tuple(incoming.hints) if label.kind in _QUIET_KINDS else (),
        notes=notes.texts(),
    )


def _numbers(measures: LayerMeasures, channel: int) -> tuple[tuple[str, str], ...]:
    statistics, numbers = measures.statistics, measures.numbers
    firing = float(numbers.firing[channel])
    fires = tr("fires on"), tr("{share} of samples").format(share=percent_text(firing))
    return (
        (tr("zero"), percent_text(float(measures.sparsity[channel]))),
        *((fires,) if math.isfinite(firing) else ()),
        (tr("largest |a|"), number_text(float(statistics.absmax[channel]))),
        (tr("mean"), number_text(float(statistics.mean[channel]))),
        (tr("variance"), number_text(float(statistics.variance[channel]))),
        (tr("relative mean |a|"), number_text(float(numbers.dormancy[channel]))),
    )
