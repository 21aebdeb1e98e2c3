"""A run that is killed, stopped, or out of disk leaves only whole files and says what it can."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import time
from pathlib import Path

import h5py
import msgspec
import pytest

from inspector.core import files
from inspector.formats.metrics import decode_record
from inspector.formats.run_folder import RunRecord
from inspector.training import checkpoint
from inspector.training.__main__ import main
from tests.training.runs import (
    TINY,
    arguments,
    differences,
    events,
    forked,
    last_content,
    records,
    resumed,
    run_record,
    timeless,
)

BUSY = {
    **TINY,
    "train.checkpoint_steps": 1,
    "train.checkpoint_every": 1,
    "train.dump_every": 1,
    "train.keep_checkpoints": 3,
}


def started(run, edits):
    return forked(lambda: main(["train", "slots", "-o", str(run), "--device", "cpu", *arguments(edits)]))


def wait_for(condition, child, limit_s=30.0):
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
        time.sleep(0.002)


def assert_whole(run):
    """Every file that a reader would open is whole, and run.json names only files that are there."""
    for path in run.glob("checkpoints/[!.]*"):
        assert checkpoint.load(path)["step"] == int(path.stem.removeprefix("step_"))
    for path in run.glob("dumps/[!.]*"):
        with h5py.File(path) as file:
            assert file.attrs["complete"]
    record = msgspec.json.decode((run / "run.json").read_bytes(), type=RunRecord)
    for name in (record.best, record.last):
        assert name is None or (run / "checkpoints" / name).exists()
    assert all("step" in decode_record(line) for line in (run / "metrics.jsonl").read_bytes().split(b"\n") if line)
    return record


@pytest.mark.parametrize("attempt", range(6))
def test_killed_at_any_moment_only_whole_files_are_left(tmp_path, attempt):
    run = tmp_path / "run"
    child = started(run, {**BUSY, "schedule.epochs": 500})
    wait_for(lambda: (run / "run.json").exists(), child)
    time.sleep(random.Random(attempt).uniform(0.0, 0.6))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    record = assert_whole(run)
    assert record.status == "running"
    if list(run.glob("checkpoints/*.pt")):
        child_run = resumed(run, tmp_path / "child", "--epochs", "1")
        assert run_record(child_run).status == "finished"


def test_a_checkpoint_that_run_json_does_not_name_yet_is_the_last(tmp_path, whole):
    run = shutil.copytree(whole, tmp_path / "run")
    newest = max(path.name for path in run.glob("checkpoints/*.pt"))
    killed = msgspec.structs.replace(run_record(whole), best=None, last=None, status="running")
    (run / "run.json").write_bytes(msgspec.json.encode(killed))
    child_run = resumed(run, tmp_path / "child", "--epochs", "1", "--set", "schedule.epochs=5")
    assert run_record(child_run).parent.checkpoint == newest


def test_a_signal_stops_the_run_with_a_checkpoint_from_which_it_goes_on_exactly(tmp_path, whole):
    run = tmp_path / "run"
    child = started(run, {**TINY, "train.checkpoint_steps": 7})
    wait_for(lambda: (run / "metrics.jsonl").exists() and len(records(run)) > 2, child)
    os.kill(child, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    record = assert_whole(run)
    assert record.status == "stopped"
    assert record.reason.startswith("Stopped by SIGTERM after step")
    assert events(run)[-1]["event"] == "stopped"
    step = last_content(run)["step"]
    assert step < 20
    rest = resumed(run, tmp_path / "rest")
    assert differences(last_content(whole), last_content(rest)) == []
    assert timeless(rest, step) == timeless(whole, step)


class FullDisk:
    """The operating system, but from some write on the disk is full: as long as a file is there, if one is named."""

    def __init__(self, writes: int, reserve: Path | None) -> None:
        self._left = writes
        self._reserve = reserve

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, descriptor, data):
        self._left -= 1
        if self._left < 0 and (self._reserve is None or self._reserve.exists()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(descriptor, data)


@pytest.mark.parametrize(("writes", "reserved"), [(3, False), (12, False), (12, True), (30, True), (60, True)])
def test_a_full_disk_ends_the_run_and_leaves_what_was_whole(tmp_path, monkeypatch, capsys, writes, reserved):
    run = tmp_path / "run"
    words = ["train", "slots", "-o", str(run), "--device", "cpu", *arguments({**BUSY, "schedule.epochs": 2})]
    with monkeypatch.context() as patch:
        patch.setattr(files, "_os", FullDisk(writes, run / ".reserve" if reserved else None))
        assert main(words) == 3
    assert "The disk is full" in capsys.readouterr().err
    if (run / "run.json").exists():
        record = assert_whole(run)
        assert record.status == ("failed" if reserved else "running")
        assert record.reason.startswith("The disk is full" if reserved else "")
    assert not list(run.rglob(".*"))


def test_a_disk_that_has_room_again_takes_the_reason(tmp_path, monkeypatch, capsys):
    run = tmp_path / "run"
    words = ["train", "slots", "-o", str(run), "--device", "cpu", *arguments({**BUSY, "schedule.epochs": 2})]
    real = checkpoint.save

    def full(path, content):
        if content["step"] == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, content)

    monkeypatch.setattr(checkpoint, "save", full)
    assert main(words) == 3
    record = assert_whole(run)
    assert record.status == "failed"
    assert record.reason.startswith("The disk is full")
    assert record.reason.endswith("the last whole checkpoint is step_0000003.pt")


def test_an_error_of_the_program_itself_is_in_the_log_and_in_run_json(tmp_path, monkeypatch, capsys):
    run = tmp_path / "run"
    monkeypatch.setattr("inspector.training.loop.epoch_order", lambda *_: 1 / 0)
    assert main(["train", "slots", "-o", str(run), "--device", "cpu", *arguments(TINY)]) == 3
    assert run_record(run).status == "failed"
    assert "ZeroDivisionError" in run_record(run).reason
    assert "Traceback" in (run / "train.log").read_text()
