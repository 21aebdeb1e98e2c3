"""Where a layer fires, worked out by hand on small maps."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import streaming
from inspector.artifacts.dumps.dump import opened
from inspector.core.pulse import QUIET
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.features import spatial as spatial_module
from inspector.display.features.measures import layers_of
from inspector.display.features.prepare import prepare
from inspector.display.features.scene import FeaturesAsk, FeaturesScene
from inspector.display.features.spatial import firing_share, spatial_maps, upsampled
from tests.display import dumps

LAYER = "encoder.conv2"


def spatial(path: Path, **more: object) -> FeaturesScene:
    ask = FeaturesAsk(path=str(path), place="d.h5", sample=0, layer=LAYER, page="spatial", **more)
    return prepare(ask, QUIET)


def test_a_share_counts_the_channels_that_are_finite_and_not_near_zero() -> None:
    maps = np.array(
        [
            [[0.0, 1.0, np.nan]],
            [[2.0, -1.0, np.nan]],
            [[0.0, 0.005, 3.0]],
            [[0.0, 0.0, np.inf]],
        ],
        np.float32,
    )
    assert firing_share(maps, 0.0).tolist() == [[0.25, 0.75, 1.0]]
    assert firing_share(maps, 0.01).tolist() == [[0.25, 0.5, 1.0]]
    assert np.isnan(firing_share(np.full((2, 1, 1), np.nan, np.float32), 0.0)).all()


def test_a_share_is_enlarged_about_pixel_centres() -> None:
    """Two cells of four pixels each have their centres at 2 and 6; between them the share rises evenly."""
    row = upsampled(np.array([[0.0, 1.0]]), 1, 8)[0]
    centres = np.arange(8) + 0.5
    assert row == pytest.approx(np.clip((centres - 2) / 4, 0, 1))
    # Nothing is moved: turned around, it is the same.
    assert upsampled(np.array([[1.0, 0.0]]), 1, 8)[0] == pytest.approx(row[::-1])


def test_padding_takes_nothing_from_its_neighbours() -> None:
    shares = np.array([[0.5, np.nan], [0.5, np.nan]])
    large = upsampled(shares, 4, 8)
    assert large[:, :4] == pytest.approx(np.full((4, 4), 0.5))
    assert np.isnan(large[:, 4:]).all()


def test_the_maps_of_a_sample_and_of_all_agree_with_numpy(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5")
    with dumps.oracle(path) as file:
        values = file[f"activations/{LAYER}"][()].astype(np.float64)
    own, mean = spatial(path).spatial
    assert own.shares == pytest.approx((values[0] > 0).mean(0))
    assert mean.shares == pytest.approx((values > 0).mean((0, 1)))
    assert (own.title, mean.title) == ("Sample 1", "Mean over 6 samples")
    greatest = max(own.shares.max(), mean.shares.max())
    scene = spatial(path)
    assert (scene.low, scene.high) == (0.0, pytest.approx(greatest))
    assert own.rgba.shape == (384, 384, 4)
    # 384 pixels over 16 cells: the middle of the first cell lies between pixels 11 and 12, half a cell from the edge.
    entry = round(mean.shares[0, 0] / greatest * 255)
    assert mean.rgba[0, 0].tolist() == COLOUR_MAPS["viridis"][entry].tolist()


def test_the_padding_of_a_sample_is_left_out_of_its_maps(tmp_path: Path) -> None:
    def pad(file: h5py.File) -> None:
        sizes = np.full((dumps.SAMPLES, 2), dumps.SIZE, np.int32)
        sizes[0] = (dumps.SIZE // 2, dumps.SIZE)
        dumps.dataset(file, "samples/valid_hw", sizes)

    path = dumps.write(tmp_path / "d.h5", extra=[pad])
    own, mean = spatial(path).spatial
    half = dumps.GRID // 2
    assert np.isfinite(own.shares[:half]).all()
    assert np.isnan(own.shares[half:]).all()
    with dumps.oracle(path) as file:
        fires = file[f"activations/{LAYER}"][()] > 0
    # Below the half, the first sample has no say.
    assert mean.shares[half:] == pytest.approx(fires[1:, :, half:].mean((0, 1)))
    channels = prepare(FeaturesAsk(path=str(path), place="d.h5", sample=0, layer=LAYER), QUIET)
    assert (channels.maps[:, half:, :, 3] == 0).all()
    assert (channels.maps[:, :half, :, 3] == 255).all()


def test_the_mean_is_of_what_was_read_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = dumps.write(tmp_path / "d.h5")
    dump = opened(path)
    layer = layers_of(dump)[LAYER]
    monkeypatch.setattr(streaming, "BATCH_BYTES", 1)
    monkeypatch.setattr(spatial_module, "LOOK_S", 0)
    looks = [spatial_maps(dump, layer, 0, 1e-6, "viridis", QUIET) for _ in range(dumps.SAMPLES)]
    assert [look.whole for look in looks] == [False] * 5 + [True]
    assert [look.maps[1].title for look in looks[::5]] == ["Mean over the first 1 of 6 samples", "Mean over 6 samples"]
    with dumps.oracle(path) as file:
        fires = file[f"activations/{LAYER}"][()] > 0
    for read, look in enumerate(looks, 1):
        assert look.maps[1].shares == pytest.approx(fires[:read].mean((0, 1)))


def test_a_layer_without_positions_says_so(tmp_path: Path) -> None:
    vectors = dumps.replaced(f"activations/{LAYER}", np.ones((6, 8), np.float32), layout="NC")
    scene = spatial(dumps.write(tmp_path / "d.h5", extra=[vectors]))
    assert (scene.spatial, scene.spatial_problem) == ((), "encoder.conv2 has no positions")


def test_tokens_stand_on_their_grid_without_the_class_token(tmp_path: Path) -> None:
    values = np.zeros((6, 1 + 16, 3), np.float32)
    values[:, 0] = 5.0
    values[:, 1 + 6, 1] = 2.0
    tokens = dumps.replaced(f"activations/{LAYER}", values, layout="NPC", grid_hw=[4, 4], special_tokens=1)
    own, _mean = spatial(dumps.write(tmp_path / "d.h5", extra=[tokens])).spatial
    expected = np.zeros((4, 4))
    expected[1, 2] = 1 / 3
    assert own.shares == pytest.approx(expected)


def test_how_often_channels_fire_is_a_row_for_each_layer(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5")
    scene = prepare(FeaturesAsk(path=str(path), place="d.h5", sample=0, page="firing"), QUIET)
    with dumps.oracle(path) as file:
        values = file[f"activations/{LAYER}"][()]
    rows = {row.layer: row for row in scene.firing}
    assert list(rows) == ["encoder.conv1", LAYER]
    # Every channel that is not dead fires on every sample, but for the one that fires on one of six.
    assert rows[LAYER].shares == pytest.approx((values.max((2, 3)) > 0).mean(0))
    assert rows[LAYER].shares[2] == pytest.approx(1 / 6)
    assert rows[LAYER].dead == dumps.DEAD
    assert scene.firing_means == "Share of samples for which a channel fires"
    assert rows[LAYER].cells[0].tolist() == COLOUR_MAPS["viridis"][255].tolist()
