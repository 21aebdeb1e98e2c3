"""The numbers beside a slot, worked by hand on four by four pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.slots.prepare import prepare
from inspector.display.slots.scene import MaskChoice, SlotsAsk, SlotsScene
from tests.display import dumps

SAMPLES = dumps.SAMPLES


def scene_of(path: Path, **changes: Any) -> SlotsScene:
    of_choice = {name: changes.pop(name) for name in MaskChoice.__struct_fields__ if name in changes}
    ask = SlotsAsk(path=str(path), place="d.h5", sample=0, choice=MaskChoice(**of_choice))
    return prepare(msgspec.structs.replace(ask, **changes), QUIET)


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Slot 0 has the left half, slot 1 a column of the right one, slot 2 the other; slot 3 has nothing."""
    masks = np.zeros((SAMPLES, 4, 4, 4), np.float32)
    masks[:, 0, :, :2] = 1
    masks[:, 1, :, 2] = 0.75
    masks[:, 2, :, 2] = 0.25
    masks[:, 2, :, 3] = 1
    truth = np.zeros((SAMPLES, 4, 4), np.uint8)
    truth[:, :, :2] = 1
    truth[:, :, 2:] = 2
    images = np.zeros((SAMPLES, 4, 4, 3), np.uint8)
    images[..., 0] = 255
    rebuilt = np.zeros((SAMPLES, 4, 4, 3), np.uint8)
    rebuilt[:, :2, :, 0] = 255
    vectors = np.zeros((SAMPLES, 4, 2), np.float32)
    vectors[:, 0] = 1, 0
    vectors[:, 1] = 0, 1
    vectors[:, 2] = 1, 0
    vectors[:, 3] = 0, 1
    return dumps.write(
        tmp_path_factory.mktemp("halves") / "d.h5",
        extra=[
            dumps.replaced("slots/masks", masks),
            dumps.replaced("slots/slots", vectors),
            dumps.replaced("gt/masks", truth),
            dumps.replaced("samples/image", images),
            dumps.replaced("pred/recon", rebuilt, layout="NHWC"),
        ],
    )


def figure(scene: SlotsScene, name: str) -> str:
    return next(one.value for one in scene.figures if one.name == name)


def test_coverage_mass_overlap_and_centroid_are_those_of_the_mask(halves: Path) -> None:
    tiles = scene_of(halves).slots
    assert [tile.share for tile in tiles] == [0.5, 0.25, 0.25, 0.0]
    assert "coverage: wins 25.0%, holds 31.2% of the mass" in tiles[2].details
    # Slots 1 and 2 share a quarter of 4 pixels: 1 of 3 + 5 - 1.
    assert "overlap: 0.14 with slot 1" in tiles[2].details
    assert "centroid: x 0.5, y 1.5 of 4 × 4" in tiles[0].details
    assert tiles[0].centroid == (0.25, 0.5)
    assert "recorded 0 to 0.75" in tiles[1].details
    assert tiles[3].centroid is None


def test_labels_tell_the_number_that_decided(halves: Path) -> None:
    tiles = scene_of(halves).slots
    assert [tile.kind for tile in tiles] == ["stripe", "stripe", "stripe", "dead"]
    assert tiles[0].details[0] == "stripe: overlap 1.00 with whole rows or columns (from 0.95)"
    assert tiles[3].details[0] == "dead: wins 0.0% of the pixels (below 0.1%)"


def test_scores_of_a_split_object_by_hand(halves: Path) -> None:
    scene = scene_of(halves)
    # The right object is split in two halves: its best slot overlaps by half.
    assert figure(scene, "mIoU") == figure(scene, "mBO") == "0.75"
    # Pairs: together 28 + 6 + 6, objects 2 * 28, segments 28 + 6 + 6, all 120.
    expected = (40 - 56 * 40 / 120) / ((56 + 40) / 2 - 56 * 40 / 120)
    assert scene.fg_ari == pytest.approx(expected)
    # The whole picture is objects.
    assert figure(scene, "ARI") == figure(scene, "FG-ARI") == f"{expected:.2f}"
    assert "2×2 blocks: " in "\n".join(scene.figures[0].details)


