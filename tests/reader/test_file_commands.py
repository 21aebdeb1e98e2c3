"""`clean` and `info --verify` as a user runs them: what they print, what they leave, how they end."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inspector.__main__ import main
from inspector.core import files
from inspector.core.resources import resource
from tests.reader.command import call

torch = pytest.importorskip("torch")

SAMPLE = "sample_run/checkpoints/step_0001400.pt"


def damaged_copy(folder: Path) -> Path:
    """The sample checkpoint with one bit of a tensor turned round; torch loads it."""
    path = folder / "damaged.pt"
    data = bytearray(Path(resource(SAMPLE)).read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    torch.load(path, weights_only=True)
    return path


def test_a_sound_checkpoint_is_verified(tmp_path: Path) -> None:
    done = call("info", resource(SAMPLE), "--verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith("have their checksum")
    found = json.loads(call("info", resource(SAMPLE), "--verify", "--json").stdout)
    assert found["kind"] == "checkpoint"
    assert found["verified"]["sound"] is True
    assert found["verified"]["checked"] == "crc32"
    assert found["verified"]["records"] > 100


def test_damage_is_named_and_ends_with_1(tmp_path: Path) -> None:
    path = damaged_copy(tmp_path)
    done = call("info", path, "--verify")
    assert (done.returncode, done.stderr) == (1, "")
    assert "damaged.pt is damaged: " in done.stdout
    assert "does not have the checksum that was written with it; it holds " in done.stdout
    done = call("info", path, "--verify", "--json")
    assert done.returncode == 1
    (record,) = json.loads(done.stdout)["verified"]["damaged"]
    assert record["expected_crc"] != record["found_crc"]
    assert record["tensors"]


def test_a_run_is_no_checkpoint_to_verify() -> None:
    done = call("info", resource("sample_run"), "--verify")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--verify takes one checkpoint" in done.stderr


def test_a_file_too_damaged_to_list_is_verified_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    path.write_bytes(Path(resource(SAMPLE)).read_bytes()[:3000])
    done = call("info", path, "--verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["verified"]["sound"] is False


def test_a_clean_copy_is_written_and_told(tmp_path: Path) -> None:
    out = tmp_path / "clean.pt"
    out.write_bytes(b"old")
    done = call("clean", resource(SAMPLE), "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("clean.pt written: ")
    loaded = torch.load(out, weights_only=True)
    original = torch.load(resource(SAMPLE), weights_only=True)
    assert list(loaded) == list(original)
    assert all(torch.equal(loaded["model"][name], tensor) for name, tensor in original["model"].items())
    told = json.loads(call("clean", resource(SAMPLE), "-o", out, "--json").stdout)
    assert told["path"] == str(out)
    assert told["bytes"] == out.stat().st_size
    assert told["tensors"] > 100
    assert [path.name for path in tmp_path.iterdir()] == ["clean.pt"]


def test_bad_input_and_bad_targets_give_one_sentence_and_no_debris(tmp_path: Path) -> None:
    notes, source = tmp_path / "notes.txt", tmp_path / "model.pt"
    notes.write_text("hello\n")
    torch.save({"a": torch.ones(3)}, source)
    before = source.read_bytes()
    for arguments, words in (
        ((notes, "-o", tmp_path / "out.pt"), "notes.txt: expected a checkpoint"),
        (
            (tmp_path / "nothing.pt", "-o", tmp_path / "out.pt"),
            "nothing.pt: expected a checkpoint, found nothing there",
        ),
        ((source, "-o", source), "it would take the place of what it is made from"),
        ((source, "-o", tmp_path / "nowhere" / "out.pt"), "cannot be written there"),
    ):
        done = call("clean", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert call("clean", source).returncode == 2
    assert source.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "model.pt"}


class FullDisk:
    """The operating system, whose disk is full when a file is to be made durable or put in place."""

    def __init__(self, call: str) -> None:
        self._call = call

    def __getattr__(self, name: str) -> object:
        if name != self._call:
            return getattr(os, name)

        def fail(*_arguments: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        return fail


@pytest.mark.parametrize("failing", ["open", "fsync", "replace"])
def test_a_full_disk_keeps_the_old_file_and_leaves_no_debris(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failing: str
) -> None:
    source, out = tmp_path / "model.pt", tmp_path / "clean.pt"
    torch.save({"a": torch.ones(3)}, source)
    out.write_bytes(b"old")
    monkeypatch.setattr(files, "_os", FullDisk(failing))
    assert main(["clean", str(source), "-o", str(out)]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert out.read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"model.pt", "clean.pt"}


def test_an_interrupted_copy_leaves_no_debris(tmp_path: Path) -> None:
    source, out = tmp_path / "model.pt", tmp_path / "clean.pt"
    torch.save({f"t{i}": torch.zeros(10_000_000) for i in range(12)}, source)
    out.write_bytes(b"old")
    command = [sys.executable, "-I", "-m", "inspector", "clean", str(source), "-o", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not any(path.name.startswith(".clean.pt") and path.stat().st_size for path in tmp_path.iterdir()):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"model.pt", "clean.pt"}
