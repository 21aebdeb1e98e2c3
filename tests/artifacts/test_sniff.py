"""What a file is, by its content; names help only where content cannot."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle  # makes the files that are told apart
import struct
import tarfile
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inspector.artifacts.archives import zip_archive
from inspector.artifacts.container_table import BY_NAME, CONTAINERS, LOGS
from inspector.artifacts.facts import facts_of
from inspector.artifacts.sniff import Sniffed, sniff
from inspector.core.errors import DamagedError, FileError, MissingError, UnknownKindError, UnsupportedError
from inspector.core.pulse import Progress, Pulse
from inspector.formats.facts import RunRecordFacts
from tests.conftest import sample_files

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(100)
EVENT = struct.pack("<Q", 24) + bytes(4) + b"\x09\x00\x00\x00\x00\x00\x00\x00\x00\x1a\x0dbrain.Event:2" + bytes(8)
RUN = {"schema": "ri-run/1", "id": "a", "name": "n", "recipe": "slots", "seed": 1, "host": "h", "started": 2.5}


def zip_of(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return stream.getvalue()


def tar_of(*names: str, how: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=how, format=tarfile.GNU_FORMAT) as archive:  # type: ignore[call-overload]  # the mode is any text
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    return stream.getvalue()


def npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.ones(3))
    return stream.getvalue()


def hdf5(version: str, userblock: int = 0, **attributes: Any) -> bytes:
    """A file with these attributes on its root."""
    stream = io.BytesIO()
    with h5py.File(stream, "w", libver=version, userblock_size=userblock) as file:
        file["data"] = np.ones(3)
        for name, value in attributes.items():
            file.attrs[name] = value
            file.create_group(f"group_{name}")  # more links and messages: a second block of the header
    return stream.getvalue()


CASES: list[tuple[str, bytes, str]] = [
    ("m.pt", zip_of("m/data.pkl", "m/data/0", "m/version"), "torch-zip"),
    ("m.bin", zip_of("archive/data.pkl"), "torch-zip"),
    ("m.pt", zip_of("m/data.pkl", "m/constants.pkl", "m/code/x.py"), "torchscript"),
    ("m.ptl", zip_of("m/data.pkl", "m/constants.pkl", "m/bytecode.pkl"), "torch-mobile"),
    ("m.pt", zip_of("m/version", "m/data.pkl", "m/bytecode.pkl"), "torch-mobile"),
    ("m.pt", zip_of("m/model.json", "m/tensors/0"), "torchscript-old"),
    ("m.pt", zip_of("model.json", "code/m.py"), "torchscript-old"),
    ("a.zip", zip_of("data", "policy.pth", "_stable_baselines3_version"), "zip-of-checkpoints"),
    ("a.zip", zip_of("readme.txt", "inner/model.safetensors"), "zip-of-checkpoints"),
    ("a.npz", zip_of("a.npy", "b.npy"), "npz"),
    ("a.zip", zip_of("readme.txt"), "zip"),
    ("a.dat", b"some bytes before" + bytes(9) + zip_of("m/data.pkl"), "torch-zip"),
    ("a.npy", npy(), "npy"),
    ("m.pt", pickle.dumps(0x1950A86A20F9469CFC6C, 2) + b"\x80\x02M\xe9\x03.", "torch-legacy"),
    ("m.pt", pickle.dumps(0x1950A86A20F9469CFC6C, 4), "torch-legacy"),
    ("m.pt", pickle.dumps(0x1950A86A20F9469CFC6C, 0), "torch-legacy"),
    ("m.pt", tar_of("sys_info", "pickle", "tensors", "storages"), "torch-tar"),
    ("a.tar", tar_of("config.json", "weights.th"), "tar"),
    ("a.bin", tar_of("config.json", "weights.th", how="w:gz"), "tar-gz"),
    ("a.tar", tar_of("a.txt", "b.txt"), "other tar"),
    ("a.tar.gz", tar_of("a.txt", how="w:gz"), "other tar"),
    ("a.gz", gzip.compress(b"hello"), "gzip"),
    *((f"p{protocol}.dat", pickle.dumps({"a": [1.5, "x"]}, protocol), "pickle") for protocol in range(6)),
    ("p.pkl", pickle.dumps(list(range(40_000)), 0), "pickle"),
    ("p.txt", b"cos\nsystem\n(S'ls'\ntR.", "pickle"),
    ("w", struct.pack("<Q", 2) + b"{}", "safetensors"),
    ("w.safetensors", struct.pack("<Q", 900) + b"{}", "safetensors"),
    ("d.h5", HDF5, "hdf5"),
    *((f"{version}.bin", hdf5(version, keras_version="2.0"), "keras-h5") for version in ("earliest", "latest")),
    ("block.h5", hdf5("earliest", userblock=1024, other=1, layer_names=["a"]), "keras-h5"),
    ("d.h5", hdf5("earliest", version_of_keras="2.0", data="keras_version layer_names"), "hdf5"),
    ("m.weights.h5", hdf5("latest"), "keras-h5"),
    ("d.h5", bytes(range(200)), "hdf5"),
    ("no name", HDF5, "hdf5"),
    ("d.mat", bytes(512) + HDF5, "hdf5"),
    ("d.mat", bytes(2048) + HDF5, "hdf5"),
    ("d.mat", b"text before\n" * 500 + bytes(8192 - 6000) + HDF5, "hdf5"),
    ("events.out.tfevents.1.host", EVENT, "tfevents"),
    ("renamed", EVENT, "tfevents"),
    ("events.out.tfevents.1.host", bytes(40) + b"\xff" * 9, "tfevents"),
    ("run.wandb", b":W&B\xe1\xbe\x00" + bytes(40), "wandb"),
    ("metrics.jsonl", b'{"step": 1, "loss": 0.5}\n{"step": 2, "loss": NaN}\n', "jsonl"),
    ("log.txt", b'{"step": 1, "loss": 0.5}\n{"step": 2, "loss": NaN}\n', "jsonl"),
    ("metrics.jsonl", b'{"step": 1}', "jsonl"),
    ("train.log", b"step 1 loss=2\n" + bytes(5000), "text"),
    ("trainer_state.json", b'{"log_history": [{"step": 1, "loss": 2}', "json-history"),
    ("big.jsonl", b'{"step": 1, "pad": "' + b"x" * 70_000 + b'"}\n{"step": 2}\n', "jsonl"),
    ("config.json", b'{\n  "lr": 0.1\n}\n', "json"),
    ("list.json", b"[1, 2]", "json"),
    ("one", b'{"lr": 0.1}', "json"),
    ("big.json", b'{"a": [' + b"1, " * 60_000 + b"1]}", "json"),
    ("torn.json", b'{"lr": 0.1, "na', "json"),
    ("run.json", json.dumps(RUN).encode(), "run.json"),
    ("run.json", b'{"schema": "another"}', "json"),
    ("splits.json", b'{"train": ["2.jpg", "3.jpg"], "val": [], "test": ["a/4.png"]}', "picture-words"),
    ("splits.json", b'{"train": ["2.jpg", "night"], "val": []}', "json"),
    ("splits.json", b'{"train": [], "val": []}', "json"),
    ("classes.txt", b"2.jpg\tsea shells\n3.jpg\thot air balloons\r\n", "picture-words"),
    ("classes.txt", b"2.jpg\tsea shells\nepoch 3\tloss 1\n", "text"),
    ("saved.txt", b"2.jpg\n3.jpg\n", "text"),
    ("config.yaml", b"lr: 0.1\nname: x\n", "yaml"),
    ("thresholds.toml", b"overfit_ratio = 1.3\n", "toml"),
    ("pyproject.toml", b"overfit_ratio = 1.3\n", "other text"),
    ("metrics.csv", b"epoch,loss\n1,0.5\n2,0.25\n", "csv"),
    ("metrics.txt", b"epoch,loss,\n1,0.5,\n2,,\n", "csv"),
    ("metrics.tsv", b"epoch\tloss\n1\t0.5\n", "csv"),
    ("table", b"epoch;loss\n1;0.5\n2;0.25\n", "csv"),
    ("train.log", b"Epoch 1/3, step 4, loss=0.5, lr=0.1\nEpoch 2/3, step 8, loss=0.4, lr=0.1\n", "text"),
    ("train.log", b"[2024-01-01 10:00] epoch 1\n[2024-01-01 10:01] epoch 2\n", "text"),
    ("train.log", b"\x1b[32mEpoch\x1b[0m 1 loss 0.5\r\x1b[2KEpoch 2 loss 0.25\n" * 20, "text"),
    ("train.log", b"one zero byte \x00 in a long line of text that is otherwise what it should be\n" * 3, "text"),
    ("train.log", "Verlust für Epoche 1: 0.5\n".encode("latin-1") * 9, "text"),
    ("train.log", b"\xff\xfe" + "Epoch 1 loss=0.5\n".encode("utf-16-le"), "text"),
    ("metrics.csv", b"\xff\xfe" + "epoch,loss\n1,0.5\n".encode("utf-16-le"), "csv"),
    ("train.log", "Epoch 1 loss=0.5\n".encode("utf-16-le"), "text"),
    ("metrics.csv", "epoch,loss\n1,0.5\n".encode("utf-16-be"), "csv"),
    ("metrics.csv", "epoch,loss\n1,0.5\n".encode("utf-16-le") + b"2", "csv"),
    ("metrics.jsonl", '{"step": 1, "loss": 0.5}\n'.encode("utf-16-le"), "jsonl"),
    ("counts.bin", struct.pack("<40h", *range(40)), "binary"),
    ("config.json", b"\xef\xbb\xbf" + b'{"lr": 0.1}', "json"),
    ("train.py", b"import torch\nprint(1)\n", "other text"),
    ("weights.pt", b"not a checkpoint at all", "other text"),
    ("d.h5", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git-lfs pointer"),
    ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(20), "png"),
    ("a.bin", bytes(range(256)) * 4, "binary"),
    ("a.log", bytes(range(256)) * 4, "text"),
    ("a.log", b"\x89PNG\r\n\x1a\n" + bytes(20), "text"),
    ("a.log", EVENT, "tfevents"),
    ("a.log", b"SQLite format 3\0" + bytes(40), "sqlite"),
    ("a.log", b"\x1f\x8b\x08" + bytes(40), "gzip"),
    ("a.bin", bytes(4096), "binary"),
]


@pytest.mark.parametrize(
    ("name", "content", "container"), CASES, ids=[f"{c}-{n}-{i}" for i, (n, _, c) in enumerate(CASES)]
)
def test_a_file_is_known_by_its_content(tmp_path: Path, name: str, content: bytes, container: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    kind = BY_NAME[container].kind if container in BY_NAME else "unknown"
    assert sniff(path) == Sniffed(kind, container)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty.pt").write_bytes(b"")
    with pytest.raises(DamagedError, match="found 0 bytes"):
        sniff(tmp_path / "empty.pt")
    with pytest.raises(MissingError):
        sniff(tmp_path / "missing.pt")
    with pytest.raises(FileError, match="a folder"):
        sniff(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnsupportedError, match="a pipe"):
        sniff(tmp_path / "pipe")
    with pytest.raises(UnsupportedError):
        sniff(Path("/dev/zero"))
    with pytest.raises(MissingError):
        sniff(tmp_path / "a\0b")


def test_a_link_that_leads_to_itself_is_said(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(MissingError):
        sniff(tmp_path / "loop")


def test_a_folder_that_is_no_checkpoint_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="open it as a run"):
        facts_of(tmp_path)


def test_every_line_of_the_table_has_what_is_asked_of_its_reader() -> None:
    assert len(BY_NAME) == len(CONTAINERS)
    assert {one.kind for one in CONTAINERS} == {
        "checkpoint", "dump", "metrics", "console", "settings", "run record"
    }  # fmt: skip
    for one in CONTAINERS:
        module = import_module(one.reader)
        assert callable(module.facts), one
        assert callable(getattr(module, "series", None)) == (one.name in LOGS), one


@pytest.mark.parametrize(
    ("name", "content", "error", "told"),
    [
        ("a.tar.gz", tar_of("a", how="w:gz"), UnsupportedError, "without a checkpoint in it; unpack it"),
        ("a.gz", gzip.compress(b"hello"), UnsupportedError, "packed with gzip; unpack it"),
        ("a.npy", b"\x93NUMPY\x01\x00", DamagedError, "the beginning of a numpy array"),
        ("a.db", b"SQLite format 3\0" + bytes(40), UnsupportedError, "a SQLite database"),
        ("a.parquet", b"PAR1" + bytes(40), UnsupportedError, "a Parquet table"),
        ("a.zip", zip_of("a.txt"), UnknownKindError, "without a checkpoint"),
        ("a.bin", bytes(100), UnknownKindError, "no known kind"),
        ("a.png", b"\x89PNG\r\n\x1a\n", UnknownKindError, "of kind png"),
        ("a.h5", b"version https://git-lfs.github.com/spec/v1\n", UnknownKindError, "git lfs pull"),
        ("a.pt", b"", DamagedError, "0 bytes"),
    ],
)
def test_a_file_that_is_not_read_says_why_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, error: type[FileError], told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=told) as caught:
        facts_of(path)
    assert str(caught.value).startswith(f"{name}: expected ")


def test_a_run_record_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({**RUN, "status": "finished", "best": "step_0000010.pt", "later": 1}))
    found = facts_of(path)
    assert isinstance(found, RunRecordFacts)
    assert (found.record.name, found.record.status, found.record.best) == ("n", "finished", "step_0000010.pt")
    assert found.notes == ()
    path.write_text(json.dumps({**RUN, "schema": "ri-run/9"}))
    later = facts_of(path)
    assert isinstance(later, RunRecordFacts)
    assert "ri-run/9" in later.notes[0]
    path.write_text(json.dumps({**RUN, "seed": "three"}))
    with pytest.raises(DamagedError, match="seed"):
        facts_of(path)


@given(
    st.binary(min_size=1, max_size=300), st.sampled_from(["a.pt", "a.pkl", "a.csv", "a.json", "a.log", "a.tfevents"])
)
@example(b"PK\x05\x06", "a.pt")
@example(b"PK\x03\x04" + b"\xff" * 60, "a.pt")
@example(b"\x1f\x8b\x08", "a.pt")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_something(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert sniff(path).container


@pytest.mark.samples
@pytest.mark.parametrize(
    ("pattern", "containers"),
    [
        ("tfevents/**/*", {"tfevents"}),
        ("wandb/**/*.wandb", {"wandb"}),
        ("wandb/**/*.jsonl", {"jsonl"}),
        ("wandb/**/*.yaml", {"yaml"}),
        ("logs/**/*.csv", {"csv"}),
        ("logs/**/*.jsonl", {"jsonl"}),
        ("logs/**/*.log", {"text", "csv"}),
        ("hdf5/**/*", {"hdf5", "keras-h5", "other text"}),
        ("checkpoints/**/*.json", {"json"}),
        ("checkpoints/**/*.safetensors", {"safetensors"}),
        ("checkpoints/**/*.th", {"torch-zip", "torch-legacy"}),
    ],
)
def test_real_files_are_what_their_names_say(pattern: str, containers: set[str]) -> None:
    found = {path: sniff(path).container for path in sample_files(pattern) if path.stat().st_size}
    assert {path: container for path, container in found.items() if container not in containers} == {}


def test_a_name_that_two_pieces_of_a_long_directory_share_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(zip_of("x/data.pkl", "x/version", "x/constants.pkl", "x/data/0"))
    for read_bytes in range(14, 60):
        monkeypatch.setattr(zip_archive, "_READ_BYTES", read_bytes)
        beats: list[Progress] = []
        assert sniff(path, Pulse(report=beats.append)).container == "torchscript"
        assert len(beats) >= 3
