"""Promise 10: one byte damaged at 1,000 places of each log format costs at most one record, and raises nothing."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from tests.artifacts.log_damage import FORMATS, damage
from tests.long.harness import Check, Figures

_PLACES_A_ROUND = 20
_ROUNDS = 60


def _round(number: int, figures: Figures) -> None:
    """Every 60th place from this one on, so that all rounds together lie evenly over the file."""
    chooser = random.Random(number)
    with tempfile.TemporaryDirectory() as place:
        for log in FORMATS:
            span = len(log.whole) / (_PLACES_A_ROUND * _ROUNDS)
            offsets = sorted({int(span * (number + _ROUNDS * turn)) for turn in range(_PLACES_A_ROUND)})
            costs = [damage(log, offset, chooser, Path(place)) for offset in offsets]
            kept = figures.setdefault(log.name, {"places": 0, "records_lost": 0, "at_most": 0})
            kept["places"] += len(costs)
            kept["records_lost"] += sum(costs)
            kept["at_most"] = max(kept["at_most"], *costs)


CHECK = Check(
    name="log_damage",
    title="One damaged byte in a log: records lost",
    round=_round,
    target_rounds=_ROUNDS,
    quick_rounds=1,
)
