"""Millions of damaged short streams of every shape that a lens knows, read and listed: nothing raises or happens."""

from __future__ import annotations

from tests.long.harness import Check, Figures
from tests.long.pickle_mutants import MUTANTS_A_ROUND, small_mutants


def round_of(number: int, figures: Figures) -> None:
    """Ten thousand mutants of other places than those of any other round."""
    found = small_mutants(MUTANTS_A_ROUND, seed=number + 1)
    assert found["audit_events"] == 0, found
    for name, count in found.items():
        figures[name] = figures.get(name, 0) + count


CHECK = Check(
    name="small_mutants",
    title="mutated short pickles with tensors, arrays and calls, read and listed: no exception, no audit event",
    round=round_of,
    target_rounds=500,
    quick_rounds=1,
)
