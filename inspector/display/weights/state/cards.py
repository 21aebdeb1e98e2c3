"""The values of diagnosis as cards."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from inspector.analysis.pyramid import decimate
from inspector.core.language import tr, tr_counted, tr_listed
from inspector.core.texts import begun, visible
from inspector.core.units import number_text, percent_text
from inspector.diagnosis.checkpoint_values import (
    Flow,
    GradientFlow,
    ModuleGradient,
    PlannedCurve,
    PredictedSparsity,
    Readiness,
)
from inspector.diagnosis.rates.recorded_rate import RecordedRate
from inspector.display.weights.state.scene import (
    FlowBar,
    FlowCard,
    RateCard,
    RateDot,
    RateInk,
    ReadyCard,
    SparsityBar,
)

_LEAST_DECADES = 3.0
"""The log axis of the flow spans at least so much, so that equal modules have equal, long bars."""

_WEAK_DECADES = 3.0
"""A module so far below the median gets next to nothing."""

_FLOWS: dict[Flow, str] = {
    "never": tr("never"),
    "disconnected": tr("disconnected"),
    "frozen": tr("frozen"),
    "unknown": tr("unknown"),
}
"""Why a module has no gradient to draw, in a word."""

_NAMED = 8

_NAME_CHARACTERS = 1_024
"""Names are cut in the middle, to the room that there is, where they are painted."""

_RECORDED_POINTS = 2_000


def flow_card(flow: GradientFlow) -> FlowCard:
    """The modules' gradients on one log scale; what gets none says so in a word."""
    title = tr("Gradient flow, from {source}").format(source=flow.source) if flow.source else tr("Gradient flow")
    if not flow.rows:
        return FlowCard(title=title, because=begun(flow.because or tr("the file holds no optimizer state")))
    known = [row.rms for row in flow.rows if math.isfinite(row.rms) and row.rms > 0]
    high = math.log10(max(known)) if known else 0.0
    low = min(high - _LEAST_DECADES, math.log10(min(known)) - 0.5) if known else high - _LEAST_DECADES
    weak = 10 ** (math.log10(float(np.median(known))) - _WEAK_DECADES) if known else 0.0
    notes = [flow.formula] if flow.formula else []
    notes += [tr("an estimate")] if flow.estimate else []
    notes += [tr("joined by {how}").format(how=flow.joined_by)] if flow.joined_by else []
    return FlowCard(
        title=title,
        bars=tuple(_bar(row, low, high, weak) for row in flow.rows),
        says=" · ".join((*notes, *flow.notes)),
    )


def _bar(row: ModuleGradient, low: float, high: float, weak: float) -> FlowBar:
    flowing = math.isfinite(row.rms) and row.rms > 0
    share = (math.log10(row.rms) - low) / (high - low) if flowing and high > low else 0.0
    word = _FLOWS.get(row.flow, "")
    value = short_number(row.rms) if flowing and not word else word or _FLOWS["unknown"]
    tip = [f"{tr_counted(row.parameters, 'tensor')}, {tr_counted(row.elements, 'number')}"]
    if math.isfinite(row.update_ratio):
        tip.append(tr("update over weight {ratio}").format(ratio=number_text(row.update_ratio)))
    tip += [row.because] if row.because else []
    if row.without:
        tip.append(tr("without a gradient: {names}").format(names=tr_listed(row.without, _NAMED)))
    return FlowBar(
        label=visible(row.module or tr("model"), _NAME_CHARACTERS),
        value=tr("{value} · partly").format(value=value) if row.flow == "partly" else value,
        share=min(max(share, 0.02), 1.0) if flowing else 0.0,
        worrying=row.flow in ("never", "disconnected", "frozen") or (flowing and row.rms < weak),
        tip=visible("; ".join(tip), 600),
    )


def short_number(value: float) -> str:
    """Two digits, as a bar has room for: `0.21`, `0.018`, `2.3e-4`."""
    text = f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.2g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}" if e else text


