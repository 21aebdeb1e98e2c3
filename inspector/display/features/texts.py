"""What the Features viewer says of layers and channels: the kind, the number that decided, and its threshold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from inspector.analysis.sparsity import firing_bound
from inspector.analysis.unit_kinds import THRESHOLDS, UnitKind, UnitLabel, UnitThresholds
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
            of = "samples" if label.threshold == THRESHOLDS.nearly_dead_samples else "values"
            return f"nearly dead: fires on {value} of {of} ({limit} at most)"
        case "dormant":
            share, tau = number_text(label.value), number_text(label.threshold)
            return f"dormant: its mean |a| is {share} of the layer's (τ {tau} at most)"
        case "duplicate":
            share, least = number_text(label.value), number_text(label.threshold)
            return f"duplicate of channel {label.other}: they correlate by {share} ({least} or more)"
        case "sparse":
            return f"sparse but alive: {value} more zeros than {measures.activation} leaves by itself (over {limit})"
        case "healthy":
            return "healthy"


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
    said = ", ".join(f"{name} {text}" for name, text in numbers.items())
    return f"channel {channel}: {kind_text(measures.labels[channel], measures)}\n{said}"


def layer_text(measures: LayerMeasures) -> str:
    """What a layer says under the pointer."""
    parts = [f"{percent_text(measures.whole)} of {count_text(measures.values)} activations are zero"]
    if measures.activation:
        parts.append(f"{measures.activation} alone gives {percent_text(measures.baseline)}")
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
    baselines = {(measures.activation, measures.baseline) for measures in every if measures.activation}
    if len(baselines) == 1:
        activation, baseline = baselines.pop()
        lines.append(f"{activation} alone gives {percent_text(baseline)}")
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


def thresholds_text(thresholds: UnitThresholds) -> str:
    """What the kinds of channels are held against, a line each."""
    return "\n".join(
        (
            f"Dead: |a| never above {number_text(thresholds.zero)} on any sample",
            f"Nearly dead: fires on at most {percent_text(thresholds.nearly_dead_samples)} of samples",
            f"or, where samples are few, on {percent_text(thresholds.nearly_dead_values)} of values",
            f"Saturated: at least {percent_text(thresholds.saturated)} of values at a bound",
            f"Dormant: mean |a| at most {number_text(thresholds.dormant)} of the layer's",
            f"Duplicate: a correlation of at least {number_text(thresholds.duplicate)} with another channel",
            f"Sparse: more than {percent_text(thresholds.over_baseline)} over the activation's own share of zeros",
        )
    )


def title_of(measures: LayerMeasures) -> str:
    """`Sparsity by channel, conv2`."""
    return f"Sparsity by channel, {visible(measures.name)}"
