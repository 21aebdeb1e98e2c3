"""How many optimizer steps an epoch of a run has."""

from __future__ import annotations

from typing import Any

import msgspec

from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.recipes.recipe import steps_per_epoch as steps_of
from inspector.formats.settings import nested
from inspector.runs.values import Run


def steps_per_epoch(run: Run) -> float | None:
    """Optimizer steps in one epoch: by the recipe's settings, else by the run's table, else None."""
    recipe = RECIPES.get(run.record.recipe) if run.record else None
    if recipe is not None and run.settings.values:
        try:
            settings: Any = msgspec.convert(nested(run.settings.values, ""), recipe.settings)
            samples = recipe.samples(settings) or (run.record.samples if run.record else None)
            if samples:
                return float(steps_of(samples, settings.data.batch_size))
        except msgspec.ValidationError:
            pass  # settings of another version: the table still tells
    known = [moment for moment in run.moments if moment.epoch]
    if len(known) >= 2 and known[-1].epoch != known[0].epoch:
        return (known[-1].step - known[0].step) / ((known[-1].epoch or 0) - (known[0].epoch or 0))
    return known[-1].step / known[-1].epoch if known and known[-1].epoch else None