def rate_cards(
    curves: Sequence[PlannedCurve], recorded: Sequence[RecordedRate | None] = (), step: int | None = None
) -> tuple[RateCard, ...]:
    """A card for each kind of group; groups that are planned, held and recorded alike share one.

    Args:
        curves: the plan of each group.
        recorded: beside each, what the run recorded; empty for nothing.
        step: where the checkpoint stands, for a recorded rate without a plan.
    """
    alike: dict[tuple[object, ...], list[tuple[PlannedCurve, RecordedRate | None]]] = {}
    for curve, logged in zip(curves, recorded or [None] * len(curves), strict=True):
        key = (
            curve.optimizer, curve.scheduler, curve.now, curve.times.tobytes(), curve.rates.tobytes(),
            number_text(curve.held), number_text(curve.last), logged.rates.tobytes() if logged else b"",
        )  # fmt: skip
        alike.setdefault(key, []).append((curve, logged))
    several = len(alike) > 1
    cards = []
    for together in alike.values():
        card = _rate_card([curve for curve, _ in together], several)
        logged = together[0][1]
        cards.append(card if logged is None else _with_recorded(card, logged, step))
    return tuple(cards)


def _with_recorded(card: RateCard, logged: RecordedRate, step: int | None) -> RateCard:
    times, rates = logged.times, logged.rates
    if times.size > _RECORDED_POINTS:
        times, rates = decimate(times, rates, float(times[0]), float(times[-1]), _RECORDED_POINTS)
    card = msgspec.structs.replace(card, recorded_times=times, recorded_rates=rates, unit=logged.unit)
    if card.times.size:
        return card
    now = math.nan if step is None else float(step)
    dots = tuple(msgspec.structs.replace(dot, time=now) for dot in card.dots)
    return msgspec.structs.replace(
        card, now=now, dots=dots, title=tr("Learning rate, as recorded in {tag}").format(tag=visible(logged.tag, 60))
    )


def _rate_card(together: Sequence[PlannedCurve], several: bool) -> RateCard:
    curve = together[0]
    groups = ", ".join(visible(one.group, 40) for one in together[:_NAMED])
    now = math.nan if curve.now is None else float(curve.now)
    wrong = curve.agrees is False
    dots = []
    if math.isfinite(curve.held):
        ink: RateInk = "critical" if wrong else "accent"
        text = tr("optimizer {rate}").format(rate=rate_text(curve.held))
        dots.append(RateDot(text=text, time=now, rate=curve.held, ink=ink))
    planned = curve.planned if math.isfinite(curve.planned) else curve.last
    if math.isfinite(planned) and (wrong or not math.isfinite(curve.held)):
        text = tr("scheduler {rate}").format(rate=rate_text(planned))
        dots.append(RateDot(text=text, time=now, rate=planned, ink="good"))
    title = tr("Learning rate, from the optimizer's groups")
    if curve.scheduler or curve.times.size:
        title = tr("Learning rate, from the scheduler's state")
    return RateCard(
        name=groups if several else "",
        title=title,
        unit=curve.unit,
        times=curve.times,
        rates=curve.rates,
        now=now,
        dots=tuple(dots),
        verdict=begun(visible(curve.verdict, 400)),
        worrying=wrong,
        missing=begun(visible(curve.missing, 400)),
    )


def rate_text(rate: float) -> str:
    """`1.0e-4`, `0.012`."""
    if not math.isfinite(rate) or rate == 0 or 1e-3 <= abs(rate) < 1000:
        return number_text(rate)
    mantissa, _, exponent = f"{rate:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def ready_card(ready: Readiness) -> ReadyCard | None:
    """What is there and what is missing; None where the file is no training state."""
    if not ready.parts:
        return None
    says = [text for text in (ready.because, ready.edit_by) if text]
    return ReadyCard(
        parts=tuple((visible(part.text, 300), part.present is False) for part in ready.parts),
        says=visible(". ".join(begun(text) for text in says), 600),
    )


def sparsity_bars(found: Sequence[PredictedSparsity]) -> tuple[tuple[SparsityBar, ...], str]:
    """A bar a layer, and the condition that they share."""
    bars = []
    for layer in found:
        said = [percent_text(layer.mean)]
        told = (tr("{count} dead: {channels}"), layer.dead), (tr("{count} constant: {channels}"), layer.constant)
        for text, channels in told:
            if channels:
                shown = [*map(str, channels[:_NAMED]), *(["…"] if len(channels) > _NAMED else [])]
                said.append(text.format(count=f"{len(channels):,}", channels=", ".join(shown)))
        bars.append(
            SparsityBar(path=layer.path, layer=visible(layer.layer, 120), mean=layer.mean, said=" · ".join(said))
        )
    return tuple(bars), found[0].condition if found else ""
