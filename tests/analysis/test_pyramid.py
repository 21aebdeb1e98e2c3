"""What is drawn of a curve holds the extremes that a brute-force search finds in every pixel column."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inspector.analysis import pyramid
from inspector.analysis.pyramid import BLOCK, decimate, decimated, pyramid_of, restarts
from inspector.core.arrays import ShapeError


def column_extremes(x: np.ndarray, y: np.ndarray, x0: float, x1: float, width: int) -> list[tuple[float, float]]:
    """Least and largest y of each column that has points, one after the other; NaN where all are gaps."""
    edges = np.linspace(x0, x1, width + 1)
    inside = (x >= x0) & (x <= x1)
    column = np.minimum(np.searchsorted(edges[1:-1], x, "right"), width - 1)
    found = []
    for index in range(width):
        values = y[inside & (column == index)]
        if not values.size:
            continue
        finite = values[np.isfinite(values)]
        found.append((finite.min(), finite.max()) if finite.size else (np.nan, np.nan))
    return found


@st.composite
def curves(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    count = draw(st.integers(0, 900))
    steps = draw(hnp.arrays(np.float64, count, elements=st.sampled_from([0.0, 1.0, 1.0, 1.0, 7.0])))
    seed = draw(st.integers(0, 2**32 - 1))
    y = np.random.default_rng(seed).normal(size=count)
    gaps = draw(st.sampled_from([0.0, 0.05, 0.9]))
    y[np.random.default_rng(seed + 1).random(count) < gaps] = np.nan
    return steps.cumsum(), y


@given(curves(), st.integers(1, 40), st.floats(0, 1), st.floats(0, 1))
def test_every_column_keeps_its_exact_extremes(
    curve: tuple[np.ndarray, np.ndarray], width: int, first: float, second: float
) -> None:
    x, y = curve
    reach = x[-1] if x.size else 1.0
    x0, x1 = sorted((first * reach, second * reach))
    begin, end = int(np.searchsorted(x, x0, "left")), int(np.searchsorted(x, x1, "right"))
    if x1 == x0 or begin == end:
        return
    xs, ys = pyramid._by_columns(pyramid_of(x, y), begin, end, np.linspace(x0, x1, width + 1)[1:-1])
    assert len(xs) == len(ys) <= 2 * width + 2
    assert (xs[1:] >= xs[:-1]).all()
    assert np.isin(xs, x).all()
    inside = (xs >= x0) & (xs <= x1)
    expected = column_extremes(x, y, x0, x1, width)
    ours = column_extremes(xs[inside], ys[inside], x0, x1, width)
    np.testing.assert_array_equal(ours, expected)


@given(curves(), st.integers(1, 40), st.floats(0, 1), st.floats(0, 1))
def test_no_value_is_drawn_that_is_not_there_and_no_extreme_is_lost(
    curve: tuple[np.ndarray, np.ndarray], width: int, first: float, second: float
) -> None:
    x, y = curve
    reach = x[-1] if x.size else 1.0
    x0, x1 = sorted((first * reach, second * reach))
    xs, ys = decimated(pyramid_of(x, y), x0, x1, width)
    assert len(xs) == len(ys) <= 2 * width + 6
    assert (xs[1:] >= xs[:-1]).all()
    assert np.isin(xs, x).all()
    assert np.isin(ys[np.isfinite(ys)], y).all()
    here = y[(x >= x0) & (x <= x1)]
    here = here[np.isfinite(here)]
    if here.size:
        assert np.nanmin(ys) <= here.min()
        assert np.nanmax(ys) >= here.max()


def test_the_two_ways_of_drawing_are_taken_where_they_should() -> None:
    y = np.random.default_rng(0).normal(size=20_000)
    even = pyramid_of(np.arange(1.0, 20_001.0), y)
    drawn = pyramid._by_blocks(even, 0, 20_000, 19_999 / 300 * 2.5, 300)
    np.testing.assert_array_equal(decimated(even, 1, 20_000, 300), drawn)
    # On a logarithmic axis the first block of the even curve would span a third of the picture.
    logarithmic = pyramid_of(np.log10(np.arange(1.0, 20_001.0)), y)
    xs, ys = decimated(logarithmic, 0, float(logarithmic.x[-1]), 300)
    np.testing.assert_array_equal(xs[:20], logarithmic.x[:20])
    np.testing.assert_array_equal(ys[:20], y[:20])


@given(curves())
def test_a_line_enters_from_outside_and_leaves_again(curve: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = curve
    if len(x) < 3:
        return
    xs, _ = decimated(pyramid_of(x, y), float(x[len(x) // 2]), float(x[len(x) // 2]) + 0.5, 10)
    left = x[x < x[len(x) // 2]]
    right = x[x > x[len(x) // 2] + 0.5]
    assert not left.size or xs[0] <= left[-1]
    assert not right.size or xs[-1] >= right[0]


@pytest.mark.parametrize("position", [0, 1, 15, 16, 17, 31_999, 32_000, 50_001, 99_983, 99_999])
@pytest.mark.parametrize("spike", [9.0, -9.0])
def test_a_spike_of_one_sample_is_drawn(position: int, spike: float) -> None:
    y = np.sin(np.arange(100_000) / 500)
    y[position] = spike
    xs, ys = decimated(pyramid_of(np.arange(100_000.0), y), 0, 99_999, 640)
    assert len(ys) <= 1286
    assert spike in ys
    assert abs(xs[np.flatnonzero(ys == spike)[0]] - position) <= 2.5 * 100_000 / 640


def test_a_short_curve_is_drawn_as_it_is() -> None:
    x, y = np.arange(5.0), np.array([1.0, np.nan, np.inf, 2.0, 3.0])
    xs, ys = decimated(pyramid_of(x, y), 0, 4, 100)
    np.testing.assert_array_equal(xs, x)
    np.testing.assert_array_equal(ys, [1.0, np.nan, np.nan, 2.0, 3.0])


def test_a_gap_wider_than_a_column_stays_a_gap() -> None:
    y = np.ones(10_000)
    y[4_000:6_000] = np.nan
    xs, ys = decimated(pyramid_of(np.arange(10_000.0), y), 0, 9_999, 50)
    middle = (xs > 4_200) & (xs < 5_800)
    assert middle.any()
    assert np.isnan(ys[middle]).all()
    assert np.isfinite(ys[(xs < 3_800) | (xs > 6_200)]).all()


def test_points_without_a_place_are_left_out() -> None:
    xs, ys = decimated(pyramid_of(np.array([0.0, np.nan, 2.0]), np.array([1.0, 5.0, 3.0])), 0, 2, 10)
    np.testing.assert_array_equal(xs, [0.0, 2.0])
    np.testing.assert_array_equal(ys, [1.0, 3.0])


def test_levels_add_a_quarter_of_the_curve() -> None:
    levels = pyramid_of(np.arange(2.0**16), np.zeros(2**16))
    held = sum(level.nbytes for level in (*levels.lows, *levels.highs))
    assert held == pytest.approx(levels.y.nbytes / 4, rel=0.01)
    assert len(levels.lows[0]) == 2**16 // BLOCK


def test_a_curve_that_restarts_is_cut_into_attempts() -> None:
    x = np.concatenate([np.arange(3000.0), np.arange(1000.0, 4000.0)])
    y = np.concatenate([np.zeros(3000), np.ones(3000)])
    assert restarts(x).tolist() == [3000]
    with pytest.raises(ValueError, match="falls"):
        pyramid_of(x, y)
    xs, ys = decimate(x, y, 0, 4000, 100)
    cut = np.flatnonzero(np.isnan(ys))
    assert len(cut) == 1
    assert (ys[: cut[0]] == 0).all()
    assert (ys[cut[0] + 1 :] == 1).all()
    assert xs[cut[0] - 1] == 2999
    assert xs[cut[0] + 1] == 1000


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ShapeError, match="as many"):
        pyramid_of(np.arange(3.0), np.arange(4.0))
