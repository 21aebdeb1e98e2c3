"""Use over samples: figures of shares worked by hand, and places that tell the slot or do not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from inspector.analysis.slot_use import PositionCounts, slot_use


def counted(winners: np.ndarray, slots: int) -> PositionCounts:
    counts = PositionCounts(np.zeros((slots, 0), np.int64))
    for one in winners:
        counts = counts.with_winners(one)
    return counts


def test_use_of_slots_worked_by_hand() -> None:
    areas = np.array([[0.5, 0.5, 0.0], [0.98, 0.0, 0.02], [np.nan] * 3, [0.6, 0.4, 0.005], [1.0, 0.0, 0.0]])
    found = slot_use(areas)
    np.testing.assert_allclose(found.active, [1.0, 0.5, 0.25])
    # Pairs apart by .5, .75 and .25, each twice of nine: 3 / 9; mean 7 / 12.
    assert found.gini == pytest.approx((3 / 9) / (2 * 7 / 12))
    assert found.entropy == pytest.approx(entropy([4, 2, 1], base=3))
    assert found.takes_all == 0.5
    assert found.samples == 4
    np.testing.assert_allclose(slot_use(areas, threshold=0.03).active, [1.0, 0.5, 0.0])


def test_use_is_even_or_of_one_slot_alone() -> None:
    even = slot_use(np.full((3, 5), 0.2))
    assert (even.gini, even.entropy) == (0.0, pytest.approx(1.0))
    alone = slot_use(np.eye(4)[[0, 0, 0]])
    assert (alone.gini, alone.entropy, alone.takes_all) == (0.75, 0.0, 1.0)
    nobody = slot_use(np.zeros((2, 3)))
    assert math.isnan(nobody.gini)
    assert math.isnan(nobody.entropy)
    assert np.isnan(slot_use(np.zeros((0, 3))).active).all()


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
