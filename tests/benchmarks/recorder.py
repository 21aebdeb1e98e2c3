"""What recording every step costs a training step of the recipe `slots`; `python -m tests.benchmarks.recorder`.

Rounds of plain and recorded steps in turn, in one process; medians over the rounds. The thread that writes goes on
beside the model: its time is part of the process's, and of the wall clock only where no core is free for it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inspector.formats.recipes.catalogue import settings_of
from inspector.training import ActivationRecorder, Tap
from inspector.training.build import Parts, built
from inspector.training.catalogue import trainable

STEPS, ROUNDS = 20, 5
ATTENTION = {"slots": Tap(pick=lambda output: output[1], layout="NIKP")}
WAYS: dict[str, dict[str, Any] | None] = {
    "plain": None,
    "statistics alone": {"keep_samples": 0},
    "whole, half precision": {"half": True},
    "whole": {},
}


def train(parts: Parts, settings: Any, recorder: ActivationRecorder | None) -> None:
    """Some steps as the trainer takes them, each told of."""
    batch = settings.data.batch_size
    for number in range(STEPS):
        indices = np.arange(number * batch, (number + 1) * batch) % parts.task.samples
        loss, _terms = parts.task.losses(indices, settings)
        loss.backward()
        parts.optimizers["main"].step()
        parts.optimizers["main"].zero_grad(set_to_none=True)
        if recorder is not None:
            recorder.add()


def measured(parts: Parts, settings: Any, way: dict[str, Any] | None, path: Path) -> tuple[float, float, float]:
    """Milliseconds a step: by the wall clock in the loop, and of processor time, the model's thread and all threads."""
    model = parts.task.model
    recorder = None
    if way is not None:
        recorder = ActivationRecorder(path, model, layers=["encoder.convs.*"], attention=ATTENTION, **way)
    process, own = time.process_time(), time.thread_time()
    with recorder or nullcontext():
        began = time.perf_counter()
        train(parts, settings, recorder)
        wall, own = time.perf_counter() - began, time.thread_time() - own
    return tuple(1000 * seconds / STEPS for seconds in (wall, own, time.process_time() - process))  # type: ignore[return-value]


def main() -> None:
    """Print a row for each way."""
    torch.set_num_threads(1)
    settings = settings_of("slots")
    parts = built(trainable("slots"), settings, torch.device("cpu"))
    train(parts, settings, None)
    found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump.h5"
        for _round in range(ROUNDS):
            for name, way in WAYS.items():
                found[name].append(measured(parts, settings, way, path))
        megabytes = path.stat().st_size / 1e6
    print(f"{'ms a step':<24} {'wall':>8} {'model':>8} {'process':>8}   load {os.getloadavg()[0]:.1f}")
    plain = None
    for name, rounds in found.items():
        medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
        plain = plain or medians
        shares = " ".join(f"{mine / theirs:.2f}" for mine, theirs in zip(medians, plain, strict=True))
        print(f"{name:<24} {medians[0]:8.1f} {medians[1]:8.1f} {medians[2]:8.1f}   {shares}")
    print(f"{megabytes:.1f} MB a dump of {STEPS * settings.data.batch_size} samples, as recorded whole")


if __name__ == "__main__":
    main()
