"""Verify finds what torch loads without a word: bytes that are no longer those that were written."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints import record_checks
from inspector.artifacts.checkpoints.verify import verify
from inspector.core.errors import DamagedError, FileError, MissingError, WorkCancelled
from inspector.core.pulse import Progress, Pulse
from inspector.formats.verified import CRC32
from tests.artifacts.safetensors_files import write_safetensors
from tests.conftest import sample_files

torch = pytest.importorskip("torch")


def state() -> dict[str, Any]:
    torch.manual_seed(0)
    return {
        "encoder": {"weight": torch.randn(20, 30), "bias": torch.randn(30)},
        "step": 7,
        "big": torch.randn(300, 300),
    }


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "model.pt"
    torch.save(state(), path)
    return path


def flip(path: Path, place: int, bit: int = 0) -> None:
    """Turn one bit of a file round."""
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ (1 << bit)]))


def record_places(path: Path) -> dict[str, tuple[int, int]]:
    """Where each record's bytes begin and how many there are, from zipfile and the local headers."""
    places = {}
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name, extra = np.frombuffer(data, "<u2", 2, info.header_offset + 26).tolist()
            places[info.filename] = (info.header_offset + 30 + name + extra, info.compress_size)
    return places


def test_what_torch_wrote_is_sound(checkpoint: Path) -> None:
    found = verify(checkpoint)
    with zipfile.ZipFile(checkpoint) as archive:
        infos = archive.infolist()
    assert found.sound
    assert found.checked == CRC32
    assert (found.records, found.bytes) == (len(infos), sum(info.file_size for info in infos))
    assert found.notes == ()
    assert found.sentence() == f"model.pt: all {len(infos)} records ({found.bytes / 1000:.1f} kB) have their checksum"


def test_a_flipped_bit_that_torch_loads_silently_is_found_with_its_tensor(checkpoint: Path) -> None:
    before = torch.load(checkpoint, weights_only=True)
    (name,) = (
        name for name, (_, size) in record_places(checkpoint).items() if "/data/" in name and size == 20 * 30 * 4
    )
    start, size = record_places(checkpoint)[name]
    flip(checkpoint, start + 1000, 3)
    after = torch.load(checkpoint, weights_only=True)
    assert not torch.equal(before["encoder"]["weight"], after["encoder"]["weight"]), "torch is the witness"
    found = verify(checkpoint)
    (damaged,) = found.damaged
    assert not found.sound
    assert (damaged.name, damaged.start, damaged.bytes) == (name, start, size)
    assert damaged.tensors == ("encoder.weight",)
    assert damaged.found_crc == zlib.crc32(checkpoint.read_bytes()[start : start + size])
    with zipfile.ZipFile(checkpoint) as archive:
        assert damaged.expected_crc == archive.getinfo(name).CRC
        assert archive.testzip() == name
    assert found.sentence() == (
        f"model.pt is damaged: {name} (2.4 kB at byte {start:,}) does not have the checksum that was written with it; "
        "it holds encoder.weight"
    )


def test_every_tensor_of_a_shared_storage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "shared.pt"
    base = torch.arange(100.0)
    torch.save({f"view{i}": base[i:] for i in range(5)}, path)
    start, _ = record_places(path)["shared/data/0"]
    flip(path, start)
    (damaged,) = verify(path).damaged
    assert set(damaged.tensors) == {f"view{i}" for i in range(5)}
    assert damaged.tensor_count == 5
    assert damaged.sentence().endswith("it holds view0, view1, view2 and 2 more")


