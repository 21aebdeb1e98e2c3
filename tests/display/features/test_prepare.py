"""The numbers of a Features scene agree with numpy on the activations as h5py reads them."""

from __future__ import annotations

import math
import re
from pathlib import Path
from statistics import NormalDist
from typing import get_args

import h5py
import msgspec
import numpy as np
import pytest

from inspector.analysis.unit_kinds import UnitKind
from inspector.analysis.unit_limits import UnitLimits
from inspector.core.errors import FileError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.features.maps import colour_range, within_limits
from inspector.display.features.prepare import prepare
from inspector.display.features.scene import ChannelState, FeaturesAsk, FeaturesScene
from inspector.formats.messages import decode, encode
from tests.display import dumps
from tests.display.features import followed

LAYER = "encoder.conv2"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dumps.write(tmp_path_factory.mktemp("features") / "d.h5")


@pytest.fixture(scope="module")
def values(path: Path) -> np.ndarray:
    with dumps.oracle(path) as file:
        return file[f"activations/{LAYER}"][()].astype(np.float64)


def ask(path: Path, **changes: object) -> FeaturesAsk:
    return msgspec.structs.replace(FeaturesAsk(path=str(path), place="d.h5", sample=0, layer=LAYER), **changes)


def test_sparsity_is_the_share_of_zeros_over_all_samples(path: Path, values: np.ndarray) -> None:
    scene = prepare(ask(path, order="index"), QUIET)
    expected = (values == 0).mean((0, 2, 3))
    assert [tile.sparsity for tile in scene.channels] == pytest.approx(expected)
    assert next(bar for bar in scene.layers if bar.name == LAYER).sparsity == pytest.approx((values == 0).mean())


def test_the_whole_network_weighs_layers_by_their_values(path: Path, values: np.ndarray) -> None:
    with dumps.oracle(path) as file:
        first = file["activations/encoder.conv1"][()]
    zeros, count = (values == 0).sum() + (first == 0).sum(), values.size + first.size
    scene = prepare(ask(path), QUIET)
    assert scene.sparsity_text == f"{zeros / count * 100:.1f}%"
    assert scene.whole_lines == (
        "of 21.5 k activations are zero",
        "2 of 14 channels never fire",
        "ReLU alone gives 50.0%",
    )


def test_dead_and_nearly_dead_are_told_apart(path: Path) -> None:
    scene = prepare(ask(path, order="index"), QUIET)
    states = {tile.channel: tile.state for tile in scene.channels}
    assert {channel for channel, state in states.items() if state == "dead"} == set(dumps.DEAD)
    assert {channel for channel, state in states.items() if state == "nearly dead"} == set(dumps.SPARSE)
    shown = [scene.channels[channel].text for channel in (*dumps.DEAD, *dumps.SPARSE)]
    assert shown == ["dead", "dead", "nearly dead"]
    assert scene.counts_text == "2 dead · 1 nearly dead · 5 healthy"


def planted(file: h5py.File) -> None:
    """Channels of every kind in place of a layer: 24 samples of 4 × 4, so 384 values a channel."""
    rng = np.random.default_rng(3)
    values = np.maximum(rng.normal(0, 1, (24, 8, 4, 4)), 0)
    values[:, 0] = 0
    values[:, 1] = 0
    values[5, 1, 2, 2] = 2.0
    values[:, 2] = np.minimum(np.linspace(0.5, 2.5, 384), 1.0).reshape(24, 4, 4)
    values[:, 3] *= 0.01
    values[:, 5] = values[:, 4]
    values[:, 6] = np.where(np.arange(16).reshape(4, 4) < 3, np.abs(rng.normal(0, 1, (24, 4, 4))) + 0.1, 0)
    dumps.replaced(f"activations/{LAYER}", values.astype(np.float32))(file)
    dumps.replaced("samples/image", np.zeros((24, 32, 32, 3), np.uint8))(file)


