"""What a dump tells beside its points: done, counts, steps, confidence and marked objects, as counted by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump
from inspector.artifacts.dumps.points.all_points import Points, all_points
from inspector.core.pulse import QUIET

GT = [[10.0, 10], [20, 12], [5, 30]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "d.h5"


def read(path: Path, **datasets: Any) -> Points:
    with h5py.File(path, "w") as file:
        file["image"] = np.zeros((3, 40, 60, 3), np.uint8)
        for name, values in {"gt_xy": GT, "pred_xy": GT, **datasets}.items():
            file[name] = np.asarray(values)
    return all_points(dump.opened(path), QUIET)


def test_what_is_told_of_each_sample_is_there(path: Path) -> None:
    found = read(
        path, done=[0.1, 0.9, 0.5], gt_done=[0, 1, 0], count=[4, 2, 7], pred_count=[5, 2, 6], k=[1, 0, 6],
        scores=[0.2, 0.4, 0.6],
    )  # fmt: skip
    sample = found.sample(2)
    assert (sample.done, sample.gt_done, sample.count, sample.count_predicted) == (0.5, 0.0, 7.0, 6.0)
    assert (sample.sequence_step, sample.missed, sample.spurious) == (6.0, 0.0, 0.0)
    assert sample.confidence.tolist() == [0.6]
    assert found.notes == ()


def test_what_is_not_told_is_nan_and_counts_are_those_of_the_points(path: Path) -> None:
    found = read(path)
    assert found.count.tolist() == found.count_predicted.tolist() == [1, 1, 1]
    assert all(np.isnan(one).all() for one in (found.done, found.gt_done, found.sequence_step, found.confidence))
    assert found.sample(0).marked.shape == (0, 2)


def test_logits_become_probabilities_and_it_is_said(path: Path) -> None:
    found = read(path, done=[-800.0, 0.0, 2.0])
    assert found.done.tolist() == pytest.approx([0.0, 0.5, 1 / (1 + math.exp(-2))])
    assert found.notes == ("done holds logits, as some lie outside 0 to 1; done is their sigmoid",)


def test_logits_that_are_named_so_need_not_leave_0_to_1(path: Path) -> None:
    found = read(path, done_logits=[0.2, 0.5, 1.0])
    assert found.done.tolist() == pytest.approx([1 / (1 + math.exp(-x)) for x in (0.2, 0.5, 1.0)])
    assert "its name says so" in found.notes[0]


def test_true_done_may_be_minus_one_and_one_and_nothing_else_outside(path: Path) -> None:
    assert read(path, gt_done=[-1, 1, -1]).gt_done.tolist() == [0, 1, 0]
    dump.close_all()
    found = read(path, gt_done=[0.0, 7.0, 1.0])
    assert found.gt_done.tolist() == pytest.approx([0, math.nan, 1], nan_ok=True)
    assert found.notes == ("The true done of 1 sample lies outside 0 to 1 and counts as unknown",)


def test_lists_of_another_length_and_values_that_are_not_finite_are_unknown(path: Path) -> None:
    found = read(path, done=[0.5, math.nan, math.inf], gt_done=[0, 1])
    assert found.done.tolist() == pytest.approx([0.5, math.nan, math.nan], nan_ok=True)
    assert found.gt_done.tolist() == pytest.approx([0, 1, math.nan], nan_ok=True)
    assert found.notes == ("gt_done has 2 entries for 3 samples",)


def test_of_several_numbers_a_sample_the_last_counts(path: Path) -> None:
    found = read(path, done=[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    assert found.done.tolist() == [0.2, 0.4, 0.6]
    assert found.notes == ("done holds 2 numbers a sample; the last is taken",)


def test_marked_objects_have_numbers_and_tell_the_step(path: Path) -> None:
    nothing = [math.nan, math.nan]
    found = read(path, marked_xy=[[[1.0, 2], [3, 4]], [[5, 6], nothing], [nothing, nothing]])
    assert found.marked_first.tolist() == [0, 2, 3, 3]
    assert found.sample(0).marked.tolist() == [[1, 2], [3, 4]]
    assert found.sample(0).marked_numbers.tolist() == [0, 1]
    assert found.sequence_step.tolist() == [2, 1, 0]


def test_marked_objects_that_lie_nowhere_keep_the_numbers_of_the_others(path: Path) -> None:
    nan = math.nan
    found = read(path, marked_xy=[[[1, 2], [nan, nan], [3, 4]], [[5, nan], [6, 7], [nan, nan]], [[nan, nan]] * 3])
    assert [found.sample(sample).marked_numbers.tolist() for sample in range(3)] == [[0, 2], [1], []]
    assert found.sample(1).marked.tolist() == [[6, 7]]
    assert found.sequence_step.tolist() == [3, 2, 0]


def test_what_only_fills_rows_up_is_no_point(path: Path) -> None:
    filled = [[[10.0, 10], [0, 0]], [[20, 12], [21, 12]], [[5, 30], [0, 0]]]
    found = read(path, gt_xy=filled, pred_xy=[[one, one] for one in GT], count=[1, 2, 1])
    assert found.missed.sum() == 0
    assert np.diff(found.first).tolist() == [2, 2, 2]
    assert found.radius_px == 3.0  # 5% of 60, as the numbers of points differ
    dump.close_all()
    kept = read(path, gt_xy=filled, pred_xy=filled)
    assert np.diff(kept.first).tolist() == [2, 2, 2]


def test_marked_objects_beyond_the_step_are_none(path: Path) -> None:
    marked = [[[1.0, 2], [3, 4]], [[5, 6], [-1, -1]], [[-1, -1], [-1, -1]]]
    found = read(path, marked_xy=marked, k=[2, 1, 0])
    assert np.diff(found.marked_first).tolist() == [2, 1, 0]


def test_confidence_of_another_shape_is_left_out_and_said(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["gt/points"] = file["pred/points"] = np.array(GT)
        file["pred/confidence"] = np.zeros(5)
    found = all_points(dump.opened(path), QUIET)
    assert np.isnan(found.confidence).all()
    assert "one number for each of the 3 points of pred/points" in found.notes[0]


def test_counts_that_are_not_the_number_of_points_are_said_where_all_are_listed(path: Path) -> None:
    lists = [[[10.0, 10], [30, 30]], [[20, 12], [40, 10]], [[5, 30], [50, 3]]]
    found = read(path, gt_xy=lists, pred_xy=lists, count=[2, 3, 2])
    assert found.count.tolist() == [2, 3, 2]
    assert found.notes == ("The declared count is not the number of true points in 1 sample",)
    dump.close_all()
    # One at a time is pointed at: the count is of the whole image, and nothing counts beside it.
    one = read(path, count=[2, 3, 2])
    assert one.notes == ()
    assert np.isnan(one.count_predicted).all()


def test_truth_alone_and_predictions_alone_miss_nothing(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["gt/points"] = np.array(GT)
    found = all_points(dump.opened(path), QUIET)
    assert found.count.tolist() == [1, 1, 1]
    assert all(np.isnan(one).all() for one in (found.count_predicted, found.missed, found.spurious))


def test_infinite_points_and_points_far_outside_cost_only_themselves(path: Path) -> None:
    found = read(path, pred_xy=[[math.inf, 3], [1e30, -1e30], GT[2]])
    assert np.isnan(found.worst_px[0])
    assert found.worst_px[1] == pytest.approx(math.sqrt(2) * 1e30)
    assert found.worst_px[2] == 0
    assert found.missed.tolist() == [1, 0, 0]
    assert found.notes == ("Some points are infinite and count as missing",)


def test_points_whose_square_is_no_number_count_as_missing(path: Path) -> None:
    found = read(path, pred_xy=[[1e200, 3], [5, -1e300], GT[2]])
    assert found.missed.tolist() == [1, 1, 0]
    assert found.notes == ("Some points are as good as infinite and count as missing",)
