"""Truth and predictions in two files open as one, matched by what both call the images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image

from inspector.artifacts.annotations.joining import joined, matched
from inspector.artifacts.annotations.truth_files import look_among
from inspector.artifacts.dumps.dump import close_all, opened
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.core.pulse import QUIET
from inspector.formats.annotated_images import AnnotatedImages, PointLists
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts
from inspector.runs.scan import scan
from tests.artifacts.sample_points import points_of


@pytest.fixture(autouse=True)
def _nothing_opened() -> Iterator[None]:
    yield
    look_among(())
    close_all()


def images(
    *names: str, points: tuple[tuple[float, float], ...] = (), offsets: tuple[int, ...] = (), **others: Any
) -> AnnotatedImages:
    """Images called so; the points are true ones unless `predicted` is among the others."""
    lists = PointLists(np.array(offsets or [0] * (len(names) + 1)), np.array(points, np.float64).reshape(-1, 2))
    others["predicted" if others.pop("predicted", False) else "truth"] = lists
    return AnnotatedImages(names=names, **{"sizes": np.full((len(names), 2), np.nan), **others})


@pytest.mark.parametrize(
    ("wanted", "known", "place"),
    [
        ("2.jpg", ("1.jpg", "2.jpg"), 1),
        ("/data/val/2.jpg", ("1.jpg", "images/2.jpg"), 1),
        (r"C:\data\2.jpg", ("2.jpg",), 0),
        ("2", ("1.jpg", "2.jpg"), 1),
        ("2.png", ("2.jpg",), 0),
        ("v1.2", ("v1.jpg", "v1.2.jpg"), 1),
        ("2.jpg", ("a/2.jpg", "b/2.jpg"), -1),
        ("a/2.jpg", ("a/2.jpg", "b/2.jpg"), 0),
        ("3.jpg", ("1.jpg", "2.jpg"), -1),
    ],
)
def test_images_are_matched_by_name_by_its_last_part_and_without_ending(
    wanted: str, known: tuple[str, ...], place: int
) -> None:
    assert matched(images(wanted), images(*known)).tolist() == [place]


def test_results_are_matched_by_the_ids_of_their_annotations() -> None:
    truth = images("first.jpg", "000000000785.jpg", ids=("139", "785"))
    assert matched(images("785", "139", "7"), truth).tolist() == [1, 0, -1]
    assert matched(images("785"), images("000000000785.jpg", ids=("1",))).tolist() == [-1]


def test_numbers_in_the_order_of_a_file_are_not_taken_for_names() -> None:
    counted = images("0", "1", "2", numbered=True)
    assert matched(counted, images("2.jpg", "1.jpg", "0.jpg")).tolist() == [-1, -1, -1]
    assert matched(counted, images("0", "1", numbered=True)).tolist() == [0, 1, -1]


def test_images_of_one_file_alone_stay_and_points_keep_their_images() -> None:
    truth = images(
        "a.jpg", "b.jpg", "c.jpg", points=((1, 1), (2, 2), (3, 3), (4, 4)), offsets=(0, 1, 3, 4),
        sizes=np.array([[10, 20], [30, 40], [np.nan, np.nan]]), numbers={"count": np.array([1.0, 2, 1])},
        texts={"class": ("cats", "dogs", "owls")},
    )  # fmt: skip
    predicted = images(
        "x/c.jpg", "new.jpg", "b", predicted=True, points=((30, 30), (9, 9), (20, 20), (21, 21)), offsets=(0, 1, 2, 4),
        sizes=np.array([[7.0, 8], [5, 6], [30, 41]]), numbers={"count": np.array([1.0, 1, 5]), "loss": np.arange(3.0)},
    )  # fmt: skip
    found = joined(predicted, truth, "truth.json", matched(predicted, truth))
    assert found.names == ("c.jpg", "new.jpg", "b.jpg", "a.jpg")
    assert found.truth is not None
    assert found.predicted is not None
    assert [part.tolist() for part in np.split(found.truth.places, found.truth.offsets[1:-1])] == [
        [[4, 4]],
        [],
        [[2, 2], [3, 3]],
        [[1, 1]],
    ]
    assert [part.tolist() for part in np.split(found.predicted.places, found.predicted.offsets[1:-1])] == [
        [[30, 30]],
        [[9, 9]],
        [[20, 20], [21, 21]],
        [],
    ]
    assert found.sizes.tolist() == [[7, 8], [5, 6], [30, 40], [10, 20]]
    np.testing.assert_array_equal(found.numbers["count"], [1, np.nan, 2, 1])
    np.testing.assert_array_equal(found.numbers["count (predictions)"], [1, 1, 5, np.nan])
    np.testing.assert_array_equal(found.numbers["loss"], [0, 1, 2, np.nan])
    assert found.texts["class"] == ("owls", "", "dogs", "cats")
    assert found.texts["listed in"] == (
        "truth and predictions",
        "predictions only",
        "truth and predictions",
        "truth only",
    )
    said = " ".join(found.notes)
    for part in (
        "truth.json, which has 2 of 3 predicted images",
        "1 image without truth, the first is new.jpg",
        "1 image without predictions, the first is a.jpg",
        "another count of 1 image; the first is b.jpg with 2 and 5",
        "another size of 1 image; the first is b.jpg with 30 × 40 and 30 × 41",
    ):
        assert part in said


def fsc147(folder: Path, *names: str) -> Path:
    path = folder / "annotation_FSC147_384.json"
    points = {name: [[place * 10.0, 5.0]] for place, name in enumerate(names)}
    document = {name: {"points": one, "box_examples_coordinates": []} for name, one in points.items()}
    path.write_text(json.dumps(document))
    return path


def test_predictions_of_a_run_open_with_the_truth_that_lies_in_it(tmp_path: Path) -> None:
    names = ("2.jpg", "3.jpg", "4.jpg")
    (tmp_path / "truth/images").mkdir(parents=True)
    (tmp_path / "predictions").mkdir()
    fsc147(tmp_path / "truth", *names)
    for name in names:
        Image.new("RGB", (40, 20)).save(tmp_path / "truth/images" / name)
    path = tmp_path / "predictions/epoch_3.jsonl"
    path.write_text("".join(json.dumps({"file": name[:1], "pred_xy": [1, 2]}) + "\n" for name in reversed(names)))
    (tmp_path / "train.csv").write_text("step,loss\n1,2\n2,1\n")
    run = scan([tmp_path], QUIET)
    facts = {entry.name: entry.facts for entry in run.files}
    both = facts["predictions/epoch_3.jsonl"]
    assert isinstance(both, DumpFacts)
    assert {Role.GT_POINTS, Role.PRED_POINTS, Role.IMAGE} <= {one.role for one in both.datasets}
    dump = opened(path)
    assert [points_of(dump, sample)[0].tolist() for sample in range(3)] == [[[20, 5]], [[10, 5]], [[0, 5]]]
    assert dump.picture(0).size == (20, 40)
    assert opened(path) is dump


def test_truth_that_comes_later_or_is_changed_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps([{"image_id": 7, "keypoints": [1, 2, 1], "score": 0.5}]))
    scan([tmp_path], QUIET)
    assert opened(path).one(Role.GT_POINTS) is None
    truth = tmp_path / "person_keypoints.json"
    for x in (30, 4_000):
        document = {
            "images": [{"id": 7, "file_name": "a.jpg", "height": 9, "width": 9}],
            "annotations": [{"image_id": 7, "keypoints": [x, 40, 2]}],
        }
        truth.write_text(json.dumps(document))
        run = scan([tmp_path], QUIET)
        facts = next(entry.facts for entry in run.files if entry.path == str(path))
        assert isinstance(facts, DumpFacts)
        assert facts.samples == 1
        assert points_of(opened(path), 0)[0].tolist() == [[x, 40]]
        assert opened(path).read("names").tolist() == ["a.jpg"]


def test_a_file_that_was_opened_alone_gets_no_truth_from_its_folder(tmp_path: Path) -> None:
    fsc147(tmp_path, "2.jpg")
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps([{"image": "2.jpg", "x": 1.0, "y": 2.0}]))
    scan([path], QUIET)
    assert opened(path).one(Role.GT_POINTS) is None
    close_all()
    scan([path, tmp_path / "annotation_FSC147_384.json"], QUIET)
    assert opened(path).one(Role.GT_POINTS) is not None


def test_of_several_truths_the_one_with_most_of_the_images_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    fsc147(tmp_path / "a", "1.jpg")
    best = fsc147(tmp_path / "b", "1.jpg", "2.jpg")
    path = tmp_path / "a/predictions.json"
    path.write_text(json.dumps([{"image": f"{n}.jpg", "x": 1.0, "y": 2.0} for n in (1, 2)]))
    scan([tmp_path], QUIET)
    assert any(f"{best.name}, which has 2 of 2" in note for note in opened(path).facts.notes)


def test_what_is_in_one_file_alone_is_neither_missed_nor_spurious(tmp_path: Path) -> None:
    fsc147(tmp_path, "1.jpg", "2.jpg", "3.jpg")
    path = tmp_path / "predictions.json"
    rows = [
        {"image": name, "pred_points": points} for name, points in (("1.jpg", [[0, 5], [90, 90]]), ("9.jpg", [[1, 1]]))
    ]
    path.write_text(json.dumps(rows))
    scan([tmp_path], QUIET)
    points = all_points(opened(path), QUIET, 5.0)
    assert opened(path).read("names").tolist() == ["1.jpg", "9.jpg", "2.jpg", "3.jpg"]
    nan = np.nan
    np.testing.assert_array_equal(points.missed, [0, nan, nan, nan])
    np.testing.assert_array_equal(points.spurious, [1, nan, nan, nan])
    np.testing.assert_array_equal(points.count, [1, nan, 1, 1])
    np.testing.assert_array_equal(points.count_predicted, [2, 1, nan, nan])


@pytest.mark.parametrize("ending", ["h5", "npz"])
def test_a_dump_of_predictions_that_names_its_samples_gets_their_truth(tmp_path: Path, ending: str) -> None:
    keys, predicted = ["c.jpg", "a.jpg", "x.jpg"], np.array([[[21, 5]], [[1, 5]], [[9, 9]]], np.float32)
    path = tmp_path / f"predictions.{ending}"
    if ending == "h5":
        with h5py.File(path, "w") as file:
            file["samples/key"], file["pred/points"] = keys, predicted
            file["samples/image"] = np.zeros((3, 20, 40, 3), np.uint8)
    else:
        np.savez(path, key=np.array(keys), pred_points=predicted, image=np.zeros((3, 20, 40, 3), np.uint8))
    scan([tmp_path], QUIET)
    assert opened(path).one(Role.GT_POINTS) is None
    truth = fsc147(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    for _again in range(2):
        facts = {entry.name: entry.facts for entry in scan([tmp_path], QUIET).files}[path.name]
        assert isinstance(facts, DumpFacts)
        assert any("has 2 of 3 samples" in note and truth.name in note for note in facts.notes)
        dump = opened(path)
        assert {one.path for one in dump.facts.datasets} == {one.path for one in facts.datasets}
        points = all_points(dump, QUIET)
        np.testing.assert_array_equal(points.gt, [[20, 5], [0, 5], [np.nan, np.nan]])
        np.testing.assert_allclose(points.worst_px, [1, 1, np.nan])
        np.testing.assert_array_equal(points.missed, [0, 0, np.nan])
        assert opened(path) is dump


def test_steps_of_a_count_are_samples_of_their_own_that_share_the_truth_of_their_image(tmp_path: Path) -> None:
    fsc147(tmp_path, "2.jpg", "3.jpg")
    for name in ("2.jpg", "3.jpg"):
        Image.new("RGB", (40, 20)).save(tmp_path / name)
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps([{"image": f"{n}.jpg", "k": k, "pred_xy": [k, 2]} for n in (3, 2) for k in range(2)]))
    scan([tmp_path], QUIET)
    dump = opened(path)
    assert dump.read("names").tolist() == ["3.jpg, k 0", "3.jpg, k 1", "2.jpg, k 0", "2.jpg, k 1"]
    assert [points_of(dump, sample)[0].tolist() for sample in range(4)] == [[[10, 5]], [[10, 5]], [[0, 5]], [[0, 5]]]
    assert [dump.picture(sample).size for sample in range(4)] == [(20, 40)] * 4


def test_a_file_whose_images_are_called_alike_by_chance_is_no_truth(tmp_path: Path) -> None:
    fsc147(tmp_path, "1.jpg", *(f"a{n}.jpg" for n in range(30)))
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps([{"image": f"{n}.jpg", "x": 1.0, "y": 2.0} for n in range(1, 30)]))
    scan([tmp_path], QUIET)
    assert opened(path).one(Role.GT_POINTS) is None


def coco_files(folder: Path, truth: list[list[float]], results: list[list[float]]) -> Path:
    """Keypoints of three kinds of persons in one image of 100 by 100 px; the path of the results."""
    document = {
        "images": [{"id": 7, "file_name": "a.jpg", "height": 100, "width": 100}],
        "annotations": [{"image_id": 7, "keypoints": one} for one in truth],
        "categories": [{"id": 1, "name": "person", "keypoints": ["nose", "left_eye", "right_eye"]}],
    }
    (folder / "person_keypoints.json").write_text(json.dumps(document))
    path = folder / "results.json"
    path.write_text(json.dumps([{"image_id": 7, "keypoints": one, "score": 0.5} for one in results]))
    scan([folder], QUIET)
    return path


def test_keypoints_of_a_person_are_paired_kind_by_kind_however_far_and_those_not_labelled_left_out(
    tmp_path: Path,
) -> None:
    # The predicted left eye lies on the true nose; the true left eye is not labelled.
    path = coco_files(tmp_path, [[10, 10, 2, 0, 0, 0, 80, 20, 1]], [[40, 50, 1, 10, 10, 1, 80, 23, 1]])
    found = all_points(opened(path), QUIET)
    assert found.gt.tolist() == [[10, 10], [80, 20]]
    assert found.prediction.tolist() == [[40, 50], [80, 23]]
    assert found.errors_px.tolist() == [50, 3]
    assert (found.missed.tolist(), found.spurious.tolist(), found.count.tolist()) == ([0], [0], [2])
    assert any("1 prediction" in note and "not labelled" in note for note in found.notes)
    assert found.pairing_text.endswith("each kind of point by itself")


def test_keypoints_of_several_persons_are_matched_with_the_nearest_of_their_kind(tmp_path: Path) -> None:
    truth = [[10, 10, 2, 14, 10, 2, 0, 0, 0], [60, 60, 2, 64, 60, 2, 0, 0, 0]]
    # Noses of the second person and of the first, whose nose is nearer to an eye; a third nose is nobody's.
    results = [[63, 60, 1, 64, 61, 1, 0, 0, 0], [13, 10, 1, 14, 11, 1, 0, 0, 0], [90, 90, 1, 14, 12, 1, 0, 0, 0]]
    found = all_points(opened(coco_files(tmp_path, truth, results)), QUIET)
    pairs = {tuple(true): tuple(said) for true, said in zip(found.gt.tolist(), found.prediction.tolist(), strict=True)}
    assert {true: pairs[true] for true in ((10, 10), (14, 10), (60, 60), (64, 60))} == {
        (10, 10): (13, 10),
        (14, 10): (14, 11),
        (60, 60): (63, 60),
        (64, 60): (64, 61),
    }
    assert (found.missed.tolist(), found.spurious.tolist()) == ([0], [2])
