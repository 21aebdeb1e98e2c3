"""Sets of points without an order, some missed, some too many: a planted mistake is named, and none where none is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from inspector.analysis.point_alignment import likely_pairs
from inspector.analysis.point_patterns import ConstantOffset, SwappedAxes, WrongScale, point_pattern
from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Pulse

SIZE = np.array([384.0, 512.0])
Plant = Callable[[np.ndarray], np.ndarray]


def sets(plant: Plant, seed: int = 0) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    truths = [rng.uniform(0.05, 0.95, (int(rng.integers(5, 15)), 2)) * SIZE[::-1] for _ in range(24)]
    guesses = []
    for truth in truths:
        kept = rng.permutation(truth)[: len(truth) - int(rng.integers(0, 2))]
        extra = rng.uniform(0, 1, (int(rng.integers(0, 2)), 2)) * SIZE[::-1]
        guesses.append(rng.permutation(np.concatenate([plant(kept) + rng.normal(0, 2, kept.shape), extra])))
    return truths, guesses, np.tile(SIZE, (24, 1))


def pattern_of(plant: Plant) -> object:
    return point_pattern(*likely_pairs(*sets(plant), QUIET))


@pytest.mark.parametrize(
    ("plant", "kind", "paired"),
    [
        (lambda points: points[:, ::-1], SwappedAxes, 0.95),
        (lambda points: points[:, ::-1] * (512 / 384, 384 / 512), SwappedAxes, 0.95),
        (lambda points: points + np.array([60, -25]), ConstantOffset, 0.93),
        (lambda points: points + np.array([150, -90]), ConstantOffset, 0.93),
        (lambda points: 0.55 * points, WrongScale, 0.84),
        (lambda points: (points - SIZE[::-1] / 2) * 0.5 + SIZE[::-1] / 2, WrongScale, 0.92),
        (lambda points: (points + SIZE[::-1]) / 2, WrongScale, 0.92),
    ],
)
def test_a_planted_mistake_is_named_and_undone_pairs_points_with_their_own_objects(
    plant: Plant, kind: type, paired: float
) -> None:
    pairs = likely_pairs(*sets(plant), QUIET)
    assert isinstance(point_pattern(*pairs), kind)
    own = np.hypot(*(plant(pairs.truth) - pairs.predicted).T) < 5 * 2  # the noise's deviation, five times
    assert own.mean() > paired


def test_points_that_are_right_are_paired_as_they_are() -> None:
    truths, guesses, sizes = sets(lambda points: points)
    pairs = likely_pairs(truths, guesses, sizes, QUIET)
    assert point_pattern(*pairs) is None
    assert np.median(np.hypot(*(pairs.truth - pairs.predicted).T)) < 4
    assert pairs.sizes.tolist() == [[384, 512]] * len(pairs.truth)


@pytest.mark.parametrize("seed", [1, 5])
def test_crowded_predictions_that_know_nothing_are_not_called_a_mistake(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truths = [rng.uniform(0, 1, (40, 2)) * SIZE[::-1] for _ in range(12)]
    guesses = [rng.uniform(0, 1, (37, 2)) * SIZE[::-1] for _ in range(12)]
    assert point_pattern(*likely_pairs(truths, guesses, np.tile(SIZE, (12, 1)), QUIET)) is None


@pytest.mark.parametrize("deviation_px", [5, 20, 60])
def test_noise_is_not_called_a_mistake(deviation_px: float) -> None:
    rng = np.random.default_rng(0)
    assert pattern_of(lambda points: points + rng.normal(0, deviation_px, points.shape)) is None


def test_nothing_is_paired_with_nothing() -> None:
    none = np.empty((0, 2))
    missing = np.full((3, 2), np.nan)
    assert len(likely_pairs([], [], np.empty((0, 2)), QUIET).truth) == 0
    assert len(likely_pairs([none, missing], [missing, none], np.tile(SIZE, (2, 1)), QUIET).truth) == 0


def test_a_cancel_is_seen() -> None:
    with pytest.raises(WorkCancelled):
        likely_pairs(*sets(lambda points: points), Pulse(cancelled=lambda: True))
