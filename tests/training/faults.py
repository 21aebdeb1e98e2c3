"""The system as `core.files` sees it, which fails or kills at a chosen call, and the run that is trained over it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import torch

from inspector.core import files
from inspector.formats.metrics import decode_record
from inspector.formats.run_folder import RunRecord
from inspector.jobs.endings import ProcessEnd
from inspector.jobs.supervisor import write_down
from tests.training.matrix import words_of
from tests.training.runs import call, forked

CALLS = frozenset(("open", "write", "readv", "lseek", "ftruncate", "fsync", "close", "replace", "unlink", "utime"))
ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EIO)

EDITS = {
    "train.checkpoint_steps": 1,
    "train.checkpoint_every": 1,
    "train.keep_checkpoints": 2,
    "train.console_every": 2,
    "train.log_every": 1,
}
"""A checkpoint after every step, of which two stay beside the best and the last."""


class Watched:
    """The operating system; `before` is told of each call, by its number from 1 on, and may raise."""

    def __init__(self, before: Callable[[int], None] = lambda _number: None) -> None:
        self.count = 0
        self._before = before
        self._turn = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def made(*given: Any) -> Any:
            with self._turn:
                self.count += 1
                number = self.count
            try:
                self._before(number)
            except OSError:
                if name == "close":  # as the system does
                    real(*given)
                raise
            return real(*given)

        return made


def failing(at: int, number: int, *, from_then_on: bool = False) -> Watched:
    """The system whose call `at` fails, or each from there on."""

    def before(count: int) -> None:
        if count == at or (from_then_on and count > at):
            raise OSError(number, os.strerror(number))

    return Watched(before)


def dying(at: int) -> Watched:
    """The system whose caller is killed before call `at`, with all its threads."""

    def before(count: int) -> None:
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return Watched(before)


@contextmanager
def seen_as(system: Any) -> Iterator[None]:
    with patch.object(files, "_os", system):
        yield


def short_run(run: Path, system: Any, *more: str) -> int:
    """Two epochs of three steps with a checkpoint after each; its exit code."""
    with seen_as(system):
        code, _ = call("train", "matrix", "-o", run, "--device", "cpu", "--epochs", 2, *words_of(EDITS), *more)
    return code


def killed_run(run: Path, at: int) -> bool:
    """Whether a run that is killed before call `at` came so far."""
    _, status = os.waitpid(forked(lambda: short_run(run, dying(at))), 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def temporaries(run: Path) -> list[str]:
    return sorted(path.name for path in run.rglob(".*"))


def swept_after_kill(run: Path) -> list[str]:
    """What is left once the run's end has been written down, as the supervisor does."""
    write_down(run, ProcessEnd(returncode=-signal.SIGKILL), [])
    return temporaries(run)


def assert_kept(run: Path) -> RunRecord | None:
    """The record, when all that it names is whole: checkpoints, and each step's line up to the newest of them."""
    if not (run / "run.json").exists():
        return None
    record = msgspec.json.decode((run / "run.json").read_bytes(), type=RunRecord)
    for path in (run / "checkpoints").glob("[!.]*"):
        assert_loads(path.name, path)
    for name in (record.best, record.last):
        assert name is None or (run / "checkpoints" / name).is_file(), f"{name} is named and is not there"
    assert_logged((run / "metrics.jsonl").read_bytes(), record.last)
    return record


def assert_loads(name: str, source: Any) -> None:
    content = torch.load(source, weights_only=True)
    assert content["step"] == step_of(name)
    assert set(content["model"]) == {"first.weight", "first.bias", "second.weight", "second.bias"}


def assert_logged(lines: bytes, last: str | None) -> None:
    """Every line is whole but for the last, and none is missing of the steps that a checkpoint was named for."""
    *whole, _torn = lines.split(b"\n")
    steps = {record["step"] for record in map(decode_record, whole) if "train/loss" in record}
    assert steps >= set(range(1, step_of(last) + 1))


def step_of(name: str | None) -> int:
    return 0 if name is None else int(name.removesuffix(".pt").removeprefix("step_"))


def assert_fails_well(run: Path, system: Watched, number: int) -> bool:
    """Whether a run came so far as to fail; then it says why, what it names is whole and nothing is left half-made."""
    code = short_run(run, system)
    if code == 0:
        return False
    record = assert_kept(run)
    if code == 2:  # refused before it began
        assert record is None
        return True
    assert code == 3
    assert record is not None
    assert record.status == "failed"
    full = number in (errno.ENOSPC, errno.EDQUOT)
    assert ("The disk is full" if full else f"could not be written ({os.strerror(number)})") in record.reason
    kept = f"the last whole checkpoint is {record.last}" if record.last else "no checkpoint was written before"
    assert record.reason.endswith(kept)
    assert temporaries(run) == []
    return True


def empty(run: Path) -> Path:
    shutil.rmtree(run, ignore_errors=True)
    return run
