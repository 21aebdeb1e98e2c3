"""What the Features viewer says of layers and channels: the kind, the number that decided, and its threshold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from inspector.analysis.sparsity import firing_bound
from inspector.analysis.unit_kinds import UnitKind, UnitLabel, samples_tell
from inspector.analysis.unit_limits import UnitLimits
from inspector.core.texts import visible
from inspector.core.units import count_text, counted, number_text, percent_text
from inspector.display.features.measures import LayerMeasures

KINDS: tuple[tuple[UnitKind, str], ...] = (
    ("dead", "dead"),
    ("nearly dead", "nearly dead"),
    ("saturated", "saturated"),
    ("dormant", "dormant"),
    ("duplicate", "duplicate"),
    ("sparse", "sparse but alive"),
    ("healthy", "healthy"),
    ("unknown", "not finite"),
)
"""Every kind in the order of its weight, and its name."""


def kind_text(label: UnitLabel, measures: LayerMeasures) -> str:
    """`nearly dead: fires on 0.8% of samples (5.0% at most)`."""
    value, limit = percent_text(label.value), percent_text(label.threshold)
    samples = measures.statistics.samples
    match label.kind:
        case "unknown":
            return f"{counted(int(label.value), 'value')} not finite" if label.value else "no value was seen"
        case "dead":
            largest, zero = number_text(label.value), number_text(label.threshold)
            bound = f", so it fires on under {percent_text(label.bound)} at 95%" if math.isfinite(label.bound) else ""
            return f"dead: |a| is {largest} at most (zero: {zero}) on {counted(samples, 'sample')}{bound}"
        case "saturated":
            return f"saturated: {value} of its values are at a bound ({limit} or more)"
        case "nearly dead":
            of = "samples" if samples_tell(measures.statistics) else "values"
            return f"nearly dead: fires on {value} of {of} ({limit} at most)"
        case "dormant":
            share, tau = number_text(label.value), number_text(label.threshold)
            return f"dormant: its mean |a| is {share} of the layer's (τ {tau} at most)"
        case "duplicate":
            share, least = number_text(label.value), number_text(label.threshold)
            return f"duplicate of channel {label.other}: they correlate by {share} ({least} or more)"
        case "sparse":
            return f"sparse but alive: {value} more zeros than {_leaving(measures)} (over {limit})"
        case "healthy":
            return "healthy"


def _leaving(measures: LayerMeasures) -> str:
    """`ReLU leaves by itself`, or behind the layer's own normalisation."""
    behind = "behind its BatchNorm" if measures.normalised else "by itself"
    return f"{measures.activation} leaves {behind}"


def baseline_text(measures: LayerMeasures) -> str:
    """`ReLU alone 50.0%`."""
    return f"{measures.activation} alone {percent_text(measures.alone)}"


def caption_of(label: UnitLabel, sparsity: float) -> str:
    """What stands on a tile: a word for what is out of order, else the share of zeros."""
    if label.kind == "duplicate":
        return f"like {label.other}"
    if label.kind in ("sparse", "healthy"):
        return share_text(sparsity)
    return dict(KINDS)[label.kind]


def share_text(share: float) -> str:
    """`93%`; a share just under the whole is not rounded up to it."""
    return f"{min(share, 0.999):.1%}" if 0.99 < share < 1 else f"{share:.0%}"


def channel_text(measures: LayerMeasures, channel: int) -> str:
    """What a channel says under the pointer: its kind, and its numbers."""
    statistics = measures.statistics
    numbers = {
        "zero": percent_text(float(measures.sparsity[channel])),
        "largest": number_text(float(statistics.absmax[channel])),
        "mean": number_text(float(statistics.mean[channel])),
        "variance": number_text(float(statistics.variance[channel])),
    }
    if measures.normalised:
        numbers["zero behind its BatchNorm"] = percent_text(float(measures.numbers.baseline[channel]))
    said = ", ".join(f"{name} {text}" for name, text in numbers.items())
    return f"channel {channel}: {kind_text(measures.labels[channel], measures)}\n{said}"


def layer_text(measures: LayerMeasures) -> str:
    """What a layer says under the pointer."""
    parts = [f"{percent_text(measures.whole)} of {count_text(measures.values)} activations are zero"]
    if measures.activation:
        parts.append(f"{measures.activation} alone gives {percent_text(measures.alone)}")
    if measures.normalised:
        behind = percent_text(measures.behind)
        parts.append(f"{measures.activation} behind the layer's BatchNorm at {measures.normalised} gives {behind}")
    if elsewhere := elsewhere_text(measures):
        parts.append(elsewhere)
    parts.append(counts_text(measures))
    return "\n".join(parts)


