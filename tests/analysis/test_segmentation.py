"""The agreement scores are those of scikit-learn and of sums worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import adjusted_rand_score, jaccard_score
from sklearn.metrics.cluster import contingency_matrix

from inspector.analysis import segmentation
from inspector.core.arrays import ShapeError

SHAPES = st.tuples(st.integers(1, 7), st.integers(1, 7))


@st.composite
def two_maps(draw: st.DrawFn, least: int = 0) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(SHAPES)
    labels = hnp.arrays(np.int64, shape, elements=st.integers(least, 4))
    return draw(labels), draw(labels)


@given(two_maps())
def test_ari_equals_scikit_learns(maps: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = maps
    expected = adjusted_rand_score(truth.ravel(), predicted.ravel())
    assert segmentation.adjusted_rand_index(truth, predicted) == pytest.approx(expected, abs=1e-12)


@given(two_maps(least=-1))
def test_undefined_pixels_count_in_neither_map(maps: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = maps
    kept = (truth >= 0) & (predicted >= 0)
    ours = segmentation.adjusted_rand_index(truth, predicted)
    if kept.any():
        assert ours == pytest.approx(adjusted_rand_score(truth[kept], predicted[kept]), abs=1e-12)
    else:
        assert math.isnan(ours)


@given(two_maps())
def test_fg_ari_equals_scikit_learns_on_the_foreground(maps: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = maps
    foreground = truth != 0
    ours = segmentation.foreground_adjusted_rand_index(truth, predicted)
    if foreground.any():
        expected = adjusted_rand_score(truth[foreground], predicted[foreground])
        assert ours == pytest.approx(expected, abs=1e-12)
    else:
        assert math.isnan(ours)


@given(two_maps())
def test_contingency_equals_scikit_learns(maps: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = maps
    np.testing.assert_array_equal(
        segmentation.contingency(truth, predicted), contingency_matrix(truth.ravel(), predicted.ravel())
    )


def test_ari_of_a_four_by_four_mask_worked_by_hand() -> None:
    truth = np.repeat([[0, 0, 1, 1]], 4, axis=0)
    predicted = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]])
    # Contingency [[8, 0], [4, 4]]; R = 56 + 12 + 12 = 80; A = 56 + 56 = 112; B = 132 + 12 = 144;
    # E = 112 · 144 / 240 = 67.2; M = 128; (80 - 67.2) / (128 - 67.2) = 12.8 / 60.8.
    assert segmentation.adjusted_rand_index(truth, predicted) == pytest.approx(12.8 / 60.8, rel=1e-15)


def test_one_object_scores_one_whole_and_zero_split() -> None:
    truth = np.array([[0, 0, 3, 3], [0, 0, 3, 3]])
    whole = np.array([[1, 0, 2, 2], [0, 1, 2, 2]])
    split = np.array([[1, 0, 2, 2], [0, 1, 2, 0]])
    assert segmentation.foreground_adjusted_rand_index(truth, whole) == 1.0
    assert segmentation.foreground_adjusted_rand_index(truth, split) == 0.0


def test_pictures_whose_pair_counts_overflow_float32_stay_exact() -> None:
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 5, (320, 480))
    predicted = np.where(generator.random((320, 480)) < 0.3, generator.integers(0, 7, (320, 480)), truth)
    expected = adjusted_rand_score(truth.ravel(), predicted.ravel())
    assert segmentation.adjusted_rand_index(truth, predicted) == pytest.approx(expected, abs=1e-14)


def test_the_mean_leaves_out_images_without_objects() -> None:
    assert segmentation.mean_agreement([math.nan, 1.0, 1.0, 0.0]) == pytest.approx(2 / 3)
    assert math.isnan(segmentation.mean_agreement([math.nan]))
    assert math.isnan(segmentation.mean_agreement([]))


@settings(max_examples=15)
@given(two_maps())
def test_overlap_equals_scikit_learns(maps: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = maps
    ours = segmentation.intersection_over_union(truth, predicted, 5, 5)
    for label in range(5):
        for segment in range(5):
            there = (truth == label).any() or (predicted == segment).any()
            expected = jaccard_score((truth == label).ravel(), (predicted == segment).ravel()) if there else np.nan
            np.testing.assert_allclose(ours[label, segment], expected)


def test_maps_of_different_shapes_are_refused() -> None:
    with pytest.raises(ShapeError, match="one shape"):
        segmentation.adjusted_rand_index(np.zeros((2, 2), np.int64), np.zeros((2, 3), np.int64))
