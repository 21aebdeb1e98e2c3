"""Draws the learning rate that was, that would have been, and that will be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from inspector.analysis.pyramid import decimate
from inspector.analysis.schedules.planned import planned_rates
from inspector.analysis.schedules.resumed import resumed_rates
from inspector.core.arrays import FloatArray
from inspector.core.errors import SettingsError, UsageError
from inspector.core.pulse import Pulse
from inspector.display.preview.scene import PreviewAsk, PreviewScene, RateLine
from inspector.formats.edit_effects import edit_effects
from inspector.formats.recipes.catalogue import recipe_of
from inspector.formats.recipes.own import OWN, is_recipe_file
from inspector.formats.recipes.recipe import Recipe, steps_per_epoch
from inspector.formats.settings import fields_of, values_of, with_edits
from inspector.runs.curves import run_series
from inspector.runs.rising import rising_curves

WIDTH_PX = 1200
FIRST = 10
RATE_PREFIX = "lr/"
_PLATEAU = "plateau"


def prepare(ask: PreviewAsk, pulse: Pulse) -> PreviewScene:
    """The three lines, of the first group; the new one by the closed form that the trainer's scheduler evaluates."""
    group, recorded = _recorded(ask, pulse)
    lines = [recorded] if recorded else []
    try:
        old = _future(ask, ask.before, "rescale", None, group)
        new = _future(ask, ask.after, ask.rate, ask.epochs, group)
    except (SettingsError, UsageError) as error:
        return PreviewScene(lines=tuple(lines), resume_step=ask.step, resume_epoch=ask.epoch, first=(), last_epoch=0,
                            problem=str(error))  # fmt: skip
    share = _plateau_share(ask, recorded, old)
    old.rates *= share
    if ask.rate == "rescale" and new.settings.schedule.family == _PLATEAU:
        new.rates *= share
    problem = ""
    horizon = int(ask.after.get("schedule.epochs", new.last))
    if new.last > horizon:
        problem = (
            f"{ask.epochs} more epochs end at epoch {new.last}, past the horizon of {horizon}; raise schedule.epochs"
        )
    elif not new.rates.size:
        problem = f"the run has reached its horizon of {horizon} epochs; raise schedule.epochs"
    if old.last and old.rates.size:
        lines.append(_line("old future", "dim", ask.step, old))
    lines.append(_line("new future", "good", ask.step, new))
    return PreviewScene(
        lines=tuple(lines),
        resume_step=ask.step,
        first=tuple(float(rate) / (new.factor or 1.0) for rate in new.rates[:FIRST]),
        last_epoch=new.last,
        resume_epoch=ask.epoch,
        steps_per_epoch=new.per_epoch,
        problem=problem,
    )


@dataclass(slots=True)
class _Future:
    """What follows the checkpoint.

    Attributes:
        begin: epochs done where it begins, with a fraction; last: where it ends.
        per_epoch: optimizer steps in an epoch.
        factor: the group's own.
        rates: (steps,) float64, of the group in every step.
    """

    settings: Any
    begin: float
    last: int
    per_epoch: int
    factor: float
    rates: FloatArray


def _future(ask: PreviewAsk, values: Mapping[str, Any], rate: Any, epochs: int | None, group: str) -> _Future:
    recipe = _recipe(ask)
    settings: Any = _settings(recipe, values)
    recipe.check(settings)
    samples = recipe.samples(settings) or ask.samples
    if samples is None:
        raise SettingsError("how many samples an epoch has is not recorded; a dry run counts them")
    per_epoch = steps_per_epoch(samples, settings.data.batch_size)
    last = settings.schedule.epochs if epochs is None else int(ask.epoch) + epochs
    begin = math.floor(ask.epoch) if _starts_over(_settings(recipe, ask.before), settings) else ask.epoch
    count = max(0, round((last - begin) * per_epoch))
    factor = _factor(values, group)
    rates = resumed_rates(settings.schedule, settings.optim.lr, per_epoch, begin, count, rate, lr_mult=factor)
    return _Future(settings, begin, last, per_epoch, factor, rates)


def _recipe(ask: PreviewAsk) -> Recipe:
    """The recipe; of a file of the user's, which is not run here, what all of them have."""
    return OWN if is_recipe_file(ask.recipe) else recipe_of(ask.recipe)


def _settings(recipe: Recipe, values: Mapping[str, Any]) -> Any:
    if recipe is OWN:
        known = {field.path for field in fields_of(recipe.settings)}
        values = {path: value for path, value in values.items() if path in known}
    return with_edits(recipe.settings(), values)


def _starts_over(before: Any, after: Any) -> bool:
    """Whether the epoch under way starts over, because its samples come in another order."""
    old, new = values_of(before), values_of(after)
    effects = edit_effects(fields_of(type(after)), [path for path in new if old[path] != new[path]], "edits")
    return any("changes data order" in effect.tags for effect in effects.values())


def _factor(values: Mapping[str, Any], group: str) -> float:
    """The own factor of a group, which is called by its module or by `<optimizer>.<module>`."""
    names = (group, group.partition(".")[2])
    found = (values.get(f"optim.groups.{name}.lr_mult") for name in names)
    return float(next((factor for factor in found if isinstance(factor, int | float)), 1.0))


def _plateau_share(ask: PreviewAsk, recorded: RateLine | None, old: _Future) -> float:
    """How far a plateau is down at the checkpoint, by its last recorded rate; 1 of other families."""
    schedule, step = old.settings.schedule, round(ask.epoch * old.per_epoch)
    if recorded is None or schedule.family != _PLATEAU or not recorded.rates.size or not step:
        return 1.0
    whole = planned_rates(schedule, old.settings.optim.lr, old.per_epoch, step, step, lr_mult=old.factor)
    return float(recorded.rates[-1] / whole[0]) if whole[0] > 0 else 1.0


def _line(label: str, ink: Any, step: int, future: _Future) -> RateLine:
    rates = future.rates
    steps = step + 1.0 + np.arange(rates.size, dtype=np.float64)
    if rates.size > WIDTH_PX:
        steps, rates = decimate(steps, rates, float(steps[0]), float(steps[-1]), WIDTH_PX)
    epochs = future.begin + (steps - step) / future.per_epoch
    return RateLine(label=label, ink=ink, dashed=ink == "dim", steps=steps, rates=rates, epochs=epochs)


def _recorded(ask: PreviewAsk, pulse: Pulse) -> tuple[str, RateLine | None]:
    """The first group, and its rate up to the checkpoint; an empty name and None where no rate was recorded."""
    series = (curve.series for curve in run_series(ask.logs, pulse).curves)
    curves = rising_curves((one for one in series if one.tag.startswith(RATE_PREFIX)), pulse)
    first = next((one for one in curves.values() if one.steps.size), None)
    if first is None:
        return "", None
    until = first.steps <= ask.step
    steps, rates = first.steps[until], first.values[until]
    if steps.size > WIDTH_PX:
        steps, rates = decimate(steps, rates, float(steps[0]), float(steps[-1]), WIDTH_PX)
    epochs = None if first.epochs is None else np.interp(steps, first.steps, first.epochs)
    line = RateLine(label="recorded", ink="accent", dashed=False, steps=steps, rates=rates, epochs=epochs)
    return first.tag.removeprefix(RATE_PREFIX), line