def test_every_kind_says_the_number_that_decided_and_its_threshold(tmp_path: Path) -> None:
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", extra=[planted]), order="index"), QUIET)
    kinds = [tile.state for tile in scene.channels]
    assert kinds == ["dead", "nearly dead", "saturated", "dormant", "duplicate", "duplicate", "sparse", "healthy"]
    said = [tile.detail.split("\n", 1)[0].split(": ", 1)[1] for tile in scene.channels]
    # 3/24 by the rule of three; 1 of 24 samples; 13 of 16 places are zero, and a ReLU leaves half.
    assert said[0] == "dead: |a| is 0 at most (zero: 1e-6) on 24 samples, so it fires on under 12.5% at 95%"
    assert said[1] == "nearly dead: fires on 4.2% of samples (5.0% at most)"
    assert said[2].startswith("saturated: 75.")
    assert said[3].startswith("dormant: its mean |a| is 0.0")
    assert said[4:6] == [
        "duplicate of channel 5: they correlate by 1 (0.99 or more)",
        "duplicate of channel 4: they correlate by 1 (0.99 or more)",
    ]
    assert said[6] == "sparse but alive: 31.2% more zeros than ReLU leaves by itself (over 10.0%)"
    assert [tile.text for tile in scene.channels][4:7] == ["like 5", "like 4", "81%"]


def test_the_kinds_are_those_of_the_analysis_and_their_thresholds_are_stated(path: Path) -> None:
    assert get_args(ChannelState) == get_args(UnitKind)
    said = prepare(ask(path, zero_means=1e-3, limits=UnitLimits(dormant=0.1)), QUIET).thresholds.splitlines()
    assert said[0] == "Dead: |a| never above 0.001 on any sample"
    assert "Dormant: mean |a| at most 0.1 of the layer's" in said


