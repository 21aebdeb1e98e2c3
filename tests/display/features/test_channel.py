"""One channel looked at closely: its samples, and what a checkpoint says of it, against the arrays as written."""

from __future__ import annotations

from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest

from inspector.analysis.sparsity import EPSILONS, channel_statistics
from inspector.analysis.statistics_columns import columns_of_statistics
from inspector.artifacts.dumps import streaming
from inspector.core.errors import FileError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.features.channel import judge, samples
from inspector.display.features.channel.prepare import prepare
from inspector.display.features.channel.scene import ChannelAsk, ChannelScene
from inspector.display.features.channel.weights import weights_picture
from inspector.display.features.tensors import LayerTensors, tensors_of
from inspector.formats.facts import CheckpointFacts, TensorFacts
from inspector.formats.messages import decode, encode
from inspector.runs.values import FileEntry
from inspector.session.values import ViewState
from tests.display import dumps, runs
from tests.display.features import followed

LAYER = "encoder.conv2"
RNG = np.random.default_rng(5)
CONV = RNG.normal(0, 1, (followed.CHANNELS, 3, 3, 3))
CONV[1] *= 1e-6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = followed.write_run(tmp_path_factory.mktemp("run"))
    norm = np.ones(followed.CHANNELS)
    shift = np.array([0.0, 0.0, -3.0, 0.0, 0.0, 0.0])
    followed.write_checkpoint(
        made / "step_0000290.safetensors",
        {
            "model.encoder.0.weight": CONV,
            "model.encoder.0.bias": np.arange(followed.CHANNELS) / 10,
            "model.encoder.1.weight": norm,
            "model.encoder.1.bias": shift,
            "model.encoder.1.running_mean": shift * 2,
            "model.encoder.1.running_var": norm * 4,
            "model.head.weight": np.ones((2, followed.CHANNELS)),
        },
    )
    return made


def ask(folder: Path, channel: int, **more: object) -> ChannelAsk:
    made = ChannelAsk(
        path=str(folder / "step_0000200.h5"),
        layer="encoder.2",
        channel=channel,
        checkpoint=str(folder / "step_0000290.safetensors"),
        checkpoint_place="step 290",
    )
    return msgspec.structs.replace(made, **more)


def test_the_samples_that_excite_it_most_come_first(folder: Path) -> None:
    scene = prepare(ask(folder, 3), QUIET)
    # Sample n of channel 3 has the value n + 4 where it fires.
    assert [(tile.sample, tile.text) for tile in scene.strongest] == [(3, "7"), (2, "6"), (1, "5"), (0, "4")]
    assert [tile.sample for tile in scene.in_order] == [0, 1, 2, 3]
    assert scene.samples_said == "4 samples"
    picture = scene.pictures[scene.strongest[0].picture].astype(int)
    # The upper half fires; of the lower one only the dimmed image is left.
    assert picture[6, :, :3].tolist() == [[round(200 * 0.55)] * 3] * 8
    assert (picture[1] != picture[6]).any()


def test_what_excites_it_is_looked_for_a_while_and_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rising(file: h5py.File) -> None:
        dumps.replaced(f"activations/{LAYER}", np.arange(6.0, dtype=np.float32)[:, None].repeat(8, 1), layout="NC")(
            file
        )
        # What was recorded over many samples is known without reading any.
        columns = columns_of_statistics(channel_statistics(np.ones((50, 8), np.float32)))
        for name, column in columns.items():
            file[f"stats/{LAYER}/{name}"] = column
        file[f"stats/{LAYER}/n_lt_eps"].attrs["eps"] = EPSILONS

    path = dumps.write(tmp_path / "d.h5", extra=[rising])
    monkeypatch.setattr(streaming, "BATCH_BYTES", 1)
    monkeypatch.setattr(samples, "LOOK_S", 0)
    asked = ChannelAsk(path=str(path), layer=LAYER, channel=3)
    looks = [prepare(asked, QUIET) for _ in range(6)]
    assert [look.whole for look in looks] == [False] * 5 + [True]
    assert [tile.sample for tile in looks[1].strongest] == [1, 0]
    assert looks[1].samples_said == "the first 2 of 6 samples"
    assert [tile.sample for tile in looks[5].strongest] == [5, 4, 3, 2, 1, 0]
    assert [tile.sample for tile in looks[0].in_order] == [0, 1, 2, 3, 4, 5]


