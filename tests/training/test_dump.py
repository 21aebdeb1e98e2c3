"""Dumps as h5py reads them: the layout, and numbers worked out another way."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
import torch

from inspector.core.digests import sha256_of
from inspector.formats.dump import LAYOUT_LETTERS, ROLE_OF_PATH, Role
from inspector.formats.recipes.catalogue import settings_of
from inspector.training import checkpoint
from inspector.training.slots.dump import matched_points
from inspector.training.slots.model import SlotModel, pictures_of
from inspector.training.slots.scenes import Scene, scene
from tests.training.runs import TINY, call, run_record, trained

SETTINGS = settings_of("slots", edits=TINY)


@pytest.fixture(scope="module")
def dump(whole):
    with h5py.File(whole / "dumps/step_0000020.h5") as file:
        yield file


def test_the_file_says_what_it_is_and_where_it_comes_from(dump, whole):
    attributes = dict(dump.attrs)
    assert (attributes["format"], attributes["version"], attributes["complete"]) == ("ri-dump", 1, True)
    assert (attributes["step"], attributes["epoch"], attributes["n_samples"]) == (20, 4.0, 3)
    assert attributes["run_id"] == run_record(whole).id
    assert attributes["checkpoint_path"] == "checkpoints/step_0000020.pt"
    assert attributes["checkpoint_sha256"] == sha256_of(whole / "checkpoints/step_0000020.pt")


def test_every_role_is_there_but_those_of_other_recipes(dump):
    present = {role for path, role in ROLE_OF_PATH.items() if path in dump}
    assert present == {
        Role.IMAGE, Role.GT_MASKS, Role.GT_POINTS, Role.GT_POINTS_OFFSETS, Role.RECONSTRUCTION, Role.PRED_POINTS,
        Role.PRED_POINTS_OFFSETS, Role.SLOTS, Role.DECODER_MASKS, Role.ATTENTION,
    }  # fmt: skip


def test_layouts_name_every_axis(dump):
    shapes = {
        "samples/image": (3, 16, 16, 3), "gt/masks": (3, 16, 16), "slots/slots": (3, 4, 8),
        "slots/masks": (3, 4, 16, 16),
        "slots/attn": (3, 3, 4, 64), "slots/slots_iter": (3, 3, 4, 8), "pred/recon": (3, 16, 16, 3),
        "activations/encoder.conv1": (3, 6, 8, 8), "activations/encoder.conv2": (3, 6, 8, 8),
    }  # fmt: skip
    for path, shape in shapes.items():
        dataset = dump[path]
        layout = dataset.attrs["layout"]
        assert dataset.shape == shape
        assert len(layout) == dataset.ndim
        assert set(layout) <= LAYOUT_LETTERS
        assert list(dataset.attrs["_ARRAY_DIMENSIONS"]) == [dimension.label for dimension in dataset.dims]
    assert dump["slots/masks"].compression == "gzip"
    assert dump["slots/masks"].shuffle
    assert dump["slots/masks"].chunks[1:] == (4, 16, 16)
    assert dump["slots/masks"].dtype == np.float16


def test_images_masks_and_centres_are_those_of_the_validation_scenes(dump):
    scenes = [scene(SETTINGS.data, "val", index) for index in range(3)]
    np.testing.assert_array_equal(dump["samples/image"][()], [found.image for found in scenes])
    np.testing.assert_array_equal(dump["gt/masks"][()], [found.labels for found in scenes])
    offsets = dump["gt/points_offsets"][()]
    for place, found in enumerate(scenes):
        np.testing.assert_array_equal(dump["gt/points"][offsets[place] : offsets[place + 1]], found.centres)
    assert len(dump["pred/points"]) == len(dump["gt/points"]) == offsets[-1]
    assert np.isfinite(dump["pred/points"][()]).all()


def test_masks_and_attention_sum_to_one_over_slots(dump):
    for path, axis in (("slots/masks", 1), ("slots/attn", 2)):
        assert dump[path].attrs["normalised_over"] == "K"
        np.testing.assert_allclose(dump[path][()].astype(np.float64).sum(axis), 1.0, atol=5e-3)


def test_activations_and_statistics_are_those_of_the_checkpoint(dump, whole):
    model = SlotModel(SETTINGS)
    model.load_state_dict(checkpoint.load(whole / "checkpoints/step_0000020.pt")["model"])
    images = np.stack([scene(SETTINGS.data, "val", index).image for index in range(5)])
    weights = model.encoder.convs[0].conv
    with torch.no_grad():
        fired = torch.relu(
            torch.nn.functional.conv2d(
                pictures_of(images, torch.device("cpu")), weights.weight, weights.bias, stride=2, padding=2
            )
        ).numpy()
    np.testing.assert_allclose(dump["activations/encoder.conv1"][()], fired[:3], atol=2e-3)
    stats = dump["stats/encoder.conv1"]
    assert stats.attrs["samples"] == 5
    np.testing.assert_allclose(stats["mean"][()], fired.mean((0, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(stats["m2"][()] / stats["count"][()], fired.var((0, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(stats["absmax"][()], np.abs(fired).max((0, 2, 3)), rtol=1e-6)
    np.testing.assert_array_equal(stats["count"][()], 5 * 64)
    eps = stats["n_lt_eps"].attrs["eps"]
    assert eps[0] == 0
    np.testing.assert_array_equal(stats["n_lt_eps"][0], (fired == 0).sum((0, 2, 3)))
    np.testing.assert_array_equal(stats["n_lt_eps"][3], (np.abs(fired) < eps[3]).sum((0, 2, 3)))


def test_channels_that_never_fire_are_dead_in_the_statistics(tmp_path):
    run = trained(tmp_path / "dying", {"encoder.bias_init": -3.0}, "--epochs", "1")
    with h5py.File(run / "dumps/step_0000005.h5") as file:
        assert file["stats/encoder.conv2/max"][()].max() == 0.0
        assert not file["stats/encoder.conv2/active_any"][()].any()


def test_a_point_is_the_centroid_of_the_matched_slot():
    labels = np.zeros((8, 8), np.uint8)
    labels[1:3, 1:3], labels[4:8, 4:8] = 1, 2
    masks = np.zeros((3, 8, 8))
    masks[2, 1:3, 1:3], masks[0, 4:8, 3:7] = 1.0, 1.0
    masks[1] = 1.0 - masks.sum(0)
    found = Scene(np.zeros((8, 8, 3), np.uint8), labels, np.array([[1.5, 1.5], [5.5, 5.5]], np.float32))
    np.testing.assert_allclose(matched_points(found, masks), [[1.5, 1.5], [4.5, 5.5]])


def test_an_object_without_a_slot_and_masks_that_are_not_finite_have_no_point():
    labels = np.zeros((6, 6), np.uint8)
    labels[0:2, 0:2], labels[0:2, 3:5], labels[4:6, 0:2] = 1, 2, 3
    found = Scene(np.zeros((6, 6, 3), np.uint8), labels, np.zeros((3, 2), np.float32))
    masks = np.stack([labels == 1, labels != 1]).astype(float)
    assert np.isnan(matched_points(found, masks)).any(1).sum() == 1
    assert np.isnan(matched_points(found, masks * np.nan)).all()


def test_recording_a_checkpoint_again_gives_the_same_dump(whole, tmp_path):
    target = tmp_path / "again.h5"
    code, out = call("record", whole, "--checkpoint", "last", "-o", target, "--device", "cpu")
    assert code == 0
    assert out.strip() == str(target)
    with h5py.File(target) as again, h5py.File(whole / "dumps/step_0000020.h5") as first:
        np.testing.assert_array_equal(again["slots/masks"][()], first["slots/masks"][()])
        np.testing.assert_array_equal(again["pred/points"][()], first["pred/points"][()])
    code, _ = call("record", whole, "-o", target, "--set", "train.dump_samples=6", "--device", "cpu")
    with h5py.File(target) as again:
        assert again.attrs["n_samples"] == 6


def test_recording_where_one_may_not_write_is_one_sentence(whole, tmp_path, capsys):
    assert call("record", whole, "-o", tmp_path / "no" / "such" / "x.h5")[0] == 2
    assert "x.h5 cannot be written" in capsys.readouterr().err
