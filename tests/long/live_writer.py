"""`python -m tests.long.live_writer FOLDER OUT SECONDS RATE FIRST NAME...`: appends to logs as loggers do.

It waits for a line on stdin, then writes from step FIRST on. At the end OUT tells as JSON, by log: how many records
there were, and `time.monotonic()`, after each write.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.artifacts import wandb_files
from tests.artifacts.event_files import event_file

_EVERY_S = 0.01
_BEGAN_S = float(int(time.time()))
"""A log whose records are old and whose file is new is taken for a copy, which nobody writes."""

Written = list[tuple[int, float]]


@dataclass(frozen=True)
class LiveLog:
    """How one logger writes.

    Attributes:
        name: of its file.
        tag: of its one curve.
        head: what a new file begins with.
        records: those of some steps, as they stand from a byte of the file on.
        rotated: the name of its file once another has begun.
    """

    name: str
    tag: str
    head: bytes
    records: Callable[[range, int], bytes]
    rotated: str


def value(step: int) -> float:
    """What is logged at a step: exact as text and as a float of four bytes."""
    return step % 997 / 8 + (500 if step % 4001 == 4000 else 0)


def _time(step: int) -> float:
    return _BEGAN_S + step / 1024


def _events(steps: range, _offset: int) -> bytes:
    return event_file([(step, _time(step), value(step)) for step in steps], "events/value", header=False)


def _rows(steps: range, _offset: int) -> bytes:
    return b"".join(b"%d,%.3f\n" % (step, value(step)) for step in steps)


def _objects(steps: range, _offset: int) -> bytes:
    lines = ({"step": step, "time": _time(step), "jsonl/value": value(step)} for step in steps)
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _lines(steps: range, _offset: int) -> bytes:
    return b"".join(b"step %d | loss=%.3f\n" % (step, value(step)) for step in steps)


def _histories(steps: range, offset: int) -> bytes:
    rows = (
        {"_step": str(step), "_timestamp": repr(_time(step)), "wandb/value": json.dumps(value(step))} for step in steps
    )
    return wandb_files.framed(map(wandb_files.history, rows), offset)


LOGS = (
    LiveLog(
        "events.out.tfevents.1700000000.host",
        "events/value",
        event_file([]),
        _events,
        "events.out.tfevents.1600000000.host",
    ),
    LiveLog("metrics.jsonl", "jsonl/value", b"", _objects, "metrics.jsonl.1"),
    LiveLog("metrics.csv", "csv/value", b"step,csv/value\n", _rows, "metrics.csv.1"),
    LiveLog("train.log", "loss", b"starting\n", _lines, "train.log.1"),
    LiveLog("run-ab.wandb", "wandb/value", wandb_files.HEADER, _histories, "run-cd.wandb"),
)


def append(folder: Path, log: LiveLog, steps: range) -> None:
    """Append records, to a new file with its head before them."""
    with (folder / log.name).open("ab") as file:
        if not file.tell():
            file.write(log.head)
        file.write(log.records(steps, file.tell()))


def main(folder: Path, seconds: float, rate: float, first: int, logs: list[LiveLog]) -> dict[str, Written]:
    """Write so many records a second in all, dealt out to the logs, as evenly as the machine lets."""
    done = dict.fromkeys(logs, first)
    written: dict[str, Written] = {log.name: [] for log in logs}
    sys.stdin.readline()
    began_s = time.monotonic()
    while True:
        gone_s = min(time.monotonic() - began_s, seconds)
        due = first + round(gone_s * rate / len(logs))
        for log in logs:
            append(folder, log, range(done[log], due))
            done[log] = due
            written[log.name].append((due, time.monotonic()))
        if gone_s >= seconds:
            return written
        time.sleep(_EVERY_S)


if __name__ == "__main__":
    place, out, seconds_text, rate_text, first_text, *names = sys.argv[1:]
    chosen = [log for log in LOGS if log.name in names]
    Path(out).write_text(json.dumps(main(Path(place), float(seconds_text), float(rate_text), int(first_text), chosen)))
