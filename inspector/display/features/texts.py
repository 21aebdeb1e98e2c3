"""What the Features viewer says of layers and channels: the kind, the number that decided, and its threshold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from inspector.analysis.sparsity import firing_bound
from inspector.analysis.unit_kinds import UnitKind, UnitLabel, samples_tell
from inspector.analysis.unit_limits import UnitLimits
from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.texts import visible
from inspector.core.units import count_text, number_text, percent_text
from inspector.display.features.measures import LayerMeasures

KINDS: tuple[tuple[UnitKind, str], ...] = (
    ("dead", tr("dead")),
    ("nearly dead", tr("nearly dead")),
    ("saturated", tr("saturated")),
    ("dormant", tr("dormant")),
    ("duplicate", tr("duplicate")),
    ("sparse", tr("sparse but alive")),
    ("healthy", tr("healthy")),
    ("unknown", tr("not finite")),
)
"""Every kind in the order of its weight, and its name."""


def kind_text(label: UnitLabel, measures: LayerMeasures) -> str:
    """`nearly dead: fires on 0.8% of samples (5.0% at most)`."""
    value, limit = percent_text(label.value), percent_text(label.threshold)
    samples = measures.statistics.samples
    match label.kind:
        case "unknown":
            if not label.value:
                return tr("no value was seen")
            return tr("{values} not finite").format(values=tr_counted(int(label.value), "value"))
        case "dead":
            said = tr("dead: |a| is {largest} at most (zero: {zero}) on {samples}")
            if math.isfinite(label.bound):
                said = tr(
                    "dead: |a| is {largest} at most (zero: {zero}) on {samples}, so it fires on under {bound} at 95%"
                )
            return said.format(
                largest=number_text(label.value),
                zero=number_text(label.threshold),
                samples=tr_counted(samples, "sample"),
                bound=percent_text(label.bound),
            )
        case "saturated":
            said = tr("saturated: {value} of its values are at a bound ({limit} or more)")
            return said.format(value=value, limit=limit)
        case "nearly dead":
            of_samples = tr("nearly dead: fires on {value} of samples ({limit} at most)")
            of_values = tr("nearly dead: fires on {value} of values ({limit} at most)")
            return (of_samples if samples_tell(measures.statistics) else of_values).format(value=value, limit=limit)
        case "dormant":
            said = tr("dormant: its mean |a| is {share} of the layer's (τ {tau} at most)")
            return said.format(share=number_text(label.value), tau=number_text(label.threshold))
        case "duplicate":
            said = tr("duplicate of channel {other}: they correlate by {share} ({least} or more)")
            return said.format(other=label.other, share=number_text(label.value), least=number_text(label.threshold))
        case "sparse":
            alone = tr("sparse but alive: {value} more zeros than {activation} leaves by itself (over {limit})")
            behind = tr(
                "sparse but alive: {value} more zeros than {activation} leaves behind its BatchNorm (over {limit})"
            )
            said = behind if measures.normalised else alone
            return said.format(value=value, activation=measures.activation, limit=limit)
        case "healthy":
            return tr("healthy")


def baseline_text(measures: LayerMeasures) -> str:
    """`ReLU alone 50.0%`."""
    return tr("{activation} alone {share}").format(activation=measures.activation, share=percent_text(measures.alone))


def caption_of(label: UnitLabel, sparsity: float) -> str:
    """What stands on a tile: a word for what is out of order, else the share of zeros."""
    if label.kind == "duplicate":
        return tr("like {channel}").format(channel=label.other)
    if label.kind in ("sparse", "healthy"):
        return share_text(sparsity)
    return dict(KINDS)[label.kind]


def share_text(share: float) -> str:
    """`93%`; a share just under the whole is not rounded up to it."""
    return f"{min(share, 0.999):.1%}" if 0.99 < share < 1 else f"{share:.0%}"


def channel_text(measures: LayerMeasures, channel: int) -> str:
    """What a channel says under the pointer: its kind, and its numbers."""
    statistics = measures.statistics
    numbers = tr("zero {zero}, largest {largest}, mean {mean}, variance {variance}").format(
        zero=percent_text(float(measures.sparsity[channel])),
        largest=number_text(float(statistics.absmax[channel])),
        mean=number_text(float(statistics.mean[channel])),
        variance=number_text(float(statistics.variance[channel])),
    )
    if measures.normalised:
        behind = percent_text(float(measures.numbers.baseline[channel]))
        numbers = tr("{numbers}, zero behind its BatchNorm {share}").format(numbers=numbers, share=behind)
    kind = kind_text(measures.labels[channel], measures)
    return tr("channel {channel}: {kind}").format(channel=channel, kind=kind) + f"\n{numbers}"


def layer_text(measures: LayerMeasures) -> str:
    """What a layer says under the pointer."""
    activation = measures.activation
    zeros = tr_many("{share} of {count} activation is zero", "{share} of {count} activations are zero", measures.values)
    parts = [zeros.format(share=percent_text(measures.whole), count=count_text(measures.values))]
    if activation:
        parts.append(_alone_text(activation, measures.alone))
    if measures.normalised:
        behind = tr("{activation} behind the layer's BatchNorm at {place} gives {share}")
        share = percent_text(measures.behind)
        parts.append(behind.format(activation=activation, place=measures.normalised, share=share))
    if elsewhere := elsewhere_text(measures):
        parts.append(elsewhere)
    parts.append(counts_text(measures))
    return "\n".join(parts)


def _alone_text(activation: str, share: float) -> str:
    return tr("{activation} alone gives {share}").format(activation=activation, share=percent_text(share))


def elsewhere_text(measures: LayerMeasures) -> str:
    """`The same inputs, taken as normal, would be zero for 2.0% under GELU`; empty where that is not known."""
    if not measures.elsewhere:
        return ""
    under = tr("{share} under {activation}")
    shares = (under.format(share=percent_text(share), activation=name) for name, share in measures.elsewhere.items())
    return tr("The same inputs, taken as normal, would be zero for {shares}").format(shares=", ".join(shares))


def counts_text(measures: LayerMeasures) -> str:
    """`14 dead · 2 nearly dead · 8 healthy`."""
    counts = {kind: measures.count(kind) for kind, _name in KINDS}
    parts = [f"{counts[kind]} {name}" for kind, name in KINDS if counts[kind] or kind in ("dead", "healthy")]
    if math.isnan(measures.baseline):
        parts.append(tr("the file names no activation to compare with"))
    return " · ".join(parts)


def whole_lines(measured: Iterable[LayerMeasures]) -> tuple[str, ...]:
    """What stands below the figure of the whole network."""
    every = list(measured)
    channels = sum(len(measures.labels) for measures in every)
    dead = sum(measures.count("dead") for measures in every)
    values = sum(measures.values for measures in every)
    lines = [
        tr_many("of {count} activation is zero", "of {count} activations are zero", values).format(
            count=count_text(values)
        ),
        tr_many(
            "{dead:,} of {channels:,} channel never fires", "{dead:,} of {channels:,} channels never fire", channels
        ).format(dead=dead, channels=channels),
    ]
    alone = {(measures.activation, measures.alone) for measures in every if measures.activation}
    if len(alone) == 1:
        lines.append(_alone_text(*alone.pop()))
    if any(measures.normalised for measures in every) and all(math.isfinite(one.baseline) for one in every):
        behind = sum(measures.baseline * measures.values for measures in every) / values if values else math.nan
        lines.append(tr("{share} behind its BatchNorms").format(share=percent_text(behind)))
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
    said = tr("Dead: never fired on {samples} (under {bound} of samples, at 95%)")
    return said.format(samples=tr_counted(samples, "sample"), bound=percent_text(firing_bound(samples)))


def thresholds_text(zero: float, limits: UnitLimits) -> str:
    """What the kinds of channels are held against, a line each."""
    lines = (
        tr("Dead: |a| never above {zero} on any sample"),
        tr("Nearly dead: fires on at most {samples} of samples\nor, where samples are few, on {values} of values"),
        tr("Saturated: at least {saturated} of values at a bound"),
        tr("Dormant: mean |a| at most {dormant} of the layer's"),
        tr("Duplicate: a correlation of at least {duplicate} with another channel"),
        tr("Sparse: more than {over} over the activation's own share of zeros"),
    )
    return "\n".join(lines).format(
        zero=number_text(zero),
        samples=percent_text(limits.nearly_dead_samples),
        values=percent_text(limits.nearly_dead_values),
        saturated=percent_text(limits.saturated),
        dormant=number_text(limits.dormant),
        duplicate=number_text(limits.duplicate),
        over=percent_text(limits.over_baseline),
    )


def limits_text(measures: LayerMeasures) -> str:
    """What the bars of a layer's channels are held against, on one line."""
    limits, by_samples = measures.limits, samples_tell(measures.statistics)
    parts = (
        *((tr("Ticks: behind its BatchNorm, {behind}"),) if measures.normalised else ()),
        tr("nearly dead ≤ {samples:g}% of samples") if by_samples else tr("nearly dead ≤ {values:g}% of values"),
        tr("saturated ≥ {saturated:g}% at a bound"),
        tr("dormant τ ≤ {dormant}"),
        tr("duplicate r ≥ {duplicate}"),
        tr("sparse > baseline + {over:g}%"),
    )
    return " · ".join(parts).format(
        behind=percent_text(measures.behind),
        samples=100 * limits.nearly_dead_samples,
        values=100 * limits.nearly_dead_values,
        saturated=100 * limits.saturated,
        dormant=number_text(limits.dormant),
        duplicate=number_text(limits.duplicate),
        over=100 * limits.over_baseline,
    )


def title_of(measures: LayerMeasures) -> str:
    """`Sparsity by channel, conv2`."""
    return tr("Sparsity by channel, {layer}").format(layer=visible(measures.name))


def looked_text(looked_at: int, total: int) -> str:
    """`12 samples`, or how many of them were looked at."""
    if looked_at == total:
        return tr_counted(total, "sample")
    return tr("the first {count:,} of {samples}").format(count=looked_at, samples=tr_counted(total, "sample"))
