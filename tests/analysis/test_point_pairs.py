"""Candidates within a radius pair off as scipy pairs them where a missed object costs the radius."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from inspector.analysis.point_pairs import best_pairs

POINTS = hnp.arrays(np.float64, st.tuples(st.integers(0, 8), st.just(2)), elements=st.floats(0, 100))


def paired(truth: np.ndarray, predicted: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    distance = cdist(truth, predicted)
    rows, columns = np.nonzero(distance <= radius)
    chosen = best_pairs(rows, columns, radius - distance[rows, columns])
    return rows[chosen], columns[chosen]


def scipys_cost(truth: np.ndarray, predicted: np.ndarray, radius: float) -> float:
    near = cdist(truth, predicted)
    costs = np.concatenate([np.where(near <= radius, near, 1e6), np.full((len(truth), len(truth)), radius)], axis=1)
    return float(costs[linear_sum_assignment(costs)].sum())


def assert_as_good(truth: np.ndarray, predicted: np.ndarray, radius: float) -> None:
    rows, columns = paired(truth, predicted, radius)
    assert len(set(rows)) == len(rows)
    assert len(set(columns)) == len(columns)
    distance = np.hypot(*(truth[rows] - predicted[columns]).T)
    cost = distance.sum() + radius * (len(truth) - len(rows))
    assert np.isclose(cost, scipys_cost(truth, predicted, radius))


@given(POINTS, POINTS, st.floats(1, 60))
def test_the_sum_is_as_small_as_scipys(truth: np.ndarray, predicted: np.ndarray, radius: float) -> None:
    assert_as_good(truth, predicted, radius)


@pytest.mark.parametrize(("count", "radius"), [(30, 15.0), (60, 9.0), (60, 40.0)])
def test_crowds_are_paired_as_scipy_does(count: int, radius: float) -> None:
    for seed in range(5):
        generator = np.random.default_rng(seed)
        assert_as_good(generator.uniform(0, 100, (count, 2)), generator.uniform(0, 100, (count + 5, 2)), radius)


def test_a_thousand_objects_are_paired_with_their_own_predictions() -> None:
    generator = np.random.default_rng(0)
    truth = np.stack(np.meshgrid(np.arange(40) * 12.0, np.arange(25) * 12.0), axis=-1).reshape(-1, 2)
    order = generator.permutation(len(truth))
    predicted = (truth + generator.uniform(-2, 2, truth.shape))[order]
    rows, columns = paired(truth, predicted, 5.0)
    assert (order[columns] == rows).all()
    assert len(rows) == len(truth)


def test_a_long_chain_hangs_together() -> None:
    # 2 k lies near 2 k - 1 and 2 k + 1: only all of them together tell which is left out.
    truth = np.stack([np.arange(0.0, 1200, 2), np.zeros(600)], axis=1)
    predicted = np.stack([np.arange(1.0, 1198, 2) + 0.1, np.zeros(599)], axis=1)
    rows, columns = paired(truth, predicted, 1.5)
    assert len(rows) == len(predicted)
    assert (rows == columns + 1).all()
