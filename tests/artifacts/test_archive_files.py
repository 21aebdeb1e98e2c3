"""Archives of weights: what is in them is listed under their members' names, nothing is unpacked to disk."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import pickle  # makes the files that are read
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.archive_files import read_tar_gz
from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.facts import facts_of
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load, statistics
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET
from inspector.formats.facts import CheckpointFacts
from tests.artifacts.packed import tar_of, zip_of
from tests.artifacts.safetensors_files import safetensors_of
from tests.conftest import sample_files
from tests.with_torch import run_with_torch

WEIGHT = np.arange(6, dtype="<f4").reshape(2, 3)


def npy(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


ENTRIES = {
    "weights.safetensors": safetensors_of({"w": WEIGHT}),
    "config.json": json.dumps({"model": {"type": "x", "sizes": [1, 2], "layers": [{"n": 3}]}, "lr": 0.5}).encode(),
    "vocabulary/tokens.txt": b"@@UNKNOWN@@\nthe\n",
    "extra/array.npy": npy(WEIGHT.astype(">f8")),
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "empty": b"",
}


ARCHIVES = {
    "tar": tar_of(ENTRIES),
    "gnu.tar": tar_of(ENTRIES, pax=False),
    "tar.gz": tar_of(ENTRIES, "w:gz"),
    "zip": zip_of(ENTRIES),
    "deflated.zip": zip_of(ENTRIES, zipfile.ZIP_DEFLATED),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_members_are_listed_and_read_under_their_names(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"model.{kind}"
    path.write_bytes(ARCHIVES[kind])
    found = opened(path)
    assert found.facts.notes == ()
    assert (
        found.facts.container
        == {"tar": "tar", "gz": "tar-gz", "zip": "zip-of-checkpoints"}[kind.rsplit(".", maxsplit=1)[-1]]
    )
    assert [tensor.name for tensor in found.facts.tensors] == ["weights.safetensors.w", "extra/array.npy.array"]
    assert np.array_equal(load(found.window("weights.safetensors.w")), WEIGHT)
    assert np.array_equal(load(found.window("extra/array.npy.array")), WEIGHT)
    assert statistics(found.window("weights.safetensors.w")).maximum == 5
    objects = found.objects
    assert objects["config.json.model.type"] == "x"
    assert objects["config.json.model.sizes"] == [1, 2]
    assert objects["config.json.model.layers.0.n"] == 3
    assert objects["config.json.lr"] == 0.5
    assert objects["vocabulary/tokens.txt"] == "@@UNKNOWN@@\nthe\n"
    assert objects["picture.png"] == "108 bytes (png)"
    assert objects["empty"] == "0 bytes"
    assert sorted(path.parent.iterdir()) == [path]


def test_stored_members_are_windows_on_the_archive(tmp_path: Path) -> None:
    for kind in ("tar", "zip"):
        path = tmp_path / f"model.{kind}"
        path.write_bytes(ARCHIVES[kind])
        storage = opened(path).window("weights.safetensors.w").storage
        assert storage.source is None
        assert path.read_bytes()[storage.start :][: WEIGHT.nbytes] == WEIGHT.tobytes()


_TORCH = """
import hashlib, io, json, sys, tarfile, zipfile, torch
from collections import OrderedDict
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
optimizer = torch.optim.Adam(net.parameters())
net(torch.randn(5, 3)).sum().backward(); optimizer.step()
parts = {"policy.pth": net.state_dict(), "policy.optimizer.pth": optimizer.state_dict(), "legacy.th": net.state_dict()}
blobs = {}
for name, value in parts.items():
    out = io.BytesIO()
    torch.save(value, out, _use_new_zipfile_serialization=name != "legacy.th")
    blobs[name] = out.getvalue()
for method, path in ((0, "a.zip"), (8, "b.zip")):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, blob in blobs.items(): archive.writestr(name, blob)
with tarfile.open("c.tar.gz", "w:gz") as archive:
    for name, blob in blobs.items():
        info = tarfile.TarInfo(name); info.size = len(blob); archive.addfile(info, io.BytesIO(blob))
