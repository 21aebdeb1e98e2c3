"""Scalars out of TensorBoard event files: this program, TensorBoard's accumulator, its Rust data server, a raw read.

`python -m tests.benchmarks.event_files FILE WAY` does one of them and prints its CPU seconds, imports left out.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from inspector.artifacts.logs import tensorboard
from inspector.artifacts.logs.crc32c import masked, masked_many
from inspector.core.pulse import QUIET

_TURNS_AT_ONCE = 20_000


def make_event_file(path: Path, points: int, tags: int = 20, *, shuffled: bool = False) -> None:
    """A file as torch's SummaryWriter writes it: `add_scalar` of every tag at every step.

    Args:
        path: to be written.
        points: in all, a multiple of `tags`.
        tags: logged at every step.
        shuffled: in another order at every step.
    """
    random = np.random.default_rng(0)
    names = [f"train/loss_{number}".encode() for number in range(tags)]
    turns = points // tags
    with path.open("wb") as file:
        for first in range(0, turns, _TURNS_AT_ONCE):
            steps = np.arange(first, min(first + _TURNS_AT_ONCE, turns))
            for size in range(1, 5):
                within = steps[(steps >= (2 ** (7 * size - 7) if size > 1 else 0)) & (steps < 2 ** (7 * size))]
                if len(within):
                    columns = [_records(name, within, size, random) for name in names]
                    if shuffled:
                        turn_records = [[column[turn].tobytes() for column in columns] for turn in range(len(within))]
                        for turn in turn_records:
                            random.shuffle(turn)
                        file.write(b"".join(record for turn in turn_records for record in turn))
                    else:
                        file.write(np.concatenate(columns, axis=1).tobytes())


def _records(name: bytes, steps: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """(steps, bytes) uint8: one record a step, whose step takes `size` bytes."""
    value = b"\x0a" + bytes([len(name)]) + name + b"\x15" + bytes(4)
    summary = b"\x0a" + bytes([len(value)]) + value
    data = b"\x09" + bytes(8) + b"\x10" + bytes(size) + b"\x2a" + bytes([len(summary)]) + summary
    length = struct.pack("<Q", len(data))
    record = length + struct.pack("<I", masked(length)) + data + bytes(4)
    rows = np.tile(np.frombuffer(record, np.uint8), (len(steps), 1))
    times = 1.7e9 + steps * 0.05 + random.random(len(steps)) * 0.01
    numbers = 1 / (1 + steps * 1e-3) + random.normal(size=len(steps)) * 0.01
    rows[:, 13:21] = times.astype("<f8").view(np.uint8).reshape(-1, 8)
    for byte in range(size):
        rows[:, 22 + byte] = (steps >> (7 * byte) & 127) | (128 if byte < size - 1 else 0)
    rows[:, -8:-4] = numbers.astype("<f4").view(np.uint8).reshape(-1, 4)
    checks = masked_many(rows.reshape(-1), np.arange(len(steps)) * rows.shape[1] + 12, len(data))
    rows[:, -4:] = checks.astype("<u4").view(np.uint8).reshape(-1, 4)
    return rows


def _spent(work: Callable[[], object]) -> float:
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


def _ours(path: Path) -> float:
    return _spent(lambda: tensorboard.series(path, QUIET))


def _accumulator(path: Path) -> float:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def read() -> None:
        reader = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
        reader.Reload()
        for tag in reader.Tags()["scalars"]:
            reader.Scalars(tag)

    return _spent(read)


def _read(path: Path) -> float:
    return _spent(path.read_bytes)


def _data_server(path: Path) -> float:
    """CPU seconds of TensorBoard's data server until it has loaded the file, keeping all points."""
    import tensorboard_data_server

    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "logs").mkdir()
        (Path(place) / "logs" / path.name).symlink_to(path)
        command = [tensorboard_data_server.server_binary(), "--logdir", f"{place}/logs", "--port", "0"]
        options = ["--port-file", f"{place}/port", "--samples-per-plugin", "scalars=all", "--reload", "once"]
        server = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)
        try:
            spent = [-1.0]
            while len(spent) < 4 or spent[-1] > spent[-4] or not Path(place, "port").exists():
                time.sleep(0.5)
                spent.append(_cpu_seconds(server.pid))
            return spent[-1]
        finally:
            server.terminate()
            server.wait()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


_WAYS = {"ours": _ours, "accumulator": _accumulator, "server": _data_server, "read": _read}

if __name__ == "__main__":
    print(_WAYS[sys.argv[2]](Path(sys.argv[1]).resolve()))
