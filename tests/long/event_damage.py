"""Event files damaged at a million places cost one record each at most, and never an exception."""

from __future__ import annotations

from tests.artifacts.event_damage import damaged_once
from tests.long.harness import Check, Figures

_PLACES = 100


def _round(number: int, figures: Figures) -> None:
    worst = damaged_once(seed=number, places=_PLACES)
    assert worst <= 1, f"one damage cost {worst} records"
    figures["damaged"] = figures.get("damaged", 0) + _PLACES
    figures["records lost at most"] = max(figures.get("records lost at most", 0), worst)


CHECK = Check(
    name="event_damage",
    title="event files damaged in one place lose one record at most",
    round=_round,
    target_rounds=10_000,
    quick_rounds=1,
)
