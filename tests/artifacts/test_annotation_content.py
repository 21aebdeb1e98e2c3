"""Files of points open like dumps: their points, their images wherever these lie, and what is missing is said."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inspector.artifacts.dumps.dump import image_of, opened
from inspector.artifacts.facts import facts_of
from inspector.artifacts.opened_paths import lead_to
from inspector.artifacts.sniff import sniff
from inspector.core.errors import FileError, MissingError
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts, SettingsFacts
from inspector.formats.role_needs import problem_of
from tests.artifacts.sample_points import points_of

SIZES = {"2.jpg": (384, 512), "3.jpg": (384, 600), "4.jpg": (384, 384)}


def picture(path: Path, height: int, width: int, level: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((height, width, 3), level, np.uint8)).save(path)


@pytest.fixture
def fsc147(tmp_path: Path) -> Path:
    """The published layout: annotations, splits, classes, and a folder of images 384 pixels high."""
    document = {
        name: {
            "H": 2 * height, "W": 2 * width, "ratio_h": 0.5, "ratio_w": 0.5,
            "box_examples_coordinates": [[[1, 1], [1, 9], [9, 9], [9, 1]]],
            "box_examples_path": ["a", "b"], "density_path": "x", "img_path": name,
            "points": [[index * 10.0 + 5, 20.0], [width - 1.0, height - 1.0]],
        }
        for index, (name, (height, width)) in enumerate(SIZES.items())
    }  # fmt: skip
    path = tmp_path / "annotation_FSC147_384.json"
    path.write_text(json.dumps(document))
    (tmp_path / "Train_Test_Val_FSC_147.json").write_text(json.dumps({"train": ["3.jpg"], "test": ["2.jpg", "4.jpg"]}))
    (tmp_path / "ImageClasses_FSC147.txt").write_text("2.jpg\tsea shells\n4.jpg\thot air balloons\n")
    for index, (name, (height, width)) in enumerate(SIZES.items()):
        picture(tmp_path / "images_384_VarV2" / name, height, width, 40 * index)
    lead_to([tmp_path])
    return path


def test_fsc147_opens_with_its_dots_images_splits_and_classes(fsc147: Path) -> None:
    assert sniff(fsc147) == ("dump", "fsc147")
    found = facts_of(fsc147)
    assert isinstance(found, DumpFacts)
    assert found.samples == 3
    assert not found.notes
    dump = opened(fsc147)
    assert points_of(dump, 1)[0].tolist() == [[15, 20], [599, 383]]
    assert image_of(dump, 2).shape == (384, 384, 3)
    assert abs(int(image_of(dump, 2)[0, 0, 0]) - 80) < 3
    assert dump.read("split").tolist() == ["test", "train", "test"]
    assert dump.read("class").tolist() == ["sea shells", "", "hot air balloons"]
    np.testing.assert_array_equal(dump.read("samples/size"), list(SIZES.values()))


def test_images_that_are_missing_are_said_and_the_rest_is_shown(fsc147: Path) -> None:
    (fsc147.parent / "images_384_VarV2/3.jpg").unlink()
    found = facts_of(fsc147)
    assert isinstance(found, DumpFacts)
    assert found.notes == (
        "1 of 3 images were not found beside it, the first is 3.jpg; open the folder that holds it too",
    )
    dump = opened(fsc147)
    assert len(points_of(dump, 1)[0]) == 2
    missing = fsc147.parent / "images_384_VarV2/3.jpg"
    with pytest.raises(MissingError, match=re.escape(f"found none at {missing}; open the folder")) as error:
        image_of(dump, 1)
    assert error.value.path == missing
    assert image_of(dump, 0).shape == (384, 512, 3)


def test_coco_keypoints_open_from_their_folders(tmp_path: Path) -> None:
    path = tmp_path / "annotations/person_keypoints_val2017.json"
    path.parent.mkdir()
    document = {
        "info": {"year": 2017},
        "images": [{"id": 139, "file_name": "000000000139.jpg", "height": 426, "width": 640, "license": 2}],
        "annotations": [
            {"id": 1, "image_id": 139, "category_id": 1, "segmentation": [[1, 2, 3, 4]], "bbox": [1, 2, 3, 4],
             "keypoints": [427, 170, 1, 429, 169, 2, 0, 0, 0], "num_keypoints": 2, "iscrowd": 0},
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": ["nose", "left_eye", "right_eye"], "skeleton": []}],
    }  # fmt: skip
    path.write_text(json.dumps(document))
    picture(tmp_path / "val2017/000000000139.jpg", 426, 640)
    lead_to([tmp_path])
    assert sniff(path).container == "coco"
    dump = opened(path)
    assert points_of(dump, 0)[0].tolist() == [[427, 170], [429, 169]]
    assert image_of(dump, 0).shape == (426, 640, 3)


def test_the_form_of_a_long_file_is_told_by_its_beginning(tmp_path: Path) -> None:
    images = [
        {"id": n, "file_name": f"{n:012}.jpg", "height": 4, "width": 4, "coco_url": "x" * 60} for n in range(2_000)
    ]
    path = tmp_path / "person_keypoints.json"
    path.write_text(json.dumps({"images": images, "annotations": [{"image_id": 7, "keypoints": [1, 2, 2]}]}))
    assert path.stat().st_size > 1 << 16
    assert sniff(path).container == "coco"
    assert points_of(opened(path), 7)[0].tolist() == [[1, 2]]


@pytest.mark.parametrize("kind", ["json", "jsonl", "csv"])
def test_predictions_open_in_every_form(tmp_path: Path, kind: str) -> None:
    rows: list[dict[str, Any]] = [
        {
            "image": f"{n}.png",
            "gt_x": n,
            "gt_y": 2 * n,
            "pred_x": n + 3.5,
            "pred_y": 2 * n,
            "done": n / 10,
            "gt_done": 0,
        }
        for n in range(5)
    ]
    path = tmp_path / f"predictions.{kind}"
    if kind == "csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text(json.dumps(rows) if kind == "json" else "".join(f"{json.dumps(row)}\n" for row in rows))
    assert sniff(path).kind == "dump"
    dump = opened(path)
    truth, predicted = points_of(dump, 3)
    assert (truth.tolist(), predicted.tolist()) == ([[3, 6]], [[6.5, 6]])
    done = dump.one(Role.PRED_DONE)
    assert done is not None
    assert dump.read(done.path).tolist() == [0, 0.1, 0.2, 0.3, 0.4]
    assert any("0.png" in note for note in dump.facts.notes)


def test_counts_steps_confidence_and_marked_objects_have_their_roles(tmp_path: Path) -> None:
    rows = [
        {"image": "a.png", "k": 0, "marked_xy": [], "pred_xy": [1, 2], "score": 0.25, "n_objects": 2, "pred_count": 3,
         "loss": 0.5, "gt/points": 7},
        {"image": "a.png", "k": 1, "marked_xy": [[5, 6], [7, 8]], "pred_xy": [3, 4], "score": 0.75, "n_objects": 2,
         "pred_count": 1, "loss": 0.25, "gt/points": 8},
    ]  # fmt: skip
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps(rows))
    dump = opened(path)
    wanted = {
        Role.SEQUENCE_STEP: [0, 1],
        Role.COUNT: [2, 2],
        Role.PRED_COUNT: [3, 1],
        Role.CONFIDENCE: [0.25, 0.75],
        Role.MARKED_POINTS: [[5, 6], [7, 8]],
        Role.MARKED_POINTS_OFFSETS: [0, 0, 2],
    }
    found = {role: dump.read(dataset.path).tolist() for role in wanted if (dataset := dump.one(role))}
    assert found == wanted
    assert dump.one(Role.GT_POINTS) is None
    assert dump.read("loss").tolist() == [0.5, 0.25]
    assert dump.read("gt/points (column)").tolist() == [7, 8]
    assert not any(problem_of(one.role, one.layout, one.shape, one.dtype) for one in dump.facts.datasets if one.role)


def test_a_torn_file_is_read_as_far_as_it_goes(fsc147: Path) -> None:
    content = fsc147.read_bytes()
    fsc147.write_bytes(content[: content.rindex(b'"4.jpg"') + 30])
    found = facts_of(fsc147)
    assert isinstance(found, DumpFacts)
    assert found.samples == 2
    assert any("breaks off" in note for note in found.notes)


@pytest.mark.parametrize("cut", range(0, 100, 7))
def test_any_beginning_is_read_or_an_error_of_a_kind(fsc147: Path, cut: int) -> None:
    content = fsc147.read_bytes()
    fsc147.write_bytes(content[: len(content) * cut // 100])
    try:
        assert isinstance(facts_of(fsc147), DumpFacts | SettingsFacts)
    except FileError as error:
        assert fsc147.name in str(error)


def test_columns_that_are_called_as_datasets_are_called_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "predictions.json"
    rows = [
        {"image": "a.png", "pred_xy": [1, 2], "gt/points": "a text", "samples/size": 7, "names": "b", "width": 1e300}
    ]
    path.write_text(json.dumps(rows))
    dump = opened(path)
    assert {"gt/points (column)", "samples/size (column)", "names (column)"} <= {
        one.path for one in dump.facts.datasets
    }
    assert dump.one(Role.GT_POINTS) is None
    assert dump.read("names").tolist() == ["a.png"]
    assert np.isnan(dump.read("samples/size")).all()
