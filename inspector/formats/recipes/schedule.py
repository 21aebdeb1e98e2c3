"""The learning-rate schedule that every recipe shares, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

import msgspec

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.formats.setting_fields import setting

Family = Literal[
    "cosine", "halving", "constant", "linear", "cosine_restarts", "step", "multistep", "exponential", "polynomial",
    "one_cycle", "inverse_sqrt", "plateau", "own",
]  # fmt: skip
Warmup = Literal["multiply", "overwrite", "compound"]

PREFIX = "schedule."

OWN: Family = "own"
"""The scheduler that a recipe file brings."""

UNTOLD: tuple[Family, ...] = ("plateau", OWN)
"""Families whose rates the settings alone do not tell: they wait for losses, or for code of the user's."""

STEPPED_BY_EPOCHS: tuple[Family, ...] = (
    "cosine", "halving", "constant", "linear", "cosine_restarts", "step", "multistep", "exponential", "polynomial",
)  # fmt: skip
"""Families that have a scheduler stepped once an epoch, which the faulty warm-ups need."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the learning rate moves from the first step to the horizon.

    `analysis.schedules.planned.planned_rates` gives the curve.
    """

    family: Annotated[
        Family,
        setting(
            title="Decay",
            description="Cosine, linear and polynomial reach the lowest rate at the horizon; plateau waits for the"
            " validation loss; one_cycle rises by itself and wants no warm-up; own is the scheduler of a recipe file,"
            " which alone sets the rate",
        ),
    ] = "cosine"
    epochs: Annotated[
        int,
        setting(title="Horizon", description="Where the schedule and the run end", unit="epochs", ge=1, le=100_000),
    ] = 40
    warmup_epochs: Annotated[
        float,
        setting(title="Warm-up", description="The rate rises linearly over this long", unit="epochs", ge=0.0),
    ] = 2.0
    warmup: Annotated[
        Warmup,
        setting(
            title="Warm-up style",
            description="Multiply is right; overwrite writes over what the scheduler set, and so cancels the decay;"
            " compound feeds its product back into the scheduler, and so stays low for ever",
        ),
    ] = "multiply"
    min_lr: Annotated[
        float, setting(title="Lowest rate", description="The floor of cosine, linear, polynomial and plateau", ge=0.0)
    ] = 0.0
    half_life_epochs: Annotated[
        float, setting(title="Half-life", description="Of the halving decay", unit="epochs", gt=0.0)
    ] = 20.0
    decay_factor: Annotated[
        float,
        setting(title="Decay factor", description="Of step, multistep, exponential and plateau", gt=0.0, le=1.0),
    ] = 0.1
    decay_epochs: Annotated[
        float,
        setting(
            title="Decay after",
            description="Step and exponential are down by the decay factor after this long, and again",
            unit="epochs",
            gt=0.0,
        ),
    ] = 10.0
    milestones_epochs: Annotated[
        tuple[float, ...],
        setting(title="Milestones", description="Where multistep takes the decay factor", unit="epochs"),
    ] = (20.0, 30.0)
    cycle_epochs: Annotated[
        float, setting(title="First cycle", description="Of cosine_restarts", unit="epochs", gt=0.0)
    ] = 10.0
    cycle_factor: Annotated[
        int,
        setting(title="Cycle factor", description="Length of a cycle by that of the one before", ge=1, le=10),
    ] = 1
    power: Annotated[float, setting(title="Power", description="Of polynomial", gt=0.0, le=10.0)] = 2.0
    pct_start: Annotated[
        float, setting(title="Rising share", description="Of one_cycle, in which the rate rises", gt=0.0, le=0.99)
    ] = 0.3
    div_factor: Annotated[
        float, setting(title="Start divisor", description="One_cycle starts at the top by this", ge=1.0)
    ] = 25.0
    final_div_factor: Annotated[
        float, setting(title="End divisor", description="One_cycle ends at its start by this", ge=1.0)
    ] = 1e4
    plateau_patience: Annotated[
        int,
        setting(
            title="Plateau patience",
            description="Validations without a lower loss before plateau takes the decay factor",
            unit="validations",
            ge=0,
        ),
    ] = 5
    plateau_cooldown: Annotated[
        int,
        setting(
            title="Plateau cooldown", description="Validations after that which do not count", unit="validations", ge=0
        ),
    ] = 0
    plateau_threshold: Annotated[
        float,
        setting(title="Plateau threshold", description="Share by which a loss must be lower to count", ge=0.0, le=1.0),
    ] = 1e-4
    origin_epoch: Annotated[
        float,
        setting(
            title="Counted from",
            description="The epoch at which the schedule starts; a restart on resume sets it",
            unit="epochs",
            ge=0.0,
        ),
    ] = 0.0


def schedule_of(values: Mapping[str, Any]) -> Schedule:
    """The schedule among settings by dotted path; what is absent keeps its default.

    Raises:
        msgspec.ValidationError: a value is not one that the setting takes.
    """
    group = {path.removeprefix(PREFIX): value for path, value in values.items() if path.startswith(PREFIX)}
    return msgspec.convert(group, Schedule)


def check(schedule: Schedule, base_lr: float) -> None:
    """Raise where settings of the schedule contradict each other or the base rate, `optim.lr`.

    Raises:
        SettingsError: they do; the sentence names both settings.
    """
    if schedule.min_lr > base_lr:
        sentence = tr("schedule.min_lr is {least:g}, above optim.lr, {base:g}; lower it")
        raise SettingsError(sentence.format(least=schedule.min_lr, base=base_lr), "schedule.min_lr")
    if schedule.origin_epoch >= schedule.epochs:
        sentence = tr("schedule.origin_epoch is {origin:g}, not below schedule.epochs, {epochs}; raise schedule.epochs")
        raise SettingsError(
            sentence.format(origin=schedule.origin_epoch, epochs=schedule.epochs), "schedule.origin_epoch"
        )
    milestones = schedule.milestones_epochs
    if schedule.family == "multistep" and not (milestones and min(milestones) > 0 and _ascending(milestones)):
        sentence = tr(
            "schedule.milestones_epochs takes epochs above 0 in ascending order for schedule.family multistep,"
            " found {found}"
        )
        raise SettingsError(sentence.format(found=list(milestones)), "schedule.milestones_epochs")
    if schedule.family == "inverse_sqrt" and schedule.warmup_epochs <= 0:
        sentence = tr(
            "schedule.family inverse_sqrt falls from the end of the warm-up on; give schedule.warmup_epochs above 0"
        )
        raise SettingsError(sentence, "schedule.family")
    if schedule.family == "plateau" and schedule.decay_factor >= 1:
        sentence = tr(
            "schedule.family plateau lowers the rate by schedule.decay_factor, found {factor:g}; give one below 1"
        )
        raise SettingsError(sentence.format(factor=schedule.decay_factor), "schedule.family")
    if schedule.warmup != "multiply" and schedule.family not in STEPPED_BY_EPOCHS:
        sentence = tr(
            "schedule.warmup {warmup} is a fault of schedulers that are stepped once an epoch, which"
            " schedule.family {family} is not; choose multiply"
        )
        raise SettingsError(sentence.format(warmup=schedule.warmup, family=schedule.family), "schedule.warmup")


def _ascending(values: tuple[float, ...]) -> bool:
    return all(first < second for first, second in pairwise(values))
