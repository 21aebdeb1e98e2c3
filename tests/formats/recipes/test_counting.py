"""The recipe `counting` as settings: presets, what an edit changes, and what does not go together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.core.errors import SettingsError
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.recipes.counting import RECIPE, CountingSettings, samples
from inspector.formats.recipes.counting_modules import EXTRAS
from inspector.formats.rule_names import PATHS
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of, with_edits
from tests.formats.rule_edits import edits_of_rule

FIELDS = {field.path: field for field in fields_of(CountingSettings)}
RULES = Path(__file__).resolve().parents[3].parent / "shared" / "reference" / "rules.json"

FAULTS = {
    "faulty", "tanh_saturation", "high_rate", "no_done_weight", "tight_funnel", "tiny_subset", "disconnected_modules",
    "unbalanced",
}  # fmt: skip


@pytest.mark.parametrize("size", RECIPE.sizes)
def test_every_preset_goes_with_every_size(size):
    for preset in RECIPE.presets:
        settings_of("counting", size, [preset])
    assert {name for name, preset in RECIPE.presets.items() if preset.is_fault} == FAULTS
    assert not RECIPE.presets["fixed"].is_fault


def test_fixed_undoes_every_fault():
    fixed = RECIPE.presets["fixed"].edits
    plain = values_of(settings_of("counting"))
    left = {
        path
        for name in FAULTS
        for path, faulty in RECIPE.presets[name].edits.items()
        if fixed.get(path, plain[path]) == faulty
    }
    assert left == {"loss.done_weight"}, "a weight of 1 is no fault where done samples are as many as others"


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"data.min_objects": 30}, "data.max_objects"),
        ({"optim.two_optimizers": True}, "loss.alternate_steps"),
        ({"model.backbone": "qwen2_vl"}, "model.vlm_path is empty"),
        ({"loss.funnel_threshold": 0}, "loss.funnel_threshold"),
        ({"loss.coord": "hinge"}, "funnel, huber, mse"),
        ({"data.done_positive_fraction": 1.5}, "data.done_positive_fraction"),
        ({"schedule.min_lr": 0.5}, "schedule.min_lr"),
    ],
)
def test_what_does_not_go_together_is_said(edits, said):
    with pytest.raises(SettingsError, match=said):
        settings_of("counting", edits={key: str(value) for key, value in edits.items()})


def test_what_an_edit_changes_is_marked():
    restart = {path for path, field in FIELDS.items() if field.applies == "restart"}
    shapes = {"model.backbone", "model.channels", "model.features", "model.hidden", "model.lora_rank"}
    assert restart == shapes | {f"model.{name}" for name in EXTRAS}
    assert FIELDS["model.coord_activation"].changes == ("function",)
    assert FIELDS["optim.two_optimizers"].changes == ("optimizer",)
    assert FIELDS["data.batch_size"].changes == ("order",)
    live = {"loss.coord", "loss.funnel_threshold", "loss.done_weight"}
    assert all((FIELDS[path].applies, FIELDS[path].changes) == ("live", ("loss",)) for path in live)


def test_how_many_images_an_epoch_sees():
    assert samples(settings_of("counting", edits={"data.train_images": 100, "data.subset": 0.5})) == 50
    assert samples(settings_of("counting", edits={"data.path": "/data/fsc"})) is None


def test_rules_of_counting_lead_to_settings_that_exist_and_take_the_value():
    if not RULES.exists():
        pytest.skip("the rules are not beside this checkout")
    rules = json.loads(RULES.read_bytes())["rules"]
    suggested = [edit for rule in rules if rule["family"] in ("counting", "any") for edit in rule["suggested_edits"]]
    plain = values_of(CountingSettings())
    named = set()
    for edit in suggested:
        edits = edits_of_rule(edit["setting"], edit["op"], edit["value"], plain.get(PATHS.get(edit["setting"], "")))
        if set(edits) <= set(FIELDS):
            with_edits(CountingSettings(), edits)
            named |= {edit["setting"]} if edits else set()
    assert {
        "data.done_positive_fraction", "loss.done_weight", "loss.funnel_threshold", "model.coord_activation",
        "model.coord_clamp", "optim.lr", "optim.new_module_lr_mult", "train.early_stop_patience",
    } <= named  # fmt: skip


def test_a_tighter_funnel_is_never_what_a_rule_leads_to():
    assert edits_of_rule("loss.funnel_threshold", "set", 0.1) == {"loss.coord": "huber"}
