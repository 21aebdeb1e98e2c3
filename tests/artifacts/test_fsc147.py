"""The dots of FSC-147 lie in the stored images, whose split and class stand in files beside."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.annotations import forms, fsc147
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.opened_paths import lead_to
from inspector.core.errors import DamagedError
from inspector.core.pulse import QUIET
from tests.artifacts.sample_points import points_of
from tests.display import annotated

DOCUMENT = {
    "2.jpg": {
        "H": 768, "W": 1024, "ratio_h": 0.5, "ratio_w": 0.5,
        "box_examples_coordinates": [[[1, 1], [1, 9], [9, 9], [9, 1]]],
        "points": [[100.5, 20.25], [511, 383]],
    },
    "3.jpg": {"box_examples_coordinates": [], "points": []},
    "4.jpg": {"box_examples_coordinates": [], "points": [[5, 6], [None, 7], "x", [1, 2, 3]]},
    "5.jpg": "gone",
}  # fmt: skip


def test_dots_are_kept_by_image() -> None:
    assert forms.json_container(DOCUMENT, "a.json") == forms.FSC147
    found = fsc147.annotated(DOCUMENT, Path("annotation_FSC147_384.json"), QUIET)
    assert found.names == ("2.jpg", "3.jpg", "4.jpg")
    assert found.truth is not None
    assert found.truth.offsets.tolist() == [0, 2, 2, 4]
    np.testing.assert_array_equal(found.truth.places, [[100.5, 20.25], [511, 383], [5, 6], [np.nan, 7]])
    np.testing.assert_array_equal(found.sizes[0], [384, 512])
    assert np.isnan(found.sizes[1:]).all()
    assert len(found.notes) == 2


def test_other_documents_are_not_taken_for_one() -> None:
    others: tuple[dict[str, object], ...] = ({"train": [], "test": []}, {"a": {"points": [[1, 2]]}}, {})
    for other in others:
        assert not forms.json_container(other, "a.json")
    with pytest.raises(DamagedError, match="points"):
        fsc147.annotated({"2.jpg": 5}, Path("a.json"), QUIET)


def test_the_published_splits_and_classes_are_read(samples: Path) -> None:
    folder = samples / "datasets/cvlab-stonybrook__LearningToCountEverything/data"
    if not folder.is_dir():
        pytest.skip("the samples are not here")
    splits = fsc147.splits(json.loads((folder / "Train_Test_Val_FSC_147.json").read_bytes()))
    counts = Counter(split for words in splits.values() for split in words.split(", "))
    assert counts == {"train": 3659, "val": 1286, "test": 1190, "val_coco": 277, "test_coco": 282}
    assert len(splits) == 6135
    classes = fsc147.classes((folder / "ImageClasses_FSC147.txt").read_text())
    assert classes["2.jpg"] == "sea shells"
    assert set(splits) <= set(classes)


def test_annotations_beside_the_published_files_open_with_their_words(samples: Path, tmp_path: Path) -> None:
    folder = samples / "datasets/cvlab-stonybrook__LearningToCountEverything/data"
    if not folder.is_dir():
        pytest.skip("the samples are not here")
    path = annotated.write_fsc147(tmp_path)
    for name in (fsc147.SPLIT_FILE, fsc147.CLASS_FILE):
        shutil.copyfile(folder / name, tmp_path / name)
    lead_to([tmp_path])
    dump = opened(path)
    names = list(annotated.FSC147)
    published = json.loads((folder / fsc147.SPLIT_FILE).read_bytes())
    split_of = {name: split for split in ("train", "val", "test") for name in published[split]}
    lines = (folder / fsc147.CLASS_FILE).read_text().splitlines()
    class_of = dict(line.split("\t") for line in lines if line.count("\t") == 1)
    assert dump.read("names").tolist() == names
    assert dump.read("split").tolist() == [split_of[name] for name in names]
    assert dump.read("class").tolist() == [class_of[name] for name in names]
    for sample, (size, points) in enumerate(annotated.FSC147.values()):
        assert dump.picture(sample).size == size
        assert dump.read("samples/size")[sample].tolist() == list(size)
        assert points_of(dump, sample)[0].tolist() == [list(point) for point in points]