def elsewhere_text(measures: LayerMeasures) -> str:
    """`The same values are 2.0% zero under GELU`; empty where that is not known."""
    if not measures.elsewhere:
        return ""
    shares = ", ".join(f"{percent_text(share)} under {name}" for name, share in measures.elsewhere.items())
    return f"The same inputs, taken as normal, would be zero for {shares}"


def counts_text(measures: LayerMeasures) -> str:
    """`14 dead · 2 nearly dead · 8 healthy`."""
    counts = {kind: measures.count(kind) for kind, _name in KINDS}
    parts = [f"{counts[kind]} {name}" for kind, name in KINDS if counts[kind] or kind in ("dead", "healthy")]
    if math.isnan(measures.baseline):
        parts.append("the file names no activation to compare with")
    return " · ".join(parts)


def whole_lines(measured: Iterable[LayerMeasures]) -> tuple[str, ...]:
    """What stands below the figure of the whole network."""
    every = list(measured)
    channels = sum(len(measures.labels) for measures in every)
    dead = sum(measures.count("dead") for measures in every)
    lines = [
        f"of {count_text(sum(measures.values for measures in every))} activations are zero",
        f"{dead:,} of {channels:,} channels never fire",
    ]
    alone = {(measures.activation, measures.alone) for measures in every if measures.activation}
    if len(alone) == 1:
        activation, share = alone.pop()
        lines.append(f"{activation} alone gives {percent_text(share)}")
    if any(measures.normalised for measures in every) and all(math.isfinite(one.baseline) for one in every):
        values = sum(measures.values for measures in every)
        behind = sum(measures.baseline * measures.values for measures in every) / values if values else math.nan
        lines.append(f"{percent_text(behind)} behind its BatchNorms")
    return tuple(lines)


def whole_share(measured: Mapping[str, LayerMeasures]) -> float:
    """Zeros among all values of all layers, NaN without a value."""
    values = sum(measures.values for measures in measured.values())
    return sum(measures.zeros for measures in measured.values()) / values if values else math.nan


def evidence_text(shown: LayerMeasures) -> str:
    """What "never fired" rests on."""
    samples = shown.statistics.samples
    if not samples:
        return ""
    bound = percent_text(firing_bound(samples))
    return f"Dead: never fired on {counted(samples, 'sample')} (under {bound} of samples, at 95%)"


def thresholds_text(zero: float, limits: UnitLimits) -> str:
    """What the kinds of channels are held against, a line each."""
    return "\n".join(
        (
            f"Dead: |a| never above {number_text(zero)} on any sample",
            f"Nearly dead: fires on at most {percent_text(limits.nearly_dead_samples)} of samples",
            f"or, where samples are few, on {percent_text(limits.nearly_dead_values)} of values",
            f"Saturated: at least {percent_text(limits.saturated)} of values at a bound",
            f"Dormant: mean |a| at most {number_text(limits.dormant)} of the layer's",
            f"Duplicate: a correlation of at least {number_text(limits.duplicate)} with another channel",
            f"Sparse: more than {percent_text(limits.over_baseline)} over the activation's own share of zeros",
        )
    )


def limits_text(measures: LayerMeasures) -> str:
    """What the bars of a layer's channels are held against, on one line."""
    limits, by_samples = measures.limits, samples_tell(measures.statistics)
    hardly = limits.nearly_dead_samples if by_samples else limits.nearly_dead_values
    behind = f"Ticks: behind its BatchNorm, {percent_text(measures.behind)} · " if measures.normalised else ""
    return behind + " · ".join(
        (
            f"nearly dead ≤ {100 * hardly:g}% of {'samples' if by_samples else 'values'}",
            f"saturated ≥ {100 * limits.saturated:g}% at a bound",
            f"dormant τ ≤ {number_text(limits.dormant)}",
            f"duplicate r ≥ {number_text(limits.duplicate)}",
            f"sparse > baseline + {100 * limits.over_baseline:g}%",
        )
    )


def title_of(measures: LayerMeasures) -> str:
    """`Sparsity by channel, conv2`."""
    return f"Sparsity by channel, {visible(measures.name)}"
