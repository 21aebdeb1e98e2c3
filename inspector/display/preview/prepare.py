"""Draws the learning rate that was, that would have been, and that will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from inspector.analysis.pyramid import decimate
from inspector.analysis.schedules.resumed import resumed_rates
from inspector.core.arrays import FloatArray
from inspector.core.errors import SettingsError, UsageError
from inspector.core.pulse import Pulse
from inspector.display.preview.scene import PreviewAsk, PreviewScene, RateLine
from inspector.formats.recipes.catalogue import recipe_of
from inspector.formats.recipes.recipe import steps_per_epoch
from inspector.formats.recipes.schedule import schedule_of
from inspector.formats.settings import with_edits
from inspector.runs.curves import run_series
from inspector.runs.rising import rising_curves

WIDTH_PX = 1200
FIRST = 10
RATE_PREFIX = "lr/"


def prepare(ask: PreviewAsk, pulse: Pulse) -> PreviewScene:
    """The three lines; the new one by the same closed form that the trainer's scheduler evaluates."""
    lines = list(_recorded(ask, pulse))
    try:
        old_last, old, old_per_epoch = _future(ask, ask.before, "rescale", None)
        last, new, per_epoch = _future(ask, ask.after, ask.rate, ask.epochs)
    except (SettingsError, UsageError) as error:
        return PreviewScene(lines=tuple(lines), resume_step=ask.step, resume_epoch=ask.epoch, first=(), last_epoch=0,
                            problem=str(error))  # fmt: skip
    problem = ""
    horizon = int(ask.after.get("schedule.epochs", last))
    if last > horizon:
        problem = f"{ask.epochs} more epochs end at epoch {last}, past the horizon of {horizon}; raise schedule.epochs"
    elif not new.size:
        problem = f"the run has reached its horizon of {horizon} epochs; raise schedule.epochs"
    if old_last and old.size:
        lines.append(_line("old future", "dim", ask, old, old_per_epoch))
    lines.append(_line("new future", "good", ask, new, per_epoch))
    return PreviewScene(
        lines=tuple(lines),
        resume_step=ask.step,
        first=tuple(float(rate) for rate in new[:FIRST]),
        last_epoch=last,
        resume_epoch=ask.epoch,
        steps_per_epoch=per_epoch,
        problem=problem,
    )


def _future(ask: PreviewAsk, values: Mapping[str, Any], rate: Any, epochs: int | None) -> tuple[int, FloatArray, int]:
    """The last epoch, the rate of every step from the checkpoint to there, and how many steps an epoch has."""
    recipe = recipe_of(ask.recipe)
    settings: Any = with_edits(recipe.settings(), values)
    recipe.check(settings)
    samples = recipe.samples(settings) or ask.samples
    if samples is None:
        raise SettingsError("how many samples an epoch has is not recorded; a dry run counts them")
    per_epoch = steps_per_epoch(samples, settings.data.batch_size)
    last = settings.schedule.epochs if epochs is None else int(ask.epoch) + epochs
    count = max(0, round((last - ask.epoch) * per_epoch))
    rates = resumed_rates(schedule_of(values), settings.optim.lr, per_epoch, ask.epoch, count, rate)
    return last, rates, per_epoch


def _line(label: str, ink: Any, ask: PreviewAsk, rates: FloatArray, per_epoch: int) -> RateLine:
    steps = ask.step + 1.0 + np.arange(rates.size, dtype=np.float64)
    if rates.size > WIDTH_PX:
        steps, rates = decimate(steps, rates, float(steps[0]), float(steps[-1]), WIDTH_PX)
    epochs = ask.epoch + (steps - ask.step) / per_epoch
    return RateLine(label=label, ink=ink, dashed=ink == "dim", steps=steps, rates=rates, epochs=epochs)


def _recorded(ask: PreviewAsk, pulse: Pulse) -> list[RateLine]:
    """The first group's rate up to the checkpoint."""
    series = (curve.series for curve in run_series(ask.logs, pulse).curves)
    curves = rising_curves((one for one in series if one.tag.startswith(RATE_PREFIX)), pulse)
    first = next((one for one in curves.values() if one.steps.size), None)
    if first is None:
        return []
    until = first.steps <= ask.step
    steps, rates = first.steps[until], first.values[until]
    if steps.size > WIDTH_PX:
        steps, rates = decimate(steps, rates, float(steps[0]), float(steps[-1]), WIDTH_PX)
    epochs = None if first.epochs is None else np.interp(steps, first.steps, first.epochs)
    return [RateLine(label="recorded", ink="accent", dashed=False, steps=steps, rates=rates, epochs=epochs)]
