"""What a run is made of, from its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from inspector.training import optimizer as optimizers
from inspector.training import randomness
from inspector.training.order import steps_per_epoch
from inspector.training.rates import Rates
from inspector.training.slots.task import SlotsTask
from inspector.training.task import Task

_TASKS: dict[str, Callable[[Any, torch.device], Task]] = {"slots": SlotsTask}


@dataclass(frozen=True, slots=True)
class Parts:
    """A freshly seeded model with its data, optimizer and scheduler, all at the first step."""

    task: Task
    optimizer: torch.optim.Optimizer
    rates: Rates
    steps_per_epoch: int


def built(recipe: str, settings: Any, device: torch.device) -> Parts:
    """Everything that the settings ask for, on a device."""
    randomness.seed_all(settings.train.seed)
    task = _TASKS[recipe](settings, device)
    optimizer = optimizers.built(task.model, task.groups, settings.optim)
    steps = steps_per_epoch(task.samples, settings.data.batch_size)
    return Parts(task, optimizer, Rates(optimizer, settings.schedule, settings.optim.lr, steps), steps)