def test_active_and_effective_slots_by_hand(halves: Path) -> None:
    scene = scene_of(halves)
    assert figure(scene, "Active slots") == "3 of 4"
    assert figure(scene, "Effective slots") == f"{np.exp(0.5 * np.log(2) + 0.5 * np.log(4)):.2f}"
    strict = scene_of(halves, active_area=0.3)
    assert figure(strict, "Active slots") == "1 of 4"
    assert [tile.active for tile in strict.slots] == [True, False, False, False]
    assert next(one for one in strict.figures if one.name == "Active slots").details[0] == "active_slots@area0.3"


def test_cosines_raw_and_centred_by_hand(halves: Path) -> None:
    scene = scene_of(halves)
    # Two pairs point alike, four at right angles; less the mean (0.5, 0.5) those are opposite.
    assert scene.cosine_text.endswith(f"mean {2 / 6:.2f}")
    assert figure(scene, "Cosine, centred") == f"−{2 / 6:.2f}"


def test_the_reconstruction_stands_beside_the_image_with_its_error(halves: Path) -> None:
    scene = scene_of(halves)
    assert [side.key for side in scene.sides] == ["image", "reconstruction", "truth", "entropy"]
    # Half of the red values are off by one: 1 / 2 / 3.
    assert figure(scene, "Reconstruction") == "0.167"
    assert scene.sides[1].value == "0.17"
    over = scene_of(halves, style="image", over="reconstruction")
    assert over.composite[0, 0].tolist() == [255, 0, 0, 255]
    assert over.composite[-1, 0].tolist() == [0, 0, 0, 255]


def test_without_reconstructions_the_image_is_taken_and_that_is_said(tmp_path: Path) -> None:
    scene = scene_of(dumps.write(tmp_path / "d.h5"), over="reconstruction")
    assert scene.notes == ("This dump has no reconstructions; the masks lie on the image",)


def test_a_scale_brightens_tiles_and_leaves_the_winners(tmp_path: Path) -> None:
    masks = np.full((SAMPLES, 2, 4, 4), 0.02, np.float32)
    masks[:, 0, 0, 0] = 0.04
    masks[:, 1, 0, 0] = 0.01
    path = dumps.write(
        tmp_path / "d.h5",
        extra=[dumps.replaced("slots/masks", masks), dumps.replaced("samples/image", np.full((SAMPLES, 4, 4, 3), 200))],
    )
    recorded, slot, shared = (scene_of(path, scale=scale) for scale in ("recorded", "slot", "shared"))
    assert recorded.slots[0].picture[0, 0, 0] < slot.slots[0].picture[0, 0, 0] == 200
    assert slot.slots[1].picture[3, 3, 0] == 200
    assert shared.slots[1].picture[3, 3, 0] < 200
    assert [tile.share for tile in recorded.slots] == [tile.share for tile in slot.slots]
    argmax = [scene_of(path, scale=scale, style="argmax").composite for scale in ("recorded", "slot")]
    np.testing.assert_array_equal(*argmax)
    assert "recorded 0.01 to 0.04" in recorded.about


def test_heads_are_shown_together_or_one_by_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    heads = rng.dirichlet(np.ones(5), (SAMPLES, 1, 2, 256)).transpose(0, 1, 2, 4, 3).astype(np.float32)
    path = dumps.write(
        tmp_path / "d.h5", extra=[dumps.replaced("slots/attn", heads, layout="NIAKP", normalised_over="K")]
    )
    together = scene_of(path, source="encoder")
    assert (together.choice.head, together.heads) == (-1, 2)
    np.testing.assert_allclose(together.masks.reshape(5, -1), heads[0, 0].mean(axis=0), atol=1e-6)
    second = scene_of(path, source="encoder", head=1)
    np.testing.assert_array_equal(second.masks.reshape(5, -1), heads[0, 0, 1])
    assert second.choice.head == 1
    assert scene_of(path, source="encoder", head=7).choice.head == -1
    assert scene_of(path, head=1).heads == 1


def test_a_single_pixel_has_a_label_that_says_why_there_is_none(tmp_path: Path) -> None:
    masks = np.full((SAMPLES, 3, 1, 1), 1 / 3, np.float32)
    scene = scene_of(dumps.write(tmp_path / "d.h5", extra=[dumps.replaced("slots/masks", masks)]))
    assert [tile.kind for tile in scene.slots] == ["undefined"] * 3
    assert scene.slots[0].details[0] == "undefined: a single slot, or 1 pixels that count (4 needed)"
