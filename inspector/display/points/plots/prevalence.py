"""The plot of how many samples are done, against how many are predicted to be."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted
from inspector.display.points.plots.done import SAID_FROM
from inspector.display.points.plots.measures import Measures
from inspector.display.points.plots.scene import Axis, Bars, Line, Mark, Plot, Tips
from inspector.display.points.plots.texts import share_text

MOST_STEPS = 60
_LEAST_TOP = 0.05


def prevalence(of: Measures) -> Plot:
    """The share of samples that are done, by the step of the sequence where that is known."""
    truth = of.points.gt_done
    known = np.isfinite(truth)
    plot = partial(Plot, key="prevalence", title=tr("How many are done"))
    if not known.any():
        nothing = Axis(label="", low=0.0, high=1.0)
        return plot(missing=tr("no sample tells whether it is truly done"), x=nothing, y=nothing)
    steps = np.where(known, of.points.sequence_step, np.nan)
    stepped = _told_apart(steps)
    places = (steps if stepped else np.where(known, 0.0, np.nan))[known]
    some = np.isfinite(places)
    low = float(places[some].min())
    within = places - low
    yes = (truth[known] > SAID_FROM).astype(np.float64)
    counts = np.bincount(within[some].astype(np.int64))
    shares, predicted = (_means(within, values, len(counts)) for values in (yes, of.points.done[known]))
    edges: FloatArray = low - 0.5 + np.arange(len(counts) + 1, dtype=np.float64)
    middles = (edges[:-1] + edges[1:]) / 2
    drawn = np.concatenate([shares, predicted])
    share = float(yes.mean())
    summary = tr("{share} of {samples} · BCE of a constant {entropy:.3f}")
    tip, mean_predicted = tr("{share} of {samples}, predicted {predicted}"), tr("mean predicted")
    return plot(
        x=Axis(
            label=tr("step of the sequence") if stepped else tr("all samples"),
            low=float(edges[0]),
            high=float(edges[-1]),
            column="sequence_step" if stepped else "",
            whole=True,
            shown=stepped,
        ),
        y=Axis(label=tr("share"), low=0.0, high=min(max(_LEAST_TOP, 1.2 * float(np.nanmax(drawn))), 1.0)),
        summary=summary.format(
            share=share_text(share), samples=tr_counted(len(yes), "sample"), entropy=_entropy(share)
        ),
        meaning=_meaning(stepped=stepped),
        bars=(Bars(edges=edges, heights=shares, ink="good", name=tr("truly done")),),
        lines=(Line(x=middles, y=predicted, ink="warning", name=mean_predicted),) if stepped else (),
        marks=()
        if stepped or math.isnan(predicted[0])
        else (Mark(at=float(predicted[0]), text=mean_predicted, level=True),),
        tips=Tips(
            edges=edges,
            texts=tuple(
                tip.format(share=share_text(share), samples=tr_counted(count, "sample"), predicted=share_text(mean))
                if count
                else ""
                for share, mean, count in zip(shares.tolist(), predicted.tolist(), counts.tolist(), strict=True)
            ),
        ),
    )


def _meaning(*, stepped: bool) -> str:
    sentence = tr(
        "The share of samples that are truly done beside the mean of what is predicted; a model that always guesses "
        "that share has the cross entropy that is told"
    )
    if not stepped:
        return sentence
    return tr("{sentence}, and brushing keeps samples by their step").format(sentence=sentence)


def _told_apart(steps: FloatArray) -> bool:
    """Whether there are several steps, and not too many for a bar each."""
    known = steps[np.isfinite(steps)]
    return bool(known.size) and 0 < float(np.ptp(known)) < MOST_STEPS and bool((known == np.round(known)).all())


def _means(places: FloatArray, values: FloatArray, count: int) -> FloatArray:
    """(count,) the mean of the values at each whole place, NaN where there is none."""
    known = np.isfinite(places) & np.isfinite(values)
    at = places[known].astype(np.int64)
    with np.errstate(invalid="ignore"):
        means: FloatArray = np.bincount(at, values[known], count) / np.bincount(at, minlength=count)
    return means


def _entropy(share: float) -> float:
    """Mean cross entropy of always guessing the share that is true."""
    return -sum(part * math.log(part) for part in (share, 1 - share) if part > 0)
