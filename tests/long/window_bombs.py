"""Bombs opened one after the other in the real window: how long its thread stands still."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.artifacts.bombs import BOMBS
from tests.long.harness import Check, Figures
from tests.long.odd_texts import shown

_A_ROUND = 17
_MOST_MS = 50.0


def round_of(number: int, figures: Figures) -> None:
    """The first round opens one, the others seventeen each, in one window."""
    first = (number - 1) * _A_ROUND
    names = list(BOMBS)[first : first + _A_ROUND] if number else list(BOMBS)[:1]
    with tempfile.TemporaryDirectory(prefix="window-bombs-") as place:
        paths = []
        for index, name in enumerate(names):
            suffix, make = BOMBS[name]
            paths.append(Path(place) / f"{index}{suffix}")
            paths[-1].write_bytes(make())
        told = shown(("weights",), [str(path) for path in paths], Path(place) / "home")
    assert number == 0 or told["longest_cpu_ms"] <= _MOST_MS, told
    figures["bombs"] = figures.get("bombs", 0) + len(names)
    for figure in ("tracebacks", "turns", "opened"):
        figures[figure] = figures.get(figure, 0) + told[figure]
    for figure in ("longest_cpu_ms", "longest_wall_ms"):
        figures[figure] = max(figures.get(figure, 0.0), told[figure])


CHECK = Check(
    name="window_bombs",
    title="bombs opened one after the other in a window: its longest turn",
    round=round_of,
    target_rounds=1 + -(-len(BOMBS) // _A_ROUND),
    quick_rounds=1,
)
