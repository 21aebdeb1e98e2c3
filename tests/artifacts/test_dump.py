"""A dump gives back, sample by sample, what was recorded, in whatever layout it was written."""

from __future__ import annotations

import os
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump, dump_file, hdf5
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.artifacts.dumps.points.placed import has_points
from inspector.core.errors import DamagedError, UnsupportedError
from inspector.core.pulse import QUIET
from tests.artifacts.hdf5_files import GRID, SAMPLES, SLOTS, arrays_of_a_dump, soft_masks, write_dump
from tests.artifacts.sample_points import points_of


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    return arrays_of_a_dump()


@pytest.fixture
def recorded(tmp_path: Path, arrays: dict[str, np.ndarray]) -> dump.Dump:
    return dump.opened(write_dump(tmp_path / "step_0000010.h5", arrays))


def dump_of(path: Path, **datasets: tuple[np.ndarray, dict[str, object]]) -> dump.Dump:
    """A dump of the named datasets with their attributes; `__` in a name is a slash."""
    with h5py.File(path, "w") as file:
        for name, (values, attributes) in datasets.items():
            file.create_dataset(name.replace("__", "/"), data=values).attrs.update(attributes)
    return dump.opened(path)


def test_every_role_is_found_by_its_name(recorded: dump.Dump) -> None:
    expected = {
        "image": "samples/image",
        "gt_masks": "gt/masks",
        "attention": "slots/attn",
        "decoder_masks": "slots/masks",
        "slots": "slots/slots",
        "reconstruction": "pred/recon",
        "gt_points": "gt/points",
        "gt_points_offsets": "gt/points_offsets",
        "pred_points": "pred/points",
        "pred_points_offsets": "pred/points_offsets",
    }
    assert {role: recorded.one(role).path for role in expected} == expected
    assert len(recorded.all("activation")) == 2
    assert recorded.one("statistic") is None
    assert recorded.facts.samples == SAMPLES
    assert recorded.facts.notes == ()


def test_a_sample_or_the_whole_is_read(recorded: dump.Dump, arrays: dict[str, np.ndarray]) -> None:
    for path in ("slots/slots", "slots/attn", "samples/image", "activations/conv.2"):
        np.testing.assert_array_equal(recorded.read(path), arrays[path])
        np.testing.assert_array_equal(recorded.read(path, 3), arrays[path][3])
    with pytest.raises(UnsupportedError, match="expected every sample in slots/slots, found only the first 5"):
        recorded.read("slots/slots", SAMPLES)
    with pytest.raises(UnsupportedError, match="only the first 5"):
        recorded.read("slots/slots", -1)
    with pytest.raises(UnsupportedError, match="a dataset nowhere"):
        recorded.read("nowhere")


def test_masks_are_what_was_recorded(recorded: dump.Dump, arrays: dict[str, np.ndarray]) -> None:
    for sample in range(SAMPLES):
        decoder = dump.masks_of(recorded, sample, "decoder_masks")
        assert decoder.dtype == np.float32
        np.testing.assert_array_equal(decoder, arrays["slots/masks"][sample])
        attention = arrays["slots/attn"][sample].reshape(3, SLOTS, GRID, GRID)
        np.testing.assert_array_equal(dump.masks_of(recorded, sample, "attention"), attention[2])
        np.testing.assert_array_equal(dump.masks_of(recorded, sample, "attention", 0), attention[0])
        np.testing.assert_array_equal(dump.masks_of(recorded, sample, "attention", 9), attention[2])


MASKS = soft_masks(np.random.default_rng(3), (4, 5, 6, 8), 1).astype(np.float32)  # NKHW
FLAT = MASKS.reshape(4, 5, 48)

WAYS = {
    "NKHW": MASKS,
    "NK1HW": MASKS[:, :, None],
    "NKHW1": MASKS[..., None],
    "NHWK": np.moveaxis(MASKS, 1, -1),
    "NKP": FLAT,
    "NPK": FLAT.transpose(0, 2, 1),
    "NIKP": np.stack([FLAT[::-1], FLAT], axis=1),
    "NIPK": np.stack([FLAT[::-1], FLAT], axis=1).transpose(0, 1, 3, 2),
    "NIKHW": np.stack([MASKS[::-1], MASKS], axis=1),
}


