"""The settings that a recipe file of the user's own begins with; it derives its own from them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from inspector.formats.recipes.optimizer import Optim
from inspector.formats.recipes.recipe import Recipe, check_schedule
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.training import Train
from inspector.formats.settings import setting


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is learned from."""

    path: Annotated[
        str, setting(is_path=True, title="Data", description="A file or folder", changes=("order", "loss"))
    ] = ""
    seed: Annotated[int, setting(title="Data seed", changes=("loss",), ge=0, le=2**31 - 1)] = 0
    subset: Annotated[
        float,
        setting(title="Subset", description="Share of the training samples in use", changes=("order", "loss"), gt=0.0,
                le=1.0),
    ] = 1.0  # fmt: skip
    batch_size: Annotated[int, setting(title="Batch size", unit="samples", changes=("order",), ge=1, le=65536)] = 32


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sections that the loop needs; a recipe adds its own beside them."""

    optim: Optim = Optim()
    schedule: Schedule = Schedule()
    data: Data = Data()
    train: Train = Train()


OWN = Recipe(
    title="A recipe file",
    settings=Settings,
    check=check_schedule,
    samples=lambda _settings: None,
    sizes={"mini": {}},
    presets={},
)
"""What every recipe file has in common, for where the file itself is not run."""


def is_recipe_file(name: str) -> bool:
    """Whether a recipe's name is that of a file of the user's own."""
    return name.endswith(".py")
