"""Steps a second of every recipe in its full size, what the trainer adds to a plain loop, and memory as told."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import nn

from inspector.formats.recipes.catalogue import settings_of
from inspector.training import devices, optimizer
from inspector.training.build import Parts, built
from inspector.training.catalogue import trainable
from inspector.training.folder import RunFolder
from inspector.training.order import epoch_order
from inspector.training.step_record import peak_bytes
from inspector.training.task import Batch
from tests.benchmarks.training_step import MODELS, cost, model_cost, trainer
from tests.long.gpu_place import Place, freed, on_cuda, train
from tests.long.harness import Figures
from tests.training.runs import TINY_OF, records, run_record

STEPS, ROUNDS, FIRST = 20, 3, 3
"""Steps of a round, rounds, and steps before the first that load kernels and draw data."""

PEAK = "memory/peak_bytes"


def speed(place: Place) -> Figures:
    """A row for each recipe, and for each model of the benchmark of a step."""
    found: Figures = {}
    with TemporaryDirectory() as folder:
        for recipe in ["arc_slots"] if place.quick else TINY_OF:
            found[recipe] = _recipe(place, recipe, Path(folder) / recipe)
            freed(place)
        found["models"] = _models(place, Path(folder) / "arc_slots" if place.quick else Path(folder) / "slots")
    return found


def _recipe(place: Place, recipe: str, folder: Path) -> Figures:
    """Under the trainer first, as memory is of that alone; then both in turn, over the same samples."""
    device = devices.chosen(place.device)
    steps, rounds, first = (2, 1, 2) if place.quick else (STEPS, ROUNDS, FIRST)
    _made(place, folder)
    freed(place)
    small = {**TINY_OF[recipe], "train.norm_every": 2} if place.quick else {}
    settings = settings_of(recipe, "mini" if place.quick else "full", (), small)
    devices.prepare(device, settings.train)
    if on_cuda(place):
        torch.cuda.reset_peak_memory_stats(device)
    parts = built(trainable(recipe), settings, device)
    order = epoch_order(settings.train.seed, 0, parts.task.samples)
    ours = trainer(parts.task, RunFolder(folder, run_record(folder)), settings, device)
    before = len(records(folder))

    def our_step() -> None:
        ours._steering.asked_to_stop(ours)
        if ours.position.index == first + steps:
            ours.position.index = 0
        ours._step(order)

    for _ in range(first + steps):
        our_step()
    memory = _memory(device, [record[PEAK] for record in records(folder)[before:] if PEAK in record])
    theirs = plain(parts, settings, order, first + steps)
    for _ in range(first):
        theirs()
    took = cost(theirs, our_step, first + steps, rounds, device)
    return {
        "batch_size": settings.data.batch_size,
        "parameters": sum(weight.numel() for weight in parts.task.model.parameters()),
        "steps_per_s": 1000 / took.trainer_ms,
        "samples_per_s": 1000 * settings.data.batch_size / took.trainer_ms,
        "plain_ms": took.plain_ms,
        "trainer_ms": took.trainer_ms,
        "more_ms": took.more_ms,
        "memory": memory,
    }


def _made(place: Place, folder: Path) -> None:
    """A run folder that takes the records."""
    reason = train(place, folder, "slots", {"schedule.warmup_epochs": 0}, "--epochs", "1")
    assert not reason, reason


def _memory(device: torch.device, told: list[float]) -> Figures:
    """The highest peak that a run told, beside what torch and the device say after it."""
    own = peak_bytes(device)
    assert told, "no peak was told"
    assert 0 < max(told) <= own, (told, own)
    found = {"told_bytes": max(told), "torch_bytes": own}
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        found |= {"reserved_bytes": torch.cuda.max_memory_reserved(device), "taken_of_device_bytes": total - free}
    return found


def plain(parts: Parts, settings: Any, order: Any, steps: int) -> Any:
    """The same steps by a loop of a few lines, over the samples of so many steps again and again."""
    task, size = parts.task, settings.data.batch_size
    stepped = optimizer.built(task.model, task.groups(), settings.optim)
    weights = list(task.model.parameters())
    numbers = iter(np.tile(np.arange(steps), 1000).tolist())

    def step() -> None:
        number = next(numbers)
        batch = Batch(order[number * size : (number + 1) * size], 0, number)
        loss = task.losses(task.model, batch, settings).total
        loss.backward()
        if settings.optim.clip_norm is not None:
            nn.utils.clip_grad_norm_(weights, settings.optim.clip_norm)
        for name in task.phase(number, settings).optimizers:
            stepped[name].step()
        for weight in weights:
            weight.grad = None

    return step


def _models(place: Place, made: Path) -> Figures:
    device = torch.device(place.device)
    steps, rounds = (3, 1) if place.quick else (200, 9)
    found: Figures = {}
    for name in ["micro"] if place.quick else MODELS:
        took = model_cost(name, made, steps, rounds, device)
        found[name] = {"plain_ms": took.plain_ms, "trainer_ms": took.trainer_ms, "more_ms": took.more_ms}
    return found
