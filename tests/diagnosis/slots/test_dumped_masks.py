"""What masks of a dump tell by themselves: one that takes all, fixed pieces, few in use, no better than blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.diagnosis.slots import active_slots, masks_below_baseline, one_slot, striped_masks
from inspector.diagnosis.values import Finding, Severity, SlotEvidence, Sureness
from tests.diagnosis.folders import diagnosed, open_question, write_dump

SCENES, SIDE = 24, 16
LATE, EARLY = 5000, 500

KINDS = {kind.ABOUT.id for kind in (active_slots, masks_below_baseline, one_slot, striped_masks)}


def scenes(side: int = 5) -> np.ndarray:
    """True labels: two squares of 5 × 5 that do not touch, at drawn places; 50 of 256 pixels are objects."""
    draw = np.random.default_rng(0)
    labels = np.zeros((SCENES, SIDE, SIDE), np.uint8)
    for scene in labels:
        top, left = draw.integers(0, SIDE - side, 2), draw.integers(0, SIDE // 2 - side, 2)
        scene[top[0] : top[0] + side, left[0] : left[0] + side] = 1
        scene[top[1] : top[1] + side, SIDE // 2 + left[1] : SIDE // 2 + left[1] + side] = 2
    return labels


def masks_of(winners: np.ndarray, slots: int = 4) -> np.ndarray:
    """(scenes, slots, height, width), 0.91 for the winner and 0.03 for the others."""
    won = np.moveaxis(np.eye(slots)[winners], -1, 1)
    return (0.88 * won + 0.03).astype(np.float32)


def quarters() -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE] * 2 // SIDE
    return np.broadcast_to(rows * 2 + columns, (SCENES, SIDE, SIDE))


def write(folder: Path, winners: np.ndarray, truth: np.ndarray | None, step: int = LATE, **more: Any) -> Path:
    path = folder / f"step_{step:07d}.h5"
    kept = {"slots/masks": masks_of(winners), **more} | ({} if truth is None else {"gt/masks": truth})
    layouts = {"slots__masks": {"layout": "NKHW", "kind": "decoder_mask"}, "gt__masks": {"layout": "NHW"}}
    write_dump(path, step, kept, **layouts)
    return path


def found_in(folder: Path) -> dict[str, Finding]:
    return {one.id: one for one in diagnosed(folder).findings if one.id in KINDS}


def test_masks_that_follow_objects_get_nothing(tmp_path: Path) -> None:
    write(tmp_path, scenes(), scenes())
    assert found_in(tmp_path) == {}


def test_one_slot_that_takes_all_is_an_error_with_the_image_and_tells_what_follows(tmp_path: Path) -> None:
    """Slot 3 wins everything; objects are 50 of 256 pixels, so the ground is 80.5%."""
    path = write(tmp_path, np.full((SCENES, SIDE, SIDE), 2), scenes())
    (found,) = found_in(tmp_path).values()
    assert (found.id, found.severity, found.sureness) == (one_slot.ABOUT.id, Severity.ERROR, Sureness.CERTAIN)
    assert found.summary == ("One slot wins more than 95.0% of the content on 100.0% of 24 images of step_0005000.h5")
    assert found.baseline == "The ground covers 80.5% of the pixels"
    assert found.evidence[0] == SlotEvidence(
        dump=str(path), sample=0, slots=(2,), text="Slot 2 of sample 1 in step_0005000.h5, which wins 100.0%"
    )
    told = "; ".join(found.consequences)
    assert "1 slots are in use on an image, over 24 of step_0005000.h5, where 3 objects and the ground" in told
    assert "FG-ARI of the masks is 0" in told


def test_without_true_masks_it_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, np.zeros((SCENES, SIDE, SIDE), int), None)
    found = found_in(tmp_path)[one_slot.ABOUT.id]
    assert found.severity is Severity.WARNING
    assert found.sureness is Sureness.POSSIBLE


def test_where_hardly_anything_is_but_ground_one_slot_may_take_it(tmp_path: Path) -> None:
    """Two squares of 2 × 2 are 8 of 256 pixels: 96.9% is ground."""
    truth = scenes(2)
    write(tmp_path, np.zeros((SCENES, SIDE, SIDE), int), truth)
    assert one_slot.ABOUT.id not in found_in(tmp_path)


def test_on_nine_images_of_ten_is_not_yet_on_nearly_all(tmp_path: Path) -> None:
    winners = np.zeros((SCENES, SIDE, SIDE), int)
    winners[::8, :8] = 1
    write(tmp_path, winners, scenes())
    assert one_slot.ABOUT.id not in found_in(tmp_path)


@pytest.mark.parametrize("kind", [one_slot, masks_below_baseline, active_slots])
def test_before_slots_must_have_parted_nothing_is_said(tmp_path: Path, kind: Any) -> None:
    write(tmp_path, np.zeros((SCENES, SIDE, SIDE), int), scenes(), EARLY)
    assert (
        "slots need not have parted by step 500; they have until step 1,000"
        in open_question(tmp_path, kind.ABOUT.id).because
    )


def test_quarters_on_every_image_are_told_beside_their_score(tmp_path: Path) -> None:
    """The masks are the 2 × 2 blocks themselves, so that both scores are one."""
    write(tmp_path, quarters(), scenes())
    found = found_in(tmp_path)
    assert list(found) == [striped_masks.ABOUT.id]
    striped = found[striped_masks.ABOUT.id]
    assert striped.severity is Severity.WARNING
    assert striped.summary.startswith("Where a pixel lies tells 100.0% of which slot wins it, over 24 images")
    (follows,) = striped.consequences
    assert follows.startswith(masks_below_baseline.ABOUT.title)


def test_of_few_images_the_agreement_of_two_tells_places_from_objects(tmp_path: Path) -> None:
    few, follow, fewer = (tmp_path / name for name in ("few", "follow", "fewer"))
    write(few, quarters()[:4], scenes()[:4])
    striped = found_in(few)[striped_masks.ABOUT.id]
    assert striped.sureness is Sureness.POSSIBLE
    assert striped.summary == (
        "The same slots win the same places: 100.0% beyond chance, over 4 images of step_0005000.h5"
    )
    write(follow, scenes()[:4].astype(int), scenes()[:4])
    assert striped_masks.ABOUT.id not in found_in(follow)
    write(fewer, quarters()[:3], scenes()[:3])
    because = open_question(fewer, striped_masks.ABOUT.id).because
    assert because == "step_0005000.h5 has 3 images; 4 are needed to tell places from objects"


def test_masks_that_mix_objects_are_no_better_than_blocks(tmp_path: Path) -> None:
    """Each pixel is won by a drawn slot: neither places nor objects, and an FG-ARI near 0."""
    write(tmp_path, np.random.default_rng(1).integers(0, 4, (SCENES, SIDE, SIDE)), scenes())
    found = found_in(tmp_path)
    assert list(found) == [masks_below_baseline.ABOUT.id]
    assert "over 24 scenes of step_0005000.h5" in found[masks_below_baseline.ABOUT.id].summary


def test_colours_stand_beside_the_blocks_where_there_are_pictures(tmp_path: Path) -> None:
    """Objects are red and green: clusters of colours find them exactly, 1."""
    truth = scenes()
    colours = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0]], np.uint8)
    write(tmp_path, np.random.default_rng(1).integers(0, 4, truth.shape), truth, **{"samples/image": colours[truth]})
    assert "clusters of colours 1 on the same scenes" in found_in(tmp_path)[masks_below_baseline.ABOUT.id].baseline


def test_without_true_masks_there_is_no_score(tmp_path: Path) -> None:
    write(tmp_path, quarters(), None)
    because = open_question(tmp_path, masks_below_baseline.ABOUT.id).because
    assert because == "step_0005000.h5 has 0 scenes with true masks of two objects; 8 are needed"


def test_two_slots_for_two_objects_and_the_ground_are_few(tmp_path: Path) -> None:
    """Both objects in one slot: 2 in use, where 3 are needed and three quarters of 3 are 2.25."""
    write(tmp_path, np.minimum(scenes(), 1), scenes())
    found = found_in(tmp_path)[active_slots.ABOUT.id]
    assert found.severity is Severity.ERROR
    assert found.summary.startswith("2 slots are in use on an image")
    evidence = found.evidence[0]
    assert isinstance(evidence, SlotEvidence)
    assert evidence.slots == (0, 1)
