"""The recipes by name, their sizes, and presets: named edits with a sentence each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from inspector.core.errors import UsageError
from inspector.formats.recipes import slots
from inspector.formats.settings import with_edits


class Preset(msgspec.Struct, frozen=True):
    """Edits under one name; `sentence` says what they are for."""

    sentence: str
    edits: dict[str, Any]


class Recipe(msgspec.Struct, frozen=True):
    """One thing that can be trained.

    Attributes:
        settings: the type of its settings; the defaults are the small size.
        check: raises where settings contradict each other.
        steps_per_epoch: optimizer steps in one epoch under some settings.
        sizes: edits that make each size.
    """

    title: str
    settings: type[msgspec.Struct]
    check: Callable[[Any], None]
    steps_per_epoch: Callable[[Any], int]
    sizes: dict[str, dict[str, Any]]
    presets: dict[str, Preset]


SLOTS_SIZES: dict[str, dict[str, Any]] = {
    "mini": {},
    "full": {
        "model.slots": 7,
        "model.slot_size": 64,
        "model.hidden_size": 128,
        "encoder.channels": 64,
        "decoder.channels": 128,
        "decoder.layers": 4,
        "data.image_size": 128,
        "data.max_objects": 6,
        "data.train_scenes": 60_000,
        "data.val_scenes": 1_000,
        "data.batch_size": 64,
        "optim.lr": 4e-4,
        "schedule.epochs": 500,
        "schedule.warmup_epochs": 10.0,
        "schedule.family": "halving",
        "schedule.half_life_epochs": 100.0,
    },
}

SLOTS_PRESETS: dict[str, Preset] = {
    "overwritten_rate": Preset(
        "The warm-up writes its rate over the scheduler's every step, so the rate never falls",
        {"schedule.warmup": "overwrite"},
    ),
    "dying_relu": Preset(
        "Biases start so low that ReLU channels never fire",
        {"encoder.activation": "relu", "encoder.bias_init": -0.35},
    ),
    "same_slots": Preset(
        "Slots start almost alike and stay so",
        {"model.slot_noise": 0.01},
    ),
    "tiny_subset": Preset(
        "One scene in fifty is used, so the run learns them by heart",
        {"data.subset": 0.02},
    ),
    "high_rate": Preset("The learning rate is ten times too high", {"optim.lr": 1e-2}),
    "no_warmup": Preset("The first step takes the full rate", {"schedule.warmup_epochs": 0.0}),
    "slots_sample": Preset(
        "The bundled sample run: few scenes, slots that start almost alike, a rate that kills channels and never falls",
        {
            "model.slot_noise": 0.02,
            "optim.lr": 6e-3,
            "schedule.warmup": "overwrite",
            "schedule.warmup_epochs": 12.0,
            "schedule.epochs": 400,
            "data.train_scenes": 160,
            "data.val_scenes": 128,
            "train.val_every": 4,
            "train.checkpoint_every": 140,
            "train.dump_every": 70,
            "train.dump_samples": 12,
        },
    ),
    "unclamped_diversity": Preset(
        "The diversity loss counts negative cosines, so the loss can fall below 0",
        {"loss.diversity_weight": 0.01, "loss.diversity_clamp": False},
    ),
}

RECIPES: dict[str, Recipe] = {
    "slots": Recipe(
        "Slot attention on generated scenes",
        slots.SlotsSettings,
        slots.check,
        slots.steps_per_epoch,
        SLOTS_SIZES,
        SLOTS_PRESETS,
    ),
}


def recipe_of(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in RECIPES:
        raise UsageError(f"{name} is not a recipe; there are {', '.join(RECIPES)}")
    return RECIPES[name]


def settings_of(
    recipe: str, size: str = "mini", presets: Iterable[str] = (), edits: Mapping[str, Any] | None = None
) -> Any:
    """A recipe's settings of one size with presets, then edits, applied.

    Args:
        recipe: a name in RECIPES.
        size: a name among its sizes.
        presets: names among its presets, later ones win.
        edits: dotted paths to values; texts are parsed as their fields say.

    Raises:
        UsageError: no such recipe, size or preset.
        SettingsError: an edit is not allowed, or settings contradict each other.
    """
    found = recipe_of(recipe)
    if size not in found.sizes:
        raise UsageError(f"{size} is not a size of {recipe}; there are {', '.join(found.sizes)}")
    changes = dict(found.sizes[size])
    for preset in presets:
        if preset not in found.presets:
            raise UsageError(f"{preset} is not a preset of {recipe}; there are {', '.join(found.presets)}")
        changes |= found.presets[preset].edits
    settings = with_edits(found.settings(), changes | dict(edits or {}))
    found.check(settings)
    return settings
