"""From a dump to the scene of the Features viewer."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from inspector.analysis.sparsity import firing_bound
from inspector.artifacts.dumps.dump import Dump, activation_layers, activation_of, layer_name, layer_statistics, opened
from inspector.core.arrays import ShapeError
from inspector.core.errors import FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import count_text, number_text, percent_text
from inspector.display.features.maps import colour_range, coloured, within_limits
from inspector.display.features.measures import DEAD_ERROR, DEAD_WARNING, LayerMeasures, measures_of, ordered_channels
from inspector.display.features.scene import ChannelState, ChannelTile, FeaturesAsk, FeaturesScene, LayerBar
from inspector.display.rasters import Planes
from inspector.formats.facts import DatasetFacts


def prepare(ask: FeaturesAsk, pulse: Pulse) -> FeaturesScene:
    """The scene of one layer, drawn for one sample.

    Raises:
        FileError: the dump or all of its layers cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what="opening the dump")
    notes = Notes()
    dump = opened(Path(ask.path), pulse)
    layers = {layer_name(layer): layer for layer in activation_layers(dump) if 0 not in layer.shape}
    measured, bars = _measured(dump, layers, ask.zero_means, notes, pulse)
    if not measured:
        raise UnsupportedError(dump.path, "activations in this dump", "none that can be read", "choose another dump")
    shown = measured.get(ask.layer) or max(measured.values(), key=_strikingness)
    _say_threshold(shown, ask.zero_means, notes)
    pulse.beat(what="maps")
    maps = within_limits(_maps(dump, layers[shown.name], ask.sample, notes))
    pulse.beat(what="range")
    low, high = colour_range(maps, shown.threshold)
    rgba = coloured(maps, low, high, ask.colour_map, pulse)
    pulse.beat(what="channels")
    return FeaturesScene(
        place=ask.place,
        sample=ask.sample,
        samples=dump.facts.samples or 1,
        layer=visible(shown.name),
        layers=bars,
        channels=tuple(_tile(shown, channel, len(rgba)) for channel in ordered_channels(shown, ask.order)),
        maps=rgba,
        low=low,
        high=high,
        order=ask.order,
        colour_map=ask.colour_map,
        zero_means=shown.threshold,
        sparsity_text=percent_text(_whole(measured)),
        whole_state=_whole_state(measured),
        whole_lines=_whole_lines(measured),
        bars_title=f"Sparsity by channel, {visible(shown.name)}",
        counts_text=_counts_text(shown),
        baseline=shown.baseline,
        baseline_text=f"{shown.activation} baseline {percent_text(shown.baseline)}",
        evidence=_evidence(shown),
        notes=notes.texts(),
    )


def _measured(
    dump: Dump, layers: dict[str, DatasetFacts], zero_means: float, notes: Notes, pulse: Pulse
) -> tuple[dict[str, LayerMeasures], tuple[LayerBar, ...]]:
    """Every layer that can be read, and a row for each layer."""
    measured: dict[str, LayerMeasures] = {}
    bars = []
    for done, (name, layer) in enumerate(layers.items()):
        pulse.beat(done, len(layers), name)
        try:
            measured[name] = measures_of(name, layer, layer_statistics(dump, layer, pulse), zero_means)
        except (FileError, ShapeError) as error:
            notes.add(f"{visible(name)}: {error}")
            bars.append(_unreadable(name, f"{error}"))
        else:
            bars.append(_bar(measured[name]))
    return measured, tuple(bars)


def _strikingness(measures: LayerMeasures) -> tuple[float, float]:
    """Dead channels first, then zeros."""
    return measures.count("dead") / max(len(measures.states), 1), np.nan_to_num(measures.whole)


def _bar(measures: LayerMeasures) -> LayerBar:
    channels = len(measures.states)
    parts = [f"{percent_text(measures.whole)} of {count_text(measures.values)} activations are zero"]
    if measures.activation:
        parts.append(f"{measures.activation} alone gives {percent_text(measures.baseline)}")
    parts.append(f"{measures.count('dead')} of {channels} channels are dead")
    return LayerBar(
        name=visible(measures.name),
        sparsity=measures.whole,
        sparsity_text=percent_text(measures.whole),
        baseline=measures.baseline,
        state=measures.state,
        detail="\n".join(parts),
    )