def flat(value, name):
    if isinstance(value, torch.Tensor):
        yield name, hashlib.sha256(value.detach().contiguous().numpy().tobytes()).hexdigest()
    elif isinstance(value, dict):
        for key, item in value.items(): yield from flat(item, f"{name}.{key}")
print(json.dumps([pair for name, value in parts.items() for pair in flat(value, name)]))
"""


def test_tensors_that_torch_saved_are_those_inside_every_archive(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    expected = [tuple(pair) for pair in json.loads(run_with_torch(_TORCH, folder=tmp_path))]
    assert len(expected) > 20
    for name in ("a.zip", "b.zip", "c.tar.gz"):
        found = opened(tmp_path / name)
        assert found.facts.notes == ()
        read = [(t.name, hashlib.sha256(load(found.window(t.name)).tobytes()).hexdigest()) for t in found.facts.tensors]
        assert read == expected
        roles = {tensor.name: tensor.role for tensor in found.facts.tensors}
        assert roles["policy.pth.0.weight"] == "weight"
        assert roles["policy.pth.1.running_mean"] == "buffer"
        assert {role for key, role in roles.items() if key.startswith("policy.optimizer")} == {"optimizer"}


def test_pickles_in_base64_are_shown_and_not_run(tmp_path: Path) -> None:
    def encoded(data: bytes) -> str:
        return base64.b64encode(data).decode()

    value = {
        "verbose": 1,
        "space": {":type:": "<class 'Box'>", ":serialized:": encoded(pickle.dumps({"low": WEIGHT, "n": 3}))},
        "evil": {":type:": "<class 'x'>", ":serialized:": encoded(b"cos\nsystem\n(S'touch evil'\ntR.")},
        "broken": {":type:": "<class 'y'>", ":serialized:": "no base64!"},
    }
    path = tmp_path / "model.zip"
    path.write_bytes(zip_of({"data": json.dumps(value).encode(), "_stable_baselines3_version": b"2.0.0"}))
    found = opened(path)
    assert found.objects["data.verbose"] == 1
    assert found.objects["data.space.n"] == 3
    assert found.objects["data.evil"] == "os.system('touch evil')"
    assert found.objects["_stable_baselines3_version"] == "2.0.0"
    assert np.array_equal(load(found.window("data.space.low")), WEIGHT)
    assert [tensor.role for tensor in found.facts.tensors] == ["other"]
    assert "os.system" in found.facts.would_import
    assert any("not in base64" in note for note in found.facts.notes)
    assert not (Path.cwd() / "evil").exists()


def test_links_and_dangerous_names_are_listed_and_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, target in (
            ("weights.th", tarfile.SYMTYPE, str(secret)),
            ("hard", tarfile.LNKTYPE, "../../secret.txt"),
            ("pipe", tarfile.FIFOTYPE, ""),
            ("device", tarfile.CHRTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
        for name in ("../../up.txt", "/etc/absolute.txt"):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    path = tmp_path / "model.tar"
    path.write_bytes(out.getvalue())
    found = opened(path)
    notes = " | ".join(found.facts.notes)
    assert found.objects["weights.th"] == f"symbolic link to {secret}, not followed"
    assert found.objects["hard"] == "hard link to ../../secret.txt, not followed"
    assert "pipe is a pipe" in notes
    assert "device is a character device" in notes
    assert "../../up.txt would leave the folder" in notes
    assert "/etc/absolute.txt would leave the folder" in notes
    assert found.objects["../../up.txt"] == "abc"
    assert "secret words" not in json.dumps(found.objects)
    assert sorted(tmp_path.iterdir()) == [path, secret]


def test_long_names_and_sizes_of_every_dialect_are_read(tmp_path: Path) -> None:
    name = "a/" * 100 + "weights.safetensors"
    for pax in (True, False):
        path = tmp_path / f"{pax}.tar"
        path.write_bytes(tar_of({name: ENTRIES["weights.safetensors"]}, pax=pax))
        assert np.array_equal(load(opened(path).window(f"{name}.w")), WEIGHT)
    header = bytearray(tar_of({"weights.safetensors": ENTRIES["weights.safetensors"]}, pax=False))
    size = int(header[124:135], 8)
    header[124:136] = b"\x80" + size.to_bytes(11, "big")  # base 256, as GNU tar writes sizes above 8 GB
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
    path = tmp_path / "wide.tar"
    path.write_bytes(header)
    assert np.array_equal(load(opened(path).window("weights.safetensors.w")), WEIGHT)


def test_a_size_that_no_file_has_is_said(tmp_path: Path) -> None:
    header = bytearray(tar_of({"weights.safetensors": ENTRIES["weights.safetensors"]}, pax=False))
    header[124:136] = b"\x80" + (10**15).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
    path = tmp_path / "m.tar"
    path.write_bytes(header)
    assert any("1,000,000,000,000,000 bytes are declared" in note for note in opened(path).facts.notes)


def test_bombs_are_read_in_part_with_a_note(tmp_path: Path) -> None:
    size = 80_000_000
    entries = {"weights.safetensors": ENTRIES["weights.safetensors"], "zeros.bin": bytes(size)}
    for name, content in (
        ("a.tar.gz", gzip.compress(tar_of(entries), 9)),
        ("b.zip", zip_of(entries, zipfile.ZIP_DEFLATED)),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        found = opened(path)
        assert any("limit reached" in note for note in found.facts.notes), name
        assert np.array_equal(load(found.window("weights.safetensors.w")), WEIGHT)


def test_an_archive_inside_an_archive_is_named_and_left_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tar_of({"inner.tar.gz": ARCHIVES["tar.gz"], "w.safetensors": ENTRIES["weights.safetensors"]}))
    found = opened(path)
    assert found.objects["inner.tar.gz"] == f"{len(ARCHIVES['tar.gz']):,} bytes (tar-gz)"
    assert len(found.facts.tensors) == 1


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_cut_anywhere_opens_or_says_so(tmp_path: Path, kind: str) -> None:
    whole = ARCHIVES[kind]
    path = tmp_path / f"model.{kind}"
    opens = 0
    for end in range(4, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:end])
        try:
            found = facts_of(path)
        except FileError as error:
            assert str(error).startswith(f"{path.name}: expected ")
            continue
        if isinstance(found, CheckpointFacts):
            opens += 1
            assert found.notes or end > len(whole) - tarfile.RECORDSIZE
    assert opens > 5


@given(
    kind=st.sampled_from(sorted(ARCHIVES)), place=st.integers(0, 1 << 20), content=st.binary(min_size=1, max_size=30)
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_end_in_a_listing_or_a_sentence(tmp_path: Path, kind: str, place: int, content: bytes) -> None:
    whole = bytearray(ARCHIVES[kind])
    at = place % (len(whole) - len(content))
    whole[at : at + len(content)] = content
    path = tmp_path / f"model.{kind}"
    path.write_bytes(whole)
    try:
        facts_of(path)
    except FileError as error:
        assert "expected" in str(error)


def test_gzip_that_unpacks_to_nothing_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "m.tar.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00")
    with ByteFile(path) as file, pytest.raises(DamagedError, match="breaks off"):
        read_tar_gz(file, Notes(), QUIET)


@pytest.mark.samples
@pytest.mark.skipif(not sample_files("checkpoints/**/*.tar.gz"), reason="the real sample files are not here")
def test_real_archives_hold_what_tarfile_and_zipfile_find() -> None:
    for path in sample_files("checkpoints/**/*.tar.gz"):
        found = opened(path)
        assert sniff(path).container == "tar-gz"
        assert found.facts.notes == ()
        with tarfile.open(path) as archive:
            files = [member.name.removeprefix("./") for member in archive if member.isfile()]
        names = [*found.objects, *(tensor.name for tensor in found.facts.tensors)]
        assert len(found.facts.tensors) >= 9
        for name in names:
            assert any(name == file or name.startswith(f"{file}.") for file in files), name
        for file in files:
            assert any(name == file or name.startswith(f"{file}.") for name in names), file
    for path in sample_files("rundirs/DLR-RM__rl-baselines3-zoo/**/*.zip"):
        found = opened(path)
        assert found.facts.notes == ()
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            version = archive.read("_stable_baselines3_version").decode()
        assert found.objects["_stable_baselines3_version"] == version
        listed = [*found.objects, *(tensor.name for tensor in found.facts.tensors)]
        assert all(any(key == name or key.startswith(f"{name}.") for key in listed) for name in names)
