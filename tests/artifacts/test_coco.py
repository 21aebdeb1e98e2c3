"""Keypoints of COCO files are those that are written in them, image by image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.annotations import coco, forms
from inspector.core.errors import DamagedError
from inspector.core.pulse import QUIET

ANNOTATIONS = {
    "images": [
        {"id": 785, "file_name": "000000000785.jpg", "height": 425, "width": 640},
        {"id": 139, "file_name": "000000000139.jpg", "height": 426, "width": 640},
        {"id": 7, "file_name": "empty.jpg", "height": 10, "width": 20},
    ],
    "annotations": [
        {"image_id": 139, "keypoints": [10, 20, 2, 0, 0, 0, 30, 40, 1], "num_keypoints": 2},
        {"image_id": 785, "keypoints": [1, 2, 2, 3, 4, 2, 0, 0, 0]},
        {"image_id": 139, "keypoints": [50.5, 60.25, 2, 0, 0, 0, 0, 0, 0]},
        {"image_id": 139, "bbox": [1, 2, 3, 4]},
        {"image_id": 999, "keypoints": [1, 1, 2]},
    ],
    "categories": [{"id": 1, "name": "person", "keypoints": ["nose", "left_eye", "right_eye"]}],
}


def test_annotations_are_told_by_their_keypoints() -> None:
    results = [{"image_id": 1, "keypoints": [1, 2, 1], "score": 0.5}]
    assert forms.json_container(ANNOTATIONS, "a.json") == forms.COCO
    assert forms.json_container(results, "a.json") == forms.COCO_RESULTS
    assert forms.json_container({"images": ANNOTATIONS["images"]}, "the beginning of a long one.json") == forms.COCO
    boxes = {"images": [], "annotations": [{"bbox": [1, 2, 3, 4]}]}
    for other in (boxes, [ANNOTATIONS], [{"step": 1, "loss": 0.5}], {"images": [{"url": "a"}]}, None, []):
        assert not forms.json_container(other, "a.json")


def test_labelled_keypoints_are_kept_by_image() -> None:
    found = coco.annotated(ANNOTATIONS, Path("person_keypoints.json"), QUIET)
    assert found.names == ("000000000785.jpg", "000000000139.jpg", "empty.jpg")
    np.testing.assert_array_equal(found.sizes, [[425, 640], [426, 640], [10, 20]])
    assert found.kind_names == ("nose", "left_eye", "right_eye")
    assert found.truth is not None
    assert found.truth.kinds is not None
    assert found.truth.offsets.tolist() == [0, 2, 5, 5]
    assert found.truth.places.tolist() == [[1, 2], [3, 4], [10, 20], [30, 40], [50.5, 60.25]]
    assert found.truth.kinds.tolist() == [0, 1, 0, 2, 0]
    assert any("no keypoints" in note for note in found.notes)
    assert any("not listed" in note for note in found.notes)


def test_results_keep_their_scores() -> None:
    results = [
        {"image_id": 139, "category_id": 1, "keypoints": [11, 21, 1, 5, 6, 0], "score": 0.9},
        {"image_id": 785, "category_id": 1, "keypoints": [2, 2, 1], "score": 0.4},
    ]
    found = coco.predicted(results, QUIET)
    assert found.names == ("139", "785")
    assert found.predicted is not None
    assert found.predicted.confidence is not None
    assert found.predicted.places.tolist() == [[11, 21], [5, 6], [2, 2]]
    assert found.predicted.confidence.tolist() == [0.9, 0.9, 0.4]
    assert np.isnan(found.sizes).all()


def test_what_is_malformed_is_left_out_and_said() -> None:
    document = {
        "images": [{"id": 1, "file_name": "a.png"}, "b.png", {"file_name": "c.png"}],
        "annotations": [{"image_id": 1, "keypoints": [1, None, 2, "x", 3, 1, 9]}, None, {"image_id": [1]}],
    }
    found = coco.annotated(document, Path("a.json"), QUIET)
    assert found.names == ("a.png",)
    assert found.truth is not None
    np.testing.assert_array_equal(found.truth.places, [[1, np.nan], [np.nan, 3]])
    assert len(found.notes) == 3
    with pytest.raises(DamagedError, match="images"):
        coco.annotated({"images": [], "annotations": []}, Path("a.json"), QUIET)
