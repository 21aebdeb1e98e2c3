"""What a step costs under the trainer, logging as by default; `python -m tests.benchmarks.training_step [MODEL]`.

The same step in both: model, backward, clipping, the optimizer of the settings in one group, a scheduler step; so
short a gradient is asked for that every step is clipped. Both in short turns in one process, in CPU time of the
thread that trains, on a GPU in wall time until it is done. Turns of 100 steps, in which the trainer records all that it
ever does, make a round; medians over the rounds, also of the difference and the ratio within each. Of one MODEL the
seconds of each round are printed as JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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

STEPS, TURNS = 10, 10
ROUNDS = {"micro": 41, "small": 9}
CPU = torch.device("cpu")
CLIPPED = {"optim.clip_norm": 1e-4}
KINDS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
MODELS: dict[str, tuple[int, int]] = {"micro": (1, 8), "small": (6, 48)}
"""Layers and channels: the first shows the overhead, the other what share it is of a step of some milliseconds."""


class Convolutions(Task):
    """Learn to give back noise."""

    unit = "pictures"

    def __init__(self, layers: int, channels: int, device: torch.device = CPU) -> None:
        widths = [3, *[channels] * layers]
        size = 1 if layers == 1 else 3
        self.model = nn.Sequential(
            *(nn.Conv2d(before, after, size, padding=size // 2) for before, after in pairwise(widths))
        ).to(device)
        self.samples = 10**9
        self._pictures = torch.randn(8, 3, 16, 16).to(device)

    def losses(self, model: nn.Module, batch: Batch, settings: Any) -> Losses:
        return Losses({"error": model(self._pictures).square().mean()})


def trainer(task: Task, folder: RunFolder, settings: Any, device: torch.device = CPU) -> Trainer:
    optimizers = optimizer.built(task.model, task.groups(), settings.optim)
    rates = Rates(optimizers, settings.schedule, settings.optim.lr, 10**9)
    return Trainer("slots", settings, task, optimizers, rates, Engine(device, settings.train), folder, StopFlag(), 1)


def plain(task: Convolutions, settings: Any) -> Any:
    optim = settings.optim
    stepped = KINDS[optim.name](
        task.model.parameters(), lr=optim.lr, betas=(optim.beta1, optim.beta2), eps=optim.eps,
        weight_decay=optim.weight_decay,
    )  # fmt: skip
    scheduler = LambdaLR(stepped, lambda _step: 1.0)
    weights = list(task.model.parameters())
    batch = Batch(np.arange(8), 0, 0)

    def step() -> None:
        loss = task.losses(task.model, batch, settings).total
        loss.backward()
        nn.utils.clip_grad_norm_(weights, optim.clip_norm)
        stepped.step()
        stepped.zero_grad(set_to_none=True)
        scheduler.step()

    return step


def milliseconds(step: Any, steps: int, device: torch.device = CPU) -> float:
    """Of a step: CPU time of this thread, or on a GPU wall time until all of them are done."""
    clock = time.thread_time if device.type == "cpu" else time.perf_counter
    _wait(device)
    began = clock()
    for _ in range(steps):
        step()
    _wait(device)
    return 1000 * (clock() - began) / steps


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of a step: of the plain loop, under the trainer, how much more and times as much; medians.

    Attributes:
        rounds: plain and trainer of each.
    """

    plain_ms: float
    trainer_ms: float
    more_ms: float
    ratio: float
    rounds: tuple[tuple[float, float], ...]


def cost(theirs: Any, our_step: Any, steps: int, rounds: int, device: torch.device = CPU, turns: int = 1) -> Cost:
    """Rounds of both, so many turns of so many steps of each."""
    pairs = [_round(theirs, our_step, steps, turns, device) for _ in range(rounds)]
    first, second = (statistics.median(column) for column in zip(*pairs, strict=True))
    more, ratio = (
        statistics.median(found) for found in zip(*((mine - other, mine / other) for other, mine in pairs), strict=True)
    )
    return Cost(first, second, more, ratio, tuple(pairs))


def _round(theirs: Any, our_step: Any, steps: int, turns: int, device: torch.device) -> tuple[float, float]:
    taken = [(milliseconds(theirs, steps, device), milliseconds(our_step, steps, device)) for _ in range(turns)]
    other, mine = (statistics.fmean(column) for column in zip(*taken, strict=True))
    return other, mine


def model_cost(name: str, made: Path, steps: int, rounds: int, device: torch.device = CPU, turns: int = 1) -> Cost:
    """What a step of one of MODELS costs.

    Args:
        name: in MODELS.
        made: a run folder that takes the records.
        steps: in a turn.
        rounds: how many.
        device: where both run.
        turns: of each in a round.
    """
    settings = settings_of("slots", edits=CLIPPED)
    order = np.arange(10**6)
    ours = trainer(Convolutions(*MODELS[name], device), RunFolder(made, run_record(made)), settings, device)

    def our_step() -> None:
        ours._steering.asked_to_stop(ours)
        ours._step(order)

    return cost(plain(Convolutions(*MODELS[name], device), settings), our_step, steps, rounds, device, turns)


def costs(models: Iterable[str]) -> Iterator[tuple[str, Cost]]:
    """What a step of each model costs, by its name."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        made = trained(Path(place) / "run", {}, "--epochs", "1")
        for name in models:
            yield name, model_cost(name, made, STEPS, ROUNDS[name], turns=TURNS)


if __name__ == "__main__":
    if sys.argv[1:]:
        for _name, took in costs(sys.argv[1:]):
            print(json.dumps([[plain_ms / 1000, ours_ms / 1000] for plain_ms, ours_ms in took.rounds]))
    else:
        print(f"{'ms of CPU a step':<18} {'plain':>8} {'trainer':>8} {'more':>8}   load {os.getloadavg()[0]:.1f}")
        for name, took in costs(MODELS):
            print(f"{name:<18} {took.plain_ms:8.3f} {took.trainer_ms:8.3f} {took.more_ms:8.3f}   x {took.ratio:.3f}")
