"""Scores of points and counts equal loops written from their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_squared_error

from inspector.analysis import point_scores as scores

COUNTS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 60)), min_size=1, max_size=30)


def test_the_share_of_correct_points_counts_missed_ones_as_wrong() -> None:
    errors = np.array([0.0, 5.0, 10.0, np.nan])
    assert scores.pck(errors, 5.0) == 0.5
    assert scores.pck(errors, np.array([1.0, 4.0, 20.0, 99.0])) == 0.5
    assert math.isnan(scores.pck(np.empty(0), 5.0))


@given(st.lists(st.one_of(st.floats(0, 50), st.just(math.nan)), min_size=1, max_size=30))
def test_the_curve_is_the_share_at_every_radius(errors: list[float]) -> None:
    radii = np.arange(0.0, 60.0, 7.0)
    expected = [sum(error <= radius for error in errors) / len(errors) for radius in radii]
    np.testing.assert_allclose(scores.pck_curve(np.array(errors), radii), expected)


@given(COUNTS)
def test_counts_are_scored_as_a_loop_does(pairs: list[tuple[int, int]]) -> None:
    truth, counted = np.array(pairs, np.float64).T
    found = scores.count_scores(truth, counted)
    assert found.mae == pytest.approx(mean_absolute_error(truth, counted))
    assert found.rmse == pytest.approx(math.sqrt(mean_squared_error(truth, counted)))
    some = [(true, guess) for true, guess in pairs if true]
    if some:
        assert found.nae == pytest.approx(sum(abs(g - t) / t for t, g in some) / len(some))
    else:
        assert math.isnan(found.nae)


def test_one_crowded_image_moves_the_mean_and_not_the_median() -> None:
    truth, counted = np.array([10, 12, 9, 3_000, np.nan]), np.array([11, 11, 9, 1_000, 4])
    found = scores.count_scores(truth, counted)
    assert (found.images, found.mae, found.median) == (4, 500.5, 1.0)
    assert math.isnan(scores.count_scores(np.array([np.nan]), np.array([1.0])).mae)


Rows = list[tuple[float, float, float, float]]
"""True x and y, and predicted ones, of the points of an image."""

ROWS = st.lists(st.tuples(*[st.one_of(st.floats(-10, 110), st.just(math.nan))] * 4), max_size=6)


@settings(max_examples=40)
@given(st.lists(ROWS, max_size=4), st.integers(1, 4), st.integers(1, 4))
def test_the_grid_errors_equal_a_loop_over_the_cells_of_each_image(
    images: list[Rows], levels: int, at_once: int
) -> None:
    rows = np.array([row for image in images for row in image], np.float64).reshape(-1, 4)
    first = np.cumsum([0, *(len(image) for image in images)])
    sizes = [(60.0 + 10 * place, 100.0) for place in range(len(images))]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scores, "IMAGES_AT_ONCE", at_once)
        found = scores.mean_games(rows[:, :2], rows[:, 2:], first, np.array(sizes).reshape(-1, 2), levels)
    assert len(found) == levels
    for level, mean in enumerate(found):
        each = [grid_error(image, size, 2**level) for image, size in zip(images, sizes, strict=True)]
        assert mean == pytest.approx(sum(each) / len(each) if each else math.nan, nan_ok=True)


def grid_error(rows: Rows, size: tuple[float, float], side: int) -> int:
    """Differences of counts, summed over the cells of an image."""
    height, width = size

    def inside(points: list[tuple[float, float]], row: int, column: int) -> int:
        return sum(
            column * width / side <= x + 0.5 < (column + 1) * width / side
            and row * height / side <= y + 0.5 < (row + 1) * height / side
            for x, y in points
        )

    truth, predicted = [row[:2] for row in rows], [row[2:] for row in rows]
    cells = [(row, column) for row in range(side) for column in range(side)]
    return sum(abs(inside(truth, *cell) - inside(predicted, *cell)) for cell in cells)


def test_points_in_opposite_corners_are_one_right_count_and_two_wrong_cells() -> None:
    truth, predicted = np.array([[5.0, 5.0]]), np.array([[90.0, 50.0]])
    assert scores.mean_games(truth, predicted, np.array([0, 1]), np.array([[60, 100]]), 3) == (0, 2, 2)
