"""A packed run folder: its files as Python's own modules unpack them, and nothing that could do harm."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.artifacts import packed_runs
from inspector.artifacts.packed_runs import holds_run, packed_run, unpack_file
from inspector.core.errors import LimitError
from inspector.core.pulse import QUIET
from inspector.formats.packed import is_safe_name

CONTENT = {
    "run/metrics.csv": b"step,loss\n" + b"".join(b"%d,%d\n" % (step, 100 - step) for step in range(100)),
    "run/checkpoints/last.pt": bytes(range(256)) * 40_000,
    "run/empty.log": b"",
}
WRITTEN_S = 1_700_000_000


def _zip(path: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in CONTENT.items():
            archive.writestr(name, data)
    return path


def _tar(path: Path, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # the mode is any text
        for name, data in CONTENT.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), WRITTEN_S
            archive.addfile(info, io.BytesIO(data))
    return path


def _unpacked(path: Path, name: str, out: Path) -> tuple[bytes, tuple[str, ...]]:
    descriptor = os.open(out, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        notes = unpack_file(path, name, descriptor, QUIET).notes
    finally:
        os.close(descriptor)
    return out.read_bytes(), notes


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.zip", _zip),
        ("stored.zip", lambda path: _zip(path, zipfile.ZIP_STORED)),
        ("a.tar.gz", _tar),
        ("a.tgz", _tar),
        ("a.tar", lambda path: _tar(path, "w")),
    ],
)
def test_every_file_comes_out_as_it_went_in(tmp_path: Path, name: str, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / name)
    assert holds_run(path, QUIET)
    packed = packed_run(path, QUIET)
    assert packed.notes == ()
    assert {file.name: _unpacked(path, file.name, tmp_path / "out") for file in packed.files} == {
        name: (data, ()) for name, data in CONTENT.items()
    }


def test_a_file_keeps_the_time_at_which_it_was_written(tmp_path: Path) -> None:
    assert {file.modified_s for file in packed_run(_tar(tmp_path / "a.tar"), QUIET).files} == {WRITTEN_S}
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.log", (2024, 2, 29, 13, 37, 42)), "x")
    stamp = packed_run(path, QUIET).files[0].modified_s
    assert stamp is not None
    assert time.localtime(stamp)[:6] == (2024, 2, 29, 13, 37, 42)


EVIL = (
    "../evil.log",
    "/etc/evil.log",
    "a/../../evil.log",
    "a/./b.log",
    "a//b.log",
    "..",
    "a\nb.log",
    "x" * 300 + ".log",
)


@pytest.mark.parametrize("evil", EVIL)
def test_a_name_that_leaves_the_folder_is_noted_and_not_unpacked(tmp_path: Path, evil: str) -> None:
    assert not is_safe_name(evil)
    zipped, tarred = tmp_path / "a.zip", tmp_path / "a.tar"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(evil, "x")
        archive.writestr("good.csv", "x")
    with tarfile.open(tarred, "w") as tar:
        for name in (evil, "good.csv"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    for path in (zipped, tarred):
        packed = packed_run(path, QUIET)
        assert [file.name for file in packed.files] == ["good.csv"]
        assert any("not unpacked" in note for note in packed.notes)


def test_links_and_devices_are_not_unpacked(tmp_path: Path) -> None:
    tarred = tmp_path / "a.tar"
    with tarfile.open(tarred, "w") as tar:
        for name, kind in (
            ("s", tarfile.SYMTYPE),
            ("h", tarfile.LNKTYPE),
            ("d", tarfile.CHRTYPE),
            ("p", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        tar.addfile(tarfile.TarInfo("good.csv"), io.BytesIO())
    zipped = tmp_path / "a.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        link = zipfile.ZipInfo("s")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.csv", "x")
    for path in (tarred, zipped):
        packed = packed_run(path, QUIET)
        assert [file.name for file in packed.files] == ["good.csv"]
        assert len(packed.notes) >= 1


def test_sizes_are_bounded_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_runs, "FREE_BYTES", 1_000_000)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.log", bytes(30_000_000))
    with pytest.raises(LimitError, match=r"bomb.zip.*30,000,000"):
        packed_run(bomb, QUIET)
    packed_bomb = tmp_path / "bomb.tar.gz"
    with tarfile.open(packed_bomb, "w:gz") as tar:
        info = tarfile.TarInfo("zeros.log")
        info.size = 30_000_000
        tar.addfile(info, io.BytesIO(bytes(info.size)))
    with pytest.raises(LimitError, match="30,000,000"):
        packed_run(packed_bomb, QUIET)
    monkeypatch.setattr(packed_runs, "MAX_FILES", 2)
    with pytest.raises(LimitError, match="at most 2 files"):
        packed_run(_tar(tmp_path / "a.tar"), QUIET)


def test_a_declared_size_that_is_not_there_is_noted(tmp_path: Path) -> None:
    path = _tar(tmp_path / "a.tar", "w")
    path.write_bytes(path.read_bytes()[: 512 + 1024 + 512 + 4000])
    packed = packed_run(path, QUIET)
    assert [file.bytes for file in packed.files] == [len(CONTENT["run/metrics.csv"]), 4000]
    assert any("cut off" in note for note in packed.notes)
    damaged = _zip(tmp_path / "a.zip")
    data = bytearray(damaged.read_bytes())
    data[60] ^= 0xFF
    damaged.write_bytes(data)
    got, notes = _unpacked(damaged, "run/metrics.csv", tmp_path / "out")
    assert got != CONTENT["run/metrics.csv"]
    assert notes != ()


def test_a_checkpoint_in_an_archive_stays_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "policy.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("policy.pth", b"x")
        archive.writestr("data", "{}")
    assert not holds_run(path, QUIET)
    (tmp_path / "plain.csv").write_text("step,loss\n1,2\n")
    assert not holds_run(tmp_path / "plain.csv", QUIET)
