"""All scores of one segmentation are those of scikit-learn and of loops written from the definitions."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score

from inspector.analysis.segmentation import contingency, mean_agreement
from inspector.analysis.segmentation_scores import segmentation_scores
from inspector.core.arrays import ShapeError


@st.composite
def two_maps(draw: st.DrawFn, least: int = 0) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    labels = hnp.arrays(np.int64, shape, elements=st.integers(least, 4))
    return draw(labels), draw(labels)


def pairs_loop(truth: list[int], predicted: list[int]) -> float:
    """The adjusted Rand index by looking at every pair of pixels."""
    both = in_truth = in_predicted = pairs = 0
    for first in range(len(truth)):
        for second in range(first):
            same = truth[first] == truth[second]
            alike = predicted[first] == predicted[second]
            both, in_truth, in_predicted = both + (same and alike), in_truth + same, in_predicted + alike
            pairs += 1
    expected = in_truth * in_predicted / pairs if pairs else 0.0
    top, bottom = both - expected, (in_truth + in_predicted) / 2 - expected
    return 1.0 if bottom == 0 else top / bottom


def overlap(truth: np.ndarray, label: int, predicted: np.ndarray, segment: int) -> float:
    shared = either = 0
    for one, other in zip(truth.ravel().tolist(), predicted.ravel().tolist(), strict=True):
        shared += one == label and other == segment
        either += one == label or other == segment
    return shared / either


@settings(max_examples=60)
@given(two_maps())
@example((np.zeros((3, 3), np.int64), np.ones((3, 3), np.int64)))
def test_scores_equal_loops_from_the_definitions(maps: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = maps
    found = segmentation_scores(truth, predicted)
    foreground = truth > 0
    assert found.ari == pytest.approx(pairs_loop(truth.ravel().tolist(), predicted.ravel().tolist()), abs=1e-12)
    objects = np.unique(truth[foreground]).tolist()
    assert found.objects == len(objects)
    assert found.left_out == 0.0
    if not objects:
        assert all(math.isnan(score) for score in (found.fg_ari, found.miou, found.mbo))
        return
    assert found.fg_ari == pytest.approx(pairs_loop(truth[foreground].tolist(), predicted[foreground].tolist()))
    segments = np.unique(predicted).tolist()
    table = [[overlap(truth, label, predicted, segment) for segment in segments] for label in objects]
    best = [max(row) for row in table]
    assert found.mbo == pytest.approx(sum(best) / len(best))
    # One to one, by trying every way; spare columns stand for objects left without a segment.
    padded = [row + [0.0] * len(objects) for row in table]
    ways = permutations(range(len(padded[0])), len(objects)) if len(padded[0]) <= 7 else ()
    tried = [sum(padded[row][column] for row, column in enumerate(way)) for way in ways]
    scipys = np.array(table)[linear_sum_assignment(table, maximize=True)].sum()
    assert found.miou == pytest.approx(scipys / len(objects))
    assert not tried or max(tried) == pytest.approx(scipys)


@settings(max_examples=60)
@given(two_maps(least=-1))
def test_undefined_pixels_count_nowhere_and_are_told(maps: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = maps
    kept = (truth >= 0) & (predicted >= 0)
    found = segmentation_scores(truth, predicted)
    assert found.left_out == pytest.approx(1 - kept.mean())
    if not kept.any():
        assert math.isnan(found.ari)
        return
    assert found.ari == pytest.approx(adjusted_rand_score(truth[kept], predicted[kept]), abs=1e-12)
    again = segmentation_scores(truth[kept][:, None], predicted[kept][:, None])
    np.testing.assert_allclose([found.fg_ari, found.miou, found.mbo], [again.fg_ari, again.miou, again.mbo])


def test_overlaps_of_a_picture_worked_by_hand() -> None:
    truth = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 2, 2]])
    predicted = np.array([[0, 0, 0, 1], [0, 0, 1, 1], [1, 1, 1, 0]])
    # Object 1 has 4 pixels: with segment 0 1/9, with segment 1 3/7; object 2 has 4: 1/9 and 3/7.
    found = segmentation_scores(truth, predicted)
    assert found.mbo == pytest.approx(3 / 7)
    assert found.miou == pytest.approx((3 / 7 + 1 / 9) / 2)
    assert segmentation_scores(truth, truth).miou == 1.0


def test_one_object_is_all_or_nothing() -> None:
    truth = np.array([[0, 0, 3, 3]])
    whole, split = segmentation_scores(truth, truth), segmentation_scores(truth, np.array([[0, 0, 1, 2]]))
    assert (whole.fg_ari, whole.objects) == (1.0, 1)
    assert (split.fg_ari, split.mbo) == (0.0, 0.5)
    none = segmentation_scores(np.zeros((1, 4), np.int64), truth)
    scores = [whole.fg_ari, split.fg_ari, none.fg_ari]
    assert mean_agreement(scores) == 0.5


def test_an_empty_image_has_no_scores() -> None:
    nothing = np.zeros((0, 5), np.int64)
    found = segmentation_scores(nothing, nothing)
    assert found.objects == 0
    assert all(math.isnan(score) for score in (found.ari, found.fg_ari, found.miou, found.left_out))


def test_a_large_picture_does_not_overflow() -> None:
    truth = np.zeros((4000, 3000), np.int64)
    truth[:, 1500:] = 1
    predicted = truth.copy()
    predicted[0, 0] = 1
    found = segmentation_scores(truth, predicted)
    n, first = 12_000_000, 6_000_000
    table = [[first - 1, 1], [0, first]]
    together = sum(count * (count - 1) for row in table for count in row)
    rows, columns = 2 * first * (first - 1), (first - 1) * (first - 2) + (first + 1) * first
    expected = rows * columns / (n * (n - 1))
    assert found.ari == pytest.approx((together - expected) / ((rows + columns) / 2 - expected), abs=1e-12)
    assert found.fg_ari == 1.0


def test_labels_may_be_packed_colours() -> None:
    truth = np.array([[0, 0xFFFFFF, 0xFFFFFF, 0x00FF00]])
    predicted = np.array([[2**40, 7, 7, 2**40]])
    assert segmentation_scores(truth, predicted) == segmentation_scores(
        np.array([[0, 2, 2, 1]]), np.array([[1, 0, 0, 1]])
    )
    np.testing.assert_array_equal(contingency(truth, predicted), [[0, 1], [0, 1], [2, 0]])


def test_maps_of_noise_are_no_label_maps() -> None:
    noise = np.arange(1 << 12).reshape(64, 64) << 20
    with pytest.raises(ShapeError, match="too many for label maps"):
        segmentation_scores(noise, noise)
