"""Slots are found again by where they look, in whatever order another checkpoint has them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inspector.analysis.slot_identity import matched_slots
from inspector.core.arrays import ShapeError

SOFT = hnp.arrays(np.float64, (4, 3, 3), elements=st.floats(0, 1))


def masks_of(slots: int, seed: int = 0, size: int = 12) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(size=(slots, size, size)) * 3
    exponents = np.exp(logits)
    return (exponents / exponents.sum(axis=0)).astype(np.float32)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (2, 3, 1, 0)])
def test_a_shuffled_copy_is_put_back(order: tuple[int, ...]) -> None:
    reference = masks_of(4)
    noisy = reference[list(order)] + np.random.default_rng(1).uniform(0, 0.02, reference.shape).astype(np.float32)
    found = matched_slots(reference, noisy)
    assert found.order == found.identities == order
    assert min(found.overlaps) > 0.8


@settings(max_examples=30)
@given(
    hnp.arrays(np.float64, (4, 3, 3), elements=st.floats(0, 1)),
    hnp.arrays(np.float64, (4, 3, 3), elements=st.floats(0, 1)),
)
def test_no_other_order_overlaps_more(reference: np.ndarray, masks: np.ndarray) -> None:
    def overlap(one: np.ndarray, other: np.ndarray) -> float:
        union = np.maximum(one, other).sum()
        return float(np.minimum(one, other).sum() / union) if union else 0.0

    table = [[overlap(mask, other) for other in reference] for mask in masks]
    best = max(sum(table[slot][other] for slot, other in enumerate(order)) for order in permutations(range(4)))
    found = matched_slots(reference, masks)
    assert sum(found.overlaps) == pytest.approx(best)
    assert sorted(slot for slot in found.order if slot is not None) == [0, 1, 2, 3]


def test_slots_beyond_the_references_get_numbers_of_their_own() -> None:
    reference = masks_of(3)
    empty = np.full((1, 12, 12), 1e-3, np.float32)
    more = np.concatenate([empty, reference[::-1], empty])
    found = matched_slots(reference, more)
    assert found.order == (None, 2, 1, 0, None)
    assert found.identities == (3, 2, 1, 0, 4)
    assert np.isnan(found.overlaps[0])
    fewer = matched_slots(reference, reference[[2, 0]])
    assert fewer.order == (2, 0)


def test_many_samples_decide_together_what_one_cannot() -> None:
    reference = np.stack([masks_of(3, seed) for seed in range(4)])
    reference[0, 1] = reference[0, 2]
    assert matched_slots(reference, reference[:, [1, 2, 0]]).order == (1, 2, 0)


def test_masks_of_another_size_are_matched_too() -> None:
    coarse = masks_of(4, size=6)
    fine = coarse.repeat(4, axis=1).repeat(4, axis=2)
    found = matched_slots(fine, coarse[[1, 0, 3, 2]])
    assert found.order == (1, 0, 3, 2)
    assert found.overlaps == pytest.approx((1.0,) * 4)


def test_what_is_not_finite_overlaps_nothing() -> None:
    reference = masks_of(3)
    broken = reference[[1, 2, 0]].copy()
    broken[0] = np.nan
    found = matched_slots(reference, broken)
    assert found.order == (1, 2, 0)
    assert found.overlaps[0] == 0.0
    assert matched_slots(reference, np.full((2, 12, 12), 3e38, np.float32)).overlaps == pytest.approx((0.0, 0.0))
    assert matched_slots(reference, np.zeros((2, 0, 0))).order == (None, None)


def test_other_samples_are_refused() -> None:
    with pytest.raises(ShapeError, match="same samples"):
        matched_slots(np.zeros((2, 3, 4, 4)), np.zeros((1, 3, 4, 4)))
