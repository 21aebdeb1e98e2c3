"""Promise 10 for W&B's run files: one byte damaged at 1,200 places costs two blocks at most, and nothing is silent."""

from __future__ import annotations

import random

from tests.artifacts.wandb_damage import damage
from tests.long.harness import Check, Figures

_PLACES_A_ROUND = 20
_ROUNDS = 60


def _round(number: int, figures: Figures) -> None:
    """Every 60th place from this one on, so that all rounds together lie evenly over the file."""
    chooser = random.Random(number)
    costs = [damage((number / _ROUNDS + turn) / _PLACES_A_ROUND, chooser) for turn in range(_PLACES_A_ROUND)]
    figures["places"] = figures.get("places", 0) + len(costs)
    figures["one row at most"] = figures.get("one row at most", 0) + sum(cost <= 1 for cost in costs)
    figures["rows lost at most"] = max(figures.get("rows lost at most", 0), *costs)


CHECK = Check(
    name="wandb_damage",
    title="One damaged byte in a .wandb file: rows lost",
    round=_round,
    target_rounds=_ROUNDS,
    quick_rounds=1,
)
