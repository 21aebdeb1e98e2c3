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
from inspector.analysis.slot_mean import SlotMean
from inspector.core.arrays import ShapeError

SHARES = st.one_of(st.floats(0, 1, width=16), st.sampled_from([0.0, 0.5, math.nan, math.inf, -math.inf]))

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


def test_centred_cosines_lose_the_vector_that_all_share() -> None:
    shared = np.array([[11.0, 10.0], [9.0, 10.0]])
    assert slots.mean_slot_cosine(shared) > 0.99
    assert slots.mean_slot_cosine(shared, mean=np.array([10.0, 10.0])) == pytest.approx(-1.0)


def test_centred_cosines_equal_scikit_learns_of_what_is_left() -> None:
    vectors = np.random.default_rng(5).normal(3.0, 1.0, (6, 9)).astype(np.float32)
    mean = vectors.mean(axis=0)
    expected = cosine_similarity(vectors - mean)
    np.fill_diagonal(expected, np.nan)
    np.testing.assert_allclose(slots.slot_cosines(vectors, mean), expected, atol=1e-5)


def test_slots_that_centring_leaves_nothing_of_have_no_direction() -> None:
    alike = np.full((4, 3), 0.1, np.float32)
    assert math.isnan(slots.mean_slot_cosine(alike, mean=alike.astype(np.float64).mean(axis=0) * (1 + 1e-9)))


def test_centring_leaves_slots_that_are_not_finite_undefined() -> None:
    vectors = np.array([[np.inf, 1.0], [2.0, 1.0], [0.0, 1.0]])
    cosines = slots.slot_cosines(vectors, mean=np.array([np.inf, 1.0]))
    assert np.isnan(cosines).all()
    assert slots.slot_cosines(vectors, mean=np.array([1.0, 1.0]))[1, 2] == pytest.approx(-1.0)


def test_the_mean_of_slots_is_gathered_sample_by_sample() -> None:
    vectors = np.random.default_rng(6).normal(size=(5, 4, 3))
    vectors[2, 1, 0] = np.nan
    gathered = SlotMean()
    assert gathered.mean is None
    for one in vectors:
        gathered = gathered.with_slots(one)
    kept = vectors.reshape(-1, 3)[np.isfinite(vectors).all(axis=2).ravel()]
    np.testing.assert_allclose(gathered.mean, kept.mean(axis=0))
    assert (gathered.vectors, gathered.left_out) == (19, 1)
    assert gathered.with_slots(np.zeros((2, 7))).left_out == 3


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


def test_the_name_of_active_slots_holds_its_threshold() -> None:
    assert slots.active_slots_name() == "active_slots@area0.01"
    assert slots.active_slots_name(0.05) == "active_slots@area0.05"


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4)), elements=SHARES))
def test_winners_equal_argmax_where_all_is_finite(masks: np.ndarray) -> None:
    expected = np.where(np.isfinite(masks).all(axis=0), np.argmax(masks, axis=0), -1)
    np.testing.assert_array_equal(slots.winning_slots(masks), expected)
    halves = masks.astype(np.float16)
    expected = np.where(np.isfinite(halves).all(axis=0), np.argmax(halves, axis=0), -1)
    np.testing.assert_array_equal(slots.winning_slots(halves), expected)


def test_the_effective_number_of_slots_is_the_exponential_of_the_entropy() -> None:
    assert slots.effective_slots(np.full(4, 0.25)) == pytest.approx(4.0)
    assert slots.effective_slots(np.array([1.0, 0.0, 0.0])) == 1.0
    shares = np.array([0.7, 0.2, 0.1, 0.0])
    assert slots.effective_slots(shares) == pytest.approx(math.exp(entropy(shares)))
    assert math.isnan(slots.effective_slots(np.full(3, np.nan)))


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


def test_winners_are_those_of_argmax_but_where_a_mask_is_not_finite():
    masks = np.random.default_rng(0).integers(0, 5, (300, 6, 9)).astype(np.float32)
    for values in (masks, masks[:7], masks[:1], masks.astype(np.float16)):
        np.testing.assert_array_equal(slots.winning_slots(values), values.argmax(axis=0))
    for bad in (np.nan, np.inf, -np.inf):
        for slot in (0, 3, 6):
            holed = masks[:7].copy()
            holed[slot, 4, 4] = bad
            expected = np.where(np.isfinite(holed).all(axis=0), holed.argmax(axis=0), -1)
            np.testing.assert_array_equal(slots.winning_slots(holed), expected)
