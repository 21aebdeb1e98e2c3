"""Which extras a recipe's settings ask for."""

from __future__ import annotations

from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.recipes.extras import ASKED_BY, extras_asked
from inspector.formats.setting_fields import fields_of


def test_what_asks_for_an_extra_is_a_choice_of_a_recipe():
    offered = {(field.path, choice) for recipe in RECIPES.values() for field in fields_of(recipe.settings)
               for choice in field.choices}  # fmt: skip
    assert set(ASKED_BY) <= offered


def test_the_qwen2_vl_backbone_asks_for_vlm_and_nothing_else_does():
    assert extras_asked({"model.backbone": "qwen2_vl"}) == ("train", "vlm")
    assert extras_asked({"model.backbone": "cnn"}) == extras_asked({}) == ("train",)
