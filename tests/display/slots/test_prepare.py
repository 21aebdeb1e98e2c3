"""The numbers of a Slots scene agree with scikit-learn and with the dump as h5py reads it."""

from __future__ import annotations

from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest

from inspector.core.errors import FileError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.slots.judge import next_ask
from inspector.display.slots.prepare import prepare
from inspector.display.slots.scene import MaskChoice, SlotsAsk, SlotsScene
from inspector.formats.messages import decode, encode
from tests.display import dumps

metrics = pytest.importorskip("sklearn.metrics")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dumps.write(tmp_path_factory.mktemp("slots") / "d.h5")


def ask(path: Path, **changes: object) -> SlotsAsk:
    of_choice = {name: changes.pop(name) for name in MaskChoice.__struct_fields__ if name in changes}
    return msgspec.structs.replace(
        SlotsAsk(path=str(path), place="d.h5", sample=2, choice=MaskChoice(**of_choice)), **changes
    )


def enlarged(masks: np.ndarray, size: int) -> np.ndarray:
    torch = pytest.importorskip("torch")
    planes = torch.from_numpy(masks.astype(np.float32))[None]
    return torch.nn.functional.interpolate(planes, size=(size, size), mode="bilinear", align_corners=False)[0].numpy()


@pytest.mark.parametrize("source", ["encoder", "decoder"])
def test_scores_agree_with_scikit_learn(path: Path, source: str) -> None:
    scene = prepare(ask(path, source=source), QUIET)
    with dumps.oracle(path) as file:
        labels = file["gt/masks"][2]
        masks = file["slots/masks"][2] if source == "decoder" else file["slots/attn"][2, -1].reshape(5, 16, 16)
    winners = enlarged(masks, 32).argmax(0)
    seen = labels > 0
    blocks = np.indices((32, 32)) // 16
    assert scene.fg_ari == pytest.approx(metrics.adjusted_rand_score(labels[seen], winners[seen]), abs=1e-12)
    assert scene.ari == pytest.approx(metrics.adjusted_rand_score(labels.ravel(), winners.ravel()), abs=1e-12)
    expected = metrics.adjusted_rand_score(labels[seen], (blocks[0] * 2 + blocks[1])[seen])
    assert f"2×2 blocks: {expected:.2f}" in scene.figures[0].details
    assert scene.score_text == f"FG-ARI {scene.fg_ari:.2f} · {scene.active} of 5 slots active"


def test_shares_and_active_slots_are_counted_on_the_mask_itself(path: Path) -> None:
    scene = prepare(ask(path), QUIET)
    with dumps.oracle(path) as file:
        winners = file["slots/masks"][2].argmax(0)
    shares = [np.mean(winners == slot) for slot in range(5)]
    assert [tile.share for tile in scene.slots] == pytest.approx(shares)
    assert [tile.active for tile in scene.slots] == [share > 0.01 for share in shares]
    assert scene.slots[0].share_text == f"{shares[0] * 100:.1f}%"


def test_entropy_is_that_of_the_shares_by_hand(path: Path) -> None:
    scene = prepare(ask(path), QUIET)
    with dumps.oracle(path) as file:
        masks = file["slots/masks"][2].astype(np.float64)
    masks /= masks.sum(0)
    expected = -(masks * np.log(masks)).sum(0) / np.log(5)
    assert scene.mean_entropy == pytest.approx(expected.mean(), rel=1e-6)
    first = round(255 * expected[0, 0])
    assert scene.sides[-1].picture[0, 0].tolist() == COLOUR_MAPS["inferno"][first].tolist()


def test_cosines_agree_with_scikit_learn(path: Path) -> None:
    scene = prepare(ask(path), QUIET)
    with dumps.oracle(path) as file:
        expected = metrics.pairwise.cosine_similarity(file["slots/slots"][2])
    apart = ~np.eye(5, dtype=bool)
    np.testing.assert_allclose(np.array(scene.cosine_values)[apart], expected[apart], atol=1e-6)
    assert scene.cosine is not None
    # One is the last colour of a map centred on zero.
    assert scene.cosine[3, 3].tolist() == COLOUR_MAPS["diverging"][255].tolist()


@pytest.mark.parametrize(("asked", "shown"), [(0, 0), (1, 1), (-1, 2), (2, 2), (99, 2)])
def test_the_iteration_asked_for_is_the_one_shown(path: Path, asked: int, shown: int) -> None:
    scene = prepare(ask(path, source="encoder", iteration=asked), QUIET)
    with dumps.oracle(path) as file:
        masks = file["slots/attn"][2, shown].astype(np.float64)
    masks /= masks.sum(0)
    assert (scene.choice.iteration, scene.iterations) == (shown, 3)
    assert scene.mean_entropy == pytest.approx((-(masks * np.log(masks)).sum(0) / np.log(5)).mean(), rel=1e-6)


@pytest.mark.parametrize(("asked", "kept"), [(0, 0), (1, 1)])
def test_cosines_follow_the_iteration_where_the_dump_keeps_it(tmp_path: Path, asked: int, kept: int) -> None:
    slots = np.random.default_rng(1).normal(size=(6, 3, 5, 8)).astype(np.float32)
    path = dumps.write(tmp_path / "d.h5", extra=[dumps.replaced("slots/slots_iter", slots, layout="NIKD")])
    apart = ~np.eye(5, dtype=bool)

    def cosines(**asked: int) -> np.ndarray:
        return np.array(prepare(ask(path, source="encoder", **asked), QUIET).cosine_values)[apart]

    expected = metrics.pairwise.cosine_similarity(slots[2, kept])[apart]
    np.testing.assert_allclose(cosines(iteration=asked), expected, atol=1e-6)
    with dumps.oracle(path) as file:
        last = metrics.pairwise.cosine_similarity(file["slots/slots"][2])[apart]
    np.testing.assert_allclose(cosines(), last, atol=1e-6)


