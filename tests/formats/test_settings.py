"""The recipe `slots` as settings: paths, edits, presets, schema, and the names that rules use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest

from inspector.core.errors import SettingsError, UsageError
from inspector.formats.recipes.catalogue import RECIPES, recipe_of, settings_of
from inspector.formats.recipes.schedule import Schedule, schedule_of
from inspector.formats.rule_names import INSTEAD, PATHS, WORDED
from inspector.formats.setting_fields import Field, fields_of
from inspector.formats.setting_values import bounds_text, check_value, parse_value, takes_text
from inspector.formats.settings import values_of, with_edits
from inspector.formats.settings_schema import fields_of_schema, json_schema
from tests.formats.rule_edits import edits_of_rule

SLOTS = RECIPES["slots"].settings
FIELDS = {field.path: field for field in fields_of(SLOTS)}
RULES = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "rules.json"


@pytest.mark.parametrize(
    "path",
    [
        "optim.lr", "optim.clip_norm", "schedule.epochs", "schedule.warmup_epochs", "loss.diversity_weight",
        "encoder.activation", "data.subset", "data.seed", "optim.groups.encoder.lr_mult",
    ],
)  # fmt: skip
def test_the_paths_of_the_contract_exist(path):
    assert path in FIELDS


def test_every_setting_has_a_title_of_its_own_words_and_its_default_is_allowed():
    for field in FIELDS.values():
        assert field.title
        assert field.title != field.path
    assert with_edits(SLOTS(), values_of(SLOTS())) == SLOTS()


def test_the_schema_accepts_the_defaults_and_refuses_a_rate_above_one():
    schema = json_schema(SLOTS)
    tree = msgspec.json.decode(msgspec.json.encode(SLOTS()))
    jsonschema.validate(tree, schema)
    tree["optim"]["lr"] = 2.0
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tree, schema)
    rate = schema["$defs"]["SlotsOptim"]["properties"]["lr"]
    assert rate["title"] == "Learning rate"
    assert rate["applies"] == "resume"


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_form_of_a_schema_is_that_of_the_type(recipe):
    settings_type = RECIPES[recipe].settings
    assert fields_of_schema(json.loads(json.dumps(json_schema(settings_type)))) == fields_of(settings_type)


def test_a_schema_of_something_else_or_without_an_end_is_refused():
    endless = {"$ref": "#/$defs/A", "$defs": {"A": {"properties": {"a": {"$ref": "#/$defs/A"}}}}}
    many = {str(index): {"type": "number"} for index in range(3000)}
    for schema in (
        {}, {"type": "object"}, endless, {"$ref": "#/$defs/B", "$defs": {}},
        {"$ref": "#/$defs/A", "$defs": {"A": {"properties": many}}},
        {"$ref": "#/$defs/A", "$defs": {"A": {"properties": {"lr": {"type": "number", "minimum": "low"}}}}},
    ):  # fmt: skip
        with pytest.raises(SettingsError, match="expected the JSON Schema of settings"):
            fields_of_schema(schema)


def test_texts_are_parsed_as_their_fields_say():
    edited = settings_of(
        "slots",
        edits={"optim.clip_norm": "off", "optim.lr": "3e-4", "data.train_scenes": "1,000", "train.early_stop": "yes"},
    )
    assert edited.optim.clip_norm is None
    assert edited.optim.lr == 3e-4
    assert edited.data.train_scenes == 1000
    assert edited.train.early_stop is True


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"optim.lrr": "1"}, "did you mean optim.lr"),
        ({"optim.lr": "fast"}, "optim.lr takes a number"),
        ({"optim.lr": "nan"}, "optim.lr"),
        ({"optim.lr": 0}, "optim.lr"),
        ({"encoder.activation": "tanh"}, "relu, leaky_relu, gelu"),
        ({"data.image_size": 30}, "multiple of 4"),
        ({"data.min_objects": 5}, "data.max_objects"),
        ({"schedule.min_lr": 0.5}, "schedule.min_lr"),
        ({"schedule.origin_epoch": 40.0}, "schedule.epochs"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_by_name(edits, said):
    with pytest.raises(SettingsError, match=said) as refused:
        settings_of("slots", edits=edits)
    assert refused.value.path in edits


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({}, ""),
        ({"minimum": 0.0}, "from 0"),
        ({"maximum": 8.0}, "to 8"),
        ({"minimum": 1.0, "maximum": 8.0}, "from 1 to 8"),
        ({"minimum": 0.0, "above": True}, "above 0"),
        ({"minimum": 0.0, "maximum": 0.5, "above": True}, "above 0 to 0.5"),
    ],
)
def test_where_a_number_must_lie_is_told_alike_by_itself_and_in_a_refusal(bounds, said):
    field = Field(path="a.b", title="B", kind="number", **bounds)
    assert bounds_text(field) == said
    off = msgspec.structs.replace(field, unit="px", optional=True)
    assert takes_text(off).split(" · ") == [*([said] if said else []), "px", "may be off"]
    if said:
        refused = bounds.get("minimum", bounds.get("maximum", 0.0) + 2.0) - 1.0
        assert check_value(field, refused) == f"a.b takes a number {said}, found {refused:g}"


def test_sizes_and_presets_apply_in_order_and_unknown_ones_are_named():
    for size in RECIPES["slots"].sizes:
        for preset in RECIPES["slots"].presets:
            settings_of("slots", size, [preset])
    both = settings_of("slots", "full", ["high_rate"])
    assert (both.data.image_size, both.optim.lr) == (128, 1e-2)
    with pytest.raises(UsageError, match="huge"):
        settings_of("slots", "huge")
    with pytest.raises(UsageError, match="magic"):
        settings_of("slots", presets=["magic"])
    with pytest.raises(UsageError, match="boxes"):
        recipe_of("boxes")


def test_a_preset_changes_something_and_says_what_in_one_sentence():
    for preset in RECIPES["slots"].presets.values():
        values = values_of(SLOTS())
        assert any(values[path] != value for path, value in preset.edits.items())
        assert preset.sentence
        assert not preset.sentence.endswith(".")


def test_the_schedule_is_found_among_flat_settings():
    assert schedule_of({"optim.lr": 1.0, "schedule.epochs": 7}) == Schedule(epochs=7)


def test_settings_import_no_torch_and_no_numpy():
    code = (
        "import sys, inspector.formats.recipes.catalogue; print(*[m for m in ('torch', 'numpy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_rule_names_lead_to_settings_that_exist_and_take_the_value():
    if not RULES.exists():
        pytest.skip("the rules are not beside this checkout")
    rules = json.loads(RULES.read_bytes())["rules"]
    suggested = [edit for rule in rules if rule["family"] in ("slots", "any") for edit in rule["suggested_edits"]]
    now = values_of(SLOTS())
    translated = [
        (edit, edits_of_rule(edit["setting"], edit["op"], edit["value"], now.get(PATHS.get(edit["setting"]))))
        for edit in suggested
    ]
    for _, edits in translated:
        with_edits(SLOTS(), edits)
    names = {edit["setting"] for edit in suggested}
    named = {edit["setting"] for edit, edits in translated if edits}
    # what is left has no counterpart in this recipe, or is an act and not a setting
    assert names - named == {
        "code", "maintenance", "model.encoder_capacity", "model.variant", "resume.strategy",
        "run.seed", "run.start", "schedule.T_max", "schedule.unit", "train.max_steps", "train.resume_from",
    }  # fmt: skip


def test_every_translated_path_exists():
    known = {field.path for recipe in RECIPES.values() for field in fields_of(recipe.settings)}
    for path in [*PATHS.values(), *(path for edits in (*WORDED.values(), *INSTEAD.values()) for path in edits)]:
        assert path in known


def test_factors_start_from_the_value_in_force():
    assert edits_of_rule("optim.lr", "div", 4, 1e-3) == {"optim.lr": 2.5e-4}
    assert edits_of_rule("data.batch_size", "mul", 2, 32) == {"data.batch_size": 64}
    assert edits_of_rule("optim.lr", "div", 4) == {}
    assert edits_of_rule("optim.grad_clip", "set", "p90") == {}


def test_off_means_none_only_where_that_is_allowed():
    assert parse_value(FIELDS["optim.clip_norm"], "off") is None
    with pytest.raises(SettingsError):
        parse_value(FIELDS["optim.lr"], "off")


def test_a_path_is_kept_as_seen_from_where_it_was_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for recipe in RECIPES:
        assert settings_of(recipe, edits={"data.path": "../clevr"}).data.path == f"{tmp_path}/../clevr"
        assert settings_of(recipe, edits={"data.path": ""}).data.path == ""


def test_a_value_out_of_range_is_told_with_the_range_and_what_was_found():
    with pytest.raises(SettingsError) as caught:
        settings_of("slots", edits={"optim.lr": "5"})
    assert str(caught.value) == "optim.lr takes a number above 0 to 1, found 5"
