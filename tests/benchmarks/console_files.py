"""A large console log, and the seconds of CPU that each way of reading it takes.

`python -m tests.benchmarks.console_files PATH WAY` prints the seconds of `ours` or `re`; with `make LINES` it writes
the file. `ours-mixed`, `re-mixed` and `make-mixed` are the same for lines of 40 shapes in any order.
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


_MESSAGES = (
    "Epoch {e}/100 | Step {n}/2842 | Loss={a:.4f} | Acc={b:.4f}", "Epoch {e}/100 | Elapsed {m}m | Loss: {a:.4f}",
    "Step {n}/2842 | Loss={a:.3f} | ETA: {m}:30", "step: {n}  loss: {a:.4f}  lr: {c:.3e}  memory: {b:.2f}GiB",
    "{n}/2842 [=====>....] - ETA: {m}s - loss: {a:.4f} - accuracy: {b:.4f}", "  x_head: {a:.4f}",
    "Epoch [{e}][{n}/7330]\tlr: {c:.3e}, eta: 1 day, {m}:12:13, time: {b:.3f}, loss: {a:.4f}",
    "epoch {e:03d}:  {n} / 7380 loss={a:.3f}, ppl={b:.2f}, lr={c:.3e}", "Checkpoint saved to runs/epoch_{e}.pt",
    "{{'loss': {a!r}, 'grad_norm': {b!r}, 'epoch': {e}.5}}",
)  # fmt: skip
_AROUND = (
    "{}",
    "2026-05-19 18:32:{m:02d},445 - root - INFO - {}",
    "\x1b[32m{}\x1b[0m",
    "Training: {m:3d}%|███  | {m}/100 [00:01<00:09, 3.1it/s]\r{}",
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NAMED = re.compile(r"([A-Za-z_][\w/]*)['\"]?\s*[=:]\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)")


def make_mixed(path: Path, lines: int) -> None:
    """Lines of 40 shapes in any order, some coloured and some behind a progress bar."""
    random_ = random.Random(1)
    chance = random_.random
    with path.open("w", encoding="utf-8") as file:
        for n in range(lines):
            minute = int(60 * chance())
            message = random_.choice(_MESSAGES)
            text = message.format(e=n // _STEPS, n=n % _STEPS, m=minute, a=3 * chance(), b=chance(), c=1e-3 * chance())
            file.write(random_.choice(_AROUND).format(text, m=minute) + "\n")


def read_mixed_with_re(path: Path) -> int:
    """How many named numbers there are, found line by line as a script would."""
    columns: dict[str, array[float]] = {}
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            for name, number in _NAMED.findall(_COLOUR.sub("", line.rpartition("\r")[2])):
                columns.setdefault(name, array("d")).append(float(number.rstrip(".")))
    return sum(map(len, columns.values()))


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
        ValueError: not every line was read; of mixed ones, none.
    """
    from inspector.artifacts.logs import console
    from inspector.core.pulse import QUIET

    began = time.process_time()
    if way.endswith("-mixed"):
        named = console.series(path, QUIET).series if way == "ours-mixed" else read_mixed_with_re(path)
        print(time.process_time() - began)
        if not named:
            raise ValueError("nothing was read")
        return
    points = len(console.series(path, QUIET).series[0].values if way == "ours" else read_with_re(path)["loss"])
    taken_s = time.process_time() - began
    if points != path.read_bytes().count(b"\n"):
        raise ValueError(f"{points} points")
    print(taken_s)


if __name__ == "__main__":
    if sys.argv[2] == "make-mixed":
        make_mixed(Path(sys.argv[1]), int(sys.argv[3]))
    elif sys.argv[2] == "make":
        make(Path(sys.argv[1]), int(sys.argv[3]))
    else:
        main(Path(sys.argv[1]), sys.argv[2])
