"""Predictions in records of many forms come out as the same points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.annotations.record_fields import PointField, fields_of
from inspector.artifacts.annotations.records import annotated
from inspector.core.errors import DamagedError
from inspector.core.pulse import QUIET
from inspector.formats.annotated_images import AnnotatedImages

FORMS: dict[str, list[dict[str, Any]]] = {
    "columns": [
        {"image": "a.png", "gt_x": 1.0, "gt_y": 2.0, "pred_x": 3.0, "pred_y": 4.0, "done": 0.1, "gt_done": 0},
        {"image": "b.png", "gt_x": 5.0, "gt_y": 6.0, "pred_x": 7.0, "pred_y": 8.0, "done": 0.9, "gt_done": 1},
    ],
    "pairs": [
        {"file_name": "a.png", "gt": [1, 2], "prediction": [3, 4], "pred_done": 0.1, "gt_done": False},
        {"file_name": "b.png", "gt": [5, 6], "prediction": [7, 8], "pred_done": 0.9, "gt_done": True},
    ],
    "mappings": [
        {"img_path": "a.png", "target": {"x": 1, "y": 2}, "pred": {"x": 3, "y": 4}, "done_prob": 0.1, "done_gt": 0},
        {"img_path": "b.png", "target": {"x": 5, "y": 6}, "pred": {"x": 7, "y": 8}, "done_prob": 0.9, "done_gt": 1},
    ],
    "lists, rows first": [
        {"name": "a.png", "ground_truth_yx": [[2, 1]], "pred_yx": [[4, 3]], "done": 0.1, "gt_done": 0},
        {"name": "b.png", "ground_truth_yx": [[6, 5]], "pred_yx": [[8, 7]], "done": 0.9, "gt_done": 1},
    ],
    "the side last": [
        {"filename": "a.png", "x_gt": 1, "y_gt": 2, "x_pred": 3, "y_pred": 4, "done_pred": 0.1, "done_gt": 0},
        {"filename": "b.png", "x_gt": 5, "y_gt": 6, "x_pred": 7, "y_pred": 8, "done_pred": 0.9, "done_gt": 1},
    ],
}


def read(records: list[dict[str, Any]], name: str = "predictions.json") -> AnnotatedImages:
    return annotated(records, Path(name), QUIET)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_points(form: str) -> None:
    found = read(FORMS[form])
    assert found.names == ("a.png", "b.png")
    assert found.truth is not None
    assert found.predicted is not None
    assert found.truth.places.tolist() == [[1, 2], [5, 6]]
    assert found.predicted.places.tolist() == [[3, 4], [7, 8]]
    assert found.truth.offsets.tolist() == found.predicted.offsets.tolist() == [0, 1, 2]
    assert found.predicted_done is not None
    assert found.truth_done is not None
    assert found.predicted_done.tolist() == [0.1, 0.9]
    assert found.truth_done.tolist() == [0, 1]


def test_rows_of_one_image_are_one_sample() -> None:
    rows = [
        {"image_id": 4, "x": 1.0, "y": 2.0, "score": 0.5},
        {"image_id": 9, "x": 3.0, "y": 4.0, "score": 0.6},
        {"image_id": 4, "x": 5.0, "y": 6.0, "score": 0.7},
    ]
    found = read(rows)
    assert (found.names, found.truth) == (("4", "9"), None)
    assert found.predicted is not None
    assert found.predicted.confidence is not None
    assert found.predicted.offsets.tolist() == [0, 2, 3]
    assert found.predicted.confidence.tolist() == [0.5, 0.7, 0.6]


def test_steps_of_one_image_are_samples_of_their_own_with_their_number() -> None:
    rows = [{"image": "a.png", "k": k, "gt_x": k, "gt_y": 0, "pred_x": k + 1, "pred_y": 0} for k in range(3)]
    found = read(rows)
    assert found.names == ("a.png, k 0", "a.png, k 1", "a.png, k 2")
    assert found.files == ("a.png",) * 3
    assert found.numbers["k"].tolist() == [0, 1, 2]


def test_points_of_a_file_that_is_named_for_its_truth_are_the_truth() -> None:
    rows = [{"image": "a.png", "points": [[1, 2], [3, 4]], "height": 10, "width": 20, "class": "cat"}]
    found = read(rows, "annotations.json")
    assert found.predicted is None
    assert found.truth is not None
    assert found.truth.places.tolist() == [[1, 2], [3, 4]]
    np.testing.assert_array_equal(found.sizes, [[10, 20]])


def test_missing_points_and_broken_ones_are_left_out_and_said() -> None:
    rows: list[dict[str, Any]] = [
        {"image": "a", "gt": [1, 2], "pred": [[3, 4], [5, None]]},
        {"image": "b", "gt": None, "pred": []},
        {"image": "c", "gt": "somewhere", "pred": [[1, 2], "x"]},
        {"image": "d"},
    ]
    found = read(rows)
    assert found.truth is not None
    assert found.predicted is not None
    assert found.truth.offsets.tolist() == [0, 1, 1, 1, 1]
    assert found.predicted.offsets.tolist() == [0, 2, 2, 2, 2]
    np.testing.assert_array_equal(found.predicted.places, [[3, 4], [5, np.nan]])
    assert len(found.notes) == 2


@pytest.mark.parametrize(
    "record",
    [
        {"epoch": 1, "train_loss": 0.5, "x": 3, "y": 4},
        {"step": 1, "pred": 0.5},
        {"image": "a.png", "label": 3},
        {"target": [1, 2, 3]},
        {"image": "a.png", "pred": [3, 4]},
        {"image": "a.png", "pred": [[3, 0.9], [7, 0.05]]},
        {},
    ],
)
def test_records_of_other_things_hold_no_points(record: dict[str, Any]) -> None:
    assert fields_of([record], "metrics.jsonl") is None
    with pytest.raises(DamagedError, match="points"):
        read([record])


def test_a_list_of_places_under_the_bare_name_of_a_side_is_points() -> None:
    fields = fields_of([{"image": "a.png", "pred": [[27.5, 34.4], [77, 45]]}], "results.json")
    assert fields is not None
    assert fields.predicted == PointField("pred")
    assert fields.truth is None


def test_a_list_of_scores_is_the_confidence_of_each_point() -> None:
    places = [[1.5, 2.0], [3.0, 4.5]]
    rows = [
        {"image": "a.png", "points": places, "scores": [0.9, 0.4]},
        {"image": "b.png", "points": places, "scores": [0.9]},
        {"image": "c.png", "points": places, "scores": 0.7},
    ]
    found = read(rows)
    assert found.predicted is not None
    assert found.predicted.confidence is not None
    np.testing.assert_array_equal(found.predicted.confidence, [0.9, 0.4, np.nan, np.nan, 0.7, 0.7])
