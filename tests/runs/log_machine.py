"""A run whose logs are appended to, cut, rotated, rewritten, replaced and resumed while they are followed."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from inspector.core.pulse import QUIET
from inspector.runs.curves import RunCurves, run_series
from inspector.runs.follow import refresh
from inspector.runs.scan import scan
from inspector.runs.values import Run
from tests.artifacts import wandb_files
from tests.artifacts.event_files import event_file

BEGIN_S = 1.7e9
CLOCK_NS = 1_000_000_000


@dataclass(frozen=True)
class Log:
    """How one logger writes.

    Attributes:
        name: of its file.
        head: what a new file begins with; `other_head` what it is rewritten to begin with.
        record: one record of a step, an attempt and a value.
        rotated: name of the file that the newest rotation leaves.
    """

    name: str
    head: bytes
    other_head: bytes
    record: Callable[[int, int, float], bytes]
    rotated: str


def _event(step: int, attempt: int, value: float) -> bytes:
    return event_file([(step, BEGIN_S + 1000 * attempt + step, value)], header=False)


def _row(step: int, _attempt: int, value: float) -> bytes:
    return b"%d,%d,%.5f,%.2f\n" % (step // 10, step, value, value / 2)


def _object(step: int, attempt: int, value: float) -> bytes:
    record = {"step": step, "time": BEGIN_S + 1000 * attempt + step, "loss": value, f"extra_{step % 7}": step}
    return json.dumps(record).encode() + b"\n"


def _line(step: int, _attempt: int, value: float) -> bytes:
    return b"Epoch %d | Step %d | loss=%.3f\n  val_acc: %.2f\n" % (step // 10, step, value, value)


def _wandb(step: int, attempt: int, value: float) -> bytes:
    texts = {"_step": str(step), "_timestamp": str(BEGIN_S + 1000 * attempt + step), "loss": repr(value)}
    return wandb_files.framed([wandb_files.history(texts)])[len(wandb_files.HEADER) :]


LOGS = (
    Log("events.out.tfevents.1700000000.host", event_file([]), b"", _event, "events.out.tfevents.1600000000.host"),
    Log("metrics.csv", b"epoch,step,loss,val\n", b"epoch,step,val,loss\n", _row, "metrics.csv.1"),
    Log("metrics.jsonl", b"", b'{"step": 0, "note": "again"}\n', _object, "metrics.jsonl.1"),
    Log("run-ab.wandb", wandb_files.HEADER, b"", _wandb, "run-cd.wandb"),
    Log("train.log", b"starting\n", b"started anew\n", _line, "train.log.1"),
)


class FollowedRun:
    """The folder, what its loggers write next, and the comparison of the followed view with a fresh one.

    Attributes:
        made, looks: how many runs were made, and how often a followed view was compared with a fresh one.
    """

    made = 0
    looks = 0

    def __init__(self) -> None:
        FollowedRun.made += 1
        self.folder = Path(tempfile.mkdtemp(prefix="followed-"))
        self.steps = dict.fromkeys(LOGS, 0)
        self.attempts = dict.fromkeys(LOGS, 0)
        self.torn: dict[Log, bytes] = {}
        self._run: Run | None = None

    def path(self, log: Log) -> Path:
        return self.folder / log.name

    def records(self, log: Log, count: int) -> bytes:
        first = self.steps[log]
        self.steps[log] += count
        attempt = self.attempts[log]
        return b"".join(
            log.record(step, attempt, round(math.sin(step / 9) + attempt / 8, 5))
            for step in range(first, first + count)
        )

    def append(self, log: Log, count: int) -> None:
        new = b"" if self.path(log).exists() else log.head
        self.write(log, new + self.torn.pop(log, b"") + self.records(log, count))

    def append_torn(self, log: Log, place: int) -> None:
        """Half a record; the other half comes with the next append, unless the writer dies before."""
        data = self.torn.pop(log, b"") + self.records(log, 1)
        cut = 1 + place % max(1, len(data) - 1)
        self.torn[log] = data[cut:]
        self.write(log, data[:cut])

    def write(self, log: Log, data: bytes) -> None:
        with self.path(log).open("ab") as file:
            file.write(data)

    def resume(self, log: Log, back: int) -> None:
        """The writer dies, perhaps within a record, and another goes on from an earlier step."""
        self.torn.pop(log, None)
        self.steps[log] = max(0, self.steps[log] - back)
        self.attempts[log] += 1
        self.append(log, 5)

    def cut(self, log: Log, place: int) -> None:
        path = self.path(log)
        if path.exists():
            os.truncate(path, place % (path.stat().st_size + 1))

    def rotate(self, log: Log, *, copying: bool) -> None:
        path = self.path(log)
        if not path.exists():
            return
        if copying:
            shutil.copyfile(path, self.folder / log.rotated)
            os.truncate(path, 0)
        else:
            path.rename(self.folder / log.rotated)
        self.append(log, 3)

    def rewrite(self, log: Log, *, in_place: bool) -> None:
        """The same records behind another header, as Lightning does it when a metric joins."""
        path = self.path(log)
        if not path.exists():
            return
        data = log.other_head + path.read_bytes()[len(log.head) :]
        if in_place:
            with path.open("r+b") as file:
                file.write(data)
                file.truncate()
        else:
            self._replace(path, data)

    def exchange(self, log: Log, place: int) -> None:
        """Other values in as many bytes; the clock of the disk stands still where it had no time to go on."""
        path = self.path(log)
        if not path.exists():
            return
        status = path.stat()
        data = bytearray(path.read_bytes())
        for offset in range(place % 40, len(data), 40):
            if chr(data[offset]).isdigit():
                data[offset] = ord("1") + (data[offset] - ord("0")) % 9
        with path.open("r+b") as file:
            file.write(data)
        if time.time_ns() - status.st_mtime_ns < CLOCK_NS:
            os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))

    def replace(self, log: Log, count: int) -> None:
        self.torn.pop(log, None)
        self.steps[log] = 0
        self._replace(self.path(log), log.head + self.records(log, count))

    def _replace(self, path: Path, data: bytes) -> None:
        other = self.folder / ".other"
        other.write_bytes(data)
        other.rename(path)

    def remove(self, log: Log) -> None:
        self.path(log).unlink(missing_ok=True)
        self.torn.pop(log, None)

    def look(self) -> None:
        """The followed view is what a fresh look at a copy of the folder gives."""
        FollowedRun.looks += 1
        with tempfile.TemporaryDirectory(prefix="fresh-") as place:
            copy = Path(place) / self.folder.name
            shutil.copytree(self.folder, copy)
            assert_same_curves(self._curves(self.folder), self._curves(copy))

    def look_at_the_run(self) -> None:
        """The same of the whole run, as the window follows it."""
        if not any(self.folder.iterdir()):
            return
        run = scan((self.folder,), QUIET) if self._run is None else refresh(self._run, QUIET) or self._run
        self._run = run
        with tempfile.TemporaryDirectory(prefix="fresh-") as place:
            copy = Path(place) / self.folder.name
            shutil.copytree(self.folder, copy)
            fresh = scan((copy,), QUIET)
        assert run.series == fresh.series
        assert run.moments == fresh.moments
        assert _facts(run, self.folder) == _facts(fresh, copy)

    def _curves(self, folder: Path) -> tuple[RunCurves, str]:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        return run_series(paths, QUIET), str(folder)

    def close(self) -> None:
        shutil.rmtree(self.folder)


def _facts(run: Run, folder: Path) -> list[str]:
    """What is said of each file, the folder's own name left out."""
    return [f"{entry.name} {entry.facts}".replace(str(folder), "") for entry in run.files]


