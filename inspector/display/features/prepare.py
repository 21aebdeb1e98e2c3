"""From a dump to the scene of the Features viewer."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from inspector.artifacts.dumps.dump import Dump, opened
from inspector.core.arrays import ShapeError
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import number_text, percent_text
from inspector.display.features.firing import firing_row
from inspector.display.features.maps import colour_range, coloured, within_limits
from inspector.display.features.measures import (
    DEAD_ERROR,
    DEAD_WARNING,
    LayerMeasures,
    firing_shares,
    layer_measures,
    layers_of,
    ordered_channels,
    strikingness,
)
from inspector.display.features.normalisation import Nearest, affines_of
from inspector.display.features.scene import ChannelState, ChannelTile, FeaturesAsk, FeaturesScene, LayerBar
from inspector.display.features.spatial import masked_maps, spatial_maps
from inspector.display.features.texts import (
    baseline_text,
    caption_of,
    channel_text,
    counts_text,
    elsewhere_text,
    evidence_text,
    kind_text,
    layer_text,
    limits_text,
    thresholds_text,
    title_of,
    whole_lines,
    whole_share,
)
from inspector.display.rasters import Planes
from inspector.formats.facts import DatasetFacts

_NO_MAPS = np.zeros((0, 1, 1, 4), np.uint8)


def prepare(ask: FeaturesAsk, pulse: Pulse) -> FeaturesScene:
    """The scene of one layer, drawn for one sample.

    Raises:
        FileError: the dump or all of its layers cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    notes = Notes()
    dump = opened(Path(ask.path), pulse, generous=ask.generous)
    layers = layers_of(dump)
    measured, bars = _measured(dump, layers, ask, notes, pulse)
    shown = measured.get(ask.layer) or max(measured.values(), key=strikingness)
    _say_threshold(shown, ask.zero_means, notes)
    pulse.beat(what=tr("drawing"))
    drawn = _drawn(ask, dump, shown, measured, notes, pulse)
    pulse.beat(what=tr("channels"))
    channels = ordered_channels(shown, ask.order)
    return FeaturesScene(
        place=ask.place,
        sample=ask.sample,
        samples=dump.facts.samples or 1,
        layer=visible(shown.name),
        layers=bars,
        channels=tuple(_tile(shown, channel, len(drawn["maps"])) for channel in channels),
        order=ask.order,
        colour_map=ask.colour_map,
        zero_means=shown.threshold,
        sparsity_text=percent_text(whole_share(measured)),
        whole_state=_whole_state(measured),
        whole_lines=whole_lines(measured.values()),
        bars_title=title_of(shown),
        counts_text=counts_text(shown),
        baseline=shown.alone,
        baseline_text=baseline_text(shown),
        evidence=evidence_text(shown),
        thresholds=thresholds_text(shown.threshold, ask.limits),
        limits=limits_text(shown),
        elsewhere=elsewhere_text(shown),
        page=ask.page,
        notes=notes.texts(),
        limited=notes.limited,
        **drawn,
    )


def _drawn(
    ask: FeaturesAsk,
    dump: Dump,
    shown: LayerMeasures,
    measured: dict[str, LayerMeasures],
    notes: Notes,
    pulse: Pulse,
) -> dict[str, Any]:
    """What stands on the page that is asked for."""
    layer = layers_of(dump)[shown.name]
    nothing: dict[str, Any] = {"maps": _NO_MAPS, "low": 0.0, "high": 1.0}
    match ask.page:
        case "channels":
            maps = within_limits(_maps(dump, layer, ask.sample, notes))
            pulse.beat(what=tr("range"))
            low, high = colour_range(maps, shown.threshold)
            return {"maps": coloured(maps, low, high, ask.colour_map, pulse), "low": low, "high": high}
        case "spatial":
            if not set(layer.layout) & set("HWP"):
                return {**nothing, "spatial_problem": tr("{layer} has no positions").format(layer=visible(shown.name))}
            try:
                spatial = spatial_maps(dump, layer, ask.sample, shown.threshold, ask.colour_map, pulse)
            except (FileError, ShapeError) as error:
                return {**nothing, "spatial_problem": str(error)}
            return {**nothing, "spatial": spatial.maps, "high": spatial.high, "whole": spatial.whole}
        case "firing":
            of_samples = tr("Share of samples for which a channel fires")
            of_values = tr("Share of values for which a channel fires")
            means = of_samples if firing_shares(shown)[1] else of_values
            rows = tuple(firing_row(measures, ask.colour_map) for measures in measured.values())
            return {**nothing, "firing": rows, "firing_means": means}
        case "epochs":
            return nothing


