"""Mean and band of several curves equal numpy's over their stack."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector.analysis.seed_bands import MOST_PLACES, seed_band


def test_the_mean_and_the_bands_equal_numpys() -> None:
    generator = np.random.default_rng(0)
    x = np.arange(200.0)
    stack = generator.normal(3.0, 2.0, (5, 200))
    stack[1, 50:60] = math.nan
    stack[2, 7] = math.inf
    stack[:, 99] = math.nan
    known = np.where(np.isfinite(stack), stack, np.nan)
    with pytest.warns(RuntimeWarning):  # of numpy, for the point where nothing is known
        expected, low, high = np.nanmean(known, axis=0), np.nanmin(known, axis=0), np.nanmax(known, axis=0)
    with pytest.warns(RuntimeWarning):
        deviation = np.nanstd(known, axis=0, ddof=1)
    curves = [(x, y) for y in stack]
    band = seed_band(curves)
    np.testing.assert_allclose(band.mean, expected)
    np.testing.assert_array_equal(band.low, low)
    np.testing.assert_array_equal(band.high, high)
    assert (band.fewest, band.most) == (4, 5)
    spread = seed_band(curves, "deviation")
    np.testing.assert_allclose(spread.low, expected - deviation)
    np.testing.assert_allclose(spread.high, expected + deviation)


def test_a_curve_with_other_x_is_interpolated_in_its_own_range_only() -> None:
    band = seed_band([(np.arange(5.0), np.zeros(5)), (np.array([1.0, 3.0]), np.array([2.0, 4.0]))])
    assert band.x.tolist() == [0, 1, 2, 3, 4]
    assert band.mean.tolist() == [0, 1, 1.5, 2, 0]
    assert band.high.tolist() == [0, 2, 3, 4, 0]
    assert (band.fewest, band.most) == (1, 2)


def test_long_curves_with_unlike_x_are_compared_at_some_places_and_that_is_told() -> None:
    x = np.arange(3.0 * MOST_PLACES)
    band = seed_band([(x, x), (x + 0.5, x + 2.5)])
    assert band.thinned
    assert band.x.size == MOST_PLACES
    np.testing.assert_allclose(band.mean[1:-1], band.x[1:-1] + 1)
    assert not seed_band([(x, x), (x.copy(), x)]).thinned


def test_no_curve_and_empty_curves_give_an_empty_band() -> None:
    assert seed_band([]).x.size == 0
    assert seed_band([(np.zeros(0), np.zeros(0))] * 2).mean.size == 0
