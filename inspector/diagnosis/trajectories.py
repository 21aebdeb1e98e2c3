"""What the curves of a healthy run look like, where someone has written it down.

Source: rules S0.12, S0.13 (slot attention) and S3.08 (grid solver).
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray
from inspector.formats.metric_names import words
from inspector.runs.values import Run

Recipe = Literal["slots", "grids"]

SLACK = 0.15
"""Of a value that is stated without a range, so much to either side is shown; the statement itself has no width."""


class Point(msgspec.Struct, frozen=True, array_like=True):
    """What is expected at an epoch; `high` equals `low` where a single value is stated."""

    epoch: float
    low: float
    high: float


class Trajectory(msgspec.Struct, frozen=True, kw_only=True):
    """A curve that is expected.

    Attributes:
        rule: the id of the statement.
        metric: `loss` or `ari`.
        points: by rising epoch.
        relative: only its shape is stated, as the scale of values depends on the data; it starts where the run does.
        source: whence it comes, one sentence.
    """

    rule: str
    recipe: Recipe
    metric: Literal["loss", "ari"]
    points: tuple[Point, ...]
    relative: bool = False
    source: str

    @property
    def stated_range(self) -> bool:
        """Whether the statement gives ranges and not single values."""
        return any(point.low != point.high for point in self.points)


TRAJECTORIES: tuple[Trajectory, ...] = (
    Trajectory(
        rule="S0.12",
        recipe="slots",
        metric="loss",
        points=(
            Point(1, 0.110, 0.110),
            Point(5, 0.080, 0.080),
            Point(10, 0.060, 0.060),
            Point(20, 0.040, 0.040),
            Point(50, 0.025, 0.025),
            Point(100, 0.015, 0.015),
        ),
        relative=True,
        source="Rule S0.12: the loss of good training of slot attention, scaled to this run's loss at epoch 1",
    ),
    Trajectory(
        rule="S0.12",
        recipe="slots",
        metric="ari",
        points=(
            Point(1, 0.10, 0.15),
            Point(5, 0.20, 0.25),
            Point(10, 0.35, 0.40),
            Point(20, 0.50, 0.55),
            Point(50, 0.70, 0.75),
            Point(100, 0.85, 0.90),
        ),
        source="Rule S0.12: the ARI of good training of slot attention",
    ),
    Trajectory(
        rule="S0.13",
        recipe="slots",
        metric="ari",
        points=(Point(20, 0.3, 0.4), Point(50, 0.6, 0.7), Point(100, 0.80, 0.85), Point(200, 0.90, 1.0)),
        source="Rule S0.13: the ARI of slot attention once its known faults are cured",
    ),
    Trajectory(
        rule="S3.08",
        recipe="grids",
        metric="loss",
        points=(
            Point(0, 2.30, 2.30),
            Point(1, 1.85, 1.85),
            Point(2, 1.42, 1.42),
            Point(3, 1.15, 1.15),
            Point(5, 0.85, 0.85),
            Point(10, 0.52, 0.52),
            Point(20, 0.28, 0.28),
            Point(30, 0.19, 0.19),
            Point(40, 0.16, 0.16),
        ),
        source="Rule S3.08: the loss of a healthy grid solver",
    ),
)

_RECIPE_WORDS: tuple[tuple[Recipe, frozenset[str]], ...] = (
    ("slots", frozenset(("slot", "slots", "slotattention", "savi", "dinosaur"))),
    ("grids", frozenset(("arc", "arcsolver", "gridsolver"))),
)

_RECIPE_KEYS = ("recipe", "model", "model_name", "arch", "architecture", "task", "model_type")


def words_of_run(run: Run) -> str:
    """What a run trains, in its own words: its recipe, else a setting that names one, else its name."""
    if run.record is not None:
        return run.record.recipe
    named = [
        value
        for path, value in sorted(run.settings.values.items())
        if path.rpartition(".")[2].lower() in _RECIPE_KEYS and isinstance(value, str)
    ]
    return " ".join((*named, run.name))


def recipe_of(text: str, tags: tuple[str, ...]) -> Recipe | None:
    """What a run trains, by its own words or by a metric that only one of the recipes has.

    None where nothing tells, and for slots of grids: what is stated of either is not stated of both together.
    """
    spoken = set(words(text))
    named = [recipe for recipe, known in _RECIPE_WORDS if spoken & known]
    if not named and any("ari" in words(tag) for tag in tags):
        return "slots"
    return named[0] if len(named) == 1 else None


def band_of(trajectory: Trajectory, epochs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least and greatest expected value, each (epochs,) float64; NaN before the first and after the last point.

    Between the points values run straight over the logarithm of the epoch, as S0.12 says; a statement that begins at
    epoch 0 has none, and its values' logarithm runs straight over the epoch.
    """
    known = np.array([point.epoch for point in trajectory.points])
    low = np.array([point.low for point in trajectory.points]) * (1.0 if trajectory.stated_range else 1.0 - SLACK)
    high = np.array([point.high for point in trajectory.points]) * (1.0 if trajectory.stated_range else 1.0 + SLACK)
    if known[0] > 0:
        with np.errstate(divide="ignore", invalid="ignore"):
            at, known = np.log(epochs), np.log(known)
        return np.interp(at, known, low, np.nan, np.nan), np.interp(at, known, high, np.nan, np.nan)
    lows = np.exp(np.interp(epochs, known, np.log(low), np.nan, np.nan))
    return lows, np.exp(np.interp(epochs, known, np.log(high), np.nan, np.nan))
