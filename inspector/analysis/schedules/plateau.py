"""How far a plateau is down after a history of losses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from inspector.formats.recipes.schedule import Schedule

_CLASS = "ReduceLROnPlateau"


class HeldPlateau(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint holds of a plateau; a fresh one is at its top and has seen nothing.

    Attributes:
        share: of the base rate that is left.
        bad: validations without a lower loss so far.
        cooldown: validations to come that do not count.
    """

    share: float = 1.0
    bad: int = 0
    cooldown: int = 0


def held_plateau(schedulers: Mapping[str, Any]) -> HeldPlateau | None:
    """The plateau among the schedulers of a checkpoint, `{class, state}` by name; None where there is none."""
    for saved in schedulers.values():
        state = saved.get("state") if isinstance(saved, Mapping) and saved.get("class") == _CLASS else None
        if isinstance(state, Mapping):
            share = _share(state.get("unwarmed_lrs"), state.get("base_lrs"))
            bad, cooldown = state.get("num_bad_epochs"), state.get("cooldown_counter")
            if share is not None and isinstance(bad, int) and isinstance(cooldown, int):
                return HeldPlateau(share=share, bad=max(bad, 0), cooldown=max(cooldown, 0))
    return None


def _share(held: Any, bases: Any) -> float | None:
    if not (isinstance(held, list) and isinstance(bases, list)):
        return None
    pairs = [pair for pair in zip(held, bases, strict=False) if all(isinstance(one, int | float) for one in pair)]
    return next((rate / base for rate, base in pairs if base > 0 and math.isfinite(rate) and rate >= 0), None)


def validations_until_fall(schedule: Schedule, lowest: float, held: HeldPlateau) -> int | None:
    """After how many validations the rate falls if none of them is better; None where it cannot fall any more.

    Args:
        schedule: the settings.
        lowest: share of the base rate that is the floor.
        held: how far it is down.
    """
    if held.share <= lowest:
        return None
    # While it cools down its count of bad ones is set to 0, as at the last validation of the cooldown.
    return held.cooldown + schedule.plateau_patience + 1 - (0 if held.cooldown else held.bad)
