"""The recipes' tasks by name; a recipe's code is imported when it is trained."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch

from inspector.training.task import Task

TASKS: dict[str, str] = {"slots": "inspector.training.slots.task:SlotsTask"}
"""Module and class of each."""


def task_of(recipe: str, settings: Any, device: torch.device) -> Task:
    """A recipe's model and data as the settings ask for them.

    Raises:
        FileError: its data cannot be read.
    """
    module, _, name = TASKS[recipe].partition(":")
    task: Task = getattr(import_module(module), name)(settings, device)
    return task
