"""Smoothing equals the plain loop and pandas; spikes stand out of any level of noise."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inspector.analysis.smoothing import smoothed, spikes

CURVES = hnp.arrays(
    np.float64,
    st.integers(0, 200),
    elements=st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf])),
)


def by_tensorboards_loop(values: np.ndarray, decay: float) -> list[float]:
    """TensorBoard's own steps, with NaN where the value is not finite."""
    last, accumulated, smooth = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            smooth.append(math.nan)
            continue
        last = last * decay + (1 - decay) * value
        accumulated += 1
        smooth.append(last / (1 - decay**accumulated if decay > 0 else 1))
    return smooth


@given(CURVES, st.sampled_from([0.0, 0.1, 0.6, 0.9, 0.99, 0.999]))
def test_smoothing_equals_the_loop(values: np.ndarray, decay: float) -> None:
    np.testing.assert_allclose(smoothed(values, decay), by_tensorboards_loop(values, decay), rtol=1e-9, atol=1e-6)


def test_smoothing_equals_pandas_on_a_long_curve() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=50_000).cumsum()
    expected = pd.Series(values).ewm(alpha=0.01, adjust=True).mean()
    np.testing.assert_allclose(smoothed(values, 0.99), expected, rtol=1e-9, atol=1e-9)


def test_no_decay_is_the_curve_itself() -> None:
    values = np.array([1.0, np.nan, 3.0])
    np.testing.assert_array_equal(smoothed(values, 0.0), values)


def test_the_average_starts_at_the_first_value() -> None:
    assert smoothed(np.array([7.0, 7.0]), 0.99) == pytest.approx([7.0, 7.0])


@pytest.mark.parametrize("decay", [-0.1, 1.0, math.nan])
def test_a_decay_outside_its_range_is_refused(decay: float) -> None:
    with pytest.raises(ValueError, match="decay"):
        smoothed(np.ones(3), decay)


def test_planted_spikes_are_found_and_noise_is_not() -> None:
    generator = np.random.default_rng(2)
    values = 2.0 * np.exp(-np.arange(3000) / 800) * np.exp(0.05 * generator.normal(size=3000))
    assert spikes(values).size == 0
    values[[400, 1700, 1701, 2990]] *= (3.0, 4.0, 6.0, 3.0)
    assert spikes(values).tolist() == [400, 1701, 2990]


def test_a_falling_curve_printed_with_few_digits_has_no_spikes() -> None:
    assert spikes(np.round(np.linspace(0.6, 0.5, 400), 2)).size == 0


def test_spikes_of_a_curve_around_zero_are_found_too() -> None:
    generator = np.random.default_rng(4)
    values = generator.normal(size=500)
    values[250] = 40.0
    assert spikes(values).tolist() == [250]


def test_values_that_are_not_finite_are_no_spikes() -> None:
    values = np.ones(100)
    values[[3, 50]] = (np.nan, np.inf)
    values[70] = 2.0
    assert spikes(values).tolist() == [70]


@pytest.mark.parametrize("count", range(8))
def test_short_curves_are_judged_without_error(count: int) -> None:
    assert spikes(np.ones(count)).size == 0


def test_spikes_do_not_depend_on_where_the_work_is_cut() -> None:
    values = np.ones(200_000)
    planted = [65_535, 65_536 + 100, 131_072]
    values[planted] = 5.0
    assert spikes(values).tolist() == planted
