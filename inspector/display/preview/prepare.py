"""Draws the learning rate that was, that would have been, and that will be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from inspector.analysis.pyramid import decimate
from inspector.analysis.schedules.planned import planned_rates
from inspector.analysis.schedules.plateau import HeldPlateau, held_plateau
from inspector.analysis.schedules.resumed import PLATEAU, RateMeaning, resumed_rates, steps_known
from inspector.core.arrays import FloatArray
from inspector.core.errors import SettingsError, UsageError
from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.pulse import Pulse
from inspector.display.preview.scene import PreviewAsk, PreviewScene, RateLine
from inspector.formats.edit_effects import edit_effects
from inspector.formats.recipes.catalogue import recipe_of
from inspector.formats.recipes.optimizer import factor_of, factors_of
from inspector.formats.recipes.own import OWN, is_recipe_file
from inspector.formats.recipes.recipe import Recipe, steps_per_epoch
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of, with_edits
from inspector.runs.curves import run_series
from inspector.runs.rising import rising_curves

WIDTH_PX = 1200
FIRST = 10
RATE_PREFIX = "lr/"


def prepare(ask: PreviewAsk, pulse: Pulse) -> PreviewScene:
    """The three lines, of the first group; the new one by the closed form that the trainer's scheduler evaluates."""
    group, recorded = _recorded(ask, pulse)
    lines = [recorded] if recorded else []
    try:
        held = held_plateau(ask.schedulers) or _held_by_record(ask, recorded, group)
        old = _future(ask, ask.before, "rescale", None, held)
        new = _future(ask, ask.after, ask.rate, ask.epochs, held)
    except (SettingsError, UsageError) as error:
        path = error.path if isinstance(error, SettingsError) else ""
        return PreviewScene(lines=tuple(lines), resume_step=ask.step, resume_epoch=ask.epoch, first=(), last_epoch=0,
                            problem=str(error), problem_path=path)  # fmt: skip
    problem = ""
    horizon = int(ask.after.get("schedule.epochs", new.last))
    if new.last > horizon:
        problem = tr_many(
            "{more} more epoch ends at epoch {last}, past the horizon of {horizon}; raise schedule.epochs",
            "{more} more epochs end at epoch {last}, past the horizon of {horizon}; raise schedule.epochs",
            ask.epochs or 0,
        ).format(more=ask.epochs, last=new.last, horizon=horizon)
    elif not new.count:
        reached = tr("the run has reached its horizon of {epochs}; raise schedule.epochs")
        problem = reached.format(epochs=tr_counted(horizon, "epoch"))
    futures = ((tr("old future"), "dim", old), (tr("new future"), "good", new))
    lines += [_line(label, ink, ask, one, group) for label, ink, one in futures if one.count and one.told]
    known = new.known()
    return PreviewScene(
        lines=tuple(lines),
        resume_step=ask.step,
        first=_first(new, 1.0),
        first_of={module: _first(new, factor) for module, factor in factors_of(ask.after).items()},
        assumed_from=None if known is None else ask.step + known + 1,
        assumption=_assumption(ask.step, new),
        last_epoch=new.last,
        resume_epoch=ask.epoch,
        steps_per_epoch=new.per_epoch,
        problem=problem,
    )


@dataclass(frozen=True, slots=True)
class _Future:
    """What follows the checkpoint.

    Attributes:
        begin: epochs done where it begins, with a fraction; last: where it ends.
        per_epoch: optimizer steps in an epoch; count: in all.
        meaning: of the edited rate.
        held: what the checkpoint tells of a plateau.
    """

    settings: Any
    begin: float
    last: int
    per_epoch: int
    count: int
    meaning: RateMeaning
    held: HeldPlateau | None

    def rates(self, factor: float, count: int) -> FloatArray:
        """(count,) float64, of a group with that factor in the first steps."""
        settings = self.settings
        return resumed_rates(
            settings.schedule, settings.optim.lr, self.per_epoch, self.begin, count, self.meaning,
            lr_mult=factor, held=self.held,
        )  # fmt: skip

    @property
    def told(self) -> bool:
        """Whether settings tell the rates: those of a scheduler of the user's own they do not."""
        return not np.isnan(self.rates(1.0, 1)).any()

    def known(self) -> int | None:
        """The steps whose rates no loss to come can change; None for all."""
        settings = self.settings
        return steps_known(
            settings.schedule, settings.optim.lr, self.per_epoch, self.begin, self.meaning,
            last_epoch=self.last, val_every=settings.train.val_every, held=self.held,
        )  # fmt: skip


