"""Bands of what is expected under the curves that they speak of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.diagnosis.trajectories import SLACK, TRAJECTORIES, Recipe, Trajectory, band_of, recipe_of
from inspector.display.curves.axis import Axis
from inspector.display.curves.scene import Band, CurvesAsk, Line
from inspector.formats.metric_names import words
from inspector.formats.series import Series

_POINTS = 200
_LOSS_PANEL = "loss"
_FIRST_EPOCH = 1.5
"""A run's loss up to here is its loss at epoch 1."""


def expected_recipe(ask: CurvesAsk, all_series: Sequence[Series]) -> Recipe | None:
    """What the run trains, where bands are wanted and it is known."""
    return recipe_of(ask.recipe, tuple(series.tag for series in all_series)) if ask.expected_bands else None


def expected_bands(
    recipe: Recipe | None, panel: str, lines: Sequence[Line], axis: Axis, steps_per_epoch: float | None
) -> tuple[Band, ...]:
    """The bands of one panel; none on an axis on which epochs have no place.

    Args:
        recipe: what the run trains, None for no bands.
        panel: its key.
        lines: of the panel.
        axis: of the scene.
        steps_per_epoch: optimizer steps, None where no file tells.
    """
    found = []
    for trajectory in TRAJECTORIES:
        if trajectory.recipe != recipe or not _fits(trajectory, panel, lines):
            continue
        first, last = max(trajectory.points[0].epoch, 1e-9), trajectory.points[-1].epoch
        epochs = np.union1d(np.linspace(first, last, _POINTS), [point.epoch for point in trajectory.points])
        x = _places(axis, epochs, steps_per_epoch)
        scale = _scale(trajectory, lines, axis, steps_per_epoch)
        if x is None or not math.isfinite(scale):
            continue
        low, high = band_of(trajectory, epochs)
        stated, given = tr("expected {metric} ({rule})"), tr("expected {metric} ({rule}) ± {slack:.0%}")
        said = stated if trajectory.stated_range else given
        label = said.format(metric=trajectory.metric, rule=trajectory.rule, slack=SLACK)
        found.append(Band(x=x, low=low * scale, high=high * scale, label=label, source=trajectory.source))
    return tuple(found)


def _fits(trajectory: Trajectory, panel: str, lines: Sequence[Line]) -> bool:
    if trajectory.metric == "loss":
        return panel == _LOSS_PANEL
    return any("ari" in words(line.tag) for line in lines)


def _places(axis: Axis, epochs: FloatArray, steps_per_epoch: float | None) -> FloatArray | None:
    if axis.kind == "epoch":
        return epochs
    if steps_per_epoch and (axis.kind == "step" or math.isfinite(axis.factor)):
        return axis.of_steps(epochs * steps_per_epoch)
    return None


def _scale(trajectory: Trajectory, lines: Sequence[Line], axis: Axis, steps_per_epoch: float | None) -> float:
    """What stated values are multiplied by: 1, or what brings the first one to the run's own; NaN where it has none."""
    if not trajectory.relative:
        return 1.0
    until = _places(axis, np.array([_FIRST_EPOCH]), steps_per_epoch)
    if until is None:
        return math.nan
    trained = [line for line in lines if "train" in words(line.tag)] or list(lines)
    for line in trained:
        for stretch in line.stretches:
            y = (stretch.logged or stretch.shown).y
            early = y[: int(np.searchsorted(stretch.x, until[0], "right"))]
            known = early[np.isfinite(early)]
            if known.size:
                return float(known[-1]) / trajectory.points[0].low
    return math.nan
