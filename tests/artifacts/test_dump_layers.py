"""Statistics of a layer are those of its whole array, recorded or streamed."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.analysis.sparsity import EPSILONS, LayerStatistics, channel_statistics, dead_channels
from inspector.analysis.statistics_columns import columns_of_statistics
from inspector.artifacts.dumps import dump, streaming
from inspector.core.errors import UnsupportedError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from tests.artifacts.hdf5_files import arrays_of_a_dump, write_dump


def layer_dump(path: Path, values: np.ndarray, name: str = "activations/conv", **attributes: object) -> dump.Dump:
    with h5py.File(path, "w") as file:
        chunks = (min(3, len(values)), *values.shape[1:])
        file.create_dataset(name, data=values, chunks=chunks, compression="gzip").attrs.update(attributes)
    return dump.opened(path)


def check(found: LayerStatistics, by_channel: np.ndarray) -> None:
    """Against numpy, for (channels, values)."""
    values = by_channel.astype(np.float64)
    np.testing.assert_array_equal(found.n, np.full(len(values), values.shape[1]))
    # Sums of single precision.
    np.testing.assert_allclose(found.mean, values.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(found.variance, values.var(axis=1), rtol=1e-6)
    np.testing.assert_array_equal(found.absmax, np.abs(values).max(axis=1))
    np.testing.assert_allclose(found.mean_abs, np.abs(values).mean(axis=1), rtol=1e-6)
    for row, epsilon in enumerate(EPSILONS):
        near = np.abs(values) < epsilon if epsilon else values == 0
        np.testing.assert_allclose(found.fractions[row], near.mean(axis=1))


def relu(shape: tuple[int, ...]) -> np.ndarray:
    values = np.maximum(np.random.default_rng(0).normal(size=shape), 0)
    values[:, 1] = 0
    return values.astype(np.float16)


def test_layers_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    found = dump.opened(write_dump(tmp_path / "file.h5", arrays_of_a_dump()))
    assert [dump.layer_name(layer) for layer in dump.activation_layers(found)] == ["conv.2", "conv.10"]


def test_layers_keep_the_order_of_the_file_where_it_has_one(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", track_order=True) as file:
        group = file.create_group("activations", track_order=True)
        for name in ("stem", "block", "head"):
            group[name] = np.zeros((2, 3, 4, 4), np.float32)
    assert [dump.layer_name(layer) for layer in dump.activation_layers(dump.opened(path))] == ["stem", "block", "head"]


def test_an_activation_is_channels_first_whatever_its_layout(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(4, 5, 6, 8)).astype(np.float32)
    ways = {
        "NCHW": (values, values[2]),
        "NHWC": (np.moveaxis(values, 1, -1), values[2]),
        "NPC": (np.moveaxis(values, 1, -1).reshape(4, 48, 5), values[2]),
        "NC": (values[:, :, 0, 0], values[2, :, :1, :1]),
    }
    for layout, (stored, expected) in ways.items():
        found = layer_dump(tmp_path / f"{layout}.h5", stored, layout=layout, grid_hw=[6, 8])
        (layer,) = dump.activation_layers(found)
        activation = dump.activation_of(found, layer, 2)
        assert activation.dtype == np.float32
        np.testing.assert_array_equal(activation, expected)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "NPC", "NC"])
def test_streamed_statistics_are_those_of_the_whole_array(
    tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BATCH_BYTES", 60)
    values = relu((11, 5, 4, 6))
    stored = {
        "NCHW": values,
        "NHWC": np.moveaxis(values, 1, -1),
        "NPC": np.moveaxis(values, 1, -1).reshape(11, 24, 5),
        "NC": values[:, :, 0, 0],
    }[layout]
    found = layer_dump(tmp_path / "file.h5", stored, layout=layout)
    beats: list[int] = []
    pulse = Pulse(report=lambda progress: beats.append(progress.done))
    (layer,) = dump.activation_layers(found)
    statistics = dump.layer_statistics(found, layer, pulse)
    whole = values if layout != "NC" else values[:, :, :1, :1]
    check(statistics, np.moveaxis(whole, 1, 0).reshape(5, -1))
    assert statistics.samples == 11
    assert dead_channels(statistics).tolist() == [False, True, False, False, False]
    assert len(beats) >= 2
    assert dump.layer_statistics(found, layer, Pulse(cancelled=lambda: True)) is statistics


def test_streaming_stops_when_asked_and_starts_again(tmp_path: Path) -> None:
    found = layer_dump(tmp_path / "file.h5", relu((4, 3, 2, 2)))
    (layer,) = dump.activation_layers(found)
    with pytest.raises(WorkCancelled):
        dump.layer_statistics(found, layer, Pulse(cancelled=lambda: True))
    assert dump.layer_statistics(found, layer, QUIET).samples == 4


def recorded(path: Path, values: np.ndarray, *, left_out: str = "", samples_kept: int = 2) -> dump.Dump:
    """A dump that keeps a few samples and statistics of all, as the trainer records them."""
    rows = np.moveaxis(values, 1, 0).reshape(values.shape[1], -1).astype(np.float64)
    columns = {
        "count": np.full(len(rows), rows.shape[1]),
        "mean": rows.mean(axis=1),
        "m2": rows.var(axis=1) * rows.shape[1],
        "min": rows.min(axis=1),
        "max": rows.max(axis=1),
        "absmax": np.abs(rows).max(axis=1),
    }
    with h5py.File(path, "w") as file:
        file["activations/conv"] = values[:samples_kept]
        for name, column in columns.items():
            if name != left_out:
                file[f"stats/conv/{name}"] = column
        near = [(np.abs(rows) < epsilon if epsilon else rows == 0).sum(axis=1) for epsilon in EPSILONS]
        file["stats/conv/n_lt_eps"] = np.array(near)
        file["stats/conv/n_lt_eps"].attrs["eps"] = np.array(EPSILONS)
    return dump.opened(path)


def test_recorded_statistics_speak_for_all_samples(tmp_path: Path) -> None:
    values = relu((40, 6, 3, 3))
    found = recorded(tmp_path / "file.h5", values)
    (layer,) = dump.activation_layers(found)
    statistics = dump.layer_statistics(found, layer, QUIET)
    check(statistics, np.moveaxis(values, 1, 0).reshape(6, -1))
    assert statistics.samples == 40


def test_a_mean_magnitude_that_was_not_recorded_is_unknown(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(8, 2, 3, 3)).astype(np.float32)
    values[:, 1] = np.abs(values[:, 1])
    found = recorded(tmp_path / "file.h5", values)
    statistics = dump.layer_statistics(found, dump.activation_layers(found)[0], QUIET)
    assert np.isnan(statistics.mean_abs[0])
    assert statistics.mean_abs[1] == pytest.approx(values[:, 1].mean(), rel=1e-6)


def test_a_channel_that_was_recorded_as_nan_is_not_called_dead(tmp_path: Path) -> None:
    values = relu((8, 3, 2, 2)).astype(np.float32)
    values[:, 2] = np.nan
    found = recorded(tmp_path / "file.h5", values)
    statistics = dump.layer_statistics(found, dump.activation_layers(found)[0], QUIET)
    assert dead_channels(statistics).tolist() == [False, True, False]


@pytest.mark.parametrize("left_out", ["count", "m2", "absmax"])
def test_incomplete_records_give_way_to_the_samples(tmp_path: Path, left_out: str) -> None:
    values = relu((40, 6, 3, 3))
    found = recorded(tmp_path / "file.h5", values, left_out=left_out)
    statistics = dump.layer_statistics(found, dump.activation_layers(found)[0], QUIET)
    assert statistics.samples == 2
    check(statistics, np.moveaxis(values[:2], 1, 0).reshape(6, -1))


def test_a_layer_may_hold_a_few_of_the_samples(tmp_path: Path) -> None:
    values = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 2, 2)
    found = layer_dump(tmp_path / "file.h5", values, sample_subset=[4, 9])
    (layer,) = dump.activation_layers(found)
    np.testing.assert_array_equal(dump.activation_of(found, layer, 9), values[1])
    with pytest.raises(UnsupportedError, match="expected every sample in activations/conv, found only 2 others"):
        dump.activation_of(found, layer, 1)


def test_a_layer_without_samples_has_undefined_statistics(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["activations/conv"] = np.empty((0, 3, 2, 2), np.float32)
    found = dump.opened(path)
    statistics = dump.layer_statistics(found, dump.activation_layers(found)[0], QUIET)
    assert statistics.samples == 0
    assert np.isnan(statistics.fractions).all()


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "NPC"])
@pytest.mark.parametrize("subset", [None, [5, 0, 3, 2]])
def test_padding_is_left_out_of_streamed_statistics(
    tmp_path: Path, layout: str, subset: list[int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BATCH_BYTES", 60)
    content = np.array([[4, 4], [8, 8], [2, 6], [8, 4], [6, 6], [2, 2]])
    samples = subset or list(range(6))
    values = np.random.default_rng(0).normal(size=(len(samples), 3, 4, 4)).astype(np.float32)
    kept = []
    for row, sample in enumerate(samples):
        height, width = content[sample] // 2
        kept.append(values[row, :, :height, :width].reshape(3, -1).copy())
        values[row, :, height:] = values[row, :, :, width:] = 0
    turned = np.moveaxis(values, 1, -1)
    stored = {"NCHW": values, "NHWC": turned, "NPC": turned.reshape(len(values), 16, 3)}[layout]
    with h5py.File(tmp_path / "file.h5", "w") as file:
        file["samples/image"] = np.zeros((6, 8, 8, 3), np.uint8)
        file["samples/image"].attrs["layout"] = "NHWC"
        file["samples/valid_hw"] = content
        file["activations/conv"] = stored
        file["activations/conv"].attrs["layout"] = layout
        if subset:
            file["activations/conv"].attrs["sample_subset"] = subset
    found = dump.opened(tmp_path / "file.h5")
    statistics = dump.layer_statistics(found, dump.activation_layers(found)[0], QUIET)
    check(statistics, np.concatenate(kept, axis=1))


def test_what_was_recorded_beside_the_sums_is_read_too(tmp_path: Path) -> None:
    written = channel_statistics(relu((40, 6, 3, 3)).astype(np.float32))
    with h5py.File(tmp_path / "file.h5", "w") as file:
        file["activations/conv"] = relu((2, 6, 3, 3))
        for name, column in columns_of_statistics(written).items():
            file[f"stats/conv/{name}"] = column
        file["stats/conv/n_lt_eps"].attrs["eps"] = np.array(EPSILONS)
    found = dump.opened(tmp_path / "file.h5")
    read = dump.layer_statistics(found, dump.activation_layers(found)[0], QUIET)
    assert read.samples == 40
    np.testing.assert_array_equal(read.firing, written.firing)
    np.testing.assert_array_equal(read.sketch, written.sketch)
    np.testing.assert_array_equal(read.at_greatest, written.at_greatest)
