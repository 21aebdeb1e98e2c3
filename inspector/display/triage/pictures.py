"""Evidence as small pictures: a curve with the stretch that shows it, bars of channels, masks, point errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inspector.analysis.pyramid import decimate
from inspector.analysis.resampling import resized
from inspector.artifacts.dumps.dump import (
    Dump,
    activation_layers,
    image_of,
    layer_name,
    layer_statistics,
    masks_of,
    opened,
)
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.core.arrays import AnyArray, FloatArray, Rgba, ShapeError
from inspector.core.errors import FileError
from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Pulse
from inspector.core.units import number_text, pixels_text
from inspector.diagnosis.material import Material
from inspector.diagnosis.rates.checkpoint_rates import HeldRate, held_rates
from inspector.diagnosis.rates.planned_rate import planned_rate
from inspector.diagnosis.tags import is_loss, is_rate, shown
from inspector.diagnosis.values import (
    CurveEvidence,
    Evidence,
    Finding,
    LayerEvidence,
    PointEvidence,
    Severity,
    SlotEvidence,
)
from inspector.display.dumps import datasets
from inspector.display.slot_colours import slot_colour
from inspector.display.tokens import rgb
from inspector.display.triage.scene import Picture, Stroke, StrokeInk
from inspector.formats.dump import Role
from inspector.formats.metric_names import better_of
from inspector.formats.series import Series
from inspector.runs.placing import moment_text
from inspector.runs.rising import finite

WIDTH_PX = 160
"""So wide a curve is drawn; the large picture is twice that."""

THUMB_PX = 96
_MOST_BARS = 96
_BINS = 32
_OPACITY = 0.6
_MOST_TILES, _GAP_PX = 3, 8
_MARGIN = 0.04

NONE = Picture()


def picture_of(evidence: Evidence, finding: Finding, material: Material, pulse: Pulse) -> Picture:
    """The picture of a piece of evidence, `NONE` where it has none or its file cannot be read.

    Raises:
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("drawing the evidence"))
    try:
        match evidence:
            case CurveEvidence():
                return _curve(evidence, finding, material)
            case LayerEvidence():
                return _layer(evidence, pulse)
            case SlotEvidence():
                return _masks(evidence, pulse)
            case PointEvidence():
                return _point_errors(evidence, pulse)
            case _:
                return NONE
    except (FileError, ShapeError):  # who opens its view is told
        return NONE


def _curve(evidence: CurveEvidence, finding: Finding, material: Material) -> Picture:
    one = material.curves.get(evidence.series)
    if one is None:
        return NONE
    drawn = finite(one)
    if len(drawn.values) < 2:
        return NONE
    others = _beside(evidence, finding, material, drawn)
    every = [(drawn.steps, drawn.values), *((steps, values) for steps, values, _ink, _dashed in others)]
    low, high = _ends([values for _steps, values in every])
    if is_loss(evidence.series):
        stretch = [values[(steps >= evidence.first_step) & (steps <= evidence.last_step)] for steps, values in every]
        low, high = _near(_ends(stretch), (low, high))
    span = (float(drawn.steps[0]), max(float(drawn.steps[-1]), float(one.steps[-1])))
    ink: StrokeInk = "warning" if finding.severity is Severity.WARNING else "accent"
    lines = [*others, (drawn.steps, drawn.values, ink, False)]
    return Picture(
        strokes=tuple(_stroke(steps, values, span, (low, high), ink, dashed) for steps, values, ink, dashed in lines),
        shade=(_share(evidence.first_step, *span), _share(evidence.last_step, *span)),
        dots=_best(drawn, evidence, span, (low, high)),
        top=tr("{low} to {high}").format(low=_short(low), high=_short(high)) if high > low else _short(high),
        left=_where(material, span[0]),
        right=_where(material, span[1]),
        legend=_legend(evidence, others),
    )


def _ends(parts: list[FloatArray]) -> tuple[float, float]:
    """The least and the greatest finite value, both NaN where there is none."""
    known = np.concatenate(parts)
    known = known[np.isfinite(known)]
    return (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)


