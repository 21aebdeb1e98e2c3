"""How many optimizer steps an epoch of a run has."""

from __future__ import annotations

from typing import Any

import msgspec

from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.recipes.recipe import steps_per_epoch as steps_of
from inspector.formats.settings import nested
from inspector.runs.values import Run

_BATCH_SIZE = "data.batch_size"


def steps_per_epoch(run: Run) -> float | None:
    """Optimizer steps in one epoch: by the samples and the batch size of the run, else by its table, else None."""
    samples, batch_size = _recorded(run)
    if samples is None or batch_size is None:
        samples, batch_size = _by_recipe(run)
    if samples and batch_size:
        return float(steps_of(samples, batch_size))
    known = [moment for moment in run.moments if moment.epoch]
    if len(known) >= 2 and known[-1].epoch != known[0].epoch:
        return (known[-1].step - known[0].step) / ((known[-1].epoch or 0) - (known[0].epoch or 0))
    return known[-1].step / known[-1].epoch if known and known[-1].epoch else None


def _recorded(run: Run) -> tuple[int | None, int | None]:
    """What the trainer counted, whatever its recipe; None where run.json or the settings do not say."""
    batch_size = run.settings.values.get(_BATCH_SIZE)
    is_size = isinstance(batch_size, int) and batch_size > 0
    return run.record.samples if run.record else None, batch_size if is_size else None


def _by_recipe(run: Run) -> tuple[int | None, int | None]:
    """What the settings of a recipe that this program knows make."""
    recipe = RECIPES.get(run.record.recipe) if run.record else None
    if recipe is None or not run.settings.values:
        return None, None
    try:
        settings: Any = msgspec.convert(nested(run.settings.values, ""), recipe.settings)
    except msgspec.ValidationError:
        return None, None  # settings of another version: the table still tells
    samples = recipe.samples(settings) or (run.record.samples if run.record else None)
    return samples, settings.data.batch_size
