"""What a run is made of, from its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from inspector.formats.recipes.recipe import steps_per_epoch
from inspector.training import optimizer as optimizers
from inspector.training import randomness
from inspector.training.catalogue import Trainable
from inspector.training.rates import Rates
from inspector.training.task import Task


@dataclass(frozen=True, slots=True)
class Parts:
    """A freshly seeded model with its data, optimizers by name and their schedulers, all at the first step."""

    task: Task
    optimizers: dict[str, torch.optim.Optimizer]
    rates: Rates
    steps_per_epoch: int


def built(what: Trainable, settings: Any, device: torch.device) -> Parts:
    """Everything that the settings ask for, on a device.

    Raises:
        FileError: the recipe's data cannot be read.
    """
    randomness.seed_all(settings.train.seed)
    return parts_of(what.task(settings, device), settings)


def parts_of(task: Task, settings: Any) -> Parts:
    """Optimizers and schedulers for a task as the settings ask for them, at the first step.

    Raises:
        UsageError: the schedule is the recipe's own, and it brings none.
    """
    stepped = optimizers.built(task.model, task.groups(), settings.optim)
    steps = steps_per_epoch(task.samples, settings.data.batch_size)
    rates = Rates(stepped, settings.schedule, settings.optim.lr, steps, task.scheduled_by,
                  lambda optimizer, often: task.scheduler(optimizer, settings, often))  # fmt: skip
    return Parts(task, stepped, rates, steps)
