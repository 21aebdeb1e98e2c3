"""Predictions are matched to objects within a radius as a loop over samples does, or paired by their order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from inspector.artifacts.dumps.points import matching
from inspector.artifacts.dumps.points.matching import USUAL_RADIUS, Located, Pairing, paired
from inspector.core.errors import WorkCancelled
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse

SIZES = (60.0, 100.0)


def located(lists: list[np.ndarray]) -> Located:
    first = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
    return Located(np.concatenate([np.empty((0, 2)), *lists]), first)


def matched(
    truth: list[np.ndarray], said: list[np.ndarray], radius: float | None = None, notes: Notes | None = None
) -> Pairing:
    sizes = np.tile(SIZES, (len(truth), 1))
    return paired(located(truth), located(said), sizes, radius, notes or Notes(), QUIET)


def by_loop(truth: np.ndarray, said: np.ndarray, radius: float) -> set[tuple[int, int]]:
    """Of all ways to pair them, the one whose distances, with the radius for each that is left out, sum to least."""
    distance = np.hypot(*np.moveaxis(truth[:, None] - said[None], -1, 0))
    far = distance > radius
    costs = np.where(far, 10 * radius, distance)
    costs = np.concatenate([costs, np.full((len(truth), len(truth)), radius)], axis=1)
    rows, columns = linear_sum_assignment(costs)
    return {(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if column < len(said)}


def random_lists(seed: int, samples: int = 40) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    truth = [rng.uniform(0, [100, 60], (rng.integers(0, 9), 2)) for _sample in range(samples)]
    said = [rng.permutation(one)[: rng.integers(0, 9)] + rng.normal(0, 4, 2) for one in truth]
    extra = [rng.uniform(0, [100, 60], (rng.integers(0, 4), 2)) for _sample in range(samples)]
    return truth, [np.concatenate(both) for both in zip(said, extra, strict=True)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("batch", [1, 40, 10**6])
def test_every_sample_is_matched_as_if_it_were_alone(seed: int, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "BATCH_PAIRS", batch)
    truth, said = random_lists(seed)
    found = matched(truth, said, 7.0)
    firsts = located(truth).first, located(said).first
    for sample, (true, guess) in enumerate(zip(truth, said, strict=True)):
        rows = slice(found.first[sample], found.first[sample + 1])
        at = found.truth[rows], found.predicted[rows]
        pairs = {
            (int(a - firsts[0][sample]), int(b - firsts[1][sample]))
            for a, b in zip(*at, strict=True)
            if a >= 0 and b >= 0
        }
        assert pairs == by_loop(true, guess, 7.0)
        assert sorted(at[0][at[0] >= 0] - firsts[0][sample]) == list(range(len(true)))
        assert sorted(at[1][at[1] >= 0] - firsts[1][sample]) == list(range(len(guess)))


def test_lists_of_equal_length_are_paired_by_their_order_however_far_apart() -> None:
    rng = np.random.default_rng(0)
    truth = [rng.uniform(0, [100, 60], (5, 2)) for _sample in range(8)]
    said = [one[:, ::-1] + 30 for one in truth]
    found = matched(truth, said)
    assert math.isnan(found.radius_px)
    assert found.text == "Paired by their order"
    np.testing.assert_array_equal(found.truth, found.predicted)
    # A sample that has none of one kind tells nothing of the order.
    assert math.isnan(matched([*truth, truth[0]], [*said, said[0][:0]]).radius_px)


def test_one_list_of_another_length_is_matched_within_the_usual_radius() -> None:
    truth, said = [np.array([[10.0, 10], [50, 50]])], [np.array([[51.0, 50], [90, 10], [10, 12]])]
    found = matched(truth, said)
    assert found.radius_px == USUAL_RADIUS * 100
    assert found.text == "Matched within 5 px: their numbers differ"
    assert list(zip(found.truth.tolist(), found.predicted.tolist(), strict=True)) == [(0, 2), (1, 0), (-1, 1)]


def test_sets_in_any_order_are_matched_though_they_are_as_many() -> None:
    rng = np.random.default_rng(1)
    truth = [rng.uniform(0, [100, 60], (6, 2)) for _sample in range(12)]
    found = matched(truth, [rng.permutation(one + rng.normal(0, 1, one.shape)) for one in truth])
    assert found.text == "Matched within 5 px: their order says nothing"
    # Errors that move all points alike leave the order as it is.
    for said in ([one[:, ::-1] for one in truth], [one + 20 for one in truth], [one * 0 + 30 for one in truth]):
        assert math.isnan(matched(truth, said).radius_px)


def test_a_radius_that_is_asked_for_is_taken_whatever_the_order_says() -> None:
    truth = [np.array([[10.0, 10], [50, 50]])]
    found = matched(truth, [truth[0][::-1]], 3.0)
    assert (found.radius_px, found.text) == (3.0, "Matched within 3 px: the radius set by hand")
    assert found.predicted.tolist() == [1, 0]


def test_missing_points_are_no_objects_and_match_nothing() -> None:
    nothing = [np.nan, np.nan]
    truth, said = np.array([[1.0, 1], nothing, [20, 20]]), np.array([nothing, [1, 1], [40, 40], nothing])
    found = matched([truth], [said])
    assert list(zip(found.truth.tolist(), found.predicted.tolist(), strict=True)) == [(0, 1), (2, -1), (-1, 2)]
    both = np.array([[1.0, 1], nothing])
    assert matched([both], [both]).first.tolist() == [0, 1]


def test_too_many_points_in_one_sample_are_left_unmatched_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_PAIRS", 5)
    notes = Notes()
    truth, said = np.array([[1.0, 1], [9, 9]]), np.array([[1.0, 1], [9, 9], [20, 20]])
    found = matched([truth], [said], 2.0, notes)
    assert (found.truth >= 0).sum() == 2
    assert not ((found.truth >= 0) & (found.predicted >= 0)).any()
    assert notes.texts() == ("The points of 1 sample are too many to match; they count as missed and spurious",)


def test_a_crowd_in_one_sample_is_left_at_the_next_beat() -> None:
    rng = np.random.default_rng(0)
    truth, said = rng.uniform(0, 50, (2, 120, 2))
    beats: list[None] = []

    def cancelled() -> bool:
        beats.append(None)
        return len(beats) > 20

    with pytest.raises(WorkCancelled):
        paired(located([truth]), located([said[:-1]]), np.array([SIZES]), 60.0, Notes(), Pulse(cancelled=cancelled))
