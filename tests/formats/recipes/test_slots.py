"""The recipe `slots`: its faults by the names that all recipes share, its cure, and what its edits do to a resume."""

from __future__ import annotations

import pytest

from inspector.formats.recipes.catalogue import RECIPES, settings_of
from inspector.formats.recipes.shared import in_use
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of
from tests.formats.rule_edits import edits_of_rule

SLOTS = RECIPES["slots"]
FIELDS = {field.path: field for field in fields_of(SLOTS.settings)}

FAULTS = {
    "faulty", "overwriting_warmup", "compounding_warmup", "same_slots", "tiny_subset", "high_rate", "no_warmup",
    "unclamped_diversity", "dying_relu", "wrong_softmax_axis", "slots_sample",
}  # fmt: skip


def test_every_fault_is_one_and_the_cure_is_none():
    assert {name for name, preset in SLOTS.presets.items() if preset.is_fault} == FAULTS
    assert set(SLOTS.presets) == FAULTS | {"fixed"}


def test_the_cure_undoes_what_faults_do_to_model_loss_and_data():
    spoilt = ["same_slots", "unclamped_diversity", "dying_relu", "wrong_softmax_axis", "overwriting_warmup"]
    cured = values_of(settings_of("slots", presets=[*spoilt, "fixed"]))
    differing = {path for path, value in values_of(SLOTS.settings()).items() if cured[path] != value}
    assert differing == {"loss.diversity_weight", "encoder.activation"}
    assert cured["loss.diversity_weight"] > 0
    assert cured["loss.diversity_clamp"] is True


def test_the_full_size_is_that_of_the_run_on_clevr():
    full = values_of(settings_of("slots", "full"))
    assert {path: full[path] for path in (
        "model.slots", "data.image_size", "data.batch_size", "schedule.epochs", "schedule.warmup_epochs", "optim.lr",
        "optim.weight_decay", "optim.clip_norm",
    )} == {
        "model.slots": 11, "data.image_size": 128, "data.batch_size": 64, "schedule.epochs": 200,
        "schedule.warmup_epochs": 20.0, "optim.lr": 1e-4, "optim.weight_decay": 0.01, "optim.clip_norm": 1.0,
    }  # fmt: skip


MARKS = {
    "loss.diversity_weight": ("live", ("loss",)),
    "loss.spectral_weight": ("live", ("loss",)),
    "loss.consistency_weight": ("live", ("loss",)),
    "loss.diversity_clamp": ("live", ("loss",)),
    "model.slots": ("resume", ("function",)),
    "model.iterations": ("resume", ("function",)),
    "model.attention_axis": ("resume", ("function",)),
    "model.slot_size": ("restart", ()),
    "encoder.activation": ("resume", ("function",)),
    "encoder.channels": ("restart", ()),
    "data.batch_size": ("resume", ("order",)),
    "data.subset": ("resume", ("order", "loss")),
    "data.path": ("resume", ("order", "loss")),
    "data.image_size": ("restart", ()),
    "optim.name": ("resume", ("optimizer",)),
}


@pytest.mark.parametrize("path", MARKS)
def test_an_edit_says_what_it_does_to_a_resume(path):
    assert (FIELDS[path].applies, FIELDS[path].changes) == MARKS[path]


def test_an_epoch_sees_the_subset_of_generated_scenes_and_only_a_file_knows_its_own():
    assert SLOTS.samples(settings_of("slots")) == 4000
    assert SLOTS.samples(settings_of("slots", presets=["tiny_subset"])) == 20
    assert SLOTS.samples(settings_of("slots", edits={"data.path": "clevr.h5"})) is None
    assert in_use(3, 0.1) == 1


def test_a_rule_that_asks_for_the_spectral_term_can_be_followed():
    assert edits_of_rule("loss.spectral_weight", "set", 0.1) == {"loss.spectral_weight": 0.1}
