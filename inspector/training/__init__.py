"""The other program (`python -m inspector.training`): recipes, recorder, resume."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspector.formats.recipes.optimizer import Group as Group
    from inspector.formats.recipes.optimizer import Optim as Optim
    from inspector.formats.recipes.own import Data as Data
    from inspector.formats.recipes.own import Settings as Settings
    from inspector.formats.recipes.schedule import Schedule as Schedule
    from inspector.formats.recipes.training import Train as Train
    from inspector.formats.setting_fields import setting as setting
    from inspector.training.recorder import ActivationRecorder as ActivationRecorder
    from inspector.training.taps import Tap as Tap
    from inspector.training.task import Batch as Batch
    from inspector.training.task import Losses as Losses
    from inspector.training.task import Phase as Phase
    from inspector.training.task import Score as Score
    from inspector.training.task import Task as Task

_FOR_USERS = {
    **dict.fromkeys(("Group", "Optim"), "inspector.formats.recipes.optimizer"),
    **dict.fromkeys(("Data", "Settings"), "inspector.formats.recipes.own"),
    "Schedule": "inspector.formats.recipes.schedule",
    "Train": "inspector.formats.recipes.training",
    "setting": "inspector.formats.setting_fields",
    "ActivationRecorder": "inspector.training.recorder",
    "Tap": "inspector.training.taps",
    **dict.fromkeys(("Batch", "Losses", "Phase", "Score", "Task"), "inspector.training.task"),
}
"""What a script or a recipe of the user's own imports from here, and torch with it only then."""


def __getattr__(name: str) -> Any:
    if name not in _FOR_USERS:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(_FOR_USERS[name]), name)
