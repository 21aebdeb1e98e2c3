"""Keras weights and models in HDF5: values as h5py reads them, windows on the file, links and damage."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.dumps import hdf5_source
from inspector.artifacts.facts import facts_of
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load, statistics
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from inspector.formats.facts import DumpFacts
from tests.conftest import sample_files

CONFIG = {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"units": 4, "name": "dense"}}]}
TRAINING = {"optimizer_config": {"class_name": "Adam", "config": {"lr": 0.001}}, "loss": "mse"}
KERNEL = np.arange(12, dtype="<f4").reshape(3, 4)


def model(path: Path, **how: Any) -> Path:
    """A whole model as Keras 2 saves it."""
    with h5py.File(path, "w", **how) as file:
        file.attrs["keras_version"] = "2.0.5"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(CONFIG)
        file.attrs["training_config"] = json.dumps(TRAINING).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"dense", b"norm"]
        weights["dense/dense/kernel:0"] = KERNEL
        weights["dense/dense/bias:0"] = np.ones(4, ">f8")
        weights.create_dataset("norm/norm/moving_mean:0", data=np.arange(5000.0), chunks=(700,), compression="gzip")
        weights.create_dataset("norm/norm/gamma:0", data=np.ones((300, 7), ">f4"), chunks=(32, 3), shuffle=True)
        weights["norm/norm/count:0"] = np.int64(9)
        weights["norm/norm/half:0"] = np.ones(3, "f2")
        weights["norm/norm/none:0"] = np.ones((0, 3), "f4")
        optimizer = file.create_group("optimizer_weights")
        optimizer["Adam/iterations:0"] = np.int64(3)
        optimizer["Adam/dense/kernel/m:0"] = KERNEL * 2
    return path


@pytest.mark.parametrize("how", [{}, {"libver": "latest"}, {"userblock_size": 512}], ids=str)
def test_every_tensor_is_what_h5py_reads(tmp_path: Path, how: dict[str, Any]) -> None:
    path = model(tmp_path / "m.h5", **how)
    assert sniff(path).container == "keras-h5"
    found = opened(path)
    assert found.facts.notes == ()
    expected: dict[str, Any] = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                expected.update({name.replace("/", "."): item[()]}) if isinstance(item, h5py.Dataset) else None
            )
        )
    assert sorted(tensor.name for tensor in found.facts.tensors) == sorted(expected)
    for tensor in found.facts.tensors:
        values = load(found.window(tensor.name))
        assert values.dtype == expected[tensor.name].dtype.newbyteorder("=")
        assert np.array_equal(values, expected[tensor.name])
    assert statistics(found.window("model_weights.norm.norm.moving_mean:0")).mean == 2499.5


def test_contiguous_tensors_are_windows_on_the_file(tmp_path: Path) -> None:
    path = model(tmp_path / "m.h5")
    storage = opened(path).window("model_weights.dense.dense.kernel:0").storage
    assert storage.source is None
    assert path.read_bytes()[storage.start :][: KERNEL.nbytes] == KERNEL.tobytes()
    assert opened(path).window("model_weights.norm.norm.moving_mean:0").storage.source is not None


def test_roles_and_settings_are_told(tmp_path: Path) -> None:
    found = opened(model(tmp_path / "m.h5"))
    roles = {tensor.name: tensor.role for tensor in found.facts.tensors}
    assert roles["model_weights.dense.dense.kernel:0"] == "weight"
    assert roles["model_weights.norm.norm.moving_mean:0"] == "buffer"
    assert roles["optimizer_weights.Adam.dense.kernel.m:0"] == "optimizer"
    assert found.objects["keras_version"] == "2.0.5"
    assert found.objects["model_config.config.0.config.units"] == 4
    assert found.objects["training_config.optimizer_config.config.lr"] == 0.001
    assert found.facts.would_import == ()


def test_a_long_configuration_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    layers = [{"name": f"layer_{i}", "note": "x" * 50} for i in range(400)]
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2"
        file.attrs.create("model_config", json.dumps({"layers": layers}), dtype=h5py.string_dtype())
    assert opened(path).objects["model_config.layers.399.name"] == "layer_399"


def test_a_chunked_dataset_is_read_by_offset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5_source, "BLOCK_BYTES", 1000)
    path = tmp_path / "m.weights.h5"
    values = np.random.default_rng(0).normal(size=(103, 7, 2)).astype("f4")
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=values, chunks=(10, 7, 1), compression="gzip")
    window = opened(path).window("layers.dense.vars.0")
    assert np.array_equal(load(window), values)
    assert np.array_equal(load(window, (slice(50, 60, 3), 2)), values[50:60:3, 2])
    source = window.storage.source
    assert source is not None
    plain = values.tobytes()
    for start, count in ((0, 10), (999, 3000), (5000, 10**6), (len(plain), 5), (3, 0)):
        assert source.read(start, count) == plain[start : start + count]


def test_what_is_no_number_is_said(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"a"]
        file["names"] = ["a", "b"]
        file["records"] = np.zeros(3, [("x", "f4")])
        file["flags"] = np.array([True, False])
    found = opened(path)
    assert found.objects["names"] == "text [2]"
    assert found.objects["records"] == "{x: float32} [3]"
    assert load(found.window("flags")).tolist() == [True, False]


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.full(8, 7.0).tobytes())
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = np.full(8, 7.0)
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2"
        file["good"] = np.ones(3)
        file.create_dataset("external", (8,), "f8", external=[(str(secret), 0, 64)])
        layout = h5py.VirtualLayout((8,), "f8")
        layout[:] = h5py.VirtualSource(str(other), "x", (8,))
        file.create_virtual_dataset("virtual", layout)
        file["link"] = h5py.ExternalLink(str(other), "x")
        file["soft"] = h5py.SoftLink("/link")
    found = opened(path)
    assert load(found.window("good")).tolist() == [1, 1, 1]
    assert not found.lost(), "what is elsewhere was not opened"
    for name in ("external", "virtual"):
        with pytest.raises(UnsupportedError, match="other|another"):
            found.window(name)
    assert found.objects["link"] == f"external link to {other}:x, not followed"
    assert "not followed" in found.objects["soft"]


def test_a_file_of_another_program_stays_a_dump(tmp_path: Path) -> None:
    path = tmp_path / "d.h5"
    with h5py.File(path, "w") as file:
        file["model_weights"] = np.ones(3)
        file.create_group("inner").attrs["keras_version"] = "2"
    assert isinstance(facts_of(path), DumpFacts)


def test_models_of_keras_3_are_read_inside_their_archive(tmp_path: Path) -> None:
    inner = tmp_path / "inner.h5"
    with h5py.File(inner, "w") as file:
        file["layers/dense/vars/0"] = KERNEL
        file["optimizer/vars/0"] = np.int64(3)
        file.create_dataset("layers/dense/vars/1", data=np.ones(8), chunks=(2,))
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.5.0"}))
        archive.writestr("config.json", json.dumps(CONFIG))
        archive.write(inner, "model.weights.h5")
        archive.writestr("broken.h5", b"\x89HDF\r\n\x1a\n" + bytes(600))
    assert sniff(path).container == "zip-of-checkpoints"
    found = opened(path)
    window = found.window("model.weights.h5.layers.dense.vars.0")
    assert np.array_equal(load(window), KERNEL)
    assert path.read_bytes()[window.storage.start :][: KERNEL.nbytes] == KERNEL.tobytes()
    assert load(found.window("model.weights.h5.optimizer.vars.0")) == 3
    assert found.objects["metadata.json.keras_version"] == "3.5.0"
    assert any("broken.h5" in note for note in found.facts.notes)
    with pytest.raises(UnsupportedError, match="unpack it"):
        found.window("model.weights.h5.layers.dense.vars.1")


def test_a_file_that_was_replaced_is_not_read(tmp_path: Path) -> None:
    path = model(tmp_path / "m.h5")
    window = opened(path).window("model_weights.norm.norm.moving_mean:0")
    model(tmp_path / "m.h5", userblock_size=512)
    with pytest.raises(DamagedError, match="as it was when it was opened"):
        load(window)


def test_a_tensor_that_the_file_ends_before_is_said(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2"
        file["first"] = np.ones(3)
        file["last"] = np.ones(5000)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 20_000])
    found = opened(path)
    assert any("breaks off" in note for note in found.facts.notes)
    assert any("last cannot be read" in note for note in found.facts.notes)
    assert load(found.window("first")).tolist() == [1, 1, 1]


@given(place=st.integers(0, 4000), content=st.binary(min_size=1, max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_before_the_library_sees_them_leave_telling_total(
    tmp_path: Path, place: int, content: bytes
) -> None:
    path = tmp_path / "m.h5"
    if not path.exists():
        model(path)
        (tmp_path / "whole").write_bytes(path.read_bytes())
    whole = bytearray((tmp_path / "whole").read_bytes())
    whole[place : place + len(content)] = content
    path.write_bytes(whole)
    try:
        assert sniff(path).container
    except FileError as error:
        assert "expected" in str(error)


@pytest.mark.samples
@pytest.mark.skipif(not sample_files("hdf5/oarriaga__face_classification/**/*"), reason="the samples are not here")
def test_real_models_are_read_as_h5py_reads_them() -> None:
    paths = sample_files("hdf5/oarriaga__face_classification/**/*.hdf5")
    for path in paths:
        found = opened(path)
        assert found.facts.notes == ()
        with h5py.File(path, locking=False) as file:
            names: list[str] = []
            file.visit(names.append)
            datasets = {name: file[name] for name in names if isinstance(file[name], h5py.Dataset)}
            assert len(found.facts.tensors) == len(datasets)
            for name, item in datasets.items():
                assert np.array_equal(load(found.window(name.replace("/", "."))), item[()])
        assert "model_config.class_name" in found.objects
    assert len(paths) >= 9
