"""Plots of counts: how many objects were found of how many."""

from __future__ import annotations

from functools import partial

import numpy as np

from inspector.analysis.point_scores import count_scores, mean_games
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted
from inspector.core.units import number_text
from inspector.display.points.plots.measures import Measures
from inspector.display.points.plots.scatter import scattered
from inspector.display.points.plots.scene import Axis, Bars, Line, Plot, Tips
from inspector.display.ticks import Tick

GAME_LEVELS = 4


def count_scatter(of: Measures) -> Plot:
    """Predicted against true counts."""
    true, found = of.points.count, of.points.count_predicted
    known = np.isfinite(true) & np.isfinite(found)
    most = float(max(true[known].max(initial=1.0), found[known].max(initial=1.0), 1.0))
    low, high = min(0.0, float(found[known].min(initial=0.0))), most * 1.04
    plot = partial(
        Plot,
        key="counts",
        title=tr("Predicted over true counts"),
        x=Axis(label=tr("true count"), low=low, high=high, column="count", whole=True),
        y=Axis(label=tr("predicted"), low=low, high=high, column="count_predicted", whole=True),
        meaning=tr("On the dashed line a count is right; brushing keeps samples by both counts"),
        square=True,
    )
    if missing := _no_counting(true[known], found[known]):
        return plot(missing=missing)
    scores = count_scores(true, found)
    figures = (("MAE", scores.mae), ("RMSE", scores.rmse), ("NAE", scores.nae), (tr("median"), scores.median))
    return plot(
        summary=" · ".join(f"{name} {number_text(round(value, 3))}" for name, value in figures),
        lines=(Line(x=np.array([low, high]), y=np.array([low, high]), ink="dim", dashed=True),),
        **scattered(true[known], found[known], np.flatnonzero(known), (low, high), (low, high)),
    )


def grid_errors(of: Measures) -> Plot:
    """Errors of counts in ever smaller parts of the image."""
    points = of.points
    plot = partial(
        Plot,
        key="game",
        title=tr("Count error in parts of the image"),
        x=Axis(
            label=tr("parts of the image"),
            low=-0.5,
            high=GAME_LEVELS - 0.5,
            ticks=tuple(Tick(float(level), f"{4**level}") for level in range(GAME_LEVELS)),
        ),
        meaning=tr(
            "GAME(L), the mean over images of count errors summed over 4 to the L equal parts: objects that are "
            "counted in the wrong place show in the finer ones; points outside the image count nowhere"
        ),
    )
    y = partial(Axis, label=tr("objects"), low=0.0)
    predicted = np.isfinite(points.prediction[:, 0])
    if not of.there.any() or not predicted.any():
        return plot(missing=tr("there are no true points, or no predicted ones"), y=y(high=1.0))
    if not of.several:
        return plot(missing=tr("no image has more than one point"), y=y(high=1.0))
    edges: FloatArray = np.arange(GAME_LEVELS + 1, dtype=np.float64) - 0.5
    values = mean_games(points.gt, points.prediction, points.first, points.sizes, GAME_LEVELS, of.pulse)
    return plot(
        y=y(high=max(*values, 1e-9) * 1.1),
        summary="GAME " + " · ".join(number_text(round(value, 2)) for value in values),
        bars=(Bars(edges=edges, heights=np.array(values)),),
        tips=Tips(
            edges=edges,
            texts=tuple(f"GAME({level}) {number_text(value)}" for level, value in enumerate(values)),
        ),
    )


def _no_counting(true: FloatArray, found: FloatArray) -> str:
    """Why counts are not held against each other, empty where they are."""
    if not len(true):
        return tr("no sample has both a true and a predicted count")
    if (true == true[0]).all() and (found == true[0]).all():
        text = tr("every sample has {objects}, and as many predictions")
        return text.format(objects=tr_counted(int(true[0]), "object"))
    return ""
