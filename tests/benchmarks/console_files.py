"""A large console log, and the seconds of CPU that each way of reading it takes.

`python -m tests.benchmarks.console_files PATH WAY` prints the seconds of `ours` or `re`; with `make LINES` it writes
the file.
"""

from __future__ import annotations

import random
import re
import sys
import time
from array import array
from pathlib import Path

_LINE = re.compile(r"Epoch (\d+)/\d+ \| Step (\d+)/\d+ \| Loss=([-+.\deE]+) \| Acc=([-+.\deE]+)")
_STEPS = 2842


def make(path: Path, lines: int) -> None:
    """Lines of one shape, whose numbers have one to four decimals."""
    chance = random.Random(1).random
    with path.open("w", encoding="utf-8") as file:
        for n in range(lines):
            decimals = 1 + n % 4
            loss, share = f"{3 * chance():.{decimals}f}", f"{chance():.{5 - decimals}f}"
            file.write(f"Epoch {1 + n // _STEPS}/400 | Step {1 + n % _STEPS}/{_STEPS} | Loss={loss} | Acc={share}\n")


def read_with_re(path: Path) -> dict[str, array[float]]:
    """Columns of numbers, one match a line, as a script would read them."""
    columns = {name: array("d") for name in ("epoch", "step", "loss", "acc")}
    epochs, steps, losses, shares = columns.values()
    with path.open(encoding="utf-8") as file:
        for line in file:
            found = _LINE.match(line)
            if found is not None:
                epoch, step, loss, share = found.groups()
                epochs.append(int(epoch))
                steps.append(int(step))
                losses.append(float(loss))
                shares.append(float(share))
    return columns


def main(path: Path, way: str) -> None:
    """Print the CPU seconds of one way; the modules of ours are loaded before the clock starts.

    Raises:
        ValueError: not every line was read.
    """
    from inspector.artifacts.logs import console
    from inspector.core.pulse import QUIET

    began = time.process_time()
    points = len(console.series(path, QUIET).series[0].values if way == "ours" else read_with_re(path)["loss"])
    taken_s = time.process_time() - began
    if points != path.read_bytes().count(b"\n"):
        raise ValueError(f"{points} points")
    print(taken_s)


if __name__ == "__main__":
    if sys.argv[2] == "make":
        make(Path(sys.argv[1]), int(sys.argv[3]))
    else:
        main(Path(sys.argv[1]), sys.argv[2])
