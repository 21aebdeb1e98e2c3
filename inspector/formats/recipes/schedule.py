"""The learning-rate schedule that every recipe shares, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from inspector.formats.settings import setting

Family = Literal["cosine", "halving", "constant"]
Warmup = Literal["multiply", "overwrite"]

PREFIX = "schedule."


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the learning rate moves from the first step to the horizon.

    `analysis.schedules.planned_rates` gives the curve.
    """

    family: Annotated[
        Family,
        setting(title="Decay", description="Cosine falls to the lowest rate at the horizon; halving halves forever"),
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
            description="Multiply is right; overwrite writes over what the scheduler set, and so cancels the decay",
        ),
    ] = "multiply"
    min_lr: Annotated[float, setting(title="Lowest rate", description="The floor of the cosine", ge=0.0)] = 0.0
    half_life_epochs: Annotated[
        float, setting(title="Half-life", description="Of the halving decay", unit="epochs", gt=0.0)
    ] = 20.0
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
