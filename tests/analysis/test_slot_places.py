"""Places that tell the slot or do not, against figures of scikit-learn and pairs counted one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from inspector.analysis.slot_places import PositionCounts


def counted(winners: np.ndarray, slots: int) -> PositionCounts:
    counts = PositionCounts(np.zeros((slots, 0), np.int64))
    for one in winners:
        counts = counts.with_winners(one)
    return counts


def test_slots_that_stay_in_place_are_told_by_it() -> None:
    stripes = np.broadcast_to(np.arange(16) // 4, (40, 16, 16))
    assert counted(stripes, 4).share == pytest.approx(1.0)
    jitter = np.random.default_rng(0).random(stripes.shape) < 0.03
    assert counted(np.where(jitter, 3 - stripes, stripes), 4).share > 0.8


def test_slots_that_follow_objects_are_not_told_by_place() -> None:
    generator = np.random.default_rng(0)
    # So few samples that without the correction a seventh of the choice would seem to be told.
    winners = generator.integers(0, 11, (16, 8, 8))
    raw = mutual_info_score(np.tile(np.arange(64), 16), winners.reshape(-1)) / entropy(np.bincount(winners.ravel()))
    assert raw > 0.13
    assert counted(winners, 11).share < 0.05


def test_share_told_by_place_equals_scikit_learns_on_many_samples() -> None:
    generator = np.random.default_rng(1)
    winners = np.where(
        generator.random((3000, 4, 4)) < 0.5, np.arange(16).reshape(4, 4) % 3, generator.integers(0, 3, (3000, 4, 4))
    )
    expected = mutual_info_score(np.tile(np.arange(16), 3000), winners.ravel()) / entropy(np.bincount(winners.ravel()))
    assert counted(winners, 3).share == pytest.approx(expected, abs=2e-3)


def test_few_samples_and_one_slot_tell_nothing() -> None:
    assert math.isnan(counted(np.zeros((15, 4, 4), np.int64), 2).share)
    assert math.isnan(counted(np.zeros((20, 4, 4), np.int64), 2).share)
    assert math.isnan(counted(np.full((20, 4, 4), -1), 2).share)
    assert math.isnan(PositionCounts(np.zeros((3, 0), np.int64)).share)


def test_agreement_of_few_samples_is_kappa_over_their_pairs() -> None:
    generator = np.random.default_rng(2)
    winners = generator.integers(0, 3, (5, 4, 6))
    pairs = [(a, b) for a in range(5) for b in range(5) if a != b]
    agree = np.mean([(winners[a] == winners[b]).mean() for a, b in pairs])
    chance = np.mean([(winners[a].ravel()[:, None] == winners[b].ravel()).mean() for a, b in pairs])
    assert counted(winners, 3).agreement == pytest.approx((agree - chance) / (1 - chance))
    assert counted(np.broadcast_to(np.arange(16) // 4, (4, 16, 16)), 4).agreement == pytest.approx(1.0)
    assert math.isnan(counted(winners[:3], 3).agreement)
    assert math.isnan(counted(np.zeros((8, 4, 4), np.int64), 2).agreement)


def test_large_pictures_are_counted_on_a_grid() -> None:
    counts = counted(np.zeros((2, 300, 200), np.int64), 3)
    assert counts.won.shape == (3, 32 * 32)
    assert counts.won.sum() == 2 * 32 * 32
