"""Slot diagnostics on masks small enough to work by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import entropy
from sklearn.metrics.pairwise import cosine_similarity

from inspector.analysis import slots
from inspector.core.arrays import ShapeError

# Three slots on a 4 × 4 picture: the left half, the right half, and one pixel.
HARD = np.zeros((3, 4, 4))
HARD[0, :, :2] = 1.0
HARD[1, :, 2:] = 1.0
HARD[1, 0, 3] = 0.0
HARD[2, 0, 3] = 1.0


@given(hnp.arrays(np.float64, st.tuples(st.integers(2, 6), st.integers(1, 8)), elements=st.floats(-100, 100)))
def test_cosines_equal_scikit_learns(vectors: np.ndarray) -> None:
    ours = slots.slot_cosines(vectors)
    expected = cosine_similarity(vectors)
    silent = ~vectors.any(axis=1)
    expected[silent] = expected[:, silent] = np.nan
    np.fill_diagonal(expected, np.nan)
    usable = np.linalg.norm(vectors, axis=1) > 1e-10  # theirs takes smaller vectors for zero
    pairs = np.ix_(usable | silent, usable | silent)
    np.testing.assert_allclose(ours[pairs], expected[pairs], atol=1e-12)


def test_mean_cosine_worked_by_hand() -> None:
    vectors = np.array([[3.0, 4.0], [4.0, 3.0], [0.0, 0.0]])
    assert slots.mean_slot_cosine(vectors) == pytest.approx(24 / 25)
    assert math.isnan(slots.mean_slot_cosine(vectors[:1]))
    assert math.isnan(slots.mean_slot_cosine(np.zeros((3, 2))))
    simplex = np.eye(5) - 1 / 5
    assert slots.mean_slot_cosine(simplex) == pytest.approx(-1 / 4)


def test_a_slot_with_nan_leaves_the_others_defined() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 1.0], [np.nan, 1.0], [np.inf, 1.0]])
    cosines = slots.slot_cosines(vectors)
    assert cosines[0, 1] == pytest.approx(math.sqrt(0.5))
    assert np.isnan(cosines[2:]).all()
    assert np.isnan(cosines[:, 2:]).all()


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_cosines_survive_features_whose_squares_do_not(scale: float) -> None:
    assert slots.mean_slot_cosine(np.array([[3.0, 4.0], [4.0, 3.0]]) * scale) == pytest.approx(24 / 25)


def test_centred_slots_lose_the_vector_they_share() -> None:
    shared = np.array([[[11.0, 10.0], [9.0, 10.0]]])
    np.testing.assert_allclose(slots.centred_slots(shared), [[[1.0, 0.0], [-1.0, 0.0]]])
    assert slots.mean_slot_cosine(shared[0]) > 0.99
    assert slots.mean_slot_cosine(slots.centred_slots(shared)[0]) == pytest.approx(-1.0)


@given(hnp.arrays(np.float64, (4, 3, 2), elements=st.floats(0.01, 1)))
def test_entropy_equals_scipys(weights: np.ndarray) -> None:
    masks = weights / weights.sum(axis=0)
    np.testing.assert_allclose(slots.mask_entropy(masks), entropy(masks, axis=0, base=4), atol=1e-12)


def test_entropy_is_one_where_all_share_and_zero_where_one_has_it() -> None:
    uniform = np.full((7, 4, 4), 1 / 7, np.float16)
    np.testing.assert_allclose(slots.mask_entropy(uniform), 1.0, atol=1e-12)
    assert (slots.mask_entropy(HARD) == 0).all()
    # Two of four slots, evenly: ln 2 / ln 4.
    half = np.zeros((4, 1, 1))
    half[:2] = 0.5
    assert slots.mean_mask_entropy(half) == pytest.approx(0.5)


def test_entropy_is_undefined_without_a_choice() -> None:
    assert np.isnan(slots.mask_entropy(np.ones((1, 2, 2)))).all()
    masks = np.full((2, 1, 4), 0.5)
    masks[:, 0, 1] = 0.0
    masks[0, 0, 2] = np.nan
    masks[:, 0, 3] = (-0.5, 1.5)
    np.testing.assert_array_equal(np.isnan(slots.mask_entropy(masks)), [[False, True, True, True]])
    assert slots.mean_mask_entropy(masks) == pytest.approx(1.0)


def test_winners_areas_and_activity_of_hard_masks() -> None:
    winners = slots.winning_slots(HARD)
    np.testing.assert_array_equal(winners, [[0, 0, 1, 2]] + [[0, 0, 1, 1]] * 3)
    areas = slots.slot_areas(winners, 4)
    np.testing.assert_allclose(areas, [8 / 16, 7 / 16, 1 / 16, 0])
    assert slots.active_slots(areas).tolist() == [True, True, True, False]
    assert slots.active_slots(areas, threshold=1 / 16).tolist() == [True, True, False, False]


def test_areas_count_only_valid_cells() -> None:
    valid = np.zeros((4, 4), bool)
    valid[0] = True
    np.testing.assert_allclose(slots.slot_areas(slots.winning_slots(HARD), 3, valid), [0.5, 0.25, 0.25])
    assert np.isnan(slots.slot_areas(slots.winning_slots(HARD), 3, np.zeros((4, 4), bool))).all()


def test_ties_go_to_the_lower_slot_and_nan_to_none() -> None:
    masks = np.full((3, 1, 2), 1 / 3)
    masks[1, 0, 1] = np.nan
    np.testing.assert_array_equal(slots.winning_slots(masks), [[0, -1]])
    np.testing.assert_allclose(slots.slot_areas(slots.winning_slots(masks), 3), [1, 0, 0])


def test_coverage_is_the_share_of_sure_cells() -> None:
    masks = np.array([[[0.9, 0.5, 0.2, 0.6]], [[0.1, 0.5, 0.8, 0.4]]])
    assert slots.coverage(masks) == 0.75
    assert slots.coverage(masks, threshold=0.7) == 0.5
    assert slots.coverage(masks, valid=np.array([[True, True, False, False]])) == 0.5
    assert math.isnan(slots.coverage(masks, valid=np.zeros((1, 4), bool)))


def test_the_axis_that_sums_to_one_is_found() -> None:
    generator = np.random.default_rng(1)
    logits = generator.normal(size=(7, 30 * 30))
    over_slots = np.exp(logits) / np.exp(logits).sum(axis=0)
    over_positions = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert slots.axis_sum_error(over_slots, 0) < 1e-12
    assert slots.axis_sum_error(over_positions, 1) < 1e-12
    # The reference's figure for N = 900, K = 7: an average slot then holds 128.6 positions' worth.
    assert slots.axis_sum_error(over_slots, 1) > 100
    heads = np.stack([over_slots, over_slots]) / 2
    assert slots.axis_sum_error(heads, (0, 1)) < 1e-12
    assert slots.axis_sum_error(np.array([[1.0, np.nan]]), 0) == math.inf
    assert math.isnan(slots.axis_sum_error(np.zeros((0, 3)), 0))


def test_masks_without_their_three_axes_are_refused() -> None:
    with pytest.raises(ShapeError, match="3 axes"):
        slots.winning_slots(np.zeros((2, 2)))
