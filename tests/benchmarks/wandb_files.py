"""`python -m tests.benchmarks.wandb_files PATH ROWS` writes a run file; `... PATH` reads it and prints CPU seconds."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.artifacts.wandb_files import framed, history

KEYS = tuple(f"train/metric_{number}" for number in range(10))

PEER = """
import json, sys, time
began = time.process_time()
from wandb.proto import wandb_internal_pb2
from wandb.sdk.internal.datastore import DataStore
store = DataStore()
store.open_for_scan(sys.argv[1])
columns = {}
while (data := store.scan_data()) is not None:
    record = wandb_internal_pb2.Record()
    record.ParseFromString(data)
    for item in record.history.item:
        columns.setdefault(item.key or ".".join(item.nested_key), []).append(json.loads(item.value_json))
print(time.process_time() - began)
"""
"""W&B's own reader, as 0.19 ships it, into lists by name."""


def rows(count: int) -> Iterator[bytes]:
    """Rows of ten numbers, step, time and run time, in an order of keys that is drawn for each, as W&B writes them."""
    chooser = random.Random(0)
    for step in range(count):
        values = {key: repr(chooser.gauss(0, 1)) for key in KEYS}
        values |= {"_step": str(step), "_runtime": repr(step * 0.11), "_timestamp": repr(1.7e9 + step * 0.11)}
        keys = chooser.sample(sorted(values), len(values))
        yield history({key: values[key] for key in keys}, step)


def main(path: Path, count: int | None) -> None:
    """Write or read."""
    if count is not None:
        path.write_bytes(framed(rows(count)))
        return
    began = time.process_time()
    from inspector.artifacts.logs.wandb import series
    from inspector.core.pulse import QUIET

    series(path, QUIET)
    print(time.process_time() - began)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
