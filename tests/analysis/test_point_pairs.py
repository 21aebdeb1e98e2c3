"""Points within a radius pair off as scipy pairs them where a missed object costs the radius."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from inspector.analysis.point_pairs import pairs_within

POINTS = hnp.arrays(np.float64, st.tuples(st.integers(0, 8), st.just(2)), elements=st.floats(0, 100))


def scipys_cost(truth: np.ndarray, predicted: np.ndarray, radius: float) -> float:
    near = cdist(truth, predicted)
    costs = np.concatenate([np.where(near <= radius, near, 1e6), np.full((len(truth), len(truth)), radius)], axis=1)
    return float(costs[linear_sum_assignment(costs)].sum())


@given(POINTS, POINTS, st.floats(1, 60))
def test_the_sum_is_as_small_as_scipys(truth: np.ndarray, predicted: np.ndarray, radius: float) -> None:
    pairs = pairs_within(truth, predicted, radius)
    distance = np.hypot(*(truth[pairs.truth] - predicted[pairs.predicted]).T)
    assert (distance <= radius).all()
    assert np.isclose(distance.sum() + radius * len(pairs.missed), scipys_cost(truth, predicted, radius))
    assert sorted([*pairs.truth, *pairs.missed]) == list(range(len(truth)))
    assert sorted([*pairs.predicted, *pairs.spurious]) == list(range(len(predicted)))


@given(POINTS, POINTS)
def test_without_a_radius_all_are_paired_as_scipy_does(truth: np.ndarray, predicted: np.ndarray) -> None:
    pairs = pairs_within(truth, predicted, np.inf)
    distance = np.hypot(*(truth[pairs.truth] - predicted[pairs.predicted]).T)
    near = cdist(truth, predicted)
    assert np.isclose(distance.sum(), near[linear_sum_assignment(near)].sum())


def test_missing_points_are_neither_missed_nor_spurious() -> None:
    truth = np.array([[0.0, 0.0], [np.nan, np.nan], [50.0, 50.0]])
    predicted = np.array([[np.nan, 3.0], [1.0, 0.0], [90.0, 90.0]])
    pairs = pairs_within(truth, predicted, 10)
    assert (pairs.truth.tolist(), pairs.predicted.tolist()) == ([0], [1])
    assert (pairs.missed.tolist(), pairs.spurious.tolist()) == ([2], [2])


def test_a_thousand_objects_are_paired_with_their_own_predictions() -> None:
    generator = np.random.default_rng(0)
    truth = np.stack(np.meshgrid(np.arange(40) * 12.0, np.arange(25) * 12.0), axis=-1).reshape(-1, 2)
    order = generator.permutation(len(truth))
    predicted = (truth + generator.uniform(-2, 2, truth.shape))[order]
    pairs = pairs_within(truth, predicted, 5.0)
    assert (order[pairs.predicted] == pairs.truth).all()
    assert len(pairs.truth) == len(truth)
