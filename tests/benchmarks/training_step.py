"""What a step costs under the trainer, logging as by default; `python -m tests.benchmarks.training_step`.

The same step in both: model, backward, clipping, AdamW, a scheduler step. Rounds of both in turn in one process, in
CPU time of the thread that trains; medians over the rounds.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from inspector.formats.recipes.catalogue import settings_of
from inspector.training import optimizer
from inspector.training.control import StopFlag
from inspector.training.engine import Engine
from inspector.training.folder import RunFolder
from inspector.training.loop import Trainer
from inspector.training.rates import Rates
from inspector.training.task import Batch, Losses, Task
from tests.training.runs import run_record, trained

STEPS, ROUNDS = 200, 9
CPU = torch.device("cpu")
MODELS: dict[str, tuple[int, int]] = {"micro": (1, 8), "small": (6, 48)}
"""Layers and channels: the first shows the overhead, the other what share it is of a step of some milliseconds."""


class Convolutions(Task):
    """Learn to give back noise."""

    unit = "pictures"

    def __init__(self, layers: int, channels: int) -> None:
        widths = [3, *[channels] * layers]
        size = 1 if layers == 1 else 3
        self.model = nn.Sequential(
            *(nn.Conv2d(before, after, size, padding=size // 2) for before, after in pairwise(widths))
        )
        self.samples = 10**9
        self._pictures = torch.randn(8, 3, 16, 16)

    def losses(self, model: nn.Module, batch: Batch, settings: Any) -> Losses:
        return Losses({"error": model(self._pictures).square().mean()})


def trainer(task: Convolutions, folder: RunFolder, settings: Any) -> Trainer:
    optimizers = optimizer.built(task.model, task.groups(), settings.optim)
    rates = Rates(optimizers, settings.schedule, settings.optim.lr, 10**9)
    return Trainer("slots", settings, task, optimizers, rates, Engine(CPU, settings.train), folder, StopFlag(), 1)


def plain(task: Convolutions, settings: Any) -> Any:
    stepped = torch.optim.AdamW(task.model.parameters(), lr=settings.optim.lr)
    scheduler = LambdaLR(stepped, lambda _step: 1.0)
    weights = list(task.model.parameters())
    batch = Batch(np.arange(8), 0, 0)

    def step() -> None:
        loss = task.losses(task.model, batch, settings).total
        loss.backward()
        nn.utils.clip_grad_norm_(weights, settings.optim.clip_norm)
        stepped.step()
        stepped.zero_grad(set_to_none=True)
        scheduler.step()

    return step


def milliseconds(step: Any, steps: int) -> float:
    began = time.thread_time()
    for _ in range(steps):
        step()
    return 1000 * (time.thread_time() - began) / steps


def main() -> None:
    """Print a row for each model."""
    torch.set_num_threads(1)
    settings = settings_of("slots")
    order = np.arange(10**6)
    print(f"{'ms of CPU a step':<18} {'plain':>8} {'trainer':>8} {'more':>8}   load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as place:
        made = trained(Path(place) / "run", {}, "--epochs", "1")
        for name, (layers, channels) in MODELS.items():
            ours = trainer(Convolutions(layers, channels), RunFolder(made, run_record(made)), settings)
            asked = ours._steering.asked_to_stop

            def our_step(ours: Trainer = ours, asked: Any = asked) -> None:
                asked(ours)
                ours._step(order)

            theirs = plain(Convolutions(layers, channels), settings)
            steps = STEPS if layers == 1 else STEPS // 10
            pairs = [(milliseconds(theirs, steps), milliseconds(our_step, steps)) for _ in range(ROUNDS)]
            first, second = (statistics.median(column) for column in zip(*pairs, strict=True))
            more = statistics.median(mine - other for other, mine in pairs)
            print(f"{name:<18} {first:8.3f} {second:8.3f} {more:8.3f}   x {second / first:.3f}", flush=True)


if __name__ == "__main__":
    main()
