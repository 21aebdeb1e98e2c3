"""`python -m tests.long.busy_writer FOLDER SECONDS KIND...`: writes logs, dumps and checkpoints as fast as it can.

At the end it prints as JSON, by kind: writes tried, those that raised, and those whose content is not there.
"""

from __future__ import annotations

import csv
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np


def write_hdf5(folder: Path, number: int) -> None:
    """Append to a dataset in a file that is opened and closed for it, as a recorder does."""
    import h5py

    with h5py.File(folder / "dump.h5", "a") as file:
        if "values" not in file:
            file.create_dataset("values", (0, 64), "f4", maxshape=(None, 64), chunks=(16, 64))
        values = file["values"]
        values.resize(number + 1, axis=0)
        values[number] = number


def count_hdf5(folder: Path) -> int:
    """How many of the rows hold what was written."""
    import h5py

    with h5py.File(folder / "dump.h5", "r") as file:
        rows = file["values"][:]
    return int((rows == np.arange(len(rows))[:, None]).all(axis=1).sum())


def write_csv(folder: Path, number: int) -> None:
    """Append a row; now and then all rows are written anew, as Lightning does when a metric joins."""
    path = folder / "metrics.csv"
    if number % 50 == 49:
        with path.open(newline="") as file:
            rows = list(csv.reader(file))
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    with path.open("a", newline="") as file:
        if not number:
            file.write("step,loss\n")
        csv.writer(file).writerow([number, number / 7])


def count_csv(folder: Path) -> int:
    """How many of the rows are there."""
    with (folder / "metrics.csv").open(newline="") as file:
        return len({int(row["step"]) for row in csv.DictReader(file)})


def write_jsonl(folder: Path, number: int) -> None:
    """Append a line to a file that is put away when it has grown."""
    path = folder / "metrics.jsonl"
    if number % 200 == 199:
        path.rename(folder / f"metrics.jsonl.{9999 - number // 200}")
    with path.open("a") as file:
        file.write(json.dumps({"step": number, "loss": number / 7}) + "\n")


def count_jsonl(folder: Path) -> int:
    """How many of the lines are there, in all files."""
    return sum(len(path.read_text().splitlines()) for path in folder.glob("metrics.jsonl*"))


def write_torch(folder: Path, number: int) -> None:
    """Save a checkpoint in place, and another by rename, as trainers do."""
    import torch

    state = {"model": {"weight": torch.full((64, 64), float(number))}, "step": number}
    torch.save(state, folder / "last.pt")
    torch.save(state, folder / ".best.tmp")
    (folder / ".best.tmp").replace(folder / "best.pt")


def count_torch(folder: Path) -> int:
    """The number that the last checkpoint of both bears, plus one."""
    import torch

    steps = {torch.load(folder / name, weights_only=True)["step"] for name in ("last.pt", "best.pt")}
    return int(min(steps)) + 1


KINDS: dict[str, tuple[Callable[[Path, int], None], Callable[[Path], int]]] = {
    "hdf5": (write_hdf5, count_hdf5),
    "csv": (write_csv, count_csv),
    "jsonl": (write_jsonl, count_jsonl),
    "torch": (write_torch, count_torch),
}


def main(folder: Path, seconds: float, kinds: list[str]) -> None:
    """Write each kind in turn until the time is over, which begins when all libraries are loaded."""
    done = dict.fromkeys(kinds, 0)
    failed: dict[str, int] = dict.fromkeys(kinds, 0)
    until_s = math.inf
    while time.monotonic() < until_s:
        for kind in kinds:
            try:
                KINDS[kind][0](folder, done[kind])
            except OSError as error:
                failed[kind] += 1
                print(error, file=sys.stderr)
            else:
                done[kind] += 1
        until_s = min(until_s, time.monotonic() + seconds)
    print(
        json.dumps(
            {kind: [done[kind] + failed[kind], failed[kind], done[kind] - KINDS[kind][1](folder)] for kind in kinds}
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
