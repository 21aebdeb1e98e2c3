"""The settings of `arc_slots`: what does not go together is said, and the cure undoes every fault."""

from __future__ import annotations

import msgspec
import pytest

from inspector.core.errors import SettingsError
from inspector.formats.recipes.arc_slots import RECIPE
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.settings import flatten


@pytest.mark.parametrize("size", RECIPE.sizes)
@pytest.mark.parametrize("preset", RECIPE.presets)
def test_every_preset_goes_with_every_size(size, preset):
    settings = settings_of("arc_slots", size, [preset])
    assert settings != settings_of("arc_slots", size) or preset == "fixed"


@pytest.mark.parametrize("fault", [name for name, preset in RECIPE.presets.items() if preset.is_fault])
@pytest.mark.parametrize("size", RECIPE.sizes)
def test_the_cure_has_none_of_what_makes_a_fault(fault, size):
    fixed = flatten(msgspec.to_builtins(settings_of("arc_slots", size, ["fixed"])))
    same = {path for path, value in RECIPE.presets[fault].edits.items() if fixed[path] == value}
    assert same <= {"data.largest"}


def test_the_full_size_has_the_channels_and_slots_of_its_seed():
    full = settings_of("arc_slots", "full")
    assert (full.encoder.channels, full.encoder.layers, full.model.slots, full.model.slot_size) == (32, 3, 7, 64)
    assert (full.data.grid_size, full.model.iterations) == (30, 3)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"data.largest": 9}, "data.largest is 9, above data.grid_size, 8"),
        ({"encoder.kernel_cells": 2}, "encoder.kernel_cells takes an odd number, found 2"),
        ({"schedule.min_lr": 0.1}, "above optim.lr"),
    ],
)
def test_settings_that_contradict_each_other_are_named(edits, said):
    with pytest.raises(SettingsError, match=said) as refused:
        settings_of("arc_slots", edits=edits)
    assert refused.value.path in edits


@pytest.mark.parametrize("recipe", ["arc_slots", "arc_solver"])
def test_grids_larger_than_their_canvas_are_refused_where_they_are_made_and_not_where_they_are_given(recipe):
    edits = {"data.grid_size": "8", "data.largest": "9"}
    with pytest.raises(SettingsError, match=r"data\.largest") as refused:
        settings_of(recipe, edits=edits)
    assert refused.value.path == "data.largest"
    assert settings_of(recipe, edits={**edits, "data.path": "somewhere"}).data.largest == 9
    assert settings_of(recipe, edits={**edits, "data.largest": "8"}).data.largest == 8
