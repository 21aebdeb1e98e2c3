"""What a recipe is: settings, sizes, presets; and the settings that every recipe has."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.formats.recipes import schedule as schedules
from inspector.formats.recipes.optimizer import Optim
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.training import Train


class Preset(msgspec.Struct, frozen=True):
    """Edits under one name.

    Attributes:
        sentence: what they are for; of a fault, what then goes wrong.
        is_fault: they make a run fail, for study.
    """

    sentence: str
    edits: dict[str, Any]
    is_fault: bool = False


class Recipe(msgspec.Struct, frozen=True):
    """One thing that can be trained.

    Attributes:
        settings: the type of its settings; the defaults are the small size.
        check: raises where settings contradict each other.
        samples: training samples that an epoch sees under some settings, None where only the data tells.
        sizes: edits that make each size.
        presets: named edits; those of a fault are faults.
    """

    title: str
    settings: type[msgspec.Struct]
    check: Callable[[Any], None]
    samples: Callable[[Any], int | None]
    sizes: dict[str, dict[str, Any]]
    presets: dict[str, Preset]


class Batches(Protocol):
    """The part of a recipe's `data` settings that the loop needs."""

    @property
    def batch_size(self) -> int:
        """Samples of one optimizer step, over all parts and all processes."""


class RecipeSettings(Protocol):
    """The sections that the settings of every recipe have."""

    @property
    def optim(self) -> Optim:
        """The optimizer; a recipe's own type adds `groups`."""

    @property
    def schedule(self) -> Schedule:
        """The learning rate."""

    @property
    def data(self) -> Batches:
        """What is learned from."""

    @property
    def train(self) -> Train:
        """The loop."""


def steps_per_epoch(samples: int, batch_size: int) -> int:
    """Optimizer steps in one epoch; the last batch may be smaller."""
    return max(1, math.ceil(samples / batch_size))


def check_schedule(settings: RecipeSettings) -> None:
    """Raise where schedule and optimizer contradict each other, or the recipe has no scheduler of its own.

    Raises:
        SettingsError: they do; the sentence names both settings.
    """
    if settings.schedule.family == schedules.OWN:
        sentence = tr("schedule.family own is the scheduler of a recipe file; this recipe has none")
        raise SettingsError(sentence, "schedule.family")
    check_own_schedule(settings)


def check_own_schedule(settings: RecipeSettings) -> None:
    """As `check_schedule`, of a recipe that may bring its own scheduler."""
    schedules.check(settings.schedule, settings.optim.lr)
