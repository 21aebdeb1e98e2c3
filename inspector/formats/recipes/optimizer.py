"""The optimizer that every recipe shares, as settings; a recipe names its own groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from inspector.formats.setting_fields import setting

Kind = Literal["adam", "adamw", "sgd"]


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One module's own factor."""

    lr_mult: Annotated[float, setting(title="Rate factor", description="Times the learning rate", ge=0.0, le=100.0)] = (
        1.0
    )


class Optim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimizer; a recipe adds `groups`, a struct with a `Group` for each module."""

    name: Annotated[Kind, setting(title="Optimizer", changes=("optimizer",))] = "adamw"
    lr: Annotated[float, setting(title="Learning rate", description="Of the schedule at its top", gt=0.0, le=1.0)] = (
        1e-3
    )
    weight_decay: Annotated[float, setting(title="Weight decay", ge=0.0, le=1.0)] = 0.0
    beta1: Annotated[float, setting(title="Beta 1", description="Memory of the gradient", ge=0.0, le=0.9999)] = 0.9
    beta2: Annotated[float, setting(title="Beta 2", description="Memory of its square", ge=0.0, le=0.999999)] = 0.999
    eps: Annotated[float, setting(title="Epsilon", gt=0.0, le=1.0)] = 1e-8
    momentum: Annotated[float, setting(title="Momentum", description="Of sgd", ge=0.0, le=0.9999)] = 0.9
    clip_norm: (
        Annotated[
            float,
            setting(title="Clip norm", description="Longest gradient, L2 over all weights", applies="live", gt=0.0),
        ]
        | None
    ) = 1.0
    accumulate: Annotated[
        int,
        setting(
            title="Parts of a batch",
            description="A batch goes through the model in so many parts, which saves memory; the step is of the whole",
            unit="parts",
            ge=1,
            le=4096,
        ),
    ] = 1
    ema_decay: (
        Annotated[
            float,
            setting(
                title="Average of the weights",
                description="Decay of their moving average, with which validation and dumps look; off for none",
                changes=("loss",),
                ge=0.0,
                le=0.999999,
            ),
        ]
        | None
    ) = None


_LARGEST = 1e300  # a whole number of a file may be more than any float
_GROUP_FACTOR = "optim.groups.{}.lr_mult"


def factors_of(values: Mapping[str, Any]) -> dict[str, float]:
    """The own factors of groups by module, among settings by dotted path."""
    before, after = _GROUP_FACTOR.split("{}")
    return {
        path.removeprefix(before).removesuffix(after): float(value)
        for path, value in values.items()
        if path.startswith(before)
        and path.endswith(after)
        and isinstance(value, int | float)
        and abs(value) <= _LARGEST
    }


def factor_of(group: str, values: Mapping[str, Any]) -> float:
    """The own factor of a group, which is called by its module or by `<optimizer>.<module>`; 1 without one."""
    return factors_of(values).get(group.rpartition(".")[2], 1.0)
