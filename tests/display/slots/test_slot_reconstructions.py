"""Tiles show what each slot draws by itself, where a dump holds it and it is wanted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.slots.history.prepare import prepare as history
from inspector.display.slots.history.scene import HistoryAsk
from inspector.display.slots.prepare import prepare
from inspector.display.slots.scene import SlotsAsk, SlotsScene
from tests.display import dumps

DRAWN = np.random.default_rng(5).integers(0, 256, (dumps.SAMPLES, dumps.SLOTS, 3, dumps.SIZE, dumps.SIZE), np.uint8)
SIGNED = np.moveaxis(DRAWN / 127.5 - 1, 2, -1).astype(np.float32)


def shown(path: Path, tiles: str = "reconstructions") -> SlotsScene:
    return prepare(SlotsAsk(path=str(path), place="", sample=1, tiles=tiles), QUIET)


@pytest.mark.parametrize(
    ("name", "values", "layout"),
    [
        pytest.param("pred/slot_recon", DRAWN, "NKCHW", id="bytes, channels first"),
        pytest.param("recons", (DRAWN / 255).astype(np.float32), "NKCHW", id="0..1"),
        pytest.param("recons", SIGNED, "NKHWC", id="-1..1, channels last"),
    ],
)
def test_tiles_are_the_pictures_that_slots_draw(tmp_path: Path, name: str, values: np.ndarray, layout: str) -> None:
    path = dumps.write(tmp_path / "d.h5", extra=[dumps.replaced(name, values, layout=layout)])
    scene = shown(path)
    assert (scene.tiles, scene.tile_kinds) == ("reconstructions", ("masks", "reconstructions"))
    for slot, tile in enumerate(scene.slots):
        np.testing.assert_array_equal(tile.picture[..., :3], np.moveaxis(DRAWN[1, slot], 0, -1))
    one = history(HistoryAsk(path=str(path), sample=1, slot=3, tiles="reconstructions"), QUIET)
    for sample, tile in enumerate(one.samples):
        np.testing.assert_array_equal(tile.picture[..., :3], np.moveaxis(DRAWN[sample, 3], 0, -1))


def test_tiles_show_the_masks_unless_otherwise_wanted(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5", extra=[dumps.replaced("pred/slot_recon", DRAWN, layout="NKCHW")])
    plain = dumps.write(tmp_path / "plain.h5")
    for ours, theirs in zip(shown(path, "masks").slots, shown(plain, "masks").slots, strict=True):
        np.testing.assert_array_equal(ours.picture, theirs.picture)


@pytest.mark.parametrize("slots", [0, dumps.SLOTS - 1])
def test_pictures_that_do_not_fit_the_masks_are_told_and_not_drawn(tmp_path: Path, slots: int) -> None:
    extra = [dumps.replaced("pred/slot_recon", DRAWN[:, :slots], layout="NKCHW")] if slots else []
    scene = shown(dumps.write(tmp_path / "d.h5", extra=extra))
    assert scene.tiles == "masks"
    assert any("the tiles show the masks" in note for note in scene.notes)
