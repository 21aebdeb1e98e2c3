"""Of several masks in a dump the chosen ones are shown, whichever frame, layer and head of them is wanted."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.core.errors import FileError
from inspector.core.pulse import QUIET
from inspector.display.gallery.samples import prepare as numbers
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.slots.history.prepare import prepare as history
from inspector.display.slots.history.scene import HistoryAsk, OtherDump
from inspector.display.slots.judge import choice_of
from inspector.display.slots.mask_sets import held, mask_sets
from inspector.display.slots.prepare import prepare
from inspector.display.slots.scene import MaskChoice, SlotsAsk, SlotsScene
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.session.values import ViewState
from tests.display import dumps

SAMPLES, SLOTS, FRAMES = dumps.SAMPLES, dumps.SLOTS, 4


def soft(*shape: int, axis: int, seed: int = 0) -> np.ndarray:
    weights = np.random.default_rng(seed).random(shape) ** 4 + 1e-3
    return (weights / weights.sum(axis=axis, keepdims=True)).astype(np.float32)


CROSS = soft(SAMPLES, 2, 256, SLOTS, axis=3)
LAYERS = soft(SAMPLES, 3, SLOTS, 256, axis=2, seed=1)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Masks and attention of `ri-dump/1`, and two datasets of attention of a decoder."""
    extra = [
        dumps.replaced("decoder/cross", CROSS, layout="NAPK"),
        dumps.replaced("other", LAYERS, layout="NLKP", kind="decoder_attention"),
    ]
    return dumps.write(tmp_path_factory.mktemp("several") / "d.h5", extra=extra)


def shown(path: Path, sample: int = 2, **choice: object) -> SlotsScene:
    return prepare(SlotsAsk(path=str(path), place="d.h5", sample=sample, choice=MaskChoice(**choice)), QUIET)


def facts(*rows: tuple[str, str, str], **attributes: object) -> DumpFacts:
    return DumpFacts(
        bytes=0,
        datasets=tuple(
            DatasetFacts(
                path=path, shape=(2,) * len(layout), dtype="float32", bytes=0, role=role, layout=layout,
                attributes=attributes,
            )
            for path, role, layout in rows
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "role", "source"),
    [
        ("slots/attn", "attention", "encoder"),
        ("decoder/cross_attn", "attention", "decoder"),
        ("attn_dec", "attention", "decoder"),
        ("encdec_attn", "attention", "decoder"),
        ("encoder_decoder/attn", "attention", "decoder"),
        ("attn_decision", "attention", "encoder"),
        ("slots/masks", "decoder_masks", "decoder"),
        ("enc_masks", "decoder_masks", "encoder"),
    ],
)
def test_names_say_which_part_of_a_model_made_masks(name: str, role: str, source: str) -> None:
    assert [one.source for one in mask_sets(facts((name, role, "NKP")))] == [source]


def test_attributes_say_it_too() -> None:
    (one,) = mask_sets(facts(("attn", "attention", "NKP"), module="net.decoder.blocks.3"))
    assert (one.source, one.kind) == ("decoder", "decoder attention")


def test_masks_of_a_decoder_come_before_its_attention_and_named_ones_before_others() -> None:
    found = mask_sets(
        facts(
            ("a_dec_attn", "attention", "NKP"),
            ("b/attn", "attention", "NKP"),
            ("slots/attn", "attention", "NKP"),
            ("z_masks", "decoder_masks", "NKHW"),
        )
    )
    assert [one.dataset.path for one in found] == ["slots/attn", "b/attn", "z_masks", "a_dec_attn"]


def test_a_choice_is_held_within_what_a_dump_has() -> None:
    known = facts(("attn", "attention", "NLIAKP"))
    everything = MaskChoice(source="decoder", dataset="gone", frame=9, layer=0, iteration=5, head=7)
    assert held(known, everything) == MaskChoice(source="encoder", dataset="attn", frame=0, layer=0)
    assert held(facts(), everything) is None


def test_every_dataset_of_masks_is_offered_by_name(several: Path) -> None:
    scene = shown(several)
    assert [(one.name, one.kind) for one in scene.options] == [
        ("slots/attn", "encoder attention"),
        ("slots/masks", "decoder masks"),
        ("decoder/cross", "decoder attention"),
        ("other", "decoder attention"),
    ]
    assert scene.choice.dataset == "slots/masks"
    assert scene.about.startswith("slots/masks: decoder masks, 32 × 32")


def test_the_chosen_dataset_is_shown(several: Path) -> None:
    cross = shown(several, dataset="decoder/cross", head=1)
    np.testing.assert_array_equal(cross.masks.reshape(SLOTS, -1), CROSS[2, 1].T)
    assert cross.about.startswith("decoder/cross: decoder attention, 16 × 16")
    assert (cross.heads, cross.layers, cross.notes) == (2, 1, ())
    for layer, expected in ((0, 0), (1, 1), (-1, 2), (8, 2)):
        scene = shown(several, dataset="other", layer=layer)
        np.testing.assert_array_equal(scene.masks.reshape(SLOTS, -1), LAYERS[2, expected])
        assert (scene.choice.layer, scene.layers) == (expected, 3)


def test_what_is_not_in_a_dump_gives_way_to_the_first_of_its_part(several: Path) -> None:
    assert shown(several, source="encoder", dataset="nowhere").choice.dataset == "slots/attn"