def _near(seen: tuple[float, float], whole: tuple[float, float]) -> tuple[float, float]:
    """The ends of a picture in which what is to be seen fills a third of the height or more."""
    high = seen[1] - seen[0]
    if not 0 < high < (whole[1] - whole[0]) / 3:
        return whole
    return max(whole[0], seen[0] - high), min(whole[1], seen[1] + high)


_Line = tuple[FloatArray, FloatArray, StrokeInk, bool]


def _beside(evidence: CurveEvidence, finding: Finding, material: Material, drawn: Series) -> list[_Line]:
    """What a curve is to be seen against: the rate that was planned, or the other loss of the finding."""
    if is_rate(evidence.series):
        held: list[HeldRate] = held_rates(material)
        plan = planned_rate(material, evidence.series, drawn, held)
        if plan is not None and np.isfinite(plan.rates).any():
            return [(drawn.steps, plan.rates, "dim", True)]
        return []
    if not is_loss(evidence.series):
        return []
    tags = [one.series for one in finding.evidence if isinstance(one, CurveEvidence) and is_loss(one.series)]
    others = [finite(material.curves[tag]) for tag in tags if tag != evidence.series and tag in material.curves]
    return [(one.steps, one.values, "dim", False) for one in others if len(one.values) >= 2][:1]


def _legend(evidence: CurveEvidence, others: list[_Line]) -> str:
    name = shown(evidence.series)
    if not others:
        return name
    text = tr("{name}, dashed as planned") if others[0][3] else tr("{name}, dim the loss that it is compared with")
    return text.format(name=name)


def _stroke(
    steps: FloatArray,
    values: FloatArray,
    span: tuple[float, float],
    ends: tuple[float, float],
    ink: StrokeInk,
    dashed: bool,
) -> Stroke:
    x, y = decimate(steps, values, *span, WIDTH_PX)
    return Stroke(
        x=(x - span[0]) / max(span[1] - span[0], 1e-300),
        y=_heights(y, *ends),
        ink=ink,
        dashed=dashed,
    )


def _heights(values: FloatArray, low: float, high: float) -> FloatArray:
    """0 to 1 within a small margin; the middle of what is level."""
    with np.errstate(all="ignore"):
        shares = (values - low) / (high - low) if 0 < high - low < np.inf else np.where(np.isnan(values), np.nan, 0.5)
    heights: FloatArray = np.asarray(_MARGIN + (1 - 2 * _MARGIN) * shares, np.float64)
    heights[(heights < 0) | (heights > 1)] = np.nan  # a picture may show a part of all values
    return heights


def _share(step: float, first: float, last: float) -> float:
    return min(max((step - first) / (last - first), 0.0), 1.0) if last > first else 0.0


def _best(
    one: Series, evidence: CurveEvidence, span: tuple[float, float], ends: tuple[float, float]
) -> tuple[tuple[float, float], ...]:
    """The best place before the stretch is over, where its name tells which direction is better."""
    better = better_of(evidence.series)
    known = one.steps <= evidence.last_step
    if not better or is_rate(evidence.series) or not known.any():
        return ()
    values = one.values[known]
    place = int(np.argmax(values) if better == "high" else np.argmin(values))
    height = float(_heights(values[place : place + 1], *ends)[0])
    return ((_share(float(one.steps[place]), *span), height),) if np.isfinite(height) else ()


def _where(material: Material, step: float) -> str:
    return moment_text(material.run.moments, step)


def _short(value: float) -> str:
    return number_text(value, 3)


