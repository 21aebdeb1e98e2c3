"""The settings that a recipe file of the user's own begins with; it derives its own from them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from inspector.formats.recipes import shared
from inspector.formats.recipes.optimizer import Optim
from inspector.formats.recipes.recipe import Recipe, check_own_schedule
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.training import Train


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is learned from."""

    path: Annotated[str, shared.path_marks("A file or folder")] = ""
    seed: shared.DataSeed = 0
    subset: shared.Subset = 1.0
    batch_size: Annotated[int, shared.batch_marks("samples")] = 32


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sections that the loop needs; a recipe adds its own beside them."""

    optim: Optim = Optim()
    schedule: Schedule = Schedule()
    data: Data = Data()
    train: Train = Train()


OWN = Recipe(
    title="A recipe file",
    settings=Settings,
    check=check_own_schedule,
    samples=lambda _settings: None,
    sizes={"mini": {}},
    presets={},
)
"""What every recipe file has in common, for where the file itself is not run."""


def is_recipe_file(name: str) -> bool:
    """Whether a recipe's name is that of a file of the user's own."""
    return name.endswith(".py")
