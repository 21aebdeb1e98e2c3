"""`python -m tests.benchmarks.triage [FOLDER]`: first and all findings of a large run, against passes over its data.

A run of a million records and a dump of 2 GB (gzip and shuffle) is made in FOLDER, where it lacks them, and opened as
the window opens it: by a locked reader that is asked for the run, for what a first look finds, for what was not read
yet, and for all findings. Beside that stand passes over the same bytes in processes of their own, by the program's
reading and by json or h5py. `python -m tests.benchmarks.triage pass WAY PATH` is one of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.benchmarks import table_files
from tests.benchmarks.dumps import DISTINCT, packed

_RECORDS = 1_000_000
_DUMP_BYTES = 2_000_000_000
_LAYERS = (("conv1", 32, 32), ("conv2", 64, 32), ("conv3", 128, 16), ("conv4", 256, 8))
"""Name, channels and side."""


def make_dump(path: Path, total_bytes: int) -> None:
    """Layers behind a ReLU, a quarter of the channels of the last dead; `total_bytes` are those of the numbers."""
    generator = np.random.default_rng(0)
    samples = total_bytes // sum(channels * side * side * 4 for _name, channels, side in _LAYERS)
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": samples})
        for name, channels, side in _LAYERS:
            values = np.maximum(generator.standard_normal((DISTINCT, channels, side, side), np.float32) - 0.5, 0)
            values[:, : channels // 4 if name == "conv4" else 0] = 0
            shape = (channels, side, side)
            layer = file.create_dataset(
                f"activations/{name}", (samples, *shape), "<f4", chunks=(1, *shape), compression="gzip", shuffle=True
            )
            chunks = [packed(sample) for sample in values]
            for sample in range(samples):
                layer.id.write_direct_chunk((sample, 0, 0, 0), chunks[sample % DISTINCT])


def one_pass(way: str, path: Path) -> None:
    """Read all of a file once, in this process."""
    if way == "json":
        table_files.read_with_json(path)
    elif way == "records":
        table_files.read(path)
    elif way == "h5py":
        with h5py.File(path) as file:
            for layer in file["activations"].values():
                for sample in range(len(layer)):
                    _ = layer[sample].sum()
    else:
        from inspector.artifacts.dumps.dump import opened
        from inspector.artifacts.dumps.streaming import worked
        from inspector.core.pulse import QUIET

        dump = opened(path)
        for name, _channels, _side in _LAYERS:
            layer = dump.dataset(f"activations/{name}")
            assert layer is not None
            for _sum in worked(dump, layer, lambda batch: sum(float(sample.sum()) for sample in batch.values), QUIET):
                pass


def _told(what: str, wall_s: float, cpu_s: float, peak_mb: float, note: str = "") -> None:
    print(f"  {what:<34} {wall_s:8.2f} s {cpu_s:8.2f} s CPU {peak_mb:7.0f} MB  {note}", flush=True)


def _pass(what: str, way: str, path: Path) -> None:
    began_s = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", __spec__.name, "pass", way, str(path)])
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert not process.returncode, what
    _told(what, time.monotonic() - began_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


@contextmanager
def _reader(folder: Path) -> Iterator[tuple[Callable[..., Any], Callable[[], tuple[float, float]]]]:
    """What asks a reader of a folder and waits for its answer, and what tells its CPU seconds and peak MB."""
    from inspector.core.outcome import Done
    from inspector.jobs.readers import Launcher
    from inspector.jobs.requests import Lock, LockAsk

    with Launcher() as launcher:
        reader = launcher.reader((folder,))

        def ask(kind: str, body: Any, answer: Any) -> Any:
            found: list[Any] = []
            reader.ask(kind, body, answer, found.append)
            while not found:
                launcher.wait()
            assert isinstance(found[0], Done), found[0]
            return found[0].value

        def used() -> tuple[float, float]:
            words = Path(f"/proc/{reader.pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{reader.pid}/status").read_text()
            peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
            return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK"), peak_kb / 1000

        ask("lock", LockAsk(), Lock)  # the launcher is warm
        yield ask, used


def triage(folder: Path) -> None:
    """Ask for a run and its findings as the window does, and tell when each came."""
    from inspector.diagnosis.values import Diagnosis
    from inspector.jobs.requests import Diagnose, Open, Refresh
    from inspector.runs.values import Run

    with _reader(folder) as (ask, used):
        began_s = time.monotonic()
        run = ask("open", Open(), Run)
        first = ask("diagnose", Diagnose(first=True), Diagnosis)
        _told("first findings", time.monotonic() - began_s, *used(), ", ".join(one.id for one in first.findings))
        while run.unread_bytes:
            run = ask("refresh", Refresh(), Run | None) or run
        found = ask("diagnose", Diagnose(), Diagnosis)
        _told("all findings", time.monotonic() - began_s, *used(), ", ".join(one.id for one in found.findings))


def measure(folder: Path) -> None:
    """Print what the run and the passes took."""
    records, dump = folder / "metrics.jsonl", folder / "epoch_001.h5"
    if not records.exists():
        table_files.make(records, _RECORDS)
    if not dump.exists():
        make_dump(dump, _DUMP_BYTES)
    print(
        f"{_RECORDS:,} records in {records.stat().st_size / 1e6:,.0f} MB, a dump of {_DUMP_BYTES / 1e9:g} GB in"
        f" {dump.stat().st_size / 1e6:,.0f} MB"
    )
    triage(folder)
    _pass("a pass over the records", "records", records)
    _pass("the same by json, line by line", "json", records)
    _pass("a pass over the dump", "dump", dump)
    _pass("the same by h5py", "h5py", dump)
    print(f"load {os.getloadavg()[0]:.1f}, {len(os.sched_getaffinity(0))} cores")


if __name__ == "__main__":
    if sys.argv[1:2] == ["pass"]:
        one_pass(sys.argv[2], Path(sys.argv[3]))
    else:
        with tempfile.TemporaryDirectory() as home:
            os.environ["RUN_INSPECTOR_HOME"] = home
            made = Path(sys.argv[1] if len(sys.argv) > 1 else home) / "run"
            made.mkdir(parents=True, exist_ok=True)
            measure(made)