def test_masks_of_the_decoder_have_one_iteration(path: Path) -> None:
    scene = prepare(ask(path, iteration=1), QUIET)
    assert (scene.choice.iteration, scene.iterations, scene.sources) == (0, 1, ("encoder", "decoder"))


def test_a_source_that_is_missing_is_replaced_and_the_one_shown_is_named(tmp_path: Path) -> None:
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", without=["slots/masks"])), QUIET)
    assert (scene.choice.source, scene.sources) == ("encoder", ("encoder",))
    assert scene.about.startswith("encoder attention, 16 × 16")


def test_without_ground_truth_there_is_no_score(tmp_path: Path) -> None:
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", without=["gt/masks"])), QUIET)
    assert np.isnan([scene.fg_ari, scene.ari]).all()
    assert scene.score_text == "4 of 5 slots active"
    assert (scene.figures[0].value, scene.figures[0].remark) == ("–", "not scored")


def test_without_slot_vectors_there_are_no_cosines(tmp_path: Path) -> None:
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", without=["slots/slots"])), QUIET)
    assert scene.cosine is None
    assert scene.cosine_values == ()


def test_without_images_the_masks_lie_on_grey(tmp_path: Path) -> None:
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", without=["samples/image"]), style="image"), QUIET)
    assert scene.composite[0, 0].tolist() == [128, 128, 128, 255]
    assert "no images" in scene.notes[0]


def test_padding_counts_for_nothing(tmp_path: Path) -> None:
    valid = np.full((dumps.SAMPLES, 2), dumps.SIZE, np.int32)
    valid[2] = 16, 32
    path = dumps.write(tmp_path / "d.h5", extra=[dumps.replaced("samples/valid_hw", valid)])
    with dumps.oracle(path) as file:
        winners = file["slots/masks"][2].argmax(0)[:16]
    scene = prepare(ask(path), QUIET)
    assert [tile.share for tile in scene.slots] == pytest.approx([np.mean(winners == slot) for slot in range(5)])


def test_solo_of_a_slot_that_is_not_there_shows_all(path: Path) -> None:
    assert prepare(ask(path, solo=3), QUIET).solo == 3
    assert prepare(ask(path, solo=40), QUIET).solo is None


def test_numbers_stand_on_the_slots_that_they_name(path: Path) -> None:
    scene = prepare(ask(path, style="argmax"), QUIET)
    with dumps.oracle(path) as file:
        winners = file["slots/masks"][2].argmax(0)
    assert len(scene.labels) == scene.active
    for label in scene.labels:
        assert winners[int(label.y * 32), int(label.x * 32)] == int(label.text)
    assert prepare(ask(path, style="masks"), QUIET).labels == ()


def test_a_scene_travels_whole(path: Path) -> None:
    scene = prepare(ask(path, style="contours"), QUIET)
    body, arrays = encode(scene)
    received = decode(body, SlotsScene, arrays)
    assert received.figures == scene.figures
    assert received.labels == scene.labels
    for mine, theirs in zip(scene.slots, received.slots, strict=True):
        assert np.array_equal(mine.picture, theirs.picture)


def test_an_undefined_mask_is_said_and_scored_without(tmp_path: Path) -> None:
    def spoil(file: h5py.File) -> None:
        file["slots/masks"][2, 1, :8] = np.nan

    path = dumps.write(tmp_path / "d.h5", extra=[spoil])
    scene = prepare(ask(path), QUIET)
    assert scene.notes == ("25.0% of the masks' pixels are not finite",)
    assert sum(tile.share for tile in scene.slots) == pytest.approx(1)
    assert scene.sides[-1].picture[0, 0, 3] == 0


def test_a_dump_without_masks_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5", without=["slots/masks", "slots/attn", "gt/masks"])
    with pytest.raises(FileError, match=r"d\.h5: expected attention or masks in this dump, found none"):
        prepare(ask(path), QUIET)


def test_a_cancel_stops_the_work(path: Path) -> None:
    with pytest.raises(WorkCancelled):
        prepare(ask(path), Pulse(cancelled=lambda: True))


def test_a_scene_is_kept_as_long_as_its_file_stays_the_same(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5")
    first = prepare(ask(path), QUIET)
    prepare(ask(path, sample=3), QUIET)
    assert prepare(ask(path), QUIET) is first
    assert prepare(ask(path, opacity=0.1), QUIET) is not first
    other = dumps.write(tmp_path / "other.h5")
    with h5py.File(other, "r+") as file:
        file["slots/masks"][2] = file["slots/masks"][2][::-1]
    other.replace(path)
    assert not np.array_equal(prepare(ask(path), QUIET).masks, first.masks)


def test_the_next_sample_is_likely_to_follow_and_on_the_way_back_the_one_before(path: Path) -> None:
    here, start = ask(path), ask(path, sample=0)
    assert next_ask(here, None) == next_ask(here, ask(path, sample=1)) == ask(path, sample=3)
    assert next_ask(here, ask(path, sample=3)) == ask(path, sample=1)
    assert next_ask(start, ask(path, sample=1)) is None
