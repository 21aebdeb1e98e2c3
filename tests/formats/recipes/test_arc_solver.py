"""The settings of the solver go together in every size, and its presets say what they do."""

from __future__ import annotations

import pytest

from inspector.formats.recipes.arc_solver import RECIPE, samples
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of

FAULTS = {
    "faulty", "overwriting_warmup", "compounding_warmup", "high_rate", "label_smoothing", "padded_loss", "no_warmup",
    "tiny_subset",
}  # fmt: skip


@pytest.mark.parametrize("size", RECIPE.sizes)
@pytest.mark.parametrize("preset", [None, *RECIPE.presets])
def test_every_preset_goes_with_every_size(size, preset):
    settings = settings_of("arc_solver", size, [preset] if preset else [])
    assert samples(settings) >= 1
    # The absolute alarm alone passes by a rise of 0.14.
    assert settings.train.divergence_rise == 0.5
    assert settings.train.divergence_share == (None if preset == "faulty" else 0.15)


def test_the_faults_of_the_seed_have_names_and_a_cure():
    assert {name for name, preset in RECIPE.presets.items() if preset.is_fault} == FAULTS
    cure = settings_of("arc_solver", "mini", ["fixed"])
    assert cure == settings_of("arc_solver", "mini") == RECIPE.settings()
    assert (cure.schedule.warmup, cure.loss.label_smoothing, cure.loss.pad_loss) == ("multiply", 0.0, False)


def test_an_epoch_asks_for_every_pair_of_the_puzzles_in_use():
    asked = settings_of("arc_solver", edits={"data.train_puzzles": 10, "data.subset": 0.25, "data.pairs": 4})
    assert samples(asked) == 8
    assert samples(settings_of("arc_solver", edits={"data.path": "somewhere"})) is None


def test_what_an_edit_does_on_resume_is_marked():
    fields = {field.path: field for field in fields_of(RECIPE.settings)}
    assert {path for path, field in fields.items() if field.applies == "restart"} == {"model.width", "model.layers"}
    assert fields["loss.label_smoothing"].applies == "live"
    assert fields["loss.label_smoothing"].changes == ("loss",)
    assert fields["data.augment"].changes == ("loss",)
    assert fields["model.dropout"].changes == ("function",)
    assert "order" in fields["data.subset"].changes
    assert {path.split(".")[2] for path in fields if path.startswith("optim.groups.")} == {"embed", "layers", "head"}


def test_the_defaults_that_a_form_shows_are_those_of_the_small_size():
    shown = {field.path: field.default for field in fields_of(RECIPE.settings)}
    assert shown == values_of(settings_of("arc_solver"))
    assert (shown["schedule.epochs"], shown["train.divergence_share"], shown["optim.weight_decay"]) == (10, 0.15, 0.01)
