"""What the table says of each line, and what it says at the cursor."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from inspector.analysis.curve_summary import Summary
from inspector.core.arrays import FloatArray
from inspector.display.curves.scene import Line, TableRow
from inspector.formats.metric_names import better_of


def best_is(tag: str) -> Literal["least", "greatest"]:
    """Which of a metric's values is called best; the least where its name does not tell."""
    return "greatest" if better_of(tag) == "high" else "least"


def row_of(line: int, tag: str, x: FloatArray, summary: Summary) -> TableRow:
    """The row of a line.

    Args:
        line: its index in the panel.
        tag: its full name.
        x: (points,) float64.
        summary: of its values as logged.
    """
    which = best_is(tag)
    best, best_at = (summary.least, summary.least_at) if which == "least" else (summary.greatest, summary.greatest_at)
    return TableRow(
        line=line,
        best=best,
        best_x=_at(x, best_at),
        last=summary.last,
        last_x=_at(x, summary.last_at),
        count=summary.count,
        not_finite=len(summary.lost),
        nan=summary.nan,
        above=summary.above,
        below=summary.below,
    )


def _at(x: FloatArray, index: int | None) -> float:
    return math.nan if index is None else float(x[index])


def value_at(line: Line, x: float, *, logged: bool = False) -> tuple[float, float]:
    """The point of a line nearest to x, of the newest attempt that reaches there: its x and its value, NaN for none.

    Args:
        line: any line of a scene.
        x: on the axis of the scene.
        logged: the value as logged, not as smoothed.
    """
    best = (math.nan, math.nan)
    for stretch in reversed(line.stretches):
        if not stretch.x.size:
            continue
        found = _nearest(stretch.x, x)
        levels = stretch.logged if logged and stretch.logged is not None else stretch.shown
        candidate = (float(stretch.x[found]), float(levels.y[found]))
        if stretch.x[0] <= x <= stretch.x[-1] and not stretch.dim:
            return candidate
        if math.isnan(best[0]) or abs(candidate[0] - x) < abs(best[0] - x):
            best = candidate
    return best


def _nearest(x: FloatArray, wanted: float) -> int:
    right = int(np.searchsorted(x, wanted))
    if right == 0:
        return 0
    if right == len(x):
        return right - 1
    return right if x[right] - wanted < wanted - x[right - 1] else right - 1