def test_gallery_and_history_are_of_the_chosen_dataset(several: Path) -> None:
    ask = SlotsAsk(path=str(several), place="", sample=0, choice=MaskChoice(dataset="other", layer=1))
    by_masks, by_other = (
        numbers(SamplesAsk(path=str(several), masks=path), QUIET).table.column("mask_entropy")
        for path in ("slots/masks", "other")
    )
    assert by_masks is not None
    assert by_other is not None
    entropies = -(LAYERS[:, -1] * np.log(LAYERS[:, -1])).sum(axis=1) / np.log(SLOTS)
    np.testing.assert_allclose(by_other.values, entropies.mean(axis=1), rtol=1e-5)
    assert not np.allclose(by_masks.values, by_other.values)
    over = OtherDump(path=str(several), place="d", step=1.0)
    scene = history(HistoryAsk(path=str(several), sample=0, slot=1, choice=ask.choice, dumps=(over,)), QUIET)
    share = np.mean(LAYERS[3, 1].argmax(axis=0) == 1)
    assert scene.samples[3].value == f"{share * 100:.1f}%"


def test_the_state_chooses_by_path_and_a_source_alone_its_first(several: Path) -> None:
    known = facts(("slots/attn", "attention", "NKP"), ("b_attn", "attention", "NKP"))
    for wanted, expected in (("b_attn", "b_attn"), ("", "slots/attn"), ("gone", "slots/attn")):
        state = ViewState(mask_dataset=wanted, mask_source="encoder", frame=2, mask_layer=1)
        chosen = choice_of(known, state)
        assert (chosen.dataset, chosen.frame, chosen.layer) == (expected, 2, 1)


def test_any_frame_of_a_video_is_shown_with_its_truth(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    video = rng.integers(0, 255, (SAMPLES, FRAMES, 32, 32, 3)).astype(np.uint8)
    labels = rng.integers(0, SLOTS, (SAMPLES, FRAMES, 32, 32)).astype(np.uint8)
    masks = np.stack([[dumps.soft_masks(one, SLOTS, 5.0) for one in sample] for sample in labels])
    vectors = rng.normal(size=(SAMPLES, FRAMES, SLOTS, 8)).astype(np.float32)
    path = dumps.write(
        tmp_path / "d.h5",
        extra=[
            dumps.replaced("samples/image", video, layout="NFHWC"),
            dumps.replaced("gt/masks", labels, layout="NFHW"),
            dumps.replaced("slots/masks", masks, layout="NFKHW"),
            dumps.replaced("slots/slots", vectors, layout="NFKD"),
        ],
        without=["slots/attn"],
    )
    for frame, expected in ((0, 0), (2, 2), (9, FRAMES - 1)):
        scene = shown(path, frame=frame)
        np.testing.assert_array_equal(scene.masks, masks[2, expected])
        np.testing.assert_array_equal(scene.sides[0].picture[..., :3], video[2, expected])
        assert scene.fg_ari == 1.0
        assert (scene.choice.frame, scene.frames) == (expected, FRAMES)
        unit = vectors[2, expected] / np.linalg.norm(vectors[2, expected], axis=1, keepdims=True)
        assert scene.cosine_values[0][1] == pytest.approx(unit[0] @ unit[1], abs=1e-6)


def test_what_numbers_of_all_samples_are_of_is_said_where_something_else_is_shown(several: Path) -> None:
    assert shown(several).means_of == ""
    assert shown(several, source="encoder").means_of == ""
    assert shown(several, source="encoder", iteration=2).means_of == ""  # the last of three
    assert shown(several, source="encoder", iteration=0).means_of == "last iteration"
    assert shown(several, dataset="decoder/cross", head=1, frame=3).means_of == "all heads"
    assert shown(several, dataset="other", layer=0).means_of == "last layer"


def test_true_masks_are_shown_where_there_are_no_others_and_are_not_scored_with_themselves(tmp_path: Path) -> None:
    labels = np.zeros((4, 6, 8), np.uint8)
    labels[:, :2], labels[2, 4:], labels[:, 3, 3] = 3, 1, 255
    path = tmp_path / "d.h5"
    with h5py.File(path, "w") as file:
        file["image"] = np.zeros((4, 6, 8, 3), np.uint8)
        file["mask"] = labels
        file["mask"].attrs["ignore_value"] = 255
    scene = shown(path)
    assert scene.sources == ("truth",)
    assert scene.about.startswith("true masks, 6 × 8")
    for label, mask in enumerate(scene.masks):
        np.testing.assert_array_equal(mask, labels[2] == label)
    assert len(shown(path, sample=0).masks) == len(scene.masks) == 4
    assert (scene.figures[0].value, scene.figures[0].remark) == ("–", "not scored")
    table = numbers(SamplesAsk(path=str(path), masks="mask"), QUIET).table
    assert table.column("fg_ari") is None
    assert table.column("active_slots").values.tolist() == [2, 2, 3, 2]


def test_labels_that_are_packed_colours_are_taken_by_their_rank(tmp_path: Path) -> None:
    labels = np.array([[[0, 0xFF0000], [0x00FF00, 0x00FF00]], [[0, 0], [0, 0x0000FF]]], np.uint32)
    path = tmp_path / "d.h5"
    with h5py.File(path, "w") as file:
        file["mask"] = labels
    assert shown(path, sample=0).masks.tolist() == [[[1, 0], [0, 0]], [[0, 0], [1, 1]], [[0, 1], [0, 0]]]
    assert shown(path, sample=1).masks.tolist() == [[[1, 1], [1, 0]], [[0, 0], [0, 1]], [[0, 0], [0, 0]]]
    np.save(tmp_path / "masks.npy", np.arange(2 * 9 * 9).reshape(2, 9, 9))
    with pytest.raises(FileError, match="at most 64 labels in a sample, found 81"):
        shown(tmp_path / "masks.npy", sample=0)
