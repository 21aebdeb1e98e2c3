"""What can be trained: recipes by name, and files of the user's own; code is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from inspector.core.digests import sha256_of
from inspector.core.errors import UsageError
from inspector.formats.recipes.catalogue import recipe_of
from inspector.formats.recipes.own import is_recipe_file
from inspector.formats.recipes.recipe import Recipe
from inspector.formats.run_folder import RecipeFile
from inspector.training.recipe_file import recipe_module, recipe_of_module
from inspector.training.task import Task

TASKS: dict[str, str] = {
    "counting": "inspector.training.counting.task:CountingTask",
    "slots": "inspector.training.slots.task:SlotsTask",
    "arc_solver": "inspector.training.arc_solver.task:ArcSolverTask",
    "arc_slots": "inspector.training.arc_slots.task:ArcSlotsTask",
}
"""Module and class of each."""


@dataclass(frozen=True, slots=True)
class Trainable:
    """A recipe with the code that trains it.

    Attributes:
        name: as run.json and checkpoints say it; of a file of the user's, its name.
        task: makes the recipe's model and data of settings and a device; raises FileError where data cannot be read.
        file: the user's own file, None for a recipe of this program.
    """

    name: str
    recipe: Recipe
    task: Callable[[Any, torch.device], Task]
    file: RecipeFile | None = None


def trainable(name: str) -> Trainable:
    """The recipe of that name, or of a Python file of the user's, which is run.

    Raises:
        UsageError: there is no such recipe.
        FileError: the file is no recipe.
    """
    if not is_recipe_file(name):
        recipe = recipe_of(name)
        module, _, task_class = TASKS[name].partition(":")
        return Trainable(name, recipe, getattr(import_module(module), task_class))
    path = Path(name).expanduser().resolve()
    recipe, task = recipe_of_module(recipe_module(path), path)
    return Trainable(path.name, recipe, task, RecipeFile(path=str(path), sha256=sha256_of(path)))


def trainable_of_run(name: str, file: RecipeFile | None, named: str) -> tuple[Trainable, list[str]]:
    """The recipe that a run or checkpoint says it is of, and what the user should know.

    A file is run only where the user names it: what an opened run says is no leave to run anything.

    Args:
        name: what it says.
        file: the user's own file that it says it was trained with.
        named: the recipe file that the user names, or an empty text.

    Raises:
        UsageError: it takes a recipe file and none is named, or the other way round.
        FileError: the file is no recipe.
    """
    if not is_recipe_file(name):
        if named:
            raise UsageError(f"the run is of the recipe {name}, which takes no --recipe")
        return trainable(name), []
    if not named:
        where = file.path if file else "the file that trained it"
        raise UsageError(f"the run was trained by a recipe file, {name}; name it to let it run: --recipe {where}")
    found = trainable(named)
    changed = file is not None and found.file is not None and found.file.sha256 != file.sha256
    return found, [f"{found.name} is not as it was when the run was trained"] if changed else []