def _layer(evidence: LayerEvidence, pulse: Pulse) -> Picture:
    """How often each channel fires."""
    dump = opened(Path(evidence.dump), pulse)
    layer = next((one for one in activation_layers(dump) if layer_name(one) == evidence.layer), None)
    if layer is None:
        return NONE
    found = layer_statistics(dump, layer, pulse)
    with np.errstate(all="ignore"):
        shares = 1.0 - found.near_zero[0] / np.maximum(found.n, 1)
    shares = np.where(found.n > 0, np.clip(shares, 0.0, 1.0), 0.0)
    marked = {channel for channel in evidence.channels if 0 <= channel < len(shares)}
    order = range(len(shares))
    if len(shares) > _MOST_BARS:  # those that show it, and as many others as fit
        others = [channel for channel in order if channel not in marked]
        order = sorted((sorted(marked) + others)[:_MOST_BARS])  # type: ignore[assignment]  # a list is as good
    chosen = list(order)
    top = float(shares[chosen].max(initial=0.0)) or 1.0
    part = tr("{chosen} of {channels}").format(chosen=len(chosen), channels=tr_counted(len(shares), "channel"))
    return Picture(
        bars=np.asarray(shares[chosen] / top, np.float64),
        marked=tuple(place for place, channel in enumerate(chosen) if channel in marked),
        top=tr("{share} of positions").format(share=f"{_short(100 * top)}%"),
        left=tr("channel 0") if chosen == list(range(len(shares))) else part,
        right=f"{chosen[-1]}" if chosen else "",
        legend=tr("{layer}: how often each channel fires").format(layer=shown(evidence.layer)),
    )


def _masks(evidence: SlotEvidence, pulse: Pulse) -> Picture:
    """The sample, each pixel tinted in the colours of the slots that claim it."""
    dump = opened(Path(evidence.dump), pulse)
    usual = Role.DECODER_MASKS if datasets(dump.facts, Role.DECODER_MASKS) else Role.ATTENTION
    masks = np.nan_to_num(masks_of(dump, evidence.sample, evidence.masks or usual))
    if not masks.size:
        return NONE
    height = max(1, round(THUMB_PX * masks.shape[1] / max(masks.shape[1:])))
    width = max(1, round(THUMB_PX * masks.shape[2] / max(masks.shape[1:])))
    weights = resized(masks, height, width)
    weights = weights / max(float(weights.sum(axis=0).max()), 1e-9)
    inks = np.array([rgb(slot_colour(slot)) for slot in range(len(weights))], np.float32)
    image = _image(dump, evidence.sample, (height, width))
    together = (1 - _OPACITY) * image + _OPACITY * np.einsum("khw,kc->hwc", weights, inks)
    alone = [weight[..., None] * ink for weight, ink in zip(weights, inks, strict=True)][:_MOST_TILES]
    legend = tr("sample {number}: the image, what its slots claim together, and what each claims")
    return Picture(
        image=_strip([image, together, *alone]),
        legend=legend.format(number=f"{evidence.sample + 1:,}"),
    )


def _strip(tiles: list[AnyArray]) -> Rgba:
    """Pictures side by side with clear gaps, (height, width, 4)."""
    height, width = tiles[0].shape[:2]
    strip = np.zeros((height, len(tiles) * (width + _GAP_PX) - _GAP_PX, 4), np.uint8)
    for place, tile in enumerate(tiles):
        left = place * (width + _GAP_PX)
        strip[:, left : left + width, :3] = np.clip(tile, 0, 255)
        strip[:, left : left + width, 3] = 255
    return strip


def _image(dump: Dump, sample: int, size: tuple[int, int]) -> AnyArray:
    """The input image, (height, width, 3); grey where the dump has none."""
    try:
        image = image_of(dump, sample)
    except FileError:
        return np.full((*size, 3), 128.0, np.float32)
    return np.moveaxis(resized(np.moveaxis(image, -1, 0), *size), 0, -1)


def _point_errors(evidence: PointEvidence, pulse: Pulse) -> Picture:
    """How large the errors of all points are."""
    errors = all_points(opened(Path(evidence.dump), pulse), pulse).errors_px
    errors = errors[np.isfinite(errors)]
    if not errors.size:
        return NONE
    top = float(np.percentile(errors, 99)) or 1.0
    counts, edges = np.histogram(np.minimum(errors, top), _BINS, (0.0, top))
    median = float(np.median(errors))
    return Picture(
        bars=np.asarray(counts / counts.max(), np.float64),
        marked=tuple(int(place) for place in np.flatnonzero((edges[:-1] <= median) & (median <= edges[1:]))[:1]),
        top=tr_counted(counts.max(), "point"),
        left="0 px",
        right=pixels_text(top),
        legend=tr("errors of {points}, the median {median} marked").format(
            points=tr_counted(errors.size, "point"), median=pixels_text(median)
        ),
    )
