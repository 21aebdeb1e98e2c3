"""Foreign dumps are mapped to roles by name, shape and sums; doubt leaves a dataset unknown."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump, layouts, mask_layouts
from inspector.core.arrays import ShapeError
from tests.artifacts.hdf5_files import soft_masks

GENERATOR = np.random.default_rng(7)


def guessed(tmp_path: Path, name: str, values: np.ndarray, **attributes: object) -> tuple[str, str, str]:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset(name, data=values).attrs.update(attributes)
    (dataset,) = dump.opened(path).facts.datasets
    dump.close_all()
    return dataset.role, dataset.layout, dataset.because


ATTENTION = soft_masks(GENERATOR, (8, 7, 900), 1)
OVER_POSITIONS = soft_masks(GENERATOR, (8, 7, 900), 2)

FOREIGN = [
    ("image", np.zeros((8, 64, 64, 3), np.uint8), "image", "NHWC"),
    ("data/imgs", np.zeros((8, 3, 64, 64), np.float32), "image", "NCHW"),
    ("mask", np.zeros((8, 64, 64, 1), np.uint8), "gt_masks", "NHWC"),
    ("gt_segmentation", np.zeros((8, 64, 64), np.int32), "gt_masks", "NHW"),
    ("mask", np.zeros((8, 11, 24, 32, 1), np.uint8), "gt_masks", "NKHWC"),
    ("true_masks", soft_masks(GENERATOR, (8, 5, 16, 16), 1), "gt_masks", "NKHW"),
    ("pred_masks", soft_masks(GENERATOR, (8, 5, 16, 16), 1), "decoder_masks", "NKHW"),
    ("alphas", soft_masks(GENERATOR, (8, 5, 16, 16, 1), 1), "decoder_masks", "NKHWC"),
    ("masks", soft_masks(GENERATOR, (8, 5, 1, 16, 16), 1), "decoder_masks", "NKCHW"),
    ("attn", ATTENTION, "attention", "NKP"),
    ("attn", ATTENTION.transpose(0, 2, 1), "attention", "NPK"),
    ("attn", ATTENTION.astype(np.float16), "attention", "NKP"),
    ("attn_over_positions", OVER_POSITIONS, "attention", "NKP"),
    ("slot_attn", soft_masks(GENERATOR, (8, 3, 7, 64), 2), "attention", "NIKP"),
    ("slots", GENERATOR.normal(size=(8, 7, 64)), "slots", "NKD"),
    ("recons", np.zeros((8, 64, 64, 3), np.float32), "reconstruction", "NHWC"),
    ("gt_points", np.zeros((30, 2)), "gt_points", ""),
    ("predicted_points", np.zeros((8, 5, 2)), "pred_points", ""),
    ("target_done", np.zeros((8, 5)), "gt_done", ""),
    ("features/layer1", np.zeros((8, 16, 12, 12), np.float32), "activation", "NCHW"),
    ("conv4", np.zeros((8, 12, 12, 16), np.float16), "activation", "NHWC"),
    ("hidden", np.zeros((8, 49, 16), np.float32), "activation", "NPC"),
    # Nameless, told by what they are.
    ("a", np.zeros((8, 32, 32, 3), np.uint8), "image", "NHWC"),
    ("b", ATTENTION, "attention", "NKP"),
    ("c", soft_masks(GENERATOR, (8, 5, 16, 16), 1), "decoder_masks", "NKHW"),
]


@pytest.mark.parametrize(("name", "values", "role", "layout"), FOREIGN)
def test_foreign_datasets_find_their_role(
    tmp_path: Path, name: str, values: np.ndarray, role: str, layout: str
) -> None:
    found = guessed(tmp_path, name, values)
    assert found[:2] == (role, layout), found
    assert found[2]


NOT_A_DUMP = [
    ("weights", np.zeros((64, 32), np.float32)),
    ("embedding", GENERATOR.normal(size=(8, 7, 64))),
    ("time", np.arange(100.0)),
    ("matrix", GENERATOR.normal(size=(8, 16, 16, 4))),
    ("image", np.zeros((64,), np.uint8)),
    ("masks", np.zeros((8,), np.float32)),
    ("attention", np.zeros((8, 5, 36), np.int64)),
]


@pytest.mark.parametrize(("name", "values"), NOT_A_DUMP)
def test_what_fits_no_role_stays_unknown(tmp_path: Path, name: str, values: np.ndarray) -> None:
    assert guessed(tmp_path, name, values) == ("unknown", "", "no name or shape of a known role")


BESIDE_POINTS = [
    ("gt_xy", (6, 2), np.float32, "gt_points"),
    ("pred_xy", (6, 2), np.float32, "pred_points"),
    ("marked_xy", (6, 20, 2), np.float32, "marked_points"),
    ("done", (6,), np.float32, "pred_done"),
    ("done_logits", (6,), np.float32, "pred_done"),
    ("gt_done", (6,), np.uint8, "gt_done"),
    ("count", (6,), np.int64, "count"),
    ("n_objects", (6,), np.int64, "count"),
    ("pred_count", (6,), np.float32, "pred_count"),
    ("k", (6,), np.int64, "sequence_step"),
    ("seq_step", (6, 1), np.int64, "sequence_step"),
    ("scores", (6,), np.float32, "confidence"),
    ("pred_conf", (6, 1), np.float32, "confidence"),
    ("scores", (6, 3), np.float32, "unknown"),
    ("loss", (6,), np.float32, "sample_scalar"),
    ("gt_points_offsets", (7,), np.int64, "gt_points_offsets"),
]


@pytest.mark.parametrize(("name", "shape", "dtype", "role"), BESIDE_POINTS)
def test_what_lies_beside_points_is_told_by_its_name(
    tmp_path: Path, name: str, shape: tuple[int, ...], dtype: type, role: str
) -> None:
    with h5py.File(tmp_path / "file.h5", "w") as file:
        file["predicted_points"] = np.zeros((6, 2), np.float32)
        file["image"] = np.zeros((6, 48, 64, 3), np.uint8)
        file[name] = np.zeros(shape, dtype)
    found = {one.path: one for one in dump.opened(tmp_path / "file.h5").facts.datasets}[name]
    assert found.role == role, found.because


def test_counts_that_lie_beside_no_points_are_numbers_of_samples(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "file.h5", "w") as file:
        file["image"] = np.zeros((6, 48, 64, 3), np.uint8)
        file["count"] = file["scores"] = np.zeros(6)
    roles = {one.path: one.role for one in dump.opened(tmp_path / "file.h5").facts.datasets}
    assert (roles["count"], roles["scores"]) == ("sample_scalar", "sample_scalar")


BESIDE_IMAGES = [
    ("conv2d", (6, 24, 32, 16), "activation", "NHWC"),
    ("conv1", (6, 24, 24, 32), "activation", "NCHW"),
    ("block4", (6, 64, 6, 8), "activation", "NCHW"),
    ("res5c", (6, 3, 4, 512), "activation", "NHWC"),
    ("dense_1", (6, 128), "activation", "NC"),
    ("pixel_values", (6, 3, 48, 64), "image", "NCHW"),
    ("samples/logits", (6, 10), "metadata", ""),
    # Other programs' depths, weights, and values of other samples.
    ("depth", (6, 1, 48, 64), "unknown", ""),
    ("layer1/weight", (6, 64, 6, 8), "activation", "NCHW"),
    ("fc/weight", (6, 128), "unknown", ""),
    ("conv1/kernel", (3, 3, 16, 32), "unknown", ""),
    ("block4", (5, 64, 6, 8), "unknown", ""),
    ("block4", (6, 64, 8, 6), "activation", "NCHW"),
]


@pytest.mark.parametrize(("name", "shape", "role", "layout"), BESIDE_IMAGES)
def test_what_lies_beside_images_is_told_by_their_number_and_proportion(
    tmp_path: Path, name: str, shape: tuple[int, ...], role: str, layout: str
) -> None:
    with h5py.File(tmp_path / "file.h5", "w") as file:
        file["image"] = np.zeros((6, 48, 64, 3), np.uint8)
        file[name] = GENERATOR.normal(size=shape).astype(np.float32)
    found = {one.path: one for one in dump.opened(tmp_path / "file.h5").facts.datasets}[name]
    assert (found.role, found.layout) == (role, layout), found.because


def test_slot_vectors_are_told_by_the_masks_that_have_as_many_slots(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "file.h5", "w") as file:
        file["object_decoder/masks"] = soft_masks(GENERATOR, (6, 7, 196), 1)
        file["perceptual_grouping/objects"] = np.zeros((6, 7, 256), np.float32)
        file["input/objects"] = np.zeros((6, 4, 256), np.float32)
    found = {one.path: one.role for one in dump.opened(tmp_path / "file.h5").facts.datasets}
    assert found["perceptual_grouping/objects"] == "slots"
    assert found["input/objects"] == "unknown"


def test_one_mask_as_large_as_the_image_is_a_slot_and_its_rows_are_none(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "file.h5", "w") as file:
        file["image"] = np.zeros((6, 48, 64, 3), np.uint8)
        file["masks"] = GENERATOR.random((6, 1, 48, 64), np.float32)
    found = {one.path: one for one in dump.opened(tmp_path / "file.h5").facts.datasets}["masks"]
    assert (found.role, found.layout) == ("decoder_masks", "NKHW")


def test_a_stated_layout_counts_before_a_guess(tmp_path: Path) -> None:
    square = soft_masks(GENERATOR, (4, 6, 6, 6), 1)
    assert guessed(tmp_path, "masks", square, layout="NHWK")[:2] == ("decoder_masks", "NHWK")
    assert guessed(tmp_path, "zzz", square, layout="NKHW")[:2] == ("decoder_masks", "NKHW")
    assert guessed(tmp_path, "zzz", np.zeros((4, 6, 6, 6)), layout="NCHW")[:2] == ("activation", "NCHW")


@pytest.mark.parametrize("layout", ["NKHZ", "NKH", "NKHWC", "NKKW"])
def test_a_stated_layout_that_does_not_fit_is_told(tmp_path: Path, layout: str) -> None:
    role, found, because = guessed(tmp_path, "slots/masks", np.zeros((2, 3, 4, 4)), layout=layout)
    assert (role, found) == ("unknown", "")
    assert because == f"its layout {layout!r} does not fit 4 axes"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((8, 7, 900), "NKP"), ((8, 900, 7), "NPK"), ((8, 5, 16, 16), "NKHW"), ((8, 3, 7, 1024), "NIKP"), ((8, 7), None)],
)
def test_without_values_the_shape_decides(shape: tuple[int, ...], expected: str | None) -> None:
    found = mask_layouts.mask_layout(shape, None)
    assert (found.layout if found else None) == expected


@pytest.mark.parametrize(
    ("positions", "attributes", "picture", "expected"),
    [
        (196, {}, None, (0, 14, 14)),
        (197, {}, None, (1, 14, 14)),
        (201, {}, None, (5, 14, 14)),
        (1369, {}, (518, 518), (0, 37, 37)),
        (48, {}, (12, 16), (0, 6, 8)),
        (3072, {}, None, (0, 48, 64)),
        (48, {"grid_hw": [4, 12]}, (12, 16), (0, 4, 12)),
        (50, {"grid_hw": [7, 7]}, None, (1, 7, 7)),
        (257, {"special_tokens": 1}, None, (1, 16, 16)),
        (13, {}, None, (0, 1, 13)),
        (1, {}, None, (0, 1, 1)),
        (16, {"grid_hw": [0, 9]}, None, (0, 4, 4)),
        (16, {"grid_hw": [400, 9], "special_tokens": 99}, None, (0, 4, 4)),
    ],
)
def test_positions_become_a_grid(
    positions: int, attributes: dict, picture: tuple[int, int] | None, expected: tuple[int, int, int]
) -> None:
    assert layouts.grid_of(positions, attributes, picture) == expected


def test_axes_are_ordered_and_missing_ones_told() -> None:
    array = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(layouts.ordered(array, "KHW", "HWK"), np.moveaxis(array, 0, -1))
    np.testing.assert_array_equal(layouts.ordered(array[:, None], "KCHW", "KHW"), array)
    with pytest.raises(ShapeError, match="axes KP are needed"):
        layouts.ordered(array, "KHW", "KP")
    with pytest.raises(ShapeError, match="axes HW are needed"):
        layouts.ordered(array, "KHW", "HW")


def test_keras_weights_are_metadata(tmp_path: Path) -> None:
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/conv2d/vars/0"] = np.zeros((3, 3, 3, 16), np.float32)
        file["layers/conv2d/vars/1"] = np.zeros(16, np.float32)
    assert {dataset.role for dataset in dump.opened(path).facts.datasets} == {"metadata"}
