"""FSC-147 in its published form: it is read, made square, and trains; what is missing is said before it starts."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from inspector.core.errors import DamagedError, MissingError
from inspector.formats.recipes.counting import Data
from inspector.training.counting.fsc147 import ANNOTATIONS, IMAGES, SPLITS, Fsc147
from tests.training.runs import TINY_OF, arguments, call, records

PUBLISHED = "datasets/cvlab-stonybrook__LearningToCountEverything/data/Train_Test_Val_FSC_147.json"

SPOTS = [(30, 60), (12, 300), (400, 200), (401, 20)]
"""x and y of the bright spots of each image, in no order."""


def write(folder: Path, train: int = 5, val: int = 3) -> Path:
    """A folder as it is published: images 384 high of several widths, dots as [x, y], boxes, ratios and densities."""
    names = [f"{number}.jpg" for number in range(2, 2 + train + val)]
    (folder / IMAGES).mkdir(parents=True)
    entries = {}
    for place, name in enumerate(names):
        width = 512 if place % 2 else 448
        pixels = np.zeros((384, width, 3), np.uint8)
        for x, y in SPOTS:
            pixels[y - 9 : y + 10, x - 9 : x + 10] = 250
        Image.fromarray(pixels).save(folder / IMAGES / name, quality=95)
        entries[name] = {
            "H": 960, "W": width * 2, "img_path": f"images/{name}", "ratio_h": 0.4, "ratio_w": 0.5, "r": [9.5] * 4,
            "points": [list(spot) for spot in SPOTS],
            "box_examples_coordinates": [[[1, 2], [1, 30], [40, 30], [40, 2]]] * 3,
            "box_examples_path": ["x"], "density_path": "y", "density_path_fixed": "z",
        }  # fmt: skip
    (folder / ANNOTATIONS).write_text(json.dumps(entries))
    splits = {"train": names[:train], "val": names[train:], "test": [], "val_coco": names[train:]}
    (folder / SPLITS).write_text(json.dumps(splits))
    return folder


@pytest.mark.samples
def test_the_split_file_is_the_published_one(samples):
    published = json.loads((samples / PUBLISHED).read_bytes())
    assert {"train", "val", "test"} <= set(published)
    assert {split: len(published[split]) for split in ("train", "val", "test")} == {
        "train": 3659,
        "val": 1286,
        "test": 1190,
    }
    assert published["train"][0].endswith(".jpg")


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
def test_dots_lie_on_their_objects_in_the_square_and_in_the_original(tmp_path, fit):
    images = Fsc147(Data(path=str(write(tmp_path)), image_size=96, fit=fit), "val")
    assert images.count == 3
    for index in range(3):
        picture = images.picture(index)
        width = 512 if (5 + index) % 2 else 448
        assert picture.original_hw == (384, width)
        assert picture.key == f"{7 + index}.jpg"
        assert picture.image.shape == (96, 96, 3)
        x, y = np.rint((picture.places + 1) / 2 * 96 - 0.5).astype(int).T
        assert (picture.image[y, x] > 150).all()
        # from the top
        expected = sorted(SPOTS, key=lambda spot: spot[1])
        pixels = np.column_stack([(picture.places + 1) / 2 * 96 - 0.5, np.ones(4)])
        back = np.linalg.inv(np.vstack([picture.affine, [0, 0, 1]]))
        np.testing.assert_allclose((pixels @ back.T)[:, :2], expected, atol=1e-9)
        half = [width / 2] * 2 if fit == "letterbox" else [width / 2, 192]
        np.testing.assert_allclose(picture.half_px, half)


def test_it_trains_an_epoch_and_its_dump_leads_back_to_the_original_images(tmp_path):
    folder, run = write(tmp_path / "fsc"), tmp_path / "run"
    edits = {**TINY_OF["counting"], "data.path": folder, "schedule.epochs": 1, "data.batch_size": 2}
    code, _ = call("train", "counting", "-o", run, "--device", "cpu", *arguments(edits))
    assert code == 0
    assert [record["step"] for record in records(run) if "train/loss" in record] == [1, 2, 3]
    with h5py.File(run / "dumps/step_0000003.h5") as dump:
        assert dump["samples/original_hw"][:].tolist() == [[384, 512], [384, 448], [384, 512]]
        assert dump["samples/affine"].shape == (3, 2, 3)
        assert [name.decode() for name in dump["samples/key"][:]] == ["7.jpg", "8.jpg", "9.jpg"]


def test_a_missing_image_is_said_before_anything_is_written(tmp_path):
    folder, run = write(tmp_path / "fsc"), tmp_path / "run"
    for number in (2, 3, 4, 5):
        (folder / IMAGES / f"{number}.jpg").unlink()
    said = r"the 5 images of the split train, found 1; there is no 2\.jpg, 3\.jpg, 4\.jpg and 1 more"
    with pytest.raises(MissingError, match=said):
        Fsc147(Data(path=str(folder)), "train")
    edits = {**TINY_OF["counting"], "data.path": folder}
    code, _ = call("train", "counting", "-o", run, "--device", "cpu", *arguments(edits))
    assert code == 2
    assert not run.exists()


WORDS_FOR_POINTS = json.dumps({f"{number}.jpg": {"points": [[1, "x"]]} for number in range(2, 10)})


def _without(name):
    return lambda folder: (folder / name).unlink()


def _text(name, text):
    return lambda folder: (folder / name).write_text(text)


@pytest.mark.parametrize(
    ("harm", "error", "said"),
    [
        (_without(ANNOTATIONS), MissingError, "data.path is the folder"),
        (_without(SPLITS), MissingError, "data.path is the folder"),
        (_text(SPLITS, "[1, 2]"), DamagedError, "lists of image names"),
        (_text(SPLITS, '{"val": ["2.jpg"]}'), DamagedError, "images of the split train, found the splits val"),
        (_text(ANNOTATIONS, "{}"), DamagedError, "found none for 2.jpg, 3.jpg, 4.jpg and 2 more"),
        (_text(ANNOTATIONS, WORDS_FOR_POINTS), DamagedError, "x and y of each"),
        (_text(ANNOTATIONS, '{"2.jpg": '), DamagedError, "entries with points"),
    ],
)  # fmt: skip
def test_files_that_are_missing_or_wrong_are_said(tmp_path, harm, error, said):
    harm(write(tmp_path))
    with pytest.raises(error, match=said):
        Fsc147(Data(path=str(tmp_path)), "train")


def test_an_image_that_breaks_off_is_said_when_its_turn_comes(tmp_path):
    path = write(tmp_path) / IMAGES / "2.jpg"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DamagedError, match=r"2\.jpg: expected a whole JPEG"):
        Fsc147(Data(path=str(tmp_path)), "train").picture(0)
    path.write_text("no picture")
    with pytest.raises(DamagedError, match=r"2\.jpg"):
        Fsc147(Data(path=str(tmp_path)), "train").picture(0)