def _unreadable(name: str, because: str) -> LayerBar:
    return LayerBar(
        name=visible(name), sparsity=math.nan, sparsity_text="–", baseline=math.nan, state="unknown", detail=because
    )


def _say_threshold(shown: LayerMeasures, wanted: float, notes: Notes) -> None:
    if not math.isclose(shown.threshold, wanted, rel_tol=1e-6):
        counted = number_text(shown.threshold)
        notes.add(f"The dump counted no zeros below {number_text(wanted)}; those below {counted} are shown")


def _maps(dump: Dump, layer: DatasetFacts, sample: int, notes: Notes) -> Planes:
    """The maps of the sample; undefined where the layer does not hold it."""
    try:
        return activation_of(dump, layer, sample)
    except (FileError, ShapeError) as error:
        notes.add(str(error))
        channels = layer.shape[layer.layout.index("C")] if "C" in layer.layout else 1
        return np.full((channels, 1, 1), np.nan, np.float32)


_WORDS: dict[ChannelState, str] = {
    "dead": "dead: it never fires",
    "sparse": "alive, but zero clearly more often than its activation gives by itself",
    "alive": "alive",
    "unknown": "not finite everywhere",
}


def _tile(measures: LayerMeasures, channel: int, maps: int) -> ChannelTile:
    state, statistics = measures.states[channel], measures.statistics
    sparsity = float(measures.sparsity[channel])
    numbers = {
        "zero": percent_text(sparsity),
        "largest": number_text(float(statistics.absmax[channel])),
        "mean": number_text(float(statistics.mean[channel])),
        "variance": number_text(float(statistics.variance[channel])),
    }
    return ChannelTile(
        channel=channel,
        map_index=min(channel, maps - 1),
        state=state,
        sparsity=sparsity,
        text={"dead": "dead", "unknown": "not finite"}.get(state, _share_text(sparsity)),
        detail=f"channel {channel}: {_WORDS[state]}\n" + ", ".join(f"{name} {text}" for name, text in numbers.items()),
    )


def _share_text(share: float) -> str:
    """`93%`; a share just under the whole is not rounded up to it."""
    return f"{min(share, 0.999):.1%}" if 0.99 < share < 1 else f"{share:.0%}"


def _whole(measured: dict[str, LayerMeasures]) -> float:
    values = sum(measures.values for measures in measured.values())
    return sum(measures.zeros for measures in measured.values()) / values if values else math.nan


def _whole_state(measured: dict[str, LayerMeasures]) -> ChannelState:
    channels = sum(len(measures.states) for measures in measured.values())
    dead = sum(measures.count("dead") for measures in measured.values()) / max(channels, 1)
    if dead > DEAD_ERROR:
        return "dead"
    marked = dead > DEAD_WARNING or any(measures.state in {"dead", "sparse"} for measures in measured.values())
    return "sparse" if marked else "alive"


def _whole_lines(measured: dict[str, LayerMeasures]) -> tuple[str, ...]:
    channels = sum(len(measures.states) for measures in measured.values())
    dead = sum(measures.count("dead") for measures in measured.values())
    lines = [
        f"of {count_text(sum(measures.values for measures in measured.values()))} activations are zero",
        f"{dead:,} of {channels:,} channels never fire",
    ]
    baselines = {(measures.activation, measures.baseline) for measures in measured.values() if measures.activation}
    if len(baselines) == 1:
        activation, baseline = baselines.pop()
        lines.append(f"{activation} alone gives {percent_text(baseline)}")
    return tuple(lines)


def _counts_text(shown: LayerMeasures) -> str:
    dead, sparse, alive, unknown = (shown.count(state) for state in ("dead", "sparse", "alive", "unknown"))
    parts = [f"{dead} dead"]
    if math.isnan(shown.baseline):
        parts.append(f"{alive} alive, the file names no activation to compare with")
    else:
        parts += [f"{sparse} alive but clearly above the {shown.activation} baseline", f"{alive} healthy"]
    if unknown:
        parts.append(f"{unknown} not finite")
    return " · ".join(parts)


def _evidence(shown: LayerMeasures) -> str:
    """What "never fired" rests on."""
    samples = shown.statistics.samples
    if not samples:
        return ""
    bound, plural = percent_text(firing_bound(samples)), "" if samples == 1 else "s"
    return f"Dead: never fired on {samples:,} sample{plural} (under {bound} of samples, at 95%)"
