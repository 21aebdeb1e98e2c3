"""Planted runs give their findings, healthy ones no error: the quick form of the long check of the same corpus."""

from __future__ import annotations

import pytest

from tests.diagnosis.corpus.catalogue import KEPT_APART, PLANTED, TUNED, kinds
from tests.diagnosis.corpus.draws import Planted
from tests.diagnosis.corpus.scoring import planted_outcome

_RECIPES = {f"healthy {recipe}" for recipe in ("slots", "counting", "arc_solver", "arc_slots")}

RUNS = [(planted, seed) for planted in PLANTED for seed in TUNED[: 3 if planted.name in _RECIPES else 1]]
"""One of each kind, and three healthy ones of each recipe."""


@pytest.mark.parametrize(("planted", "seed"), RUNS, ids=[f"{planted.name}, seed {seed}" for planted, seed in RUNS])
def test_a_planted_run_gives_its_findings_and_no_other_error(planted: Planted, seed: int) -> None:
    found = planted_outcome(planted, seed)
    assert found.missed == frozenset(), f"not found; told: {', '.join(found.told) or 'nothing'}"
    assert found.false_alarms == frozenset()


def test_a_run_is_the_same_for_the_same_seed_and_the_split_shares_none() -> None:
    first, again, other = (PLANTED[0].draw(seed) for seed in (0, 0, 1))
    assert (first.epochs, first.noise, first.logger) == (again.epochs, again.noise, again.logger)
    assert first.noise != other.noise
    assert not set(TUNED) & set(KEPT_APART)


def test_what_is_planted_are_kinds_of_findings() -> None:
    assert {label for planted in PLANTED for label in (*planted.labels, *planted.also)} <= kinds()
