"""The table of faults is whole, which costs no training to see."""

from __future__ import annotations

import pytest

from inspector.formats.recipes.catalogue import RECIPES, settings_of
from tests.long.fault_signs import CURE, CURED_EPOCHS, FAULTS, Curves


def test_every_preset_that_is_a_fault_has_signs_and_no_other() -> None:
    named = {recipe: {name for name, one in found.presets.items() if one.is_fault} for recipe, found in RECIPES.items()}
    assert {recipe: set(faults) for recipe, faults in FAULTS.items()} == named
    assert all(fault.signs for faults in FAULTS.values() for fault in faults.values())
    assert set(CURED_EPOCHS) == set(RECIPES)
    assert all(not found.presets[CURE].is_fault for found in RECIPES.values())


@pytest.mark.parametrize("recipe", FAULTS)
def test_no_fault_is_trained_beyond_its_horizon(recipe: str) -> None:
    for name, fault in FAULTS[recipe].items():
        assert fault.epochs <= settings_of(recipe, presets=[name], edits=fault.edits).schedule.epochs


def test_a_figure_that_is_not_a_number_is_no_sign() -> None:
    sign = FAULTS["slots"]["unclamped_diversity"].signs[0]
    settings = settings_of("slots")
    assert sign.is_shown(sign.measure(Curves([{"train/loss": 0.1}, {"train/loss": -0.0006}], settings)))
    assert not sign.is_shown(sign.measure(Curves([{"train/loss": 0.1}, {"train/loss": 0.2}], settings)))
    assert not sign.is_shown(float("nan"))
