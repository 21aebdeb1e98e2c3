"""Plots of the done signal: a yes-or-no question of which few answers are yes."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from inspector.analysis.binary_scores import (
    PrecisionRecall,
    binary_scores,
    known_answers,
    precision_recall,
    reliability,
)
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted
from inspector.display.points.plots.measures import Measures
from inspector.display.points.plots.scene import Axis, Bars, Dots, Line, Mark, Plot, Tips
from inspector.display.points.plots.tallies import Tally
from inspector.display.points.plots.texts import share_text

BINS = 20
SAID_FROM = 0.5
"""A probability from here on says done."""

_CURVE_POINTS = 1_000
_NO_DONE = tr("no sample has a predicted done")
_NO_TRUTH = tr("no sample has both a predicted and a true done")
_NO_YES = tr("no sample is truly done, so that nothing can be recalled")
_SHARE = partial(Axis, low=0.0, high=1.0)
_PROBABILITY = Axis(label=tr("predicted done"), low=0.0, high=1.0, column="done")


def done_histogram(of: Measures) -> Plot:
    """How sure the model is that all is counted, by whether it is."""
    done, truth = of.points.done, of.points.gt_done
    known = np.isfinite(done)
    plot = partial(
        Plot,
        key="done",
        title=tr("Done signal"),
        x=_PROBABILITY,
        meaning=tr("Samples by their predicted probability of being done; brushing keeps samples by it"),
    )
    y = partial(Axis, label="", low=0.0, whole=True, shown=False)
    if not known.any():
        return plot(missing=_NO_DONE, y=y(high=1.0))
    edges = np.linspace(0.0, 1.0, BINS + 1)
    tally = Tally(edges, done[known], np.flatnonzero(known))
    yes = truth[known] > SAID_FROM
    rest = tally.bars(~yes, name=tr("not done"))
    top = tally.bars(yes, ink="good", name=tr("done"), bases=rest.heights)
    judged = bool((known & np.isfinite(truth)).any())
    tip = tr("{low:.2f} to {high:.2f}: {samples}")
    if judged:
        tip = tr("{low:.2f} to {high:.2f}: {samples}, {done} truly done")
    texts = tuple(
        tip.format(low=low, high=low + 1 / BINS, samples=tr_counted(int(one), "sample"), done=f"{int(some):,}")
        for low, one, some in zip(edges[:-1].tolist(), tally.counts.tolist(), top.heights.tolist(), strict=True)
    )
    said = tr("{share} from 0.5 on · no truth").format(share=share_text(_said(done[known])))
    return plot(
        y=y(high=max(float(tally.counts.max()), 1.0)),
        summary=_done_summary(done, truth) if judged else said,
        bars=(rest, top) if judged else (tally.bars(~yes),),
        tips=Tips(edges=edges, texts=texts),
    )


def _said(done: FloatArray) -> float:
    return float((done >= SAID_FROM).mean())


def _done_summary(done: FloatArray, truth: FloatArray) -> str:
    scores = binary_scores(done, truth)
    parts = [tr("{share} positive").format(share=share_text(scores.base_rate))]
    if not math.isnan(scores.at_half.recall):
        parts.append(tr("recall {recall:.2f}").format(recall=scores.at_half.recall))
    return " · ".join(parts)


def precision_over_recall(of: Measures) -> Plot:
    """What each limit of the done signal finds, and how much of that is right."""
    done, truth = known_answers(of.points.done, of.points.gt_done)
    plot = partial(
        Plot,
        key="precision",
        title=tr("Precision over recall of done"),
        y=_SHARE(label=tr("precision")),
        meaning=tr(
            "Each point is a limit from which on the signal says done; guessing has the precision of the base "
            "rate, and brushing keeps samples whose predicted done is such a limit"
        ),
    )
    if not truth.any():
        return plot(missing=_NO_YES if truth.size else _NO_TRUTH, x=_SHARE(label=tr("recall")))
    curve = precision_recall(done, truth)
    scores = binary_scores(done, truth.astype(np.float64))
    half, best = scores.at_half, scores.best
    told = [Dots(x=np.array([best.recall]), y=np.array([best.precision]), ink="warning", name=tr("best F1"))]
    if not math.isnan(half.precision):
        told.append(Dots(x=np.array([half.recall]), y=np.array([half.precision]), ink="good", name=tr("limit 0.5")))
    kept = _spread(len(curve.recall), _CURVE_POINTS)
    falling = kept[::-1]
    summary = tr(
        "AUPRC {precision:.2f} · base rate {base_rate:.2f} · F1 {f1:.2f}, best {best_f1:.2f} at {threshold:.3g}"
    )
    return plot(
        x=_SHARE(label=tr("recall"), column="done", steps=_limits(curve, falling)),
        summary=summary.format(
            precision=scores.average_precision,
            base_rate=scores.base_rate,
            f1=half.f1,
            best_f1=best.f1,
            threshold=best.threshold,
        ),
        lines=(Line(x=np.append(0.0, curve.recall[falling]), y=np.append(1.0, curve.precision[falling])),),
        dots=tuple(told),
        marks=(Mark(at=scores.base_rate, text=tr("base rate"), ink="dim", level=True),),
    )


def _limits(curve: PrecisionRecall, falling: FloatArray) -> FloatArray:
    """(2, places): ascending recalls, and the limit that leads to each; recall 0 is that of no limit below 1."""
    recall, limit = curve.recall[falling], curve.thresholds[falling]
    return np.stack([np.append(0.0, recall), np.append(max(1.0, float(limit[0])), limit)])


def _spread(length: int, most: int) -> FloatArray:
    """At most so many places of a list at even distances, the first and the last among them."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).round().astype(np.int64))


def calibration(of: Measures) -> Plot:
    """How often samples of about one probability are done."""
    done, truth = known_answers(of.points.done, of.points.gt_done)
    plot = partial(
        Plot,
        key="calibration",
        title=tr("Reliability of done"),
        x=_PROBABILITY,
        y=_SHARE(label=tr("share truly done")),
        meaning=tr(
            "On the dashed line a probability means what it says; brushing keeps samples by their predicted done"
        ),
    )
    if not truth.size:
        return plot(missing=_NO_TRUTH)
    bins = reliability(done, truth)
    scores = binary_scores(done, truth.astype(np.float64))
    edges = np.linspace(0.0, 1.0, len(bins.counts) + 1)
    some = bins.counts > 0
    tip = tr("{share:.0%} of {samples} with a mean of {mean:.2f}")
    texts = tuple(
        tip.format(share=share, samples=tr_counted(count, "sample"), mean=mean) if count else ""
        for count, mean, share in zip(
            *(part.tolist() for part in (bins.counts, bins.mean_probability, bins.share)), strict=True
        )
    )
    return plot(
        summary=f"ECE {scores.calibration_error:.2f} · Brier {scores.brier:.2f}",
        bars=(Bars(edges=edges, heights=bins.share),),
        lines=(Line(x=np.array([0.0, 1.0]), y=np.array([0.0, 1.0]), ink="dim", dashed=True),),
        dots=(Dots(x=bins.mean_probability[some], y=bins.share[some], ink="warning", name=tr("mean probability")),),
        tips=Tips(edges=edges, texts=texts),
    )
