"""A pyramid that grows with its curve is the pyramid of the whole curve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.analysis.pyramid import Pyramid, pyramid_of
from inspector.analysis.pyramid_growth import goes_on, grown, shortened


def assert_same(one: Pyramid, other: Pyramid) -> None:
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.y, other.y)
    assert len(one.lows) == len(other.lows) == len(one.highs) == len(other.highs)
    for mine, theirs in zip((*one.lows, *one.highs), (*other.lows, *other.highs), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@given(st.lists(st.integers(0, 90), max_size=6), st.integers(0, 3), st.booleans())
def test_growing_step_by_step_equals_building_at_once(sizes: list[int], odd: int, in_place: bool) -> None:
    generator = np.random.default_rng(sum(sizes) + odd)
    total = sum(sizes)
    y = generator.normal(size=total)
    for value in (math.nan, math.inf, -math.inf)[:odd]:
        y[generator.integers(0, total, size=total // 10)] = value
    x = np.arange(total, dtype=np.float64)
    length = 0
    pyramid = pyramid_of(x[:0], y[:0])
    for size in sizes:
        length += size
        part = (x[:length], y[:length]) if in_place else (x[:length].copy(), y[:length].copy())
        pyramid = grown(pyramid, *part)
    assert_same(pyramid, pyramid_of(x, y))


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_shortened_pyramid_is_that_of_the_shorter_curve(points: int, kept: int) -> None:
    generator = np.random.default_rng(points)
    y = np.where(generator.random(points) < 0.2, math.nan, generator.normal(size=points))
    x = np.arange(points, dtype=np.float64)
    assert_same(shortened(pyramid_of(x, y), kept), pyramid_of(x[:kept], y[:kept]))


def test_a_curve_in_a_buffer_that_grows_is_not_copied() -> None:
    x, y = np.arange(100.0), np.ones(100)
    pyramid = grown(pyramid_of(x[:40], y[:40]), x, y)
    assert np.shares_memory(pyramid.y, y)
    assert np.shares_memory(pyramid.x, x)


def test_new_points_that_fall_back_are_refused() -> None:
    pyramid = pyramid_of(np.arange(3.0), np.ones(3))
    for came in (1.0, math.nan):
        with pytest.raises(ValueError, match="falls"):
            grown(pyramid, np.array([0.0, 1, 2, came]), np.ones(4))


def test_an_array_goes_on_where_its_beginning_is_the_same_bit_for_bit() -> None:
    known = np.array([1.0, math.nan, -0.0])
    assert goes_on(known, np.array([1.0, math.nan, -0.0, 5.0]))
    assert goes_on(known, known)
    assert not goes_on(known, np.array([1.0, math.nan, 0.0, 5.0]))
    assert not goes_on(known, known[:2])
