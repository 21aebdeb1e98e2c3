"""Opens bombs one by one, each in a process of its own with the limits of a reader, and prints what they cost.

`python -m tests.artifacts.bomb_child FOLDER [NAME...]`; CPU is of the opening alone, memory of the whole process.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.facts import facts_of
from inspector.artifacts.tensors.elements import load, statistics
from inspector.core.errors import FileError, WorkCancelled
from inspector.core.pulse import Pulse
from inspector.formats.facts import CheckpointFacts
from inspector.formats.nonfinite import to_json
from tests.artifacts.bombs import BOMBS

BUDGET_S = float(os.environ.get("BOMB_BUDGET_S", "0.1"))
"""CPU seconds after which the work is asked to stop; a large one lets each run to its end."""

ADDRESS_BYTES = 2 << 30
LAST_RESORT_S = 20
FIRST_TENSORS = 5


def open_whole(path: Path, pulse: Pulse) -> str:
    """What a window does with a file: its facts, their text, and the first tensors."""
    found = facts_of(path, pulse)
    if not isinstance(found, CheckpointFacts):
        return type(found).__name__
    to_json(found)
    checkpoint = opened(path, pulse)
    for tensor in found.tensors[:FIRST_TENSORS]:
        checkpoint.details(tensor.name)
        try:
            statistics(checkpoint.window(tensor.name), pulse)
            load(checkpoint.window(tensor.name), (0,) * len(tensor.shape), pulse)
        except (FileError, IndexError):
            continue
    return f"{len(found.tensors)} tensors, {len(found.objects)} objects, {len(found.notes)} notes"


def measured(path: Path) -> dict[str, Any]:
    """Open one file; outcome, CPU seconds, and the longest time between two looks at whether to stop."""
    began = time.process_time()
    last = began
    stop_s = 0.0

    def cancelled() -> bool:
        nonlocal last, stop_s
        now = time.process_time()
        stop_s = max(stop_s, now - last)
        last = now
        return now - began > BUDGET_S

    try:
        outcome = open_whole(path, Pulse(cancelled=cancelled))
    except WorkCancelled:
        outcome = "cancelled"
    except FileError as error:
        outcome = f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        outcome = f"UNEXPECTED {type(error).__name__}: {str(error)[:200]}"
    now = time.process_time()
    cpu_s = now - began
    if outcome == "cancelled":
        stop_s = max(stop_s, now - last)
    return {"outcome": outcome[:200], "cpu_s": round(cpu_s, 3), "stop_s": round(stop_s, 3)}


def in_a_child(path: Path) -> dict[str, Any]:
    """As `measured`, in a forked process with limits; what killed it where it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES, ADDRESS_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (LAST_RESORT_S, LAST_RESORT_S))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.write(writing, json.dumps(measured(path)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    _, status, used = os.wait4(child, 0)
    found = (
        json.loads(said)
        if said
        else {"outcome": f"DIED {status}", "cpu_s": used.ru_utime + used.ru_stime, "stop_s": 0.0}
    )
    return {**found, "memory_mb": used.ru_maxrss // 1024}


def main() -> None:
    """Make, open and remove each bomb."""
    folder = Path(sys.argv[1])
    for name in sys.argv[2:] or BOMBS:
        suffix, make = BOMBS[name]
        path = folder / f"bomb{suffix}"
        # Made in a process of its own, so that its memory is not counted.
        maker = os.fork()
        if maker == 0:
            path.write_bytes(make())
            os._exit(0)
        _, status, _ = os.wait4(maker, 0)
        assert status == 0, name
        size = path.stat().st_size
        print(json.dumps({"name": name, "bytes": size, **in_a_child(path)}), flush=True)
        path.unlink()


if __name__ == "__main__":
    main()