@pytest.mark.parametrize("layout", WAYS)
@pytest.mark.parametrize("stated", [True, False])
def test_masks_of_every_layout_are_the_same_masks(tmp_path: Path, layout: str, stated: bool) -> None:
    image = np.zeros((4, 12, 16, 3), np.uint8)
    attributes = {"layout": layout} if stated else {}
    name = "attention" if "P" in layout else "decoder_masks"
    found = dump_of(tmp_path / "file.h5", images=(image, {}), **{name: (WAYS[layout], attributes)})
    assert found.one(name) is not None, found.facts
    np.testing.assert_allclose(dump.masks_of(found, 2, name), MASKS[2], atol=1e-7)


@pytest.mark.parametrize("special", [1, 5])
def test_special_tokens_are_dropped(tmp_path: Path, special: int) -> None:
    flat = soft_masks(np.random.default_rng(0), (2, 3, 49), 1).astype(np.float32)
    with_tokens = np.concatenate([np.full((2, 3, special), 1 / 3, np.float32), flat], axis=2)
    found = dump_of(tmp_path / "file.h5", attn=(with_tokens, {"layout": "NKP"}))
    np.testing.assert_array_equal(dump.masks_of(found, 1, "attention"), flat[1].reshape(3, 7, 7))


@pytest.mark.parametrize("together", [True, False])
def test_heads_are_added_or_averaged_by_how_they_sum(tmp_path: Path, together: bool) -> None:
    generator = np.random.default_rng(0)
    weights = generator.random((2, 4, 3, 36))  # NAKP
    axes = (1, 2) if together else 2
    weights = (weights / weights.sum(axis=axes, keepdims=True)).astype(np.float32)
    found = dump_of(tmp_path / "file.h5", attn=(weights, {"layout": "NAKP"}))
    masks = dump.masks_of(found, 0, "attention")
    expected = weights[0].sum(axis=0) if together else weights[0].mean(axis=0)
    np.testing.assert_allclose(masks, expected.reshape(3, 6, 6), rtol=1e-6)
    np.testing.assert_allclose(masks.sum(axis=0), 1, rtol=1e-5)


def test_one_head_is_shown_as_it_was_recorded(tmp_path: Path) -> None:
    weights = soft_masks(np.random.default_rng(0), (2, 4, 3, 36), 2).astype(np.float32)
    found = dump_of(tmp_path / "file.h5", attn=(weights, {"layout": "NAKP"}))
    for head in range(4):
        np.testing.assert_array_equal(
            dump.masks_of(found, 1, "attention", head=head), weights[1, head].reshape(3, 6, 6)
        )
    whole = dump.masks_of(found, 1, "attention")
    np.testing.assert_array_equal(dump.masks_of(found, 1, "attention", head=4), whole)


def test_masks_of_whole_numbers_come_as_shares(tmp_path: Path) -> None:
    one_hot = (np.arange(3)[:, None, None] == np.random.default_rng(0).integers(0, 3, (4, 4))).astype(np.uint8)
    masks = np.stack([one_hot, one_hot[::-1]]) * 255
    found = dump_of(tmp_path / "file.h5", slots__masks=(masks, {"layout": "NKHW"}))
    np.testing.assert_array_equal(dump.masks_of(found, 0, "decoder_masks"), one_hot)


def test_what_a_dump_does_not_hold_is_said(tmp_path: Path) -> None:
    found = dump_of(tmp_path / "file.h5", other=(np.zeros((3, 3)), {}))
    assert found.facts.samples is None
    assert dump.gt_labels_of(found, 0) is None
    assert not has_points(found)
    assert dump.activation_layers(found) == ()
    with pytest.raises(UnsupportedError, match="slot masks in this dump, found none"):
        dump.masks_of(found, 0, "attention")
    with pytest.raises(UnsupportedError, match="images in this dump, found none"):
        dump.image_of(found, 0)


PIXELS = np.random.default_rng(5).integers(0, 256, (3, 6, 7, 3), np.uint8)

