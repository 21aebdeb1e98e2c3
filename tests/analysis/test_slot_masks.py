"""Numbers of a slot's mask are those of loops over its pixels, and of pictures small enough to work by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import entropy
from sklearn.metrics import jaccard_score

from inspector.analysis.points import centroid
from inspector.analysis.slot_masks import mask_numbers, mask_shares, soft_overlaps
from inspector.core.arrays import ShapeError

RAW = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 5), st.integers(1, 4), st.integers(1, 4)),
    elements=st.one_of(st.floats(0.01, 3), st.sampled_from([0.0, math.nan, math.inf, -1.0])),
)


@settings(max_examples=60)
@given(RAW, st.data())
def test_numbers_are_those_of_a_loop_over_pixels(masks: np.ndarray, data: st.DataObject) -> None:
    valid = data.draw(hnp.arrays(bool, masks.shape[1:]))
    found = mask_numbers(masks, valid)
    kept = []
    for row in range(masks.shape[1]):
        for column in range(masks.shape[2]):
            pixel = masks[:, row, column]
            usable = np.isfinite(pixel).all() and (pixel >= 0).all() and pixel.sum() > 0 and valid[row, column]
            assert found.counted[row, column] == usable
            if usable:
                kept.append((row, column, pixel / pixel.sum()))
    if not kept:
        assert np.isnan(found.masses).all()
        assert math.isnan(found.mean_entropy)
        return
    shares = np.array([share for _row, _column, share in kept])
    np.testing.assert_allclose(found.masses, shares.mean(axis=0))
    undecided = entropy(shares, axis=1, base=len(masks))
    assert found.mean_entropy == pytest.approx(undecided.mean(), abs=1e-9)
    for slot, weights in enumerate(shares.T):
        if not weights.sum():
            assert np.isnan([found.entropies[slot], found.spreads[slot], *found.centroids_px[slot]]).all()
            continue
        assert found.spreads[slot] == pytest.approx(weights.std() / weights.mean(), abs=1e-9)
        assert found.entropies[slot] == pytest.approx(np.average(undecided, weights=weights), abs=1e-9)
        places = np.array([(row, column) for row, column, _share in kept])
        np.testing.assert_allclose(found.centroids_px[slot], np.average(places, axis=0, weights=weights), atol=1e-9)
    assert np.nansum(found.entropies * found.masses) == pytest.approx(found.mean_entropy, abs=1e-9)


def test_a_centroid_is_that_of_the_mask_in_rows_and_columns() -> None:
    masks = np.random.default_rng(0).random((3, 7, 9)).astype(np.float32)
    masks /= masks.sum(axis=0)
    for mask, centre in zip(masks, mask_numbers(masks).centroids_px, strict=True):
        np.testing.assert_allclose(centre[::-1], centroid(mask), atol=1e-5)
    corner = np.zeros((2, 4, 5))
    corner[0] = 1.0
    corner[:, 3, 1] = (0.0, 1.0)
    assert mask_numbers(corner).centroids_px[1].tolist() == [3.0, 1.0]


def test_areas_and_active_slots_count_what_counts() -> None:
    masks = np.zeros((3, 10, 10))
    masks[0] = 1.0
    masks[:, 0, 0] = (0.1, 0.9, 0.0)
    masks[:, 9] = np.nan
    found = mask_numbers(masks)
    np.testing.assert_allclose(found.areas, [89 / 90, 1 / 90, 0])
    assert found.active() == 2
    assert found.active(0.02) == 1
    assert found.effective == pytest.approx(math.exp(entropy([89, 1])))


def test_shares_sum_to_one_whatever_was_recorded() -> None:
    for scale in (1e-30, 1.0, 1e30):
        masks = np.random.default_rng(1).random((4, 3, 3)).astype(np.float32) * np.float32(scale)
        shares, counted = mask_shares(masks)
        np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-6)
        assert counted.all()


def test_soft_overlap_of_hard_masks_is_jaccards() -> None:
    generator = np.random.default_rng(2)
    first, second = generator.random((3, 40)) < 0.5, generator.random((2, 40)) < 0.4
    found = soft_overlaps(first.astype(np.float32), second.astype(np.float32))
    expected = [[jaccard_score(one, other) for other in second] for one in first]
    np.testing.assert_allclose(found, expected)


def test_soft_overlap_worked_by_hand() -> None:
    first, second = np.array([[0.5, 0.5, 0.0]]), np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 0.0]])
    # Least 0.5 + 0.25 + 0, greatest 0.5 + 0.5 + 0.25.
    np.testing.assert_allclose(soft_overlaps(first, second), [[0.75 / 1.25, 0.0]])
    assert np.isnan(soft_overlaps(second[1:], second[1:])).all()
    huge = np.array([[3e38, 3e38, 0.0], [np.inf, 0.0, 0.0]], np.float32)
    found = soft_overlaps(huge, huge)
    assert found[0, 0] == 1.0
    assert np.isnan(found[1, 1])
    with pytest.raises(ShapeError, match="same pixels"):
        soft_overlaps(first, np.zeros((1, 4)))


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 1), (2, 0, 4), (0, 3, 3), (1, 4, 4)])
def test_pictures_of_nothing_have_numbers_of_nothing(shape: tuple[int, ...]) -> None:
    found = mask_numbers(np.ones(shape))
    assert len(found.areas) == len(found.masses) == len(found.centroids_px) == shape[0]
    assert found.winners.shape == shape[1:]