def test_every_limit_moves_its_kind_and_is_said(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5", extra=[planted])

    def seen(**limits: float) -> FeaturesScene:
        return prepare(ask(path, order="index", limits=UnitLimits(**limits)), QUIET)

    def state(channel: int, **limits: float) -> str:
        return seen(**limits).channels[channel].state

    # It fires on one sample of 24, and on 24 samples it is the samples that tell.
    assert state(1, nearly_dead_samples=0.04) != "nearly dead"
    assert state(1, nearly_dead_values=0.5) == "nearly dead"
    assert [state(2, saturated=share) for share in (0.7, 0.8)] == ["saturated", "healthy"]
    assert [state(4, duplicate=least) for least in (0.999, 1.01)] == ["duplicate", "healthy"]
    # 13 of 16 places are zero, 0.3125 above a half.
    assert [state(6, over_baseline=share) for share in (0.31, 0.32)] == ["sparse", "healthy"]
    said = seen(nearly_dead_samples=0.02, saturated=0.4, duplicate=0.95, over_baseline=0.2).limits
    assert said == (
        "nearly dead ≤ 2% of samples · saturated ≥ 40% at a bound · dormant τ ≤ 0.025"
        " · duplicate r ≥ 0.95 · sparse > baseline + 20%"
    )


def test_a_channel_is_dormant_by_the_share_that_is_asked_for(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5", extra=[planted])

    def state(tau: float) -> str:
        return prepare(ask(path, order="index", limits=UnitLimits(dormant=tau)), QUIET).channels[3].state

    # Its mean is a hundredth of a channel's, and two of the eight are all but silent: some 0.014 of the layer's.
    assert [state(tau) for tau in (0.0, 0.01, 0.025)] == ["healthy", "healthy", "dormant"]


def test_what_another_activation_would_leave_stands_beside_the_sparsity(path: Path, values: np.ndarray) -> None:
    scene = prepare(ask(path, zero_means=1e-2), QUIET)
    zeros = float((np.abs(values) < 1e-2).mean())
    # Normal inputs that a ReLU leaves near zero so often, put through GELU by hand.
    shift = 1e-2 - NormalDist().inv_cdf(zeros)
    inputs = np.random.default_rng(0).normal(shift, 1, 400_000)
    gelu = inputs * 0.5 * (1 + np.vectorize(math.erf)(inputs / math.sqrt(2)))
    found = float(re.search(r"([\d.]+)% under GELU", scene.elsewhere)[1]) / 100
    assert found == pytest.approx((np.abs(gelu) < 1e-2).mean(), abs=2e-3)


def test_a_channel_that_fires_once_below_the_threshold_is_dead_at_that_threshold(tmp_path: Path) -> None:
    def whisper(file: h5py.File) -> None:
        file[f"activations/{LAYER}"][3, 1, 2, 2] = 5e-4

    path = dumps.write(tmp_path / "d.h5", extra=[whisper])
    assert prepare(ask(path, order="index", zero_means=1e-6), QUIET).channels[1].state == "nearly dead"
    assert prepare(ask(path, order="index", zero_means=1e-3), QUIET).channels[1].state == "dead"


def test_a_layer_is_compared_with_its_own_normalisation(tmp_path: Path) -> None:
    """Inputs that a batch normalisation scales and shifts, put through a ReLU by hand."""
    scale, shift = np.linspace(0.8, 2.0, 8), np.linspace(-1.0, 1.0, 8)
    inputs = np.random.default_rng(2).normal(0, 1, (40, 8, 16, 16)) * scale[:, None, None] + shift[:, None, None]
    values = np.maximum(inputs, 0).astype(np.float32)
    painters = [dumps.replaced(f"activations/{LAYER}", values), dumps.replaced("samples/image", values[:, :3])]
    path = dumps.write(tmp_path / "d.h5", extra=painters)
    tensors = {"encoder.conv2.weight": np.ones((8, 4, 3, 3)), "encoder.bn2.weight": scale, "encoder.bn2.bias": shift}
    tensors |= {"encoder.bn2.running_mean": shift, "encoder.bn2.running_var": scale}
    weights = followed.write_checkpoint(tmp_path / "w.safetensors", tensors)
    scene = prepare(ask(path, order="index", zero_means=0.0, checkpoint=str(weights), checkpoint_place="step 9"), QUIET)
    expected = [NormalDist(m, s).cdf(0) for m, s in zip(shift, scale, strict=True)]
    assert [tile.baseline for tile in scene.channels] == pytest.approx(expected)
    assert "its BatchNorm" in scene.channels[0].detail
    assert scene.layers[1].baseline == pytest.approx(np.mean(expected))
    assert (values == 0).mean((0, 2, 3)) == pytest.approx(expected, abs=0.02)
    alone = prepare(ask(path, order="index", zero_means=0.0), QUIET)
    # What looks sparse beside a bare ReLU is as its normalisation has it.
    assert [tile.state for tile in alone.channels][:2] == ["sparse", "sparse"]
    assert {tile.state for tile in scene.channels} == {"healthy"}
    share = f"{np.mean(expected) * 100:.1f}%"
    assert scene.baseline_text == "ReLU alone 50.0%"
    assert scene.limits.startswith(f"Ticks: behind its BatchNorm, {share} · nearly dead ≤ 5% of samples")
    assert f"ReLU behind the layer's BatchNorm at step 9 gives {share}" in scene.layers[1].detail
    assert scene.layers[0].baseline == alone.layers[0].baseline
    gone = prepare(ask(path, checkpoint=str(tmp_path / "gone.pt")), QUIET)
    assert gone.baseline == pytest.approx(0.5, abs=1e-6)
    assert [note.split(":")[0] for note in gone.notes] == ["No layer is compared with its own normalisation"]


def test_the_threshold_changes_what_counts(path: Path, values: np.ndarray) -> None:
    scene = prepare(ask(path, order="index", zero_means=5e-2), QUIET)
    assert [tile.sparsity for tile in scene.channels] == pytest.approx((np.abs(values) < 5e-2).mean((0, 2, 3)))
    # Half of a standard normal is below 0, and 0.01994 lies between 0 and 0.05.
    assert scene.baseline == pytest.approx(0.51994, abs=1e-5)


def test_a_threshold_that_was_not_counted_is_replaced_by_the_nearest_and_said(path: Path) -> None:
    scene = prepare(ask(path, zero_means=2e-2), QUIET)
    assert scene.zero_means == 1e-2
    assert scene.notes == ("The dump counted no zeros below 0.02; those below 0.01 are shown",)


def test_never_fired_says_on_how_many_samples_and_what_that_bounds(path: Path) -> None:
    assert prepare(ask(path), QUIET).evidence == "Dead: never fired on 6 samples (under 50.0% of samples, at 95%)"


@pytest.mark.parametrize("order", ["sparsity", "variance"])
def test_channels_come_most_striking_first(path: Path, values: np.ndarray, order: str) -> None:
    shown = [tile.channel for tile in prepare(ask(path, order=order), QUIET).channels]
    key = (values == 0).mean((0, 2, 3)) if order == "sparsity" else values.var((0, 2, 3))
    assert shown == sorted(range(8), key=lambda channel: -key[channel])


def test_without_a_choice_the_layer_with_most_dead_channels_is_shown(path: Path) -> None:
    assert prepare(ask(path, layer=""), QUIET).layer == LAYER
    assert prepare(ask(path, layer="gone"), QUIET).layer == LAYER
    assert prepare(ask(path, layer="encoder.conv1"), QUIET).layer == "encoder.conv1"


def test_one_scale_colours_every_channel_of_the_sample(path: Path, values: np.ndarray) -> None:
    scene = prepare(ask(path), QUIET)
    assert scene.maps.shape == (8, 16, 16, 4)
    assert scene.maps[1, 0, 0].tolist() == COLOUR_MAPS["viridis"][0].tolist()
    assert scene.low == 0
    assert scene.high == pytest.approx(np.percentile(values[0][values[0] > 0], 99), rel=1e-6)
    entry = round(min(values[0, 3, 5, 5] / scene.high, 1) * 255)
    assert scene.maps[3, 5, 5].tolist() == COLOUR_MAPS["viridis"][entry].tolist()
    assert prepare(ask(path, colour_map="grey"), QUIET).maps[1, 0, 0].tolist() == [0, 0, 0, 255]


def test_colouring_in_parts_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = prepare(ask(path), QUIET).maps
    monkeypatch.setattr("inspector.display.features.maps.BATCH_PIXELS", 3 * 256)
    assert np.array_equal(prepare(ask(path), QUIET).maps, whole)


def test_statistics_that_the_dump_recorded_go_before_its_few_samples(tmp_path: Path) -> None:
    counted = np.full(8, 64 * 16 * 16, np.float64)
    recorded = {
        "count": counted,
        "mean": counted * 0 + 0.4,
        "m2": counted * 0.2,
        "min": counted * 0,
        "max": counted * 0 + 3,
    }
    painters = [dumps.replaced(f"stats/{LAYER}/{name}", values) for name, values in recorded.items()]
    painters.append(dumps.replaced(f"stats/{LAYER}/absmax", recorded["max"]))
    near = np.tile(counted * 0.3, (2, 1)).astype(np.int64)
    painters.append(dumps.replaced(f"stats/{LAYER}/n_lt_eps", near, eps=[0.0, 1e-6]))
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", extra=painters)), QUIET)
    assert scene.evidence == "Dead: never fired on 64 samples (under 4.7% of samples, at 95%)"
    assert [tile.text for tile in scene.channels] == ["30%"] * 8


def test_an_activation_that_is_not_named_has_no_baseline(tmp_path: Path) -> None:
    def forget(file: h5py.File) -> None:
        del file[f"activations/{LAYER}"].attrs["activation"]

    scene = prepare(ask(dumps.write(tmp_path / "d.h5", extra=[forget])), QUIET)
    assert np.isnan(scene.baseline)
    assert scene.counts_text == "2 dead · 1 nearly dead · 5 healthy · the file names no activation to compare with"


def test_a_layer_that_is_not_finite_is_said(tmp_path: Path) -> None:
    def spoil(file: h5py.File) -> None:
        file[f"activations/{LAYER}"][0, 3, 0, 0] = np.nan
        file[f"activations/{LAYER}"][0, 1, 0, 0] = np.inf

    scene = prepare(ask(dumps.write(tmp_path / "d.h5", extra=[spoil]), order="index"), QUIET)
    assert [scene.channels[channel].state for channel in (1, 3, 4)] == ["unknown", "unknown", "dead"]
    assert scene.maps[3, 0, 0, 3] == 0
    assert scene.counts_text.endswith("2 not finite")


def test_a_single_spike_survives_the_reduction_and_does_not_set_the_scale() -> None:
    maps = np.zeros((3, 400, 300), np.float32)
    maps[0, 399, 0], maps[1] = 50, np.linspace(0.1, 1, 300)
    small = within_limits(maps)
    assert max(small.shape[1:]) <= 96
    assert small[0].max() == 50
    assert colour_range(maps, 1e-6)[1] < 1.01


def test_vectors_become_single_pixels(tmp_path: Path) -> None:
    vectors = dumps.replaced(f"activations/{LAYER}", np.ones((6, 8), np.float32), layout="NC")
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", extra=[vectors])), QUIET)
    assert scene.maps.shape == (8, 1, 1, 4)


def test_a_scene_travels_whole(path: Path) -> None:
    scene = prepare(ask(path), QUIET)
    body, arrays = encode(scene)
    received = decode(body, FeaturesScene, arrays)
    assert received.channels == scene.channels
    assert np.array_equal(received.maps, scene.maps)


def test_a_dump_without_activations_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5", without=["activations"])
    with pytest.raises(FileError, match=r"d\.h5: expected activations in this dump, found none"):
        prepare(ask(path), QUIET)


def test_a_cancel_stops_the_work(path: Path) -> None:
    with pytest.raises(WorkCancelled):
        prepare(ask(path), Pulse(cancelled=lambda: True))
