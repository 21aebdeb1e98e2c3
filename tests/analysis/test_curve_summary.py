"""The figures of a curve equal numpy's, whole or piece by piece."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inspector.analysis.curve_summary import Summary, summary_of

CURVES = hnp.arrays(
    np.float64,
    st.integers(0, 30),
    elements=st.one_of(st.integers(-3, 3).map(float), st.sampled_from([math.nan, math.inf, -math.inf])),
)


@given(CURVES, st.lists(st.integers(0, 30), max_size=3))
def test_the_figures_equal_numpys_however_the_curve_came(values: np.ndarray, cuts: list[int]) -> None:
    summary = Summary()
    for cut in (*sorted(cuts), len(values)):
        summary = summary_of(values[: max(cut, summary.count)], summary)
    finite = values[np.isfinite(values)]
    assert summary.count == len(values)
    assert summary.lost.tolist() == np.flatnonzero(~np.isfinite(values)).tolist()
    assert (summary.nan, summary.above, summary.below) == (
        np.isnan(values).sum(),
        np.isposinf(values).sum(),
        np.isneginf(values).sum(),
    )
    if not finite.size:
        assert math.isnan(summary.least)
        assert summary.last_at is None
        return
    assert (summary.least, summary.greatest, summary.last) == (finite.min(), finite.max(), finite[-1])
    assert summary.least_at == int(np.flatnonzero(values == finite.min())[0])
    assert summary.greatest_at == int(np.flatnonzero(values == finite.max())[0])
    assert summary.last_at == int(np.flatnonzero(np.isfinite(values))[-1])
