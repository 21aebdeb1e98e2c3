"""Data of a user's own in the forms in which it is published: what is read, and what is said of the rest."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from PIL import Image

from inspector.core.errors import FileError, SettingsError
from inspector.formats.recipes.slots import Data
from inspector.training.slots.stored_scenes import sources
from tests.training.runs import TINY, arguments, call, records, run_record, trained

RANDOM = np.random.default_rng(5)
SCENES = 12


def scenes(height, width):
    """Pictures and label maps: a bright object an image, in every second one two."""
    images = np.full((SCENES, height, width, 3), 40, np.uint8)
    labels = np.zeros((SCENES, height, width), np.uint8)
    for place in range(SCENES):
        labels[place, height // 3 : height // 2, width // 3 : width // 2] = 1
        if place % 2:
            labels[place, height // 2 : 2 * height // 3, width // 2 : 2 * width // 3] = 3
    images[labels == 1] = (230, 60, 60)
    images[labels == 3] = (60, 120, 235)
    return images, labels


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("stored")


@pytest.fixture(scope="module")
def label_maps(place):
    """As the object-centric library stores Multi-dSprites: (scenes, height, width, 1) of object numbers."""
    images, labels = scenes(64, 64)
    with h5py.File(place / "multidsprites.h5", "w") as file:
        file["image"] = images
        file["mask"] = labels[..., None]
        file["visibility"] = np.stack([np.isin(np.arange(6), one) for one in labels]).astype(np.float32)
        file["num_actual_objects"] = np.array([[len(np.unique(one)) - 1] for one in labels])
    return place / "multidsprites.h5"


@pytest.fixture(scope="module")
def mask_an_object(place):
    """As CLEVR with masks is converted key by key: (scenes, 11, 240, 320, 1) of 0 and 255, the first the background."""
    images, labels = scenes(240, 320)
    masks = np.stack([labels == label for label in range(11)], axis=1)[..., None].astype(np.uint8) * 255
    with h5py.File(place / "clevr_with_masks.h5", "w") as file:
        for name, values in {
            "image": images,
            "mask": masks,
            "visibility": masks.any(axis=(2, 3, 4)).astype("f4"),
        }.items():
            shape = (None, *values.shape[1:])
            file.create_dataset(name, data=values, maxshape=shape, chunks=(1, *values.shape[1:]), compression="gzip")
    return place / "clevr_with_masks.h5"


@pytest.fixture(scope="module")
def folder(place):
    """Pictures and label maps as PNG, of a size that is no square."""
    images, labels = scenes(30, 50)
    for name in ("images", "masks"):
        (place / "coco" / name).mkdir(parents=True)
    for number, (image, mask) in enumerate(zip(images, labels, strict=True)):
        Image.fromarray(image).save(place / "coco" / "images" / f"{number:012d}.png")
        Image.fromarray(mask).save(place / "coco" / "masks" / f"{number:012d}.png")
    return place / "coco"


@pytest.fixture(params=["label_maps", "mask_an_object", "folder"])
def stored(request):
    return request.getfixturevalue(request.param)


def test_each_published_form_trains_an_epoch(stored, tmp_path):
    run = trained(tmp_path / "run", {"data.path": stored, "data.val_share": 0.25}, "--epochs", "1")
    assert run_record(run).samples == 9
    validation = next(record for record in records(run) if "val/loss" in record)
    assert np.isfinite(validation["val/fg_ari"])
    assert "baseline/fg_ari_colour" in validation
    with h5py.File(run / "dumps/step_0000003.h5") as dump:
        assert dump["samples/image"].shape == (3, 16, 16, 3)
        assert dump["gt/masks"][()].max() == 2


def test_objects_are_numbered_without_gaps_and_have_the_centres_of_their_pixels(label_maps):
    train, validation = sources(Data(path=str(label_maps), image_size=64, val_share=0.25))
    assert (train.count, validation.count) == (9, 3)
    found = train.scene(1)
    assert np.unique(found.labels).tolist() == [0, 1, 2]
    images, labels = scenes(64, 64)
    np.testing.assert_array_equal(found.image, images[1])
    for place, label in enumerate((1, 3)):
        rows, columns = np.nonzero(labels[1] == label)
        np.testing.assert_allclose(found.centres[place], [columns.mean(), rows.mean()], rtol=1e-5)
    np.testing.assert_array_equal(validation.scene(0).labels, np.where(labels[9] == 3, 2, labels[9]))


def test_both_forms_of_masks_and_folders_give_the_same_scenes(tmp_path):
    images, labels = scenes(40, 40)
    with h5py.File(tmp_path / "maps.h5", "w") as one, h5py.File(tmp_path / "masks.h5", "w") as other:
        one["image"], one["mask"] = images, labels
        other["image"], other["mask"] = images, np.stack([labels == place for place in range(4)], axis=1)
    first, second = (sources(Data(path=str(tmp_path / name), image_size=20))[0] for name in ("maps.h5", "masks.h5"))
    for index in range(first.count):
        np.testing.assert_array_equal(first.scene(index).labels, second.scene(index).labels)
        np.testing.assert_array_equal(first.image(index), second.scene(index).image)


def test_clevr_is_cropped_as_usual_and_other_pictures_to_their_middle_square(mask_an_object, folder):
    clevr = sources(Data(path=str(mask_an_object), image_size=192))[0].scene(1)
    images, labels = scenes(240, 320)
    np.testing.assert_array_equal(clevr.image, images[1, 29:221, 64:256])
    np.testing.assert_array_equal(clevr.labels > 0, labels[1, 29:221, 64:256] > 0)
    other = sources(Data(path=str(folder), image_size=30))[0].scene(1)
    np.testing.assert_array_equal(other.image, scenes(30, 50)[0][1, :, 10:40])


def test_a_picture_is_made_smaller_as_torch_does(label_maps):
    found = sources(Data(path=str(label_maps), image_size=16))[0].image(1)
    whole = torch.tensor(scenes(64, 64)[0][1], dtype=torch.float32).permute(2, 0, 1)[None]
    wanted = torch.nn.functional.interpolate(whole, size=(16, 16), mode="bilinear", antialias=True)
    np.testing.assert_allclose(found, wanted[0].permute(1, 2, 0), atol=0.51)


def test_scenes_with_more_objects_are_left_out(label_maps, mask_an_object, folder, tmp_path):
    for path in (label_maps, mask_an_object):
        train, validation = sources(Data(path=str(path), image_size=16, object_limit=1))
        assert train.count + validation.count == SCENES // 2
        assert all(len(train.scene(index).centres) == 1 for index in range(train.count))
    counted = Path(shutil.copy(label_maps, tmp_path))
    with h5py.File(counted, "a") as file:
        del file["visibility"]
    assert sources(Data(path=str(counted), image_size=16, object_limit=1))[0].count == 5
    with pytest.raises(SettingsError, match="coco has neither"):
        sources(Data(path=str(folder), object_limit=1))


def test_what_is_ignored_counts_nowhere(tmp_path):
    images, labels = scenes(32, 32)
    labels[:, :4] = 255
    with h5py.File(tmp_path / "crowd.h5", "w") as file:
        file["image"], file["mask"] = images, labels
    found = sources(Data(path=str(tmp_path / "crowd.h5"), image_size=32))[0].scene(0)
    assert (found.labels[:4] == 255).all()
    assert len(found.centres) == 1


def written(path, **datasets):
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name] = values
    return path


IMAGES = np.zeros((3, 8, 8, 3), np.uint8)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda at: at / "none.h5", "none.h5: expected an HDF5 file or a folder, found nothing of that name"),
        (lambda at: (at / "a.tfrecords").write_bytes(b"x") and at / "a.tfrecords", "convert it to HDF5"),
        (lambda at: written(at / "a.h5", picture=IMAGES), "expected a dataset image, found picture"),
        (lambda at: written(at / "a.h5", image=IMAGES), "expected a dataset mask, found image"),
        (lambda at: written(at / "a.h5", image=IMAGES / 2.0, mask=IMAGES[..., 0]), "uint8, found (3, 8, 8, 3) float64"),
        (lambda at: written(at / "a.h5", image=IMAGES, mask=IMAGES[:, :7, :, 0]), "of whole numbers, found (3, 7, 8)"),
        (lambda at: written(at / "a.h5", image=IMAGES[:1], mask=IMAGES[:1, ..., 0]), "found 1 scene"),
        (lambda at: at, "expected folders images and masks"),
    ],
)  # fmt: skip
def test_data_that_is_not_what_it_should_be_is_one_sentence_before_anything_is_written(tmp_path, capsys, make, said):
    (tmp_path / "data").mkdir()
    path = make(tmp_path / "data")
    code, _ = call("train", "slots", "-o", tmp_path / "run", "--device", "cpu", *arguments({**TINY, "data.path": path}))
    assert code == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_folder_says_which_mask_is_missing_or_wrong(folder, tmp_path):
    folder = Path(shutil.copytree(folder, tmp_path / "coco"))
    mask = min((folder / "masks").iterdir())
    Image.new("RGB", (50, 30)).save(mask)
    with pytest.raises(FileError, match="one number a pixel"):
        sources(Data(path=str(folder)))[0].scene(0)
    Image.new("L", (5, 3)).save(mask)
    with pytest.raises(FileError, match="the size of its picture"):
        sources(Data(path=str(folder)))[0].scene(0)
    mask.write_bytes(b"\x89PNG")
    with pytest.raises(FileError, match="PNG or JPEG"):
        sources(Data(path=str(folder)))[0].scene(0)
    mask.unlink()
    with pytest.raises(FileError, match=f"a mask {mask.name}"):
        sources(Data(path=str(folder)))


def test_a_scene_of_too_many_objects_is_refused(tmp_path):
    path = written(tmp_path / "a.h5", image=np.zeros((3, 20, 20, 3), np.uint8),
                   mask=np.tile(np.arange(400, dtype=np.uint16).reshape(20, 20), (3, 1, 1)))  # fmt: skip
    with pytest.raises(FileError, match="at most 254 objects in scene 0, found 398"):
        sources(Data(path=str(path), image_size=20))[0].scene(0)