def _measured(
    dump: Dump, layers: dict[str, DatasetFacts], ask: FeaturesAsk, notes: Notes, pulse: Pulse
) -> tuple[dict[str, LayerMeasures], tuple[LayerBar, ...]]:
    """Every layer that can be read, and a row for each layer; raises where none can."""
    measured: dict[str, LayerMeasures] = {}
    bars, problems = [], []
    nearest = Nearest(ask.checkpoint, ask.checkpoint_place, ask.stamp)
    affines = affines_of(nearest, dump, layers, notes, pulse)
    for done, (name, layer) in enumerate(layers.items()):
        pulse.beat(done, len(layers), name)
        try:
            measured[name] = layer_measures(dump, layer, ask.zero_means, ask.limits, affines.get(name), pulse)
        except (FileError, ShapeError) as error:
            notes.add_error(error, visible(name))
            problems.append(error)
            bars.append(_unreadable(name, f"{error}"))
        else:
            bars.append(_bar(measured[name]))
    if not measured:
        raise next(
            (error for error in problems if isinstance(error, FileError)),
            dump.lacking("activations"),
        )
    return measured, tuple(bars)


def _bar(measures: LayerMeasures) -> LayerBar:
    return LayerBar(
        name=visible(measures.name),
        sparsity=measures.whole,
        sparsity_text=percent_text(measures.whole),
        baseline=measures.baseline,
        state=measures.state,
        detail=layer_text(measures),
    )


def _unreadable(name: str, because: str) -> LayerBar:
    return LayerBar(
        name=visible(name), sparsity=math.nan, sparsity_text="–", baseline=math.nan, state="unknown", detail=because
    )


def _say_threshold(shown: LayerMeasures, wanted: float, notes: Notes) -> None:
    if not math.isclose(shown.threshold, wanted, rel_tol=1e-6):
        said = tr("The dump counted no zeros below {wanted}; those below {counted} are shown")
        notes.add(said.format(wanted=number_text(wanted), counted=number_text(shown.threshold)))


def _maps(dump: Dump, layer: DatasetFacts, sample: int, notes: Notes) -> Planes:
    """The maps of the sample; undefined where the layer does not hold it."""
    try:
        return masked_maps(dump, layer, sample)
    except (FileError, ShapeError) as error:
        notes.add(str(error))
        channels = layer.shape[layer.layout.index("C")] if "C" in layer.layout else 1
        return np.full((channels, 1, 1), np.nan, np.float32)


def _tile(measures: LayerMeasures, channel: int, maps: int) -> ChannelTile:
    label, sparsity = measures.labels[channel], float(measures.sparsity[channel])
    return ChannelTile(
        channel=channel,
        map_index=max(0, min(channel, maps - 1)),
        state=label.kind,
        sparsity=sparsity,
        text=caption_of(label, sparsity),
        kind_said=kind_text(label, measures),
        detail=channel_text(measures, channel),
        baseline=float(measures.numbers.baseline[channel]) if measures.normalised else None,
    )


def _whole_state(measured: dict[str, LayerMeasures]) -> ChannelState:
    channels = sum(len(measures.labels) for measures in measured.values())
    dead = sum(measures.count("dead") for measures in measured.values()) / max(channels, 1)
    if dead > DEAD_ERROR:
        return "dead"
    marked = dead > DEAD_WARNING or any(measures.state in {"dead", "sparse"} for measures in measured.values())
    return "sparse" if marked else "healthy"
