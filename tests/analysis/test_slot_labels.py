"""Slots that were planted get their label, alone and mixed, on pictures of any size."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector.analysis.slot_labels import (
    SlotLabel,
    SlotThresholds,
    band_overlap,
    slot_labels,
    slot_overlaps,
)
from inspector.core.arrays import ShapeError

SIZE = 32
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]


def soft(winners: np.ndarray, slots: int, sureness: float = 0.9, seed: int = 0) -> np.ndarray:
    """Masks of a partition, each pixel sure of its slot but for some noise."""
    noise = np.random.default_rng(seed).random((slots, *winners.shape))
    masks = (1 - sureness) * noise / noise.sum(axis=0)
    np.put_along_axis(masks, winners[None], np.take_along_axis(masks, winners[None], 0) + sureness, 0)
    return masks.astype(np.float32)


def discs(count: int) -> np.ndarray:
    """Discs on a background, which is 0."""
    winners = np.zeros((SIZE, SIZE), np.int64)
    for label in range(1, count + 1):
        y, x = divmod(label - 1, 3)
        winners[np.hypot(ROWS - 6 - 10 * y, COLUMNS - 6 - 10 * x) < 4.5] = label
    return winners


def kinds(masks: np.ndarray, **more: object) -> list[str]:
    return [label.kind for label in slot_labels(masks, **more)]


def test_slots_that_hold_objects_are_healthy() -> None:
    labels = slot_labels(soft(discs(5), 6))
    assert [label.kind for label in labels] == ["healthy"] * 6
    assert labels[1].value == pytest.approx(np.mean(discs(5) == 1))
    assert labels[1].slot == 1


@pytest.mark.parametrize("slots", [2, 3, 7, 11, 24])
def test_slots_that_share_every_pixel_alike_are_uniform(slots: int) -> None:
    exact = np.full((slots, SIZE, SIZE), 1 / slots, np.float32)
    assert kinds(exact) == ["uniform"] * slots
    noisy = exact * np.random.default_rng(0).uniform(0.9, 1.1, exact.shape).astype(np.float32)
    labels = slot_labels(noisy / noisy.sum(axis=0))
    assert [label.kind for label in labels] == ["uniform"] * slots
    assert all(0 < label.value < 0.1 and label.threshold == 0.3 for label in labels)


def test_slots_that_share_alike_but_for_a_dead_one() -> None:
    masks = np.full((11, SIZE, SIZE), 0.1, np.float32)
    masks[4] = 0.0
    assert kinds(masks) == ["uniform"] * 4 + ["dead"] + ["uniform"] * 6


def test_two_slots_of_one_region_are_duplicates_of_each_other() -> None:
    masks = soft(discs(4), 7)
    masks[5], masks[2] = masks[2] * 0.53, masks[2] * 0.47
    labels = slot_labels(masks)
    assert [label.kind for label in labels] == [
        "healthy",
        "healthy",
        "duplicate",
        "healthy",
        "healthy",
        "duplicate",
        "dead",
    ]
    assert (labels[2].other, labels[5].other) == (5, 2)
    assert labels[2].value == pytest.approx(0.47 / 0.53, abs=0.02)
    assert labels[2].value >= labels[2].threshold == 0.8


def test_equal_slots_are_duplicates_although_one_wins_every_tie() -> None:
    masks = soft(discs(3), 5)
    masks[4] = masks[1] = masks[1] / 2
    assert [kinds(masks)[slot] for slot in (1, 4)] == ["duplicate", "duplicate"]


def test_slots_that_win_nothing_are_dead_and_not_duplicates() -> None:
    labels = slot_labels(soft(discs(3), 8))
    assert [label.kind for label in labels[4:]] == ["dead"] * 4
    assert all(label.value == 0.0 and label.threshold == 1e-3 and label.other is None for label in labels[4:])
    few = soft(discs(3), 8)
    few[:, 0, :2] = 0
    few[7, 0, :2] = 1
    assert kinds(few)[7] == "healthy"
    assert kinds(few, thresholds=SlotThresholds(dead_area=0.01))[7] == "dead"


@pytest.mark.parametrize("turned", [False, True])
def test_bands_across_the_picture_are_stripes(turned: bool) -> None:
    winners = (ROWS if turned else COLUMNS) * 5 // SIZE
    labels = slot_labels(soft(winners, 5))
    assert [label.kind for label in labels] == ["stripe"] * 5
    assert all(label.value == 1.0 for label in labels)


def test_blocks_and_objects_are_no_stripes() -> None:
    assert kinds(soft(ROWS * 2 // SIZE * 2 + COLUMNS * 2 // SIZE, 4)) == ["healthy"] * 4
    tall = np.zeros((SIZE, SIZE), np.int64)
    tall[2:28, 10:14] = 1
    assert kinds(soft(tall, 2)) == ["healthy"] * 2


def test_one_slot_takes_all_and_the_others_are_dead() -> None:
    winners = np.zeros((SIZE, SIZE), np.int64)
    winners[4:7, 4:7] = 1
    labels = slot_labels(soft(winners, 4))
    assert [label.kind for label in labels] == ["one-takes-all", "healthy", "dead", "dead"]
    assert labels[0].value == pytest.approx(1 - 9 / SIZE**2)
    # Where the truth is background but for one small object, this is right.
    assert kinds(soft(winners, 4), background=0.99)[0] == "healthy"
    assert kinds(soft(winners, 4), background=0.5)[0] == "one-takes-all"


def test_a_mixed_picture_has_every_label() -> None:
    winners = np.zeros((SIZE, SIZE), np.int64)  # the background
    winners[8:16, 6:14] = 1
    winners[20:28, 4:16] = 2
    winners[:, 24:28] = 3
    masks = soft(winners, 8, sureness=0.6)
    masks[4:] = 0
    masks[4], masks[2] = masks[2] / 2, masks[2] / 2
    masks /= masks.sum(axis=0)
    masks = np.concatenate([masks[:6] * (1 - 1 / 7), np.full((1, SIZE, SIZE), 1 / 7, np.float32)])
    assert kinds(masks) == ["healthy", "healthy", "duplicate", "stripe", "duplicate", "dead", "uniform"]


def test_only_valid_pixels_are_looked_at() -> None:
    winners = np.zeros((SIZE, SIZE), np.int64)
    winners[:8, 4:8] = 1
    valid = np.zeros((SIZE, SIZE), bool)
    valid[:8, :8] = True
    assert kinds(soft(winners, 3)) == ["one-takes-all", "healthy", "dead"]
    assert kinds(soft(winners, 3), valid=valid) == ["stripe", "stripe", "dead"]


def test_pixels_that_are_not_finite_are_left_out() -> None:
    masks = soft(discs(3), 5)
    masks[2, :3] = np.nan
    masks[1, 3, :4] = np.inf
    masks[0, 30:] = -1
    assert kinds(masks) == ["healthy"] * 4 + ["dead"]
    masks[:] = np.nan
    assert slot_labels(masks) == tuple(SlotLabel(slot, "undefined", 0.0, 4.0) for slot in range(5))


def test_masks_that_do_not_sum_to_one_are_judged_by_their_shares() -> None:
    masks = soft(discs(3), 5)
    assert kinds(masks * 40) == kinds(masks * np.float32(1e-3)) == kinds(masks)
    over_positions = masks / masks.sum(axis=(1, 2), keepdims=True)
    assert len(kinds(over_positions)) == 5


@pytest.mark.parametrize("shape", [(0, 4, 4), (0, 0, 6), (3, 0, 0), (3, 1, 1), (5, 1, 3), (1, 8, 8)])
def test_where_nothing_can_be_told_no_label_is_given(shape: tuple[int, ...]) -> None:
    assert kinds(np.full(shape, 0.5, np.float32)) == ["undefined"] * shape[0]


def test_four_pixels_are_enough_for_all_but_stripes() -> None:
    half = np.array([[[1, 1], [0, 0]], [[0, 0], [1, 1]], [[0, 0], [0, 0]]], np.float32)
    assert kinds(half) == ["healthy", "healthy", "dead"]
    assert math.isnan(band_overlap(np.array([[True, True], [False, False]]), np.ones((2, 2), bool)))
    assert kinds(np.full((2, 2, 2), 0.5)) == ["uniform", "uniform"]
    one = np.zeros((3, 2, 2))
    one[1] = 1
    assert kinds(one) == ["dead", "one-takes-all", "dead"]
    assert kinds(np.stack([half[0], half[1] / 2, half[1] / 2])) == ["healthy", "duplicate", "duplicate"]


def test_band_overlap_worked_by_hand() -> None:
    region = np.zeros((6, 8), bool)
    region[:, 2:4] = True
    region[5, 3] = False
    region[0, 7] = True
    # Columns 2 and 3 are filled by 6 and 5 of 6; shared 11, either 12 + 1. Of the rest: 35 shared, 36 + 1 either.
    assert band_overlap(region, np.ones((6, 8), bool)) == pytest.approx(11 / 13)
    assert band_overlap(~region, np.ones((6, 8), bool)) == pytest.approx(11 / 13)
    assert band_overlap(np.ones((6, 8), bool), np.ones((6, 8), bool)) == 0.0
    assert band_overlap(np.zeros((6, 8), bool), np.ones((6, 8), bool)) == 0.0


def test_overlaps_of_slots_leave_out_the_slot_itself() -> None:
    overlaps = slot_overlaps(soft(discs(2), 3))
    assert np.isnan(np.diag(overlaps)).all()
    np.testing.assert_allclose(overlaps, overlaps.T)


def test_masks_without_their_axes_are_refused() -> None:
    with pytest.raises(ShapeError, match="3 axes"):
        slot_labels(np.zeros((4, 4)))
