"""The recipes by name, and settings made of a size, presets and edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from inspector.core.errors import UsageError
from inspector.formats.recipes import arc_slots, arc_solver, counting, slots
from inspector.formats.recipes.recipe import Recipe
from inspector.formats.settings import with_edits

RECIPES: dict[str, Recipe] = {
    "slots": slots.RECIPE,
    "counting": counting.RECIPE,
    "arc_solver": arc_solver.RECIPE,
    "arc_slots": arc_slots.RECIPE,
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
    return settings_made(recipe_of(recipe), recipe, size, presets, edits)


def settings_made(
    found: Recipe, recipe: str, size: str = "mini", presets: Iterable[str] = (), edits: Mapping[str, Any] | None = None
) -> Any:
    """As `settings_of`, for a recipe that is not in RECIPES too; `recipe` is what it is called."""
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
