"""A recipe file of the user's own: a Python file with `Recipe` (a `Task`) and the type of its settings.

It is run, so it is one that the user has named; a path that an opened run holds is never enough.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import msgspec

from inspector.core.errors import FileError
from inspector.core.python_file import run_python_file
from inspector.formats.recipes.own import Settings
from inspector.formats.recipes.recipe import Preset, Recipe, check_own_schedule, check_schedule
from inspector.formats.recipes.schedule import OWN, Schedule
from inspector.training.task import Task

_EXPECTED = "a recipe file (see resources/examples/recipe.py)"
_MODULE = "recipe_of_the_user"


def recipe_module(path: Path) -> ModuleType:
    """The file, run as a module; what lies in its folder can be imported by it.

    Raises:
        MissingError: there is no such file.
        FileError: it fails while it is run.
    """
    return run_python_file(path, _MODULE, _EXPECTED, "mend it")


def recipe_of_module(module: ModuleType, path: Path) -> tuple[Recipe, Callable[..., Task]]:
    """What a recipe file offers, and what makes its task of settings and a device.

    Raises:
        FileError: something that a recipe file needs is not there.
    """
    task = getattr(module, "Recipe", None)
    if not (inspect.isclass(task) and issubclass(task, Task)):
        raise FileError(path, _EXPECTED, "no class Recipe that derives from inspector.training.Task")
    if inspect.isabstract(task):
        raise FileError(path, _EXPECTED, "a class Recipe without the method losses")
    own = task.scheduler is not Task.scheduler
    settings = _settings_type(task, path)
    if own:
        settings = _scheduled_by_its_own(settings)
    recipe = Recipe(
        title=str(getattr(module, "TITLE", path.stem)),
        settings=settings,
        check=partial(_check, getattr(module, "check", _allow), own=own),
        samples=_not_told,
        sizes={"mini": {}, **getattr(module, "SIZES", {})},
        presets={name: Preset(*given) for name, given in getattr(module, "PRESETS", {}).items()},
    )
    return recipe, task


def _settings_type(task: type[Task], path: Path) -> type[msgspec.Struct]:
    """The type that `Recipe.__init__` says it takes."""
    try:
        hints = get_type_hints(task.__init__)
    except NameError as error:
        raise FileError(path, _EXPECTED, f"a type that is not there: {error}") from error
    found: Any = next(iter(hints.values()), None)
    if not (inspect.isclass(found) and issubclass(found, msgspec.Struct)):
        raise FileError(
            path, _EXPECTED, "Recipe.__init__ without the type of its settings",
            "write `def __init__(self, settings: Settings, device: torch.device)`",
        )  # fmt: skip
    missing = [name for name in Settings.__struct_fields__ if name not in found.__struct_fields__]
    if missing:
        raise FileError(
            path, _EXPECTED, f"settings without {missing[0]}", "derive them from inspector.training.Settings"
        )
    return found


def _scheduled_by_its_own(settings: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The type of the settings with `own` as the default of `schedule.family`."""
    usual = next(field.default for field in msgspec.structs.fields(settings) if field.name == "schedule")
    schedule = msgspec.structs.replace(usual if isinstance(usual, Schedule) else Schedule(), family=OWN)
    return msgspec.defstruct(
        settings.__name__, [("schedule", type(schedule), schedule)], bases=(settings,), module=settings.__module__,
        frozen=True, kw_only=True, forbid_unknown_fields=True,
    )  # fmt: skip


def _check(check_of_the_file: Callable[[Any], None], settings: Any, *, own: bool) -> None:
    """What every recipe checks, and what the file does."""
    (check_own_schedule if own else check_schedule)(settings)
    check_of_the_file(settings)


def _allow(_settings: Any) -> None:
    """Settings of a recipe without checks of its own go together."""


def _not_told(_settings: Any) -> None:
    """Only the task knows how many samples it has."""
