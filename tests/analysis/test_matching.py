"""The assignment is as cheap as scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linear_sum_assignment

from inspector.analysis.matching import assign
from inspector.core.arrays import ShapeError

COSTS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
    elements=st.one_of(st.integers(-4, 4).map(float), st.floats(-1e6, 1e6)),
)


@given(COSTS)
def test_total_cost_equals_scipys(cost: np.ndarray) -> None:
    rows, columns = assign(cost)
    theirs = linear_sum_assignment(cost)
    assert len(rows) == min(cost.shape)
    assert len(set(rows.tolist())) == len(rows)
    assert len(set(columns.tolist())) == len(columns)
    assert list(rows) == sorted(rows)
    assert cost[rows, columns].sum() == pytest.approx(cost[theirs].sum(), rel=1e-12, abs=1e-6)


def test_large_random_matrices_agree_with_scipy() -> None:
    generator = np.random.default_rng(0)
    for shape in ((60, 60), (40, 90), (90, 40)):
        cost = generator.normal(size=shape)
        rows, columns = assign(cost)
        theirs_rows, theirs_columns = linear_sum_assignment(cost)
        np.testing.assert_array_equal(rows, theirs_rows)
        np.testing.assert_array_equal(columns, theirs_columns)


def test_the_cheap_diagonal_is_left_for_a_cheaper_whole() -> None:
    # Row 0 alone would take column 0; giving it column 1 saves 7 in row 1.
    rows, columns = assign(np.array([[1.0, 2.0], [1.0, 9.0]]))
    assert rows.tolist() == [0, 1]
    assert columns.tolist() == [1, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_cost_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        assign(np.array([[1.0, bad]]))


def test_a_vector_is_refused() -> None:
    with pytest.raises(ShapeError, match="2 axes"):
        assign(np.zeros(3))