def test_a_dead_channel_says_so_and_on_how_many_samples(folder: Path) -> None:
    scene = prepare(ask(folder, 2), QUIET)
    assert scene.kind_said.startswith("dead: |a| is 0 at most (zero: 1e-6) on 4 samples, so it fires on under 75.0%")
    assert scene.samples_said == "4 samples, it fires on none"


def test_weights_and_normalisation_are_those_before_the_activation(folder: Path) -> None:
    scene = prepare(ask(folder, 2), QUIET)
    lines = dict(scene.lines)
    length = np.sqrt((CONV[2].astype(np.float32).astype(np.float64) ** 2).sum())
    assert lines["weights"] == f"27, length {length:.4g}"
    assert (lines["BatchNorm scale"], lines["BatchNorm shift"]) == ("1", "−3")
    assert (lines["running mean"], lines["running variance"], lines["bias"]) == ("−6", "4", "0.2")
    assert scene.weights_said == "model.encoder.0.weight · step 290"
    # Phi(3) = 0.99865 of what comes out of the normalisation lies below zero.
    assert scene.hints == ("The normalisation leaves 99.9% of its inputs below zero (hint from 95%)",)


def test_weights_that_are_next_to_nothing_are_a_hint_for_a_dead_channel_alone(folder: Path) -> None:
    assert "as long as the layer's median" in " ".join(prepare(ask(folder, 1), QUIET).hints)
    assert prepare(ask(folder, 0), QUIET).hints == ()


def test_without_a_checkpoint_the_rest_is_shown(folder: Path, tmp_path: Path) -> None:
    assert (
        prepare(ask(folder, 0, checkpoint=""), QUIET).weights_said == "The run has no checkpoint to read weights from"
    )
    gone = prepare(ask(folder, 0, checkpoint=str(tmp_path / "gone.pt")), QUIET)
    assert "gone.pt" in gone.weights_said
    assert len(gone.strongest) == 4
    other = followed.write_checkpoint(tmp_path / "other.safetensors", {"decoder.weight": np.ones((6, 2))})
    assert prepare(ask(folder, 0, checkpoint=str(other)), QUIET).weights_said == (
        "No module of the checkpoint of step 290 is called encoder.2"
    )


@pytest.mark.parametrize(("layer", "channel"), [("gone", 0), ("encoder.2", 99)])
def test_a_channel_that_is_not_there_is_a_sentence(folder: Path, layer: str, channel: int) -> None:
    with pytest.raises(FileError, match=r"step_0000200\.h5: expected .* found"):
        prepare(ask(folder, channel, layer=layer), QUIET)


def test_vectors_and_values_that_are_not_finite_are_shown(tmp_path: Path) -> None:
    values = np.ones((6, 8), np.float32)
    values[0, 3], values[1, 3] = np.nan, np.inf
    vectors = dumps.replaced("activations/encoder.conv2", values, layout="NC")
    path = dumps.write(tmp_path / "d.h5", extra=[vectors])
    scene = prepare(ChannelAsk(path=str(path), layer="encoder.conv2", channel=3), QUIET)
    assert scene.kind_said == "2 values not finite"
    # Two samples have no value to be told apart by.
    assert [tile.sample for tile in scene.strongest] == [2, 3, 4, 5]
    assert [tile.sample for tile in scene.in_order] == [0, 1, 2, 3, 4, 5]
    assert len(scene.pictures) == 6


def facts(*named: tuple[str, tuple[int, ...]]) -> list[TensorFacts]:
    return [
        TensorFacts(name=name, shape=shape, dtype="float32", bytes=4, role="buffer" if "running" in name else "weight")
        for name, shape in named
    ]


RESNET = facts(
    ("conv1.weight", (8, 3, 3, 3)),
    ("bn1.weight", (8,)),
    ("bn1.bias", (8,)),
    ("bn1.running_mean", (8,)),
    ("bn1.running_var", (8,)),
    ("layer1.0.conv1.weight", (8, 8, 3, 3)),
    ("layer1.0.conv2.weight", (8, 8, 3, 3)),
    ("layer1.0.bn2.weight", (8,)),
    ("layer1.0.bn2.running_mean", (8,)),
    ("up.weight", (4, 8, 2, 2)),
)


def test_a_layer_has_the_normalisation_behind_it_and_not_that_of_the_next() -> None:
    assert tensors_of("conv1", 8, RESNET).scale == "bn1.weight"
    assert tensors_of("layer1.0.conv1", 8, RESNET) == LayerTensors(weight="layer1.0.conv1.weight")
    assert tensors_of("layer1.0.conv2", 8, RESNET).scale == "layer1.0.bn2.weight"
    assert tensors_of("bn1", 8, RESNET).shift == "bn1.bias"
    assert tensors_of("up", 8, RESNET).output_axis == 1
    assert tensors_of("layer1.0.conv1", 16, RESNET) == LayerTensors()


