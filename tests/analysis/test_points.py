"""Point errors are plain distances, and the centroid of a mask is scipy's centre of mass."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import center_of_mass

from inspector.analysis import points
from inspector.core.arrays import ShapeError


def test_errors_are_distances_and_missing_points_have_none() -> None:
    truth = np.array([[0.0, 0.0], [1.0, 1.0], [np.nan, np.nan], [5.0, 5.0]])
    predicted = np.array([[3.0, 4.0], [1.0, 1.0], [2.0, 2.0], [np.nan, np.nan]])
    errors = points.point_errors(truth, predicted)
    np.testing.assert_array_equal(errors, [5.0, 0.0, np.nan, np.nan])


def test_a_point_is_known_where_both_of_its_coordinates_are() -> None:
    some = np.array([[0.0, -2.0], [np.nan, 2.0], [1.0, np.nan], [np.inf, 2.0], [1.0, -np.inf], [np.nan, np.nan]])
    assert points.are_known(some).tolist() == [True, False, False, False, False, False]
    assert np.isnan(points.point_errors(some[:1], some[1:2])).all()


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
