"""The way of a layer's weights through checkpoints: norms, distances, and where it came to rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.runs.diff_values import StoppedLayer


class Step(NamedTuple):
    """One weight in one checkpoint.

    Attributes:
        place: number of the checkpoint.
        norm: Euclidean; NaN where an element is not finite, as all that follows.
        moved: distance from the checkpoint before, NaN in the first.
        norm_before: there.
        away: distance from the first checkpoint.
        norm_first: there.
    """

    place: int
    norm: float
    moved: float
    norm_before: float
    away: float
    norm_first: float


class LayerPath:
    """Gathers the steps of a layer's weights; `elements` is for its user to keep."""

    __slots__ = ("_seen", "_sums", "elements")

    def __init__(self, checkpoints: int) -> None:
        self.elements = 0
        # norm; moved and norm before; away and norm at first
        self._sums = np.zeros((5, checkpoints))
        self._seen = np.zeros((5, checkpoints), np.bool_)

    def add(self, steps: Sequence[Step]) -> None:
        """Take in one weight; one whose shape changes comes in several stretches."""
        for place, *values in steps:
            used = slice(0, 5) if place != steps[0].place else [0, 3, 4]
            chosen = np.asarray(values)[used]
            self._sums[used, place] = np.hypot(self._sums[used, place], chosen)
            self._seen[used, place] = True

    def curves(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(checkpoints,) float64 each: norm, relative change from the one before, and from the first; NaN for none."""
        norm, moved, before, away, first = np.where(self._seen, self._sums, np.nan)
        return norm, _relative(moved, before), _relative(away, first)


def _relative(distance: FloatArray, norm: FloatArray) -> FloatArray:
    """Distance over norm, float64 (checkpoints,): 0 where nothing moved, infinite where only the norm is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative: FloatArray = np.where(distance == 0, 0.0, distance / norm)
    return relative


def at_rest(layers: Sequence[str], from_previous: FloatArray) -> tuple[tuple[str, ...], tuple[StoppedLayer, ...]]:
    """The layers that never moved, and those that moved and then no more.

    Args:
        layers: their names.
        from_previous: (layers, checkpoints) float64, as in `WeightTrend`.
    """
    still: list[str] = []
    stopped: list[StoppedLayer] = []
    for layer, moved in zip(layers, from_previous, strict=True):
        places = np.flatnonzero(~np.isnan(moved))
        if not places.size or not moved.size or np.isnan(moved[-1]):
            continue
        moving = places[moved[places] > 0]
        if not moving.size:
            still.append(layer)
        elif moving[-1] != places[-1]:
            stopped.append(StoppedLayer(layer=layer, checkpoint=int(moving[-1])))
    return tuple(still), tuple(stopped)
