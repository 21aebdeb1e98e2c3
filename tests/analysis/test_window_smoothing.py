"""Gaussian means and medians equal a plain loop and pandas, whatever the window and the gaps."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from inspector.analysis.smoothing import span_points
from inspector.analysis.window_smoothing import gaussian_smoothed, median_smoothed
from inspector.core.errors import WorkCancelled
from inspector.core.pulse import Pulse


def curve(points: int) -> np.ndarray:
    values = np.random.default_rng(points).normal(size=points).round(1)
    values[3::17] = math.nan
    values[5::29] = math.inf
    return values


def gaussian_by_loop(values: list[float], window: int) -> list[float]:
    half, sigma = window // 2, window / 4
    smooth = []
    for here in range(len(values)):
        weighed = weight = 0.0
        for there in range(max(0, here - half), min(len(values), here + half + 1)):
            share = math.exp(-((there - here) ** 2) / (2 * sigma**2))
            weighed, weight = weighed + share * values[there], weight + share
        smooth.append(weighed / weight)
    return smooth


@pytest.mark.parametrize("points", [0, 1, 2, 50, 700])
@pytest.mark.parametrize("window", [1, 3, 19, 101])
def test_smoothing_equals_the_loop_and_pandas(points: int, window: int) -> None:
    values = curve(points)
    finite = np.isfinite(values)
    gaussian, median = gaussian_smoothed(values, window), median_smoothed(values, window)
    np.testing.assert_allclose(
        gaussian[finite], gaussian_by_loop(values[finite].tolist(), window), rtol=1e-12, atol=1e-12
    )
    expected = pd.Series(values[finite], dtype=float).rolling(window, center=True, min_periods=1).median()
    np.testing.assert_allclose(median[finite], expected)
    assert np.isnan(gaussian[~finite]).all()
    assert np.isnan(median[~finite]).all()


def test_parts_of_a_long_curve_join_without_a_seam() -> None:
    values = np.random.default_rng(1).normal(size=40_000).cumsum()
    for window in (5, 301):
        expected = pd.Series(values).rolling(window, center=True, min_periods=1).median()
        np.testing.assert_allclose(median_smoothed(values, window), expected)
    whole = gaussian_smoothed(values, 301)
    around = slice(16_384 - 400, 16_384 + 400)
    np.testing.assert_allclose(whole[around][200:-200], gaussian_smoothed(values[around], 301)[200:-200], rtol=1e-12)


def test_a_window_that_is_even_or_empty_is_refused() -> None:
    for window in (0, 2, -1):
        with pytest.raises(ValueError, match="odd"):
            median_smoothed(np.ones(3), window)


def test_a_cancel_is_seen() -> None:
    cancelled = Pulse(cancelled=lambda: True)
    for smooth in (gaussian_smoothed, median_smoothed):
        with pytest.raises(WorkCancelled):
            smooth(np.ones(9), 3, cancelled)


@pytest.mark.parametrize(("amount", "points"), [(0.0, 1), (0.5, 3), (0.6, 5), (0.9, 19), (0.99, 199), (0.999, 1999)])
def test_an_amount_is_as_many_points_as_the_average_of_that_decay_spans(amount: float, points: int) -> None:
    """By pandas' own rule for a span: alpha = 2 / (span + 1), here to the nearest odd number."""
    assert span_points(amount) == points
    assert abs(2 / (1 - amount) - 1 - points) <= 1
