"""Point errors are plain distances, and unordered points pair off as scipy would pair them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import center_of_mass
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from inspector.analysis import points
from inspector.core.arrays import ShapeError

POINTS = hnp.arrays(np.float64, st.tuples(st.integers(0, 7), st.just(2)), elements=st.floats(-500, 500))


def test_errors_are_distances_and_missing_points_have_none() -> None:
    truth = np.array([[0.0, 0.0], [1.0, 1.0], [np.nan, np.nan], [5.0, 5.0]])
    predicted = np.array([[3.0, 4.0], [1.0, 1.0], [2.0, 2.0], [np.nan, np.nan]])
    errors = points.point_errors(truth, predicted)
    np.testing.assert_array_equal(errors, [5.0, 0.0, np.nan, np.nan])


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2), (4, 2)])
def test_lists_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="points"):
        points.point_errors(np.zeros((3, 2)), np.zeros(shape))


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(0.01, 10)))
def test_the_centroid_is_scipys_centre_of_mass(mask: np.ndarray) -> None:
    row, column = center_of_mass(mask)
    np.testing.assert_allclose(points.centroid(mask), [column, row], atol=1e-9)


def test_a_mask_without_weight_has_no_centroid() -> None:
    assert np.isnan(points.centroid(np.zeros((3, 3)))).all()
    assert np.isnan(points.centroid(np.full((3, 3), np.nan))).all()


@given(POINTS, POINTS)
def test_pairs_are_those_of_scipy_and_nothing_is_lost(truth: np.ndarray, predicted: np.ndarray) -> None:
    paired_truth, paired_prediction = points.paired(truth, predicted)
    distance = cdist(truth, predicted)
    best = distance[linear_sum_assignment(distance)].sum()
    assert np.nansum(points.point_errors(paired_truth, paired_prediction)) == pytest.approx(best, abs=1e-6)
    np.testing.assert_array_equal(paired_truth[: len(truth)], truth)
    assert len(paired_truth) == max(len(truth), len(predicted))
    present = paired_prediction[np.isfinite(paired_prediction).all(axis=1)]
    np.testing.assert_array_equal(np.sort(present, axis=0), np.sort(predicted, axis=0))


def test_a_missing_truth_pairs_with_nothing() -> None:
    truth = np.array([[np.nan, np.nan], [1.0, 1.0]])
    paired_truth, paired_prediction = points.paired(truth, np.array([[9.0, 9.0], [1.0, 2.0]]))
    np.testing.assert_array_equal(paired_prediction, [[np.nan, np.nan], [1.0, 2.0], [9.0, 9.0]])
    np.testing.assert_array_equal(paired_truth, [[np.nan, np.nan], [1.0, 1.0], [np.nan, np.nan]])
