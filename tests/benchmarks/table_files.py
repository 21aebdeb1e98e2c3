"""Large tables and record files, and the seconds of CPU that each way of reading them takes.

`python -m tests.benchmarks.table_files PATH WAY` prints the seconds of `ours`, `csv` or `json`; with `make ROWS` it
writes the file.
"""

from __future__ import annotations

import csv
import json
import random
import sys
import time
from array import array
from itertools import islice
from pathlib import Path
from typing import Any

_NAMES = "step,epoch,time,train/loss,train/acc,lr,grad_norm,val/loss,val/acc,val/ari,memory,speed"
_ROWS_AT_A_TIME = 20_000


def make(path: Path, rows: int) -> None:
    """A sparse table of 12 columns, or records of 5 or 7 keys: a row of validation after nine of training."""
    chance = random.Random(1).random
    with path.open("w", encoding="utf-8") as file:
        if path.suffix == ".csv":
            file.write(f"{_NAMES}\n")
        for step in range(rows):
            moment = 1.7e9 + step / 4
            validates = step % 10 == 9
            if path.suffix == ".csv":
                row = f",,,,{chance()!r},{chance():.4f},{chance()!r},," if validates else ""
                row = row or f"{2 + chance()!r},{chance():.4f},{chance() / 1000!r},,,,,,{step % 7919}"
                file.write(f"{step},{step // 1000},{moment!r},{row}\n")
                continue
            record = {"step": step, "epoch": step // 1000, "time": moment}
            if validates:
                record |= {"val/loss": chance(), "val/acc": chance()}
            else:
                record |= {"train/loss": 2 + chance(), "train/acc": round(chance(), 4)}
                record |= {"lr": chance() / 1000, "grad_norm": chance()}
            file.write(f"{json.dumps(record)}\n")


def read_with_csv(path: Path) -> dict[str, Any]:
    """Columns of filled cells with their rows, by the csv module, some thousand rows at a time."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        columns = {name: (array("q"), array("d")) for name in next(reader)}
        first = 0
        while rows := list(islice(reader, _ROWS_AT_A_TIME)):
            for (places, values), cells in zip(columns.values(), zip(*rows, strict=True), strict=True):
                places.extend([place for place, cell in enumerate(cells, first) if cell])
                values.extend([float(cell) for cell in cells if cell])
            first += len(rows)
    return columns


def read_with_json(path: Path) -> dict[str, Any]:
    """Columns with their lines, by the json module, line by line."""
    columns: dict[str, tuple[array[int], array[float]]] = {}
    with path.open("rb") as file:
        for place, line in enumerate(file):
            for name, value in json.loads(line).items():
                column = columns.setdefault(name, (array("q"), array("d")))
                column[0].append(place)
                column[1].append(value)
    return columns


def read(path: Path) -> Any:
    """Curves, as the program reads them."""
    from inspector.artifacts.logs.logs import series_of
    from inspector.core.pulse import QUIET

    return series_of(path, QUIET)


def main(path: Path, way: str) -> None:
    """Print the CPU seconds of one way; the modules of ours are loaded before the clock starts."""
    if way == "ours":
        from inspector.artifacts.logs import metrics_jsonl, table_csv  # noqa: F401 - loaded here, not timed
    began = time.process_time()
    {"ours": read, "csv": read_with_csv, "json": read_with_json}[way](path)
    print(time.process_time() - began)


if __name__ == "__main__":
    if sys.argv[2] == "make":
        make(Path(sys.argv[1]), int(sys.argv[3]))
    else:
        main(Path(sys.argv[1]), sys.argv[2])