def _future(
    ask: PreviewAsk, values: Mapping[str, Any], rate: RateMeaning, epochs: int | None, held: HeldPlateau | None
) -> _Future:
    recipe = _recipe(ask)
    settings: Any = _settings(recipe, values)
    recipe.check(settings)
    samples = recipe.samples(settings) or ask.samples
    if samples is None:
        raise SettingsError(tr("how many samples an epoch has is not recorded; a dry run counts them"))
    per_epoch = steps_per_epoch(samples, settings.data.batch_size)
    last = settings.schedule.epochs if epochs is None else int(ask.epoch) + epochs
    before = _settings(recipe, ask.before)
    begin = math.floor(ask.epoch) if _starts_over(before, settings) else ask.epoch
    if before.schedule.family != PLATEAU:
        held = None
    return _Future(settings, begin, last, per_epoch, max(0, round((last - begin) * per_epoch)), rate, held)


def _first(future: _Future, factor: float) -> tuple[float, ...]:
    return tuple(future.rates(factor, min(FIRST, future.count)).tolist()) if future.told else ()


def _assumption(step: int, future: _Future) -> str:
    """What the preview cannot know, one sentence; empty where it knows all."""
    if not future.told:
        return tr("The recipe file brings its own scheduler: its rates are drawn once the trainer has answered")
    known = future.known()
    if known is None:
        return ""
    patience = tr_counted(future.settings.schedule.plateau_patience, "validation")
    return tr(
        "Dotted from step {step:,} on, where every validation is assumed to have a lower loss. The plateau"
        " takes its decay factor after more than {patience} without one"
    ).format(step=step + known + 1, patience=patience)


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


def _held_by_record(ask: PreviewAsk, recorded: RateLine | None, group: str) -> HeldPlateau | None:
    """How far a plateau is down by its last recorded rate, for a checkpoint that does not tell; it may fall at once."""
    if recorded is None or not recorded.rates.size or not ask.step:
        return None
    old = _future(ask, ask.before, "rescale", None, None)
    schedule = old.settings.schedule
    if schedule.family != PLATEAU:
        return None
    epoch = ask.epoch if recorded.epochs is None else float(recorded.epochs[-1])
    step = max(round(epoch * old.per_epoch), 1)
    base_lr, factor = old.settings.optim.lr, factor_of(group, ask.before)
    whole = planned_rates(schedule, base_lr, old.per_epoch, step, step, lr_mult=factor)
    share = float(recorded.rates[-1] / whole[0]) if whole[0] > 0 else 1.0
    return HeldPlateau(share=share, bad=schedule.plateau_patience)


def _line(label: str, ink: Any, ask: PreviewAsk, future: _Future, group: str) -> RateLine:
    values = ask.after if ink == "good" else ask.before
    rates = future.rates(factor_of(group, values), future.count)
    steps = ask.step + 1.0 + np.arange(rates.size, dtype=np.float64)
    if rates.size > WIDTH_PX:
        steps, rates = decimate(steps, rates, float(steps[0]), float(steps[-1]), WIDTH_PX)
    epochs = future.begin + (steps - ask.step) / future.per_epoch
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
    line = RateLine(label=tr("recorded"), ink="accent", dashed=False, steps=steps, rates=rates, epochs=epochs)
    return first.tag.removeprefix(RATE_PREFIX), line