def test_an_activation_has_the_tensors_before_it_and_never_a_normalisation_behind_it() -> None:
    statistics = (("running_mean", (8,)), ("running_var", (8,)), ("weight", (8,)), ("bias", (8,)))
    block = facts(
        ("b.conv1.weight", (8, 3, 3, 3)),
        *((f"b.bn1.{name}", shape) for name, shape in statistics),
        ("b.conv_2.weight", (8, 8, 3, 3)),
        *((f"b.bn2.{name}", shape) for name, shape in statistics),
        ("stem.0.weight", (8, 3, 3, 3)),
        *((f"stem.2.{name}", shape) for name, shape in statistics),
        ("stages.1.0.weight", (8, 8, 1, 1)),
        *((f"stages.1.1.{name}", shape) for name, shape in statistics),
    )
    assert [tensors_of(f"b.{name}", 8, block).scale for name in ("relu1", "act_2")] == ["b.bn1.weight", "b.bn2.weight"]
    assert tensors_of("b.relu", 8, block) == LayerTensors()
    # A convolution, its ReLU, and the normalisation behind that: what the ReLU saw was not normalised.
    assert (tensors_of("stem.1", 8, block).weight, tensors_of("stem.1", 8, block).scale) == ("stem.0.weight", "")
    assert tensors_of("stem.3", 8, block).scale == "stem.2.weight"
    # A stage of several modules is recorded after the last of them.
    assert tensors_of("stages.1", 8, block).scale == "stages.1.1.weight"


def test_layers_without_a_name_of_their_own_are_paired_by_their_order() -> None:
    kernels = facts(("model.encoder.convs.0.weight", (8, 3, 3, 3)), ("model.encoder.convs.1.weight", (8, 8, 3, 3)))
    layers = ("encoder.conv1", "encoder.conv2")
    found = tensors_of("encoder.conv2", 8, kernels, layers)
    assert (found.weight, found.guessed) == ("model.encoder.convs.1.weight", True)
    assert tensors_of("encoder.conv2", 8, kernels, (*layers, "encoder.conv3")) == LayerTensors()


def test_kernels_stand_side_by_side_and_of_many_the_strongest() -> None:
    own = np.zeros((4, 2, 3))
    own[3, 0, 0] = -2.0
    picture, reach = weights_picture(own)
    assert reach == 2.0
    # Four kernels of two by three weights, four pixels each, two in a row, a line between them.
    assert picture.shape == (8 + 1 + 8, 12 + 1 + 12, 4)
    assert (picture[8] == 0).all()
    assert (picture[9, 13] != picture[0, 0]).any()
    assert weights_picture(np.arange(400.0))[0].shape[:2] == (12 * 5 - 1, 12 * 5 - 1)
    assert weights_picture(np.zeros((0, 3, 3)))[0].size == 0


def test_the_checkpoint_is_the_nearest_to_the_dump() -> None:
    def checkpoint(step: int | None) -> FileEntry:
        return msgspec.structs.replace(
            runs.entry(f"{step}.pt", runs.dump_facts(), step), facts=CheckpointFacts(container="torch-zip", bytes=1)
        )

    dump = runs.entry("a.h5", runs.dump_facts(runs.Role.ACTIVATION), 100)
    run = runs.run_of(dump, *(checkpoint(step) for step in (20, 95, 105, 400)))
    found = judge.ask(run, runs.state(), ViewState(layer="conv", channel=1))
    assert found is not None
    assert (found.checkpoint, found.checkpoint_place) == ("/run/95.pt", "step 95")
    assert judge.ask(run, runs.state(), ViewState(layer="conv")) is None
    alone = judge.ask(runs.run_of(dump), runs.state(), ViewState(layer="conv", channel=1))
    assert alone is not None
    assert alone.checkpoint == ""


def test_it_travels_and_is_cancelled(folder: Path) -> None:
    scene = prepare(ask(folder, 3), QUIET)
    body, arrays = encode(scene)
    received = decode(body, ChannelScene, arrays)
    np.testing.assert_array_equal(received.pictures, scene.pictures)
    with pytest.raises(WorkCancelled):
        prepare(ask(folder, 3), Pulse(cancelled=lambda: True))
