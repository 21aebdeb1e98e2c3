"""Plots of how large errors are."""

from __future__ import annotations

from functools import partial

import numpy as np

from inspector.analysis.point_scores import pck, pck_curve
from inspector.core.arrays import AnyArray
from inspector.core.language import tr, tr_counted
from inspector.core.units import number_text, pixels_text
from inspector.display.points.plots.measures import Measures, room_for, round_edges
from inspector.display.points.plots.scene import Axis, Bars, Line, Mark, Plot, PlotInk, Tips
from inspector.display.points.plots.tallies import Tally
from inspector.display.points.plots.texts import NO_PAIRS, of_the_worst, reach_text, share_text

PCK_SHARES = (0.01, 0.02, 0.05, 0.1)
"""Of the longer side of an image."""

TOLD_SHARES = (0.05, 0.1)
"""Those that are told above the plot."""

_CURVE_POINTS = 400


def error_axis(high: float, most: float) -> Axis:
    """The axis of errors; its right end stands for the largest one."""
    return Axis(label=tr("error"), unit="px", low=0.0, high=high, most=max(high, most), column="err_px")


def error_histogram(of: Measures) -> Plot:
    """How large errors are, the zones of the loss told apart."""
    errors = of.known_px
    reach = of.threshold_px[0]
    most = float(errors.max(initial=0.0))
    edges = round_edges(room_for(errors, reach) or 1.0)
    tally = Tally(edges, errors, of.of[np.isfinite(of.errors_px)])
    meaning = tr(
        "Objects by how far the prediction is off, those within {distance} called close; brushing keeps samples by "
        "their error"
    )
    plot = partial(
        Plot,
        key="error",
        title=tr("Pixel error"),
        x=error_axis(float(edges[-1]), most),
        y=Axis(label="", low=0.0, high=max(float(tally.counts.max()), 1.0), whole=True, shown=False),
        meaning=of_the_worst(meaning.format(distance=pixels_text(of.close_px)), of),
    )
    if not errors.size:
        return plot(missing=NO_PAIRS)
    median, p90 = np.quantile(errors, (0.5, 0.9)).tolist()
    marks = [Mark(at=median, text=tr("median"), ink="dim"), Mark(at=p90, text="p90", ink="dim")]
    if 0 < reach <= edges[-1]:
        marks.append(Mark(at=reach, text=tr("loss threshold"), ink="warning"))
    middle = tr("median {error}").format(error=pixels_text(median))
    return plot(
        summary=" · ".join([middle, f"p90 {pixels_text(p90)}", *_threshold_texts(of), *_unpaired_texts(of)]),
        bars=_zones(tally, of.close_px, reach),
        tips=Tips(edges=edges, texts=_bin_texts(tally, beyond=most > edges[-1])),
        marks=tuple(marks),
    )


def _zones(tally: Tally, close_px: float, threshold_px: float) -> tuple[Bars, ...]:
    """The bars of errors that are close, that are further off where the loss is still flat, and those beyond."""
    middles = ((tally.edges[:-1] + tally.edges[1:]) / 2)[tally.places]
    beyond = middles >= threshold_px if threshold_px > 0 else np.zeros(len(middles), bool)
    close = (middles <= close_px) & ~beyond
    zones: tuple[tuple[AnyArray, PlotInk, str], ...] = (
        (close, "accent", tr("close")),
        (~close & ~beyond, "warning", tr("further off")),
        (beyond, "critical", tr("past threshold")),
    )
    return tuple(tally.bars(zone, ink=ink, name=name) for zone, ink, name in zones if zone.any())


def _bin_texts(tally: Tally, *, beyond: bool) -> tuple[str, ...]:
    edges, counts = tally.edges, tally.counts.astype(np.int64).tolist()
    tip = tr("{low} to {high} px: {objects}")
    texts = [
        tip.format(low=number_text(low), high=number_text(high), objects=tr_counted(count, "object"))
        for low, high, count in zip(edges[:-1].tolist(), edges[1:].tolist(), counts, strict=True)
    ]
    if beyond:
        last = tr("{low} px and more: {objects}")
        texts[-1] = last.format(low=number_text(float(edges[-2])), objects=tr_counted(counts[-1], "object"))
    return tuple(texts)


def _threshold_texts(of: Measures) -> list[str]:
    """`threshold 0.3 = 57 px`, with how many pixels it is along y where that is not the same."""
    if of.threshold is None:
        return []
    across, along = of.threshold_px
    value = number_text(of.threshold.value)
    if abs(across - along) < 0.5:
        return [tr("threshold {value} = {reach}").format(value=value, reach=reach_text(across))]
    text = tr("threshold {value} = {across} in x, {along} in y")
    return [text.format(value=value, across=reach_text(across), along=reach_text(along))]


def _unpaired_texts(of: Measures) -> list[str]:
    missed, spurious = (int(np.nansum(numbers)) for numbers in (of.points.missed, of.points.spurious))
    told = (missed, tr("{count} missed")), (spurious, tr("{count} spurious"))
    return [text.format(count=f"{number:,}") for number, text in told if number]


def error_shares(of: Measures) -> Plot:
    """The share of objects up to each error, with the share of correct points at usual radii."""
    errors, there = of.known_px, of.errors_px[of.there]
    high = room_for(errors, of.threshold_px[0]) or 1.0
    plot = partial(
        Plot,
        key="shares",
        title=tr("Share of objects up to an error"),
        x=error_axis(high, float(errors.max(initial=0.0))),
        y=Axis(label=tr("share of objects"), low=0.0, high=1.0),
        meaning=of_the_worst(
            tr(
                "PCK at a share of the longer side of the image is the share of objects at most so far off, missed "
                "ones being too far; brushing keeps samples by their error"
            ),
            of,
        ),
    )
    if not errors.size:
        return plot(missing=NO_PAIRS)
    longer = of.by_object(of.longer_px)[of.there]
    middle = float(np.median(of.longer_px))
    correct = {share: share_text(pck(there, share * longer)) for share in PCK_SHARES}
    marks = [
        Mark(at=share * middle, text=f"@{share:g} {text}", ink="dim")
        for share, text in correct.items()
        if share * middle < high
    ]
    radii = np.linspace(0.0, high, _CURVE_POINTS)
    return plot(
        summary=" · ".join(f"PCK@{share:g} {correct[share]}" for share in TOLD_SHARES),
        lines=(Line(x=radii, y=pck_curve(there, radii), ink="accent"),),
        marks=tuple(marks),
    )