PICTURES = {
    "uint8 channels last": PIXELS,
    "uint8 channels first": PIXELS.transpose(0, 3, 1, 2),
    "0 to 1": (PIXELS / 255).astype(np.float32),
    "half": (PIXELS / 255).astype(np.float16),
    "-1 to 1": (PIXELS / 127.5 - 1).astype(np.float32).transpose(0, 3, 1, 2),
    "0 to 255": PIXELS.astype(np.float32),
    "with alpha": np.concatenate([PIXELS, np.full((3, 6, 7, 1), 9, np.uint8)], axis=3),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_of_every_range_are_the_same_pictures(tmp_path: Path, kind: str) -> None:
    found = dump_of(tmp_path / "file.h5", images=(PICTURES[kind], {}))
    for sample in range(3):
        np.testing.assert_array_equal(dump.image_of(found, sample), PIXELS[sample])


def test_a_dark_picture_stays_dark_beside_bright_ones(tmp_path: Path) -> None:
    values = np.stack([np.full((8, 8, 3), 0.1), np.linspace(-1, 1, 192).reshape(8, 8, 3)]).astype(np.float32)
    found = dump_of(tmp_path / "file.h5", images=(values, {}))
    assert (dump.image_of(found, 0) == round(1.1 * 127.5)).all()


def test_a_painted_picture_that_overshoots_is_shown_in_the_range_that_is_stated(tmp_path: Path) -> None:
    painted = (PIXELS / 255).astype(np.float32)
    painted[0, 0, 0], painted[0, 0, 1] = 1.6, -0.2
    found = dump_of(tmp_path / "file.h5", images=(painted, {"value_range": [0.0, 1.0]}))
    wanted = PIXELS.copy()
    wanted[0, 0, 0], wanted[0, 0, 1] = 255, 0
    for sample in range(3):
        np.testing.assert_array_equal(dump.image_of(found, sample), wanted[sample])
    wrong = dump_of(tmp_path / "wrong.h5", images=(PICTURES["half"], {"value_range": [1.0, 0.0]}))
    np.testing.assert_array_equal(dump.image_of(wrong, 1), PIXELS[1])


def test_grey_and_undefined_pictures_have_three_channels(tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (2, 6, 7), np.uint8)
    found = dump_of(tmp_path / "grey.h5", images=(grey, {}))
    np.testing.assert_array_equal(dump.image_of(found, 1), np.repeat(grey[1][..., None], 3, axis=2))
    broken = dump_of(tmp_path / "nan.h5", images=(np.full((2, 6, 6, 3), np.nan, np.float32), {}))
    assert not dump.image_of(broken, 0).any()
    constant = dump_of(tmp_path / "constant.h5", images=(np.full((2, 6, 6, 3), 900.0, np.float32), {}))
    assert dump.image_of(constant, 0).shape == (6, 6, 3)


def test_true_labels_are_counted_from_the_background(tmp_path: Path, recorded: dump.Dump, arrays: dict) -> None:
    np.testing.assert_array_equal(dump.gt_labels_of(recorded, 2), arrays["gt/masks"][2])
    labels = np.array([[[3, 3, 0], [1, 255, 3]]], np.uint8)
    moved = dump_of(tmp_path / "moved.h5", gt__masks=(labels, {"background_index": 3, "ignore_value": 255}))
    np.testing.assert_array_equal(dump.gt_labels_of(moved, 0), [[0, 0, 3], [1, -1, 0]])
    floats = np.array([[[2, np.nan], [np.inf, 1e30], [-np.inf, 0]]], np.float32)
    odd = dump_of(tmp_path / "odd.h5", gt__masks=(floats, {"layout": "NHW"}))
    np.testing.assert_array_equal(dump.gt_labels_of(odd, 0), [[2, -1], [-1, -1], [-1, 0]])


def test_one_hot_labels_are_made_a_map(tmp_path: Path) -> None:
    labels = np.random.default_rng(0).integers(0, 3, (2, 5, 5))
    one_hot = (labels[:, None] == np.arange(3)[:, None, None]).astype(np.uint8)
    found = dump_of(tmp_path / "a.h5", gt__masks=(one_hot, {"background_index": 0}))
    np.testing.assert_array_equal(dump.gt_labels_of(found, 1), labels[1])
    # Without a mask for the background, it is where no object is.
    objects = dump_of(tmp_path / "b.h5", gt__masks=(one_hot[:, 1:] * 255, {}))
    np.testing.assert_array_equal(dump.gt_labels_of(objects, 1), labels[1])
    # As Multi-Object Datasets keep them: samples, objects, height, width, one channel.
    tensor = dump_of(tmp_path / "c.h5", mask=(one_hot[..., None] * 255, {}))
    np.testing.assert_array_equal(dump.gt_labels_of(tensor, 1), labels[1])


def test_points_are_split_by_their_offsets(recorded: dump.Dump, arrays: dict[str, np.ndarray]) -> None:
    for sample, (start, stop) in enumerate([(0, 2), (2, 2), (2, 5), (5, 6), (6, 8)]):
        truth, predicted = points_of(recorded, sample)
        np.testing.assert_array_equal(truth, arrays["gt/points"][start:stop].astype(float))
        np.testing.assert_array_equal(predicted, arrays["pred/points"][start:stop].astype(float))


@pytest.mark.parametrize("offsets", [[0, 9], [3, 1], [-2, 1]])
def test_offsets_that_lead_astray_are_damage(tmp_path: Path, offsets: list[int]) -> None:
    found = dump_of(
        tmp_path / "file.h5",
        gt__points=(np.zeros((4, 2)), {}),
        gt__points_offsets=(np.array(offsets), {}),
    )
    (note,) = all_points(found, QUIET).notes
    assert "offsets within the 4 points" in note


def test_a_dump_is_opened_once_until_its_file_changes(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = write_dump(tmp_path / "file.h5", arrays)
    first = dump.opened(path)
    assert dump.opened(path) is first
    replaced = write_dump(tmp_path / "new.h5", arrays_of_a_dump(seed=1), step=20)
    replaced.replace(path)
    second = dump.opened(path)
    assert second is not first
    assert second.facts.attributes["step"] == 20
    np.testing.assert_array_equal(second.read("slots/slots"), arrays_of_a_dump(seed=1)["slots/slots"])


def test_a_file_written_in_place_is_read_anew(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = write_dump(tmp_path / "file.h5", arrays)
    dump.opened(path).read("slots/slots", 0)
    dump.close_all()
    with h5py.File(path, "r+") as file:
        file["slots/slots"][...] = 7
    os.utime(path, ns=(time.time_ns(), time.time_ns() + 10**9))
    assert (dump.opened(path).read("slots/slots") == 7).all()


def test_few_files_stay_open_and_a_closed_one_opens_itself(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    paths = [write_dump(tmp_path / f"{index}.h5", arrays) for index in range(dump_file.MAX_OPEN + 2)]
    dumps = [dump.opened(path) for path in paths]
    held = {link.resolve() for link in Path("/proc/self/fd").iterdir()}
    assert sum(path in held for path in paths) == dump_file.MAX_OPEN
    np.testing.assert_array_equal(dumps[0].read("slots/slots", 1), arrays["slots/slots"][1])
    dumps[0].close()
    write_dump(tmp_path / "other.h5", arrays, step=3).replace(paths[0])
    with pytest.raises(DamagedError, match="reload it"):
        dumps[0].read("slots/slots", 1)


def test_an_unfinished_or_newer_dump_says_so(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    unfinished = dump.opened(write_dump(tmp_path / "a.h5", arrays, complete=False))
    assert unfinished.facts.notes == ("its writer did not finish it; what is there is shown",)
    newer = dump.opened(write_dump(tmp_path / "b.h5", arrays, version=2))
    assert newer.facts.notes == ("ri-dump version 2, this program knows 1",)


def test_samples_that_disagree_are_noted(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    found = dump.opened(write_dump(tmp_path / "a.h5", arrays, n_samples=9))
    assert found.facts.samples == 5
    assert found.facts.notes == ("it states 9 samples, its datasets hold 5; the first 5 are shown",)


def test_a_file_that_shrinks_while_it_is_open_is_told_and_reads_no_zeros(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    found = dump_of(path, images=(np.full((500, 32, 32, 3), 7, np.uint8), {}))
    assert found.read("images", 0).min() == 7
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(DamagedError, match="as it was listed"):
        found.read("images", 499)


def test_a_long_list_of_the_samples_of_a_layer_is_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    kept = np.arange(0, 600, 3)
    with h5py.File(path, "w", libver="latest") as file:
        layer = file.create_dataset("activations/conv", data=np.arange(200.0).reshape(200, 1))
        layer.attrs["sample_subset"] = kept
    assert dump.opened(path).read("activations/conv", 597).tolist() == [199.0]
    with pytest.raises(UnsupportedError, match="found only 200 others"):
        dump.opened(path).read("activations/conv", 1)


def test_little_of_a_dump_of_many_datasets_is_read_to_open_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        for index in range(30):
            file.create_dataset(f"a{index}", data=np.full((2, 4, 10, 10), 0.25, np.float32), chunks=(1, 4, 10, 10))
    monkeypatch.setattr(hdf5, "PROBED_BYTES", 16_000)
    roles = [dataset.role for dataset in dump.opened(path).facts.datasets]
    assert roles == ["decoder_masks"] * 10 + ["unknown"] * 20
