"""Quantiles of groups equal those that numpy gives of each group alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.analysis.group_quantiles import group_quantiles

SHARES = (0.0, 0.25, 0.5, 0.9, 1.0)


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-1e6, 1e6)), max_size=40))
def test_each_group_has_the_quantiles_of_its_own_values(pairs: list[tuple[int, float]]) -> None:
    groups = np.array([group for group, _ in pairs], np.int64)
    values = np.array([value for _, value in pairs], np.float64)
    found = group_quantiles(groups, values, 5, SHARES)
    for group in range(5):
        own = values[groups == group]
        if own.size:
            assert found[group] == pytest.approx(np.quantile(own, SHARES), rel=1e-9, abs=1e-9)
        else:
            assert np.isnan(found[group]).all()
