"""The numbers of a sample stand under the names that its dump's table knows, and are those of the single functions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.pairwise import cosine_similarity

from inspector.analysis.slot_masks import mask_numbers
from inspector.analysis.slot_metrics import mask_metrics, vector_metrics
from inspector.formats.sample_table import COLUMN_NAMES


def masks_of(winners: np.ndarray, slots: int) -> np.ndarray:
    masks = np.full((slots, *winners.shape), 0.1 / (slots - 1), np.float32)
    np.put_along_axis(masks, winners[None], 0.9, 0)
    return masks


WINNERS = np.repeat(np.repeat(np.array([[0, 0, 1, 1], [0, 2, 2, 1], [0, 2, 2, 0], [0, 0, 0, 0]]), 4, 0), 4, 1)


def test_numbers_have_the_names_of_a_samples_table() -> None:
    found = mask_metrics(masks_of(WINNERS, 5), WINNERS)
    found |= vector_metrics(np.eye(3), np.zeros(3))
    assert set(found) <= set(COLUMN_NAMES)
    assert len(found) == 9


def test_masks_that_fit_score_one() -> None:
    found = mask_metrics(masks_of(WINNERS, 5), WINNERS)
    assert (found["fg_ari"], found["ari"], found["miou"], found["mbo"]) == (1.0, 1.0, 1.0, 1.0)
    assert found["active_slots"] == 3.0
    assert mask_metrics(masks_of(WINNERS, 5), active_area=0.2)["active_slots"] == 2.0
    shares = np.bincount(WINNERS.ravel()) / WINNERS.size
    assert found["effective_slots"] == pytest.approx(math.exp(-(shares * np.log(shares)).sum()))


def test_small_masks_are_made_larger_before_winners_are_taken() -> None:
    generator = np.random.default_rng(0)
    masks = generator.random((4, 8, 8)).astype(np.float32)
    truth = generator.integers(0, 3, (16, 24))
    torch = pytest.importorskip("torch")
    larger = torch.nn.functional.interpolate(torch.from_numpy(masks)[None], size=(16, 24), mode="bilinear")[0]
    expected = adjusted_rand_score(truth.ravel(), larger.argmax(0).numpy().ravel())
    assert mask_metrics(masks, truth)["ari"] == pytest.approx(expected, abs=1e-9)


def test_padding_is_left_out_of_what_slots_win() -> None:
    valid = np.zeros((16, 16), bool)
    valid[:4, :8] = True
    found = mask_metrics(masks_of(WINNERS, 5), valid=valid)
    assert (found["active_slots"], found["effective_slots"]) == (1.0, 1.0)


def test_pixels_where_masks_are_no_shares_count_as_little_as_in_the_view() -> None:
    masks = masks_of(WINNERS, 5)
    masks[0, :3], masks[1, 3, 2] = -1, np.nan
    numbers, found = mask_numbers(masks), mask_metrics(masks)
    assert (found["active_slots"], found["effective_slots"]) == (numbers.active(), numbers.effective)


def test_without_a_usable_pixel_nothing_is_known() -> None:
    for masks in (np.full((3, 4, 4), np.nan), np.zeros((3, 0, 0)), np.zeros((0, 4, 4))):
        assert all(math.isnan(value) for value in mask_metrics(masks).values())
    nothing = mask_metrics(masks_of(WINNERS, 5), np.zeros_like(WINNERS))
    assert math.isnan(nothing["fg_ari"])
    assert nothing["ari"] == 0.0


def test_cosines_are_raw_and_centred() -> None:
    slots = np.random.default_rng(1).normal(2.0, 1.0, (5, 8))
    mean = np.full(8, 2.0)
    apart = ~np.eye(5, dtype=bool)
    found = vector_metrics(slots, mean)
    assert found["slot_cosine"] == pytest.approx(cosine_similarity(slots)[apart].mean())
    assert found["slot_cosine_centred"] == pytest.approx(cosine_similarity(slots - mean)[apart].mean())
    assert set(vector_metrics(slots)) == {"slot_cosine"}
