"""A name that is no setting of a recipe leads to the one that was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.core.errors import SettingsError
from inspector.formats.recipes.catalogue import RECIPES, settings_of
from inspector.formats.recipes.counting_modules import HEADS
from inspector.formats.rule_names import PATHS
from inspector.formats.setting_fields import fields_of
from inspector.formats.setting_names import meant

RULES = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "rules.json"
KNOWN = {recipe: [field.path for field in fields_of(made.settings)] for recipe, made in RECIPES.items()}


@pytest.mark.parametrize(
    ("recipe", "typed", "said"),
    [
        ("arc_slots", "model.conv_dropout", "encoder.dropout"),
        ("arc_slots", "dropout_between_conv", "encoder.dropout"),
        ("arc_slots", "model.activation", "encoder.activation or encoder.negative_slope"),
        ("slots", "train.max_epochs", "schedule.epochs"),
        ("slots", "data.subset_percent", "data.subset"),
        ("slots", "learning_rate", "optim.lr"),
        ("slots", "train.lr", "optim.lr"),
        ("slots", "Optim.num_slots", "model.slots"),
        ("slots", "channels", "encoder.channels or decoder.channels"),
        ("slots", "optim.lrr", "optim.lr"),
        ("slots", "weight_decai", "optim.weight_decay"),
        ("slots", "betas", "optim.beta1 or optim.beta2"),
        ("counting", "optim.new_module_lr_mult", " or ".join(f"optim.groups.{head}.lr_mult" for head in HEADS)),
    ],
)
def test_a_name_of_a_rule_a_seed_or_another_trainer_is_told_as_it_is_here(recipe, typed, said):
    with pytest.raises(SettingsError) as caught:
        settings_of(recipe, edits={typed: "1"})
    assert str(caught.value) == f"{typed} is not a setting of this recipe; did you mean {said}"


def test_what_is_like_nothing_leads_to_the_list():
    assert meant("zzz", KNOWN["slots"]) == "see `run-inspector settings RECIPE`"
    # A setting of another recipe is none of this one.
    assert "encoder.dropout" not in meant("model.conv_dropout", KNOWN["counting"])


def test_every_name_of_a_rule_that_is_a_setting_somewhere_leads_to_it():
    if not RULES.exists():
        pytest.skip("the rules are not beside this checkout")
    rules = json.loads(RULES.read_bytes())["rules"]
    names = {edit["setting"] for rule in rules for edit in rule["suggested_edits"]} & PATHS.keys()
    assert len(names) > 10
    for name in names:
        assert any(f"mean {PATHS[name]}" in meant(name, known) or name in known for known in KNOWN.values()), name
