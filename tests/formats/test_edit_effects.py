"""What an edit does on resume follows from the marks of the setting and the mode alone."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest

from inspector.formats.edit_effects import edit_effects
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.setting_fields import fields_of, setting


class Marked(msgspec.Struct):
    plain: Annotated[float, setting(title="Plain")] = 1.0
    shape: Annotated[int, setting(title="Shape", applies="restart")] = 2
    order: Annotated[int, setting(title="Order", changes=("order",))] = 3
    both: Annotated[int, setting(title="Both", changes=("loss", "order"))] = 4
    kind: Annotated[str, setting(title="Kind", changes=("optimizer",))] = "adam"
    form: Annotated[str, setting(title="Form", changes=("function",))] = "relu"
    start: Annotated[float, setting(title="Start", applies="restart", changes=("initial",))] = 0.0


FIELDS = fields_of(Marked)
EVERY = [field.path for field in FIELDS]


def tags(mode):
    return {path: effect.tags for path, effect in edit_effects(FIELDS, EVERY, mode).items()}


def test_every_mark_has_its_tag_and_a_setting_without_marks_takes_effect():
    assert tags("edits") == {
        "plain": ("takes effect",),
        "shape": ("changes shapes",),
        "order": ("changes data order",),
        "both": ("changes data order", "loss not comparable"),
        "kind": ("needs new optimizer",),
        "form": ("changes what the weights compute",),
        "start": ("only in a new run",),
    }


def test_what_starts_afresh_anyway_is_not_told():
    assert tags("new-optimizer")["kind"] == ("takes effect",)
    assert tags("weights")["kind"] == tags("weights")["order"] == ("takes effect",)
    assert tags("weights")["both"] == ("loss not comparable",)


@pytest.mark.parametrize("mode", ["edits", "new-optimizer"])
def test_shapes_are_refused_unless_only_weights_are_taken(mode):
    found = edit_effects(FIELDS, EVERY, mode)
    assert [path for path, effect in found.items() if effect.refused] == ["shape", "start"]
    assert "--mode weights" in found["shape"].refused
    alone = edit_effects(FIELDS, EVERY, "weights")["shape"]
    assert alone.refused == ""
    assert "start afresh" in alone.note


def test_what_weights_start_from_has_no_effect_on_those_that_are_loaded_and_says_so():
    assert "train anew" in edit_effects(FIELDS, ["start"], "edits")["start"].refused
    alone = edit_effects(FIELDS, ["start"], "weights")["start"]
    assert (alone.tags, alone.refused) == (("only in a new run",), "")
    assert alone.note == "start is what weights start from, and those that are loaded keep theirs"


def test_an_exact_resume_takes_no_edit():
    found = edit_effects(FIELDS, EVERY, "exact")
    assert [path for path, effect in found.items() if "--mode edits" in effect.refused] == EVERY


def test_only_edited_settings_that_exist_are_answered_for():
    assert list(edit_effects(FIELDS, ["order", "nonsense"], "edits")) == ["order"]


@pytest.mark.parametrize("recipe", RECIPES)
def test_settings_that_decide_the_batches_of_an_epoch_say_so_in_every_recipe(recipe):
    fields = fields_of(RECIPES[recipe].settings)
    effects = edit_effects(fields, [field.path for field in fields], "edits")
    for path in ("data.batch_size", "data.subset", "data.seed", "train.seed"):
        assert "changes data order" in effects[path].tags or "loss not comparable" in effects[path].tags, path
    assert effects["optim.lr"].tags == ("takes effect",)
