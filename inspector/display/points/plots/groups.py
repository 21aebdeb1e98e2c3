"""Plots of errors over a number of samples: of objects, or of those that were counted before."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from inspector.analysis.group_quantiles import group_quantiles
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted
from inspector.core.units import number_text, pixels_text
from inspector.display.points.plots.measures import Measures
from inspector.display.points.plots.scene import Axis, Band, Line, Plot, Tips
from inspector.display.points.plots.texts import of_the_worst

MOST_GROUPS = 24


def by_count(of: Measures) -> Plot:
    """How errors depend on how many objects there are."""
    name, label = tr("Error by number of objects"), tr("objects in the image")
    return _by(of, of.points.count, "by_count", name, label, "count")


def by_step(of: Measures) -> Plot:
    """How errors depend on how many objects were counted before."""
    name, label = tr("Error by step of the sequence"), tr("step of the sequence")
    return _by(of, of.points.sequence_step, "by_step", name, label, "sequence_step")


def _by(of: Measures, numbers: FloatArray, key: str, title: str, label: str, column: str) -> Plot:
    """Median and quartiles of errors over a number of samples."""
    at = of.by_object(numbers)
    known = np.isfinite(of.errors_px) & np.isfinite(at)
    at, errors = at[known], of.errors_px[known]
    meaning = tr("Median error and the middle half of errors; brushing keeps samples by {number}").format(number=label)
    plot = partial(Plot, key=key, title=title, meaning=of_the_worst(meaning, of))
    error = tr("error")
    if not at.size or float(np.ptp(at)) == 0:
        why = tr("no sample tells {number}").format(number=label)
        if at.size:
            why = tr("{number}: {value} everywhere").format(number=label, value=number_text(float(at[0])))
        return plot(missing=why, x=Axis(label=label, low=0.0, high=1.0), y=Axis(label=error, low=0.0, high=1.0))
    whole = bool((at == np.round(at)).all())
    edges = _group_edges(float(at.min()), float(at.max()), whole=whole)
    groups = len(edges) - 1
    place = np.clip(np.searchsorted(edges, at, "right") - 1, 0, groups - 1)
    low, median, high, p90 = group_quantiles(place, errors, groups, (0.25, 0.5, 0.75, 0.9)).T
    counts = np.bincount(place, minlength=groups)
    some = counts > 0
    x = ((edges[:-1] + edges[1:]) / 2)[some]
    top = max(float(np.nanmax(high)), min(float(np.nanmax(p90)), 3 * float(np.nanmax(median)))) * 1.05
    least, most = pixels_text(float(np.nanmin(median))), pixels_text(float(np.nanmax(median)))
    tip = tr("{group}: median {error} of {objects}")
    return plot(
        x=Axis(label=label, low=float(edges[0]), high=float(edges[-1]), column=column, whole=whole),
        y=Axis(label=error, unit="px", low=0.0, high=top or 1.0),
        summary=tr("median {low} to {high}").format(low=least, high=most),
        bands=(Band(x=x, low=low[some], high=high[some], name=tr("middle half")),),
        lines=(
            Line(x=x, y=median[some], name=tr("median")),
            Line(x=x, y=p90[some], ink="warning", dashed=True, name="p90"),
        ),
        tips=Tips(
            edges=edges,
            texts=tuple(
                tip.format(
                    group=_group_text(edge, width, whole=whole),
                    error=pixels_text(value),
                    objects=tr_counted(count, "object"),
                )
                if count
                else ""
                for edge, width, value, count in zip(
                    edges.tolist(), np.diff(edges).tolist(), median.tolist(), counts.tolist(), strict=False
                )
            ),
        ),
    )


def _group_edges(least: float, most: float, *, whole: bool) -> FloatArray:
    """The edges of at most so many equal groups, around whole numbers where they count things."""
    start = least - 0.5 if whole else least
    width = max(1.0, math.ceil((most - least + 1) / MOST_GROUPS)) if whole else (most - least) / MOST_GROUPS
    groups = max(1, math.ceil((most - start) / width - 1e-9))
    edges: FloatArray = start + width * np.arange(groups + 1, dtype=np.float64)
    return edges


def _group_text(edge: float, width: float, *, whole: bool) -> str:
    if not whole:
        return tr("{low} to {high}").format(low=number_text(edge), high=number_text(edge + width))
    first, last = round(edge + 0.5), round(edge + width - 0.5)
    return str(first) if first == last else tr("{low} to {high}").format(low=first, high=last)
