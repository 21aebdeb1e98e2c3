"""Dumps as public repositories write them map to roles and layouts without help (reference: domain, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump, known_corrections, sample_scan
from inspector.artifacts.facts import facts_of
from inspector.core.errors import UnsupportedError
from inspector.core.pulse import QUIET
from inspector.formats.facts import DatasetFacts
from inspector.formats.role_corrections import FileCorrections, RoleCorrection, pattern_of

GENERATOR = np.random.default_rng(11)
N, K, I, F, A, H, W = 6, 5, 3, 4, 2, 12, 12  # noqa: E741 - the letters of layouts
P = H * W


def written(path: Path, arrays: Mapping[str, np.ndarray], **attributes: Any) -> dump.Dump:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array).attrs.update(attributes)
    return dump.opened(path)


def floats(*shape: int) -> np.ndarray:
    return GENERATOR.normal(size=shape).astype(np.float32)


def pictures(*shape: int) -> np.ndarray:
    return GENERATOR.integers(0, 256, shape, np.uint8)


def soft(shape: tuple[int, ...], axes: int | tuple[int, ...]) -> np.ndarray:
    weights = GENERATOR.random(shape) ** 3 + 1e-3
    return (weights / weights.sum(axis=axes, keepdims=True)).astype(np.float32)


def composites() -> np.ndarray:
    masks = soft((N, K, 1, H, W), 1)
    return GENERATOR.random((N, 1, 3, H, W)).astype(np.float32) * masks + 1 - masks


ONE_HOT = (GENERATOR.integers(0, K, (N, 1, H, W, 1)) == np.arange(K)[:, None, None, None]).astype(np.uint8)
LABELS = GENERATOR.integers(0, 9, (N, H, W)).astype(np.uint8)

REPOSITORIES: dict[str, tuple[dict[str, np.ndarray], dict[str, tuple[str, str]]]] = {
    "google-research/slot_attention": (
        {"image": floats(N, H, W, 3), "recons": floats(N, K, H, W, 3), "masks": soft((N, K, H, W, 1), 1),
         "attn": soft((N, P, K), 2), "recon_combined": floats(N, H, W, 3)},
        {"image": ("image", "NHWC"), "recons": ("slot_reconstruction", "NKHWC"), "masks": ("decoder_masks", "NKHWC"),
         "attn": ("attention", "NPK"), "recon_combined": ("reconstruction", "NHWC")},
    ),
    "evelinehong/slot-attention-pytorch": (
        {"image": floats(N, 3, H, W), "masks": soft((N, K, H, W, 1), 1), "slots": floats(N * K, 64)},
        {"image": ("image", "NCHW"), "masks": ("decoder_masks", "NKHWC"), "slots": ("slots", "NKD")},
    ),
    "lucidrains/slot-attention": ({"attn": soft((N, K, P), 1)}, {"attn": ("attention", "NKP")}),
    "addtt/object-centric-library": (
        {"image": pictures(N, H, W, 3), "mask": LABELS[..., None], "visibility": np.ones((N, 9), np.uint8),
         "num_actual_objects": np.ones((N, 1), np.int64), "pred_mask": soft((N, K, 1, H, W), 1),
         "slot_recon": floats(N, K, 3, H, W)},
        {"image": ("image", "NHWC"), "mask": ("gt_masks", "NHWC"), "visibility": ("metadata", ""),
         "num_actual_objects": ("sample_scalar", "NC"), "pred_mask": ("decoder_masks", "NKCHW"),
         "slot_recon": ("slot_reconstruction", "NKCHW")},
    ),
    "object-centric-learning-framework": (
        {"object_decoder.masks": soft((N, K, P), 1), "perceptual_grouping.feature_attributions": soft((N, K, P), 1),
         "masks_as_image": soft((N, K, 24, 24), 1)},
        {"object_decoder.masks": ("decoder_masks", "NKP"),
         "perceptual_grouping.feature_attributions": ("attention", "NKP"),
         "masks_as_image": ("decoder_masks", "NKHW")},
    ),
    "videosaur": (
        {"video": floats(N, F, H, W, 3), "decoder_masks": soft((N, F, K, P), 2)},
        {"video": ("image", "NFHWC"), "decoder_masks": ("decoder_masks", "NFKP")},
    ),
    "spot": (
        {"slot_attn": soft((N, P, K), 2), "dec_attn_masks": soft((N, K, H, W), 1)},
        {"slot_attn": ("attention", "NPK"), "dec_attn_masks": ("attention", "NKHW")},
    ),
    "slate": (
        {"attns": composites(), "heads_attn": soft((N, A, P, K), (1, 3))},
        {"attns": ("unknown", ""), "heads_attn": ("attention", "NAPK")},
    ),
    "steve": (
        {"video": floats(N, F, 3, H, W), "attn": soft((N, F, P, K), 3)},
        {"video": ("image", "NFCHW"), "attn": ("attention", "NFPK")},
    ),
    "slot-attention-video": (
        {"video": pictures(N, F, H, W, 3), "segmentations": LABELS[:, None, :, :, None].repeat(F, axis=1),
         "alphas": soft((N, F, K, H, W, 1), 2), "attn": soft((N, F, 1, K, P), 3)},
        {"video": ("image", "NFHWC"), "segmentations": ("gt_masks", "NFHWC"), "alphas": ("decoder_masks", "NFKHWC"),
         "attn": ("attention", "NFAKP")},
    ),
    "arc slot auto-encoder": (
        {"masks": soft((N, 7, 1, 30, 30), 1), "attn": soft((N, 7, 900), 2)},
        {"masks": ("decoder_masks", "NKCHW"), "attn": ("attention", "NKP")},
    ),
    "multi-object datasets": (
        {"image": pictures(N, H, W, 3), "mask": ONE_HOT * 255},
        {"image": ("image", "NHWC"), "mask": ("gt_masks", "NKHWC")},
    ),
    "HHousen": ({"mask": ONE_HOT}, {"mask": ("gt_masks", "NKHWC")}),
    "spatial broadcast internals": (
        {"masks": soft((N, K, H, W, 1), 1).reshape(N * K, H, W, 1)}, {"masks": ("decoder_masks", "NKHWC")},
    ),
    "iterations": (
        {"attn": soft((N, I, K, P), 2), "attn_back": soft((N, I, P, K), 3), "maps": soft((N, I, K, H, W), 2)},
        {"attn": ("attention", "NIKP"), "attn_back": ("attention", "NIPK"), "maps": ("decoder_masks", "NIKHW")},
    ),
    "heads": (
        {"attn": soft((N, 2, 7, 196), (1, 2)), "attention": soft((N, I, A, K, P), (2, 3))},
        {"attn": ("attention", "NAKP"), "attention": ("attention", "NIAKP")},
    ),
    "vision transformer": (
        {"attn": soft((2, 3, 197, 197), 3), "attn_layers": soft((2, 4, 3, 50, 50), 4)},
        {"attn": ("token_attention", "NAQP"), "attn_layers": ("token_attention", "NLAQP")},
    ),
    "cls and registers": (
        {"image": floats(N, 224, 224, 3)[:2], "attn": soft((2, K, 197), 1), "dino_attn": soft((2, K, 261), 1)},
        {"image": ("image", "NHWC"), "attn": ("attention", "NKP"), "dino_attn": ("attention", "NKP")},
    ),
    "half precision": (
        {"attn": soft((N, K, P), 1).astype(np.float16), "masks": soft((N, K, H, W), 1).astype(np.float16)},
        {"attn": ("attention", "NKP"), "masks": ("decoder_masks", "NKHW")},
    ),
    "scalars and texts": (
        {"image": pictures(N, H, W, 3), "loss": floats(N), "is_hard": np.ones(N, bool), "ok": np.arange(N),
         "file": np.array([b"a"] * N), "temperature": np.float64(0.5), "thresholds": floats(17)},
        {"image": ("image", "NHWC"), "loss": ("sample_scalar", "N"), "is_hard": ("sample_scalar", "N"),
         "ok": ("sample_scalar", "N"), "file": ("metadata", "N"), "temperature": ("metadata", ""),
         "thresholds": ("unknown", "")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_the_dumps_of_public_repositories_map(tmp_path: Path, repository: str) -> None:
    arrays, expected = REPOSITORIES[repository]
    found = written(tmp_path / "file.h5", arrays)
    assert {one.path: (one.role, one.layout) for one in found.facts.datasets} == expected
    assert all(one.because for one in found.facts.datasets)


def only(found: dump.Dump) -> DatasetFacts:
    (dataset,) = found.facts.datasets
    return dataset


REASONS = {
    "its slots sum to 1": (soft((N, K, P), 1), "K"),
    "its heads and slots sum to 1 together": (soft((N, A, K, P), (1, 2)), "AK"),
    "each slot sums to 1 over the positions, so its slots do not compete": (soft((N, K, P), 2), "P"),
    "its shape, though neither slots nor positions sum to 1": (GENERATOR.random((N, K, P)).astype(np.float32), ""),
    "its 144 positions are 12 × 12": (soft((N, K, P), 1), "K"),
    "its 197 positions are 14 × 14 after 1 special token": (soft((2, K, 197), 1), "K"),
    "its 201 positions are 14 × 14 after 5 special tokens": (soft((2, K, 201), 1), "K"),
}


@pytest.mark.parametrize("reason", REASONS)
def test_the_reason_tells_what_sums_to_one_and_the_grid(tmp_path: Path, reason: str) -> None:
    values, over = REASONS[reason]
    dataset = only(written(tmp_path / "file.h5", {"attn": values}))
    assert reason in dataset.because
    assert dataset.sums_over == over


def test_weights_for_the_mean_of_competing_slots_are_told_from_slots_that_do_not_compete(tmp_path: Path) -> None:
    competing = soft((N, K, P), 1)
    weights = competing / competing.sum(axis=2, keepdims=True)
    dataset = only(written(tmp_path / "file.h5", {"attn": weights}))
    assert (dataset.layout, dataset.sums_over) == ("NKP", "P")
    assert "as after the weighted mean of slots that compete" in dataset.because


def test_what_a_dump_states_it_is_normalised_over_is_checked(tmp_path: Path) -> None:
    over_positions = soft((N, K, P), 2)
    stated = {"layout": "NKP", "normalised_over": "K"}
    dataset = only(written(tmp_path / "file.h5", {"slots/attn": over_positions}, **stated))
    assert "it states that it sums to 1 over K, but each slot sums to 1 over the positions" in dataset.because
    assert dataset.sums_over == "P"


def test_samples_and_slots_on_one_axis_are_read_apart(tmp_path: Path) -> None:
    masks = soft((N, K, H, W, 1), 1)
    slots = floats(N, K, 8)
    found = written(tmp_path / "file.h5", {"masks": masks.reshape(N * K, H, W, 1), "slots": slots.reshape(N * K, 8)})
    dataset = found.one("decoder_masks")
    assert (dataset.shape, dataset.merged_slots, found.facts.samples) == (masks.shape, K, N)
    assert f"{K} rows at a time sum to 1" in dataset.because
    for sample in range(N):
        np.testing.assert_array_equal(dump.masks_of(found, sample, "decoder_masks"), masks[sample, ..., 0])
        np.testing.assert_array_equal(found.read("slots", sample), slots[sample])
    np.testing.assert_array_equal(found.read("masks"), masks)
    np.testing.assert_array_equal(found.rows(dataset, 1, 4), masks[1:4])
    with pytest.raises(UnsupportedError, match=f"only the first {N}"):
        found.read("masks", N)


def test_names_of_dimensions_count_as_a_stated_layout(tmp_path: Path) -> None:
    square = soft((4, 4, 4, 4), 3)
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("a_attn", data=square).attrs["_ARRAY_DIMENSIONS"] = ["sample", "y", "x", "slot"]
        scales = file.create_dataset("b_attn", data=square)
        for index, label in enumerate(["batch", "row", "column", "slots"]):
            scales.dims[index].label = label
        file.create_dataset("c_attn", data=square).attrs["_ARRAY_DIMENSIONS"] = ["sample", "ying", "x", "slot"]
    layouts = {one.path: one.layout for one in dump.opened(path).facts.datasets}
    assert layouts["a_attn"] == layouts["b_attn"] == "NHWK"


def test_two_layouts_that_fit_as_well_are_both_told(tmp_path: Path) -> None:
    alike = np.full((3, 4, 4, 4), 0.25, np.float32)
    assert "would fit as well" in only(written(tmp_path / "file.h5", {"masks": alike})).because


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_masks_that_are_not_finite_keep_their_role(tmp_path: Path, value: float) -> None:
    masks = soft((N, K, H, W), 1)
    masks[0, 0, 0, 0] = value
    found = written(tmp_path / "file.h5", {"masks": masks})
    assert (only(found).role, only(found).layout, only(found).sums_over) == ("decoder_masks", "NKHW", "")
    np.testing.assert_array_equal(dump.masks_of(found, 0, "decoder_masks"), masks[0])


def test_one_pixel_and_no_samples_map_too(tmp_path: Path) -> None:
    one = written(tmp_path / "one.h5", {"masks": soft((2, 3, 1, 1), 1), "image": pictures(2, 1, 1, 3)})
    assert [(dataset.role, dataset.layout) for dataset in one.facts.datasets] == [
        ("image", "NHWC"),
        ("decoder_masks", "NKHW"),
    ]
    assert dump.masks_of(one, 1, "decoder_masks").shape == (3, 1, 1)
    none = written(
        tmp_path / "none.h5", {"masks": np.zeros((0, 3, 8, 8), np.float32), "image": np.zeros((0, 8, 8, 3), np.uint8)}
    )
    assert none.facts.samples == 0
    assert [dataset.layout for dataset in none.facts.datasets] == ["NHWC", "NKHW"]
    with pytest.raises(UnsupportedError, match="every sample in masks, found only the first 0"):
        dump.masks_of(none, 0, "decoder_masks")


def test_sample_counts_that_differ_are_noted_and_the_missing_one_told(tmp_path: Path) -> None:
    found = written(tmp_path / "file.h5", {"image": pictures(5, 8, 8, 3), "masks": soft((4, 3, 8, 8), 1)})
    assert found.facts.samples == 4
    assert found.facts.notes == ("its datasets hold 4, 5 samples; the first 4 are shown",)
    with pytest.raises(UnsupportedError, match="every sample in masks, found only the first 4"):
        dump.masks_of(found, 4, "decoder_masks")


def test_what_many_samples_lack_is_said_once(tmp_path: Path) -> None:
    masks, slots = soft((5, 3, 8, 8), 1), floats(3, 3, 4)
    found = written(tmp_path / "file.h5", {"image": pictures(5, 8, 8, 3), "masks": masks, "slots": slots})
    assert found.facts.samples == 5
    assert sample_scan.scan_samples(found, "decoder_masks", QUIET).notes == (
        "file.h5: expected every sample in slots, found only the first 3",
    )


def test_query_tokens_are_shown_as_slots_where_they_are_few(tmp_path: Path) -> None:
    weights = soft((2, 4, 9, 64), 3)
    found = written(tmp_path / "file.h5", {"cross": weights}, layout="NAQP")
    assert only(found).role == "attention"
    np.testing.assert_allclose(
        dump.masks_of(found, 1, "attention"), weights[1].mean(axis=0).reshape(9, 8, 8), rtol=1e-6
    )


def test_the_first_frame_of_a_video_is_its_picture(tmp_path: Path) -> None:
    video, masks = pictures(N, F, H, W, 3), soft((N, F, K, H, W, 1), 2)
    found = written(tmp_path / "file.h5", {"video": video, "alphas": masks})
    np.testing.assert_array_equal(dump.image_of(found, 2), video[2, 0])
    np.testing.assert_array_equal(dump.masks_of(found, 2, "decoder_masks"), masks[2, 0, ..., 0])


def test_any_frame_of_a_video_is_read_and_the_last_where_there_are_fewer(tmp_path: Path) -> None:
    video, masks = pictures(N, F, H, W, 3), soft((N, F, K, H, W, 1), 2)
    labels = np.random.default_rng(0).integers(0, 5, (N, F, H, W)).astype(np.uint8)
    found = written(tmp_path / "file.h5", {"video": video, "alphas": masks, "gt_masks": labels})
    for frame, shown in ((1, 1), (F - 1, F - 1), (F + 3, F - 1)):
        np.testing.assert_array_equal(dump.image_of(found, 2, frame), video[2, shown])
        np.testing.assert_array_equal(dump.gt_labels_of(found, 2, frame), labels[2, shown])
        read = dump.masks_of(found, 2, "decoder_masks", frame=frame)
        np.testing.assert_array_equal(read, masks[2, shown, ..., 0])


def test_layers_of_attention_are_read_one_by_one_and_the_last_without_a_choice(tmp_path: Path) -> None:
    weights = soft((N, 3, K, 16), 2)
    found = written(tmp_path / "file.h5", {"attn": weights}, layout="NLKP")
    for layer in range(3):
        read = dump.masks_of(found, 1, "attention", layer=layer)
        np.testing.assert_array_equal(read, weights[1, layer].reshape(K, 4, 4))
    np.testing.assert_array_equal(dump.masks_of(found, 1, "attention"), weights[1, 2].reshape(K, 4, 4))


def test_one_of_several_datasets_of_attention_is_named_by_its_path(tmp_path: Path) -> None:
    first, second = soft((N, K, 16), 1), soft((N, K, 16), 1)
    np.savez(tmp_path / "file.npz", attn_a=first, attn_b=second)
    found = dump.opened(tmp_path / "file.npz")
    np.testing.assert_array_equal(dump.masks_of(found, 0, "attention"), first[0].reshape(K, 4, 4))
    np.testing.assert_array_equal(dump.masks_of(found, 0, "attn_b"), second[0].reshape(K, 4, 4))


def test_what_was_chosen_by_hand_holds_in_facts_and_reads(tmp_path: Path) -> None:
    masks = soft((N, I, K, 4), 2)  # few positions: iterations and slots, or slots and a picture
    path = tmp_path / "step_0012.h5"
    written(path, {"attn": masks})
    known = FileCorrections(
        pattern=pattern_of(path.name),
        corrections=(RoleCorrection(dataset="attn", role="decoder_masks", layout="NKHW"),),
    )
    dump.close_all()
    known_corrections.remember((known,))
    try:
        (dataset,) = facts_of(path).datasets
        assert (dataset.role, dataset.layout, dataset.because) == ("decoder_masks", "NKHW", "chosen by hand")
        np.testing.assert_array_equal(dump.masks_of(dump.opened(path), 3, "decoder_masks"), masks[3])
    finally:
        known_corrections.remember(())
    dump.close_all()
    assert facts_of(path).datasets[0].layout == "NIKP"