def assert_same_curves(one: tuple[RunCurves, str], other: tuple[RunCurves, str]) -> None:
    (followed, folder), (fresh, copy) = one, other
    assert [(curve.series.tag, curve.file, curve.apart) for curve in followed.curves] == [
        (curve.series.tag, curve.file, curve.apart) for curve in fresh.curves
    ]
    for left, right in zip(followed.curves, fresh.curves, strict=True):
        for axis in ("steps", "values", "epochs", "times", "starts"):
            np.testing.assert_array_equal(
                getattr(left.series, axis), getattr(right.series, axis), err_msg=f"{left.series.tag} {axis}"
            )
    assert followed.skipped == fresh.skipped
    assert [note.replace(folder, "") for note in followed.notes] == [note.replace(copy, "") for note in fresh.notes]


logs = st.sampled_from(LOGS)
places = st.integers(0, 20_000)


class FollowedRunMachine(RuleBasedStateMachine):
    """Any order of what writers do, with looks between."""

    def __init__(self) -> None:
        super().__init__()
        self.run = FollowedRun()

    @rule(log=logs, count=st.integers(1, 300))
    def append(self, log: Log, count: int) -> None:
        self.run.append(log, count)

    @rule(log=logs, count=st.integers(1, 20))
    def append_a_little(self, log: Log, count: int) -> None:
        self.run.append(log, count)

    @rule(log=logs, place=places)
    def append_torn(self, log: Log, place: int) -> None:
        self.run.append_torn(log, place)

    @rule(log=logs, back=st.integers(0, 60))
    def resume(self, log: Log, back: int) -> None:
        self.run.resume(log, back)

    @rule(log=logs, place=places)
    def cut(self, log: Log, place: int) -> None:
        self.run.cut(log, place)

    @rule(log=logs, copying=st.booleans())
    def rotate(self, log: Log, copying: bool) -> None:
        self.run.rotate(log, copying=copying)

    @rule(log=logs, in_place=st.booleans())
    def rewrite(self, log: Log, in_place: bool) -> None:
        self.run.rewrite(log, in_place=in_place)

    @rule(log=logs, place=places)
    def exchange(self, log: Log, place: int) -> None:
        self.run.exchange(log, place)

    @rule(log=logs, count=st.integers(0, 50))
    def replace(self, log: Log, count: int) -> None:
        self.run.replace(log, count)

    @rule(log=logs)
    def remove(self, log: Log) -> None:
        self.run.remove(log)

    @precondition(lambda self: any(self.run.folder.iterdir()))
    @rule()
    def look(self) -> None:
        self.run.look()

    @rule()
    def look_at_the_run(self) -> None:
        self.run.look_at_the_run()

    def teardown(self) -> None:
        try:
            self.run.look()
            self.run.look_at_the_run()
        finally:
            self.run.close()
