"""Logs with one byte damaged, and how many of their records are read no more."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.artifacts.logs.logs import series_of
from inspector.core.pulse import QUIET
from tests.artifacts.event_files import event_file

RECORDS = 300


@dataclass(frozen=True)
class Damaged:
    """How much of a format one damaged byte may cost.

    Attributes:
        name: of the file.
        whole: its bytes.
        joins: where the end of a line is damaged, two records have become one.
        header: so many first bytes name the columns; damaged ones name them otherwise, and no number is lost.
    """

    name: str
    whole: bytes
    joins: bool = False
    header: int = 0

    def allowed(self, offset: int) -> int:
        """How many records a damaged byte may cost."""
        return 2 if self.joins and self.whole[offset] == ord("\n") else 1


def _value(step: int) -> float:
    return round(2 + math.sin(step / 9), 4)


STEPS = range(1000, 1000 + RECORDS)
FORMATS = (
    Damaged(
        "events.out.tfevents.1700000000.host",
        event_file([(step, 1.7e9 + step, _value(step)) for step in STEPS]),
    ),
    Damaged(
        "metrics.csv",
        b"step,loss,val\n" + b"".join(b"%d,%.4f,%d\n" % (step, _value(step), step % 7) for step in STEPS),
        joins=True,
        header=len(b"step,loss,val\n"),
    ),
    Damaged(
        "metrics.jsonl",
        b"".join(json.dumps({"step": step, "loss": _value(step), "val": step % 7}).encode() + b"\n" for step in STEPS),
    ),
    Damaged(
        "train.log",
        b"".join(b"step %d | loss=%.4f | lr=0.%d\n" % (step, _value(step), step % 7 + 1) for step in STEPS),
        joins=True,
    ),
)


def lost_records(log: Damaged, data: bytes, folder: Path, *, stepless: bool = False) -> int:
    """How many of the loss values of a damaged log are not read at their step; `stepless`, at any.

    Raises:
        FileError: nothing is read any more; any other error is a fault of the reader.
    """
    path = folder / log.name
    path.write_bytes(data)
    read: Counter[tuple[float, float]] = Counter()
    for series in series_of(path, QUIET).series:
        steps = np.zeros(len(series.steps)) if stepless else series.steps
        read.update(zip(steps.tolist(), series.values.round(4).tolist(), strict=True))
    wanted = Counter((0.0 if stepless else float(step), _value(step)) for step in STEPS)
    return (wanted - read).total()


def damage(log: Damaged, offset: int, chooser: random.Random, folder: Path) -> int:
    """Damage one byte; how many records that costs.

    Raises:
        AssertionError: more than it may.
    """
    data = bytearray(log.whole)
    data[offset] ^= chooser.randrange(1, 256)
    lost = lost_records(log, bytes(data), folder, stepless=offset < log.header)
    assert lost <= log.allowed(offset), (
        f"{log.name}: byte {offset}, {log.whole[offset]:#x} become {data[offset]:#x}, costs {lost} records"
    )
    return lost
