"""Attention between tokens is drawn beside the slots, of the token at the chosen place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.token_maps import TokenGrid, token_grids, token_map_of
from inspector.core.errors import UnsupportedError
from inspector.core.pulse import QUIET
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.slots.gallery import OFFERS
from inspector.display.slots.prepare import prepare
from inspector.display.slots.scene import MaskChoice, SideTile, SlotsAsk, SlotsScene
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts
from inspector.session.values import ViewState
from tests.display import dumps, runs

SAMPLES, SIDE, HEADS, LAYERS = dumps.SAMPLES, 8, 2, 3
SAME = np.random.default_rng(0).dirichlet(np.ones(SIDE**2 + 1), (SAMPLES, LAYERS, HEADS, SIDE**2 + 1))
CROSS = np.random.default_rng(1).dirichlet(np.ones(SIDE**2), (SAMPLES, 16 * 16))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    extra = [
        dumps.replaced("vit/attn", SAME.astype(np.float32), layout="NLAQP"),
        dumps.replaced("decoder/cross_attn", CROSS.astype(np.float32), layout="NQP"),
    ]
    return dumps.write(tmp_path_factory.mktemp("tokens") / "d.h5", extra=extra)


def shown(path: Path, dataset: str, at: tuple[float, float] | None = None, **choice: object) -> SlotsScene:
    ask = SlotsAsk(
        path=str(path),
        place="",
        sample=2,
        token_dataset=dataset,
        token_at=at,
        choice=MaskChoice(**choice),
        upsampling="nearest",
    )
    return prepare(ask, QUIET)


def tile(scene: SlotsScene) -> SideTile:
    (found,) = (side for side in scene.sides if side.key == "token")
    return found


@pytest.mark.parametrize(("layer", "seen"), [(-1, 2), (0, 0), (1, 1), (7, 2)])
def test_a_map_is_the_mean_of_its_heads_without_special_tokens(path: Path, layer: int, seen: int) -> None:
    dump = opened(path)
    dataset = dump.dataset("vit/attn")
    assert dataset is not None
    assert token_grids(dump, dataset) == (TokenGrid(1, SIDE, SIDE), TokenGrid(1, SIDE, SIDE))
    for token in (0, 1, SIDE**2):
        expected = SAME[4, seen, :, token, 1:].mean(axis=0).reshape(SIDE, SIDE)
        np.testing.assert_allclose(token_map_of(dump, dataset, 4, token, layer=layer), expected, rtol=1e-6)


def test_a_place_and_its_token_belong_together() -> None:
    grid = TokenGrid(leading=1, rows=3, columns=4)
    for token in range(1, 13):
        place = grid.place_of(token)
        assert place is not None
        assert grid.token_at(*place) == token
    assert grid.place_of(0) is None
    assert (grid.token_at(-1.0, -1.0), grid.token_at(1.0, 1.0), grid.token_at(9.0, 0.0)) == (1, 12, 4)


def test_the_class_token_looks_until_a_place_is_chosen(path: Path) -> None:
    first = tile(shown(path, "vit/attn"))
    assert (first.value, first.mark) == ("class token", None)
    assert "mean of 2 heads\nlayer 3 of 3\nrecorded 0." in first.tip
    there = tile(shown(path, "vit/attn", (0.99, 0.3)))
    assert (there.value, there.mark) == ("x 7, y 2", (7.5 / 8, 2.5 / 8))
    assert not np.array_equal(first.picture, there.picture)


def test_tokens_of_another_grid_look_too_and_without_a_class_token_the_middle_one_does(path: Path) -> None:
    scene = shown(path, "decoder/cross_attn")
    assert tile(scene).value == "x 8, y 8"
    weights = CROSS[2, 8 * 16 + 8]
    row, column = divmod(int(weights.argmax()), SIDE)
    scale = tile(scene).picture.shape[0] // SIDE
    brightest = tile(scene).picture[row * scale + scale // 2, column * scale + scale // 2]
    np.testing.assert_array_equal(brightest[:3], COLOUR_MAPS["viridis"][-1][:3])


def test_it_stands_before_the_entropy_and_only_where_it_is_wanted(path: Path) -> None:
    scene = shown(path, "vit/attn")
    assert [side.key for side in scene.sides][-2:] == ["token", "entropy"]
    assert {one.name for one in scene.token_options} == {"vit/attn", "decoder/cross_attn"}
    assert scene.token_dataset == "vit/attn"
    for nothing in ("", "gone", "slots/attn"):
        other = shown(path, nothing)
        assert "token" not in {side.key for side in other.sides}
        assert other.token_dataset == ""


def test_an_array_without_tokens_is_refused_in_a_sentence(path: Path) -> None:
    empty = DatasetFacts(path="t", shape=(SAMPLES, 0, 9), dtype="float32", bytes=0, layout="NQP")
    with pytest.raises(UnsupportedError, match="attention between tokens in t"):
        token_grids(opened(path), empty)


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38, 0.0, -1.0])
def test_weights_that_mean_nothing_are_drawn_without_a_warning(tmp_path: Path, value: float) -> None:
    flawed = np.full((SAMPLES, HEADS, 65, 65), value, np.float32)
    path = dumps.write(tmp_path / "d.h5", extra=[dumps.replaced("vit/attn", flawed, layout="NAQP")])
    assert tile(shown(path, "vit/attn")).picture.shape[2] == 4


def test_samples_that_tokens_lack_are_told(tmp_path: Path) -> None:
    few = SAME[:2, -1].astype(np.float32)
    path = dumps.write(tmp_path / "d.h5", extra=[dumps.replaced("vit/attn", few, layout="NAQP")])
    scene = shown(path, "vit/attn")
    assert "token" not in {side.key for side in scene.sides}
    assert any("vit/attn" in note for note in scene.notes)


def test_without_any_masks_the_heads_of_a_token_stand_in_their_place(tmp_path: Path) -> None:
    tokens = dumps.replaced("vit/attn", SAME.astype(np.float32), layout="NLAQP")
    path = dumps.write(tmp_path / "d.h5", extra=[tokens], without=["slots/masks", "slots/attn", "gt/masks"])
    ask = SlotsAsk(path=str(path), place="", sample=3)
    scene = prepare(ask, QUIET)
    heads = SAME[3, -1, :, 0, 1:].reshape(HEADS, SIDE, SIDE)
    np.testing.assert_array_equal(scene.masks, heads.astype(np.float32))
    assert [one.name for one in scene.slots] == ["head 0", "head 1"]
    assert (scene.score_text, scene.figures, scene.heads, scene.layers) == ("attention of the class token", (), 1, 3)
    assert "entropy" not in {side.key for side in scene.sides}
    assert scene.notes == ()
    choice = MaskChoice(token_at=(0.99, 0.3), layer=0)
    there = prepare(SlotsAsk(path=str(path), place="", sample=3, choice=choice), QUIET)
    token = 1 + 2 * SIDE + 7
    np.testing.assert_array_equal(there.masks, SAME[3, 0, :, token, 1:].reshape(HEADS, SIDE, SIDE).astype(np.float32))
    assert there.score_text == "attention of the token at x 7, y 2"
    assert there.token_dataset == "vit/attn"
    assert there.token_options == ()


def test_a_gallery_of_heads_has_no_numbers_of_slots() -> None:
    run = runs.run_of(runs.entry("a.h5", runs.dump_facts(Role.IMAGE, Role.TOKEN_ATTENTION)))
    samples, _thumbs = OFFERS
    ask = samples.ask(run, runs.state(), ViewState())
    assert isinstance(ask, SamplesAsk)
    assert ask.masks == ""