@pytest.mark.parametrize("compressed", [False, True])
def test_npz_records_are_checked_packed_or_not(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "arrays.npz"
    (np.savez_compressed if compressed else np.savez)(path, a=np.arange(1000), b=np.zeros(50_000))
    assert verify(path).sound
    start, size = record_places(path)["b.npy"]
    flip(path, start + size // 2)
    assert [record.name for record in verify(path).damaged] == ["b.npy"]


def test_a_bomb_is_not_unpacked_further_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(50_000_000))
    data = path.read_bytes()
    said = (50_000_000).to_bytes(4, "little")
    assert data.count(said) == 2
    path.write_bytes(data.replace(said, (1000).to_bytes(4, "little")))
    beats: list[Progress] = []
    (damaged,) = verify(path, Pulse(beats.append)).damaged
    assert "where the archive says 1,000" in damaged.problem
    assert len([beat for beat in beats if beat.what.startswith("verifying")]) < 10


def test_a_pickle_of_an_archive_that_is_damaged_is_named(checkpoint: Path) -> None:
    start, _ = record_places(checkpoint)["model/data.pkl"]
    flip(checkpoint, start + 40)
    assert [record.name for record in verify(checkpoint).damaged] == ["model/data.pkl"]


def test_a_storage_that_an_archive_does_not_have_is_lost_though_all_that_it_has_is_whole(checkpoint: Path) -> None:
    with zipfile.ZipFile(checkpoint) as archive:
        records = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(checkpoint, "w") as archive:
        for name, content in records.items():
            if not name.endswith("/data/0"):
                archive.writestr(name, content)
    found = verify(checkpoint)
    assert not found.sound
    (lost,) = found.damaged
    assert lost.name == "encoder.weight"
    assert lost.problem.startswith("refers to storage 0")


def test_a_local_checksum_that_differs_from_the_directory_is_said(tmp_path: Path) -> None:
    path = tmp_path / "two.npz"
    np.savez(path, a=np.arange(10))
    flip(path, 14)
    found = verify(path)
    assert found.sound
    assert found.notes == ("ambiguous archive: a.npy has another checksum where its bytes are",)


def test_an_archive_that_is_cut_off_is_damaged_and_its_whole_records_are_checked(checkpoint: Path) -> None:
    places = record_places(checkpoint)
    last = max(places.values())
    os.truncate(checkpoint, last[0])
    found = verify(checkpoint)
    assert not found.sound
    assert found.damaged[0].name == "the archive's directory"
    assert {"model/data.pkl"}.isdisjoint(record.name for record in found.damaged)


def test_an_encrypted_record_is_not_called_sound(tmp_path: Path) -> None:
    path = tmp_path / "locked.npz"
    np.savez(path, a=np.arange(10))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in verify(path).damaged[0].problem


def test_without_checksums_it_is_said_what_was_checked(tmp_path: Path) -> None:
    legacy, tensors = tmp_path / "old.pt", tmp_path / "a.safetensors"
    torch.save(state(), legacy, _use_new_zipfile_serialization=False)
    write_safetensors(tensors, {"a": np.zeros(10), "b": np.zeros(12)})
    for path, words in ((legacy, "files of torch before 1.6 have no checksums"), (tensors, "safetensors has no")):
        found = verify(path)
        assert found.sound
        assert found.checked.startswith(words)
        assert found.sentence().startswith(f"{path.name}: {words}")
        os.truncate(path, path.stat().st_size - 1)
        assert not verify(path).sound


def test_gzip_has_a_checksum_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "weights.tar.gz"
    inner = io.BytesIO()
    torch.save({"a": torch.randn(1000)}, inner)
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("model.pt")
        info.size = len(inner.getvalue())
        inner.seek(0)
        archive.addfile(info, inner)
    assert verify(path).sound
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(512))
    assert verify(path).sound, "tapes are padded"
    path.write_bytes(whole + gzip.compress(b"more"))
    assert verify(path).sound, "a gzip file may have several members"
    path.write_bytes(whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:])
    assert verify(path).damaged[0].problem == "does not have the checksum that was written with it"
    path.write_bytes(whole[: len(whole) // 2])
    assert "cut off" in verify(path).damaged[0].problem


def test_what_is_no_checkpoint_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello\nworld\n")
    (tmp_path / "empty.pt").write_bytes(b"")
    for name, error in (("notes.txt", FileError), ("empty.pt", DamagedError), ("nothing.pt", MissingError)):
        with pytest.raises(error, match=f"^{name}: expected "):
            verify(tmp_path / name)


def test_progress_counts_all_bytes_and_a_cancel_is_seen(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_checks, "BLOCK_BYTES", 1 << 10)
    beats: list[Progress] = []
    verify(checkpoint, Pulse(beats.append))
    verifying = [beat for beat in beats if beat.what.startswith("verifying model.pt")]
    assert len(verifying) > 300
    assert [beat.done for beat in verifying] == sorted(beat.done for beat in verifying)
    assert verifying[-1].done <= verifying[-1].total == checkpoint.stat().st_size
    with pytest.raises(WorkCancelled):
        verify(checkpoint, Pulse(cancelled=lambda: len(beats) > 0))


@pytest.mark.samples
def test_real_archives_agree_with_zipfile() -> None:
    files = [path for path in sample_files("checkpoints/**/*") if path.is_file() and zipfile.is_zipfile(path)]
    if not files:
        pytest.skip("the real sample files are not here")
    for path in files:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
        found = verify(path)
        assert found.sound == (bad is None), path
        assert found.checked == CRC32


def test_verifying_needs_no_torch_and_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "zeros.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("a.npy", "w", force_zip64=True) as entry:
        for _ in range(200):
            entry.write(bytes(1_000_000))
    script = f"""
import resource, sys
from pathlib import Path
from inspector.artifacts.checkpoints.verify import verify
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert verify(Path({str(path)!r})).sound
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    grown_kb, torch_loaded = done.stdout.split()
    assert int(grown_kb) < 40_000
    assert torch_loaded == "False"
