"""What an edit of each setting of each recipe does on resume, written by hand, held against the marks.

Source: the table of edits that are safe on resume, for the kinds of settings that it names; the code of each recipe
for what it does with the others.
"""

from __future__ import annotations

import pytest

from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.recipes.own import OWN
from inspector.formats.setting_fields import fields_of

LIVE, RESUME, RESTART = ("live", ()), ("resume", ()), ("restart", ())
LIVE_LOSS, LOSS = ("live", ("loss",)), ("resume", ("loss",))
ORDER, ORDER_LOSS = ("resume", ("order",)), ("resume", ("order", "loss"))
FUNCTION, FUNCTION_LOSS = ("resume", ("function",)), ("resume", ("function", "loss"))
NEW_OPTIMIZER = ("resume", ("optimizer",))
INITIAL = ("restart", ("initial",))

EVERYWHERE = {
    # The optimizer is built from the edited settings, and its state joined to it.
    RESUME: "optim.lr optim.weight_decay optim.beta1 optim.beta2 optim.eps optim.momentum optim.accumulate"
    # A new scheduler is stepped to the place of the old one.
    " schedule.family schedule.epochs schedule.warmup_epochs schedule.warmup schedule.min_lr schedule.half_life_epochs"
    " schedule.decay_factor schedule.decay_epochs schedule.milestones_epochs schedule.cycle_epochs"
    " schedule.cycle_factor schedule.power schedule.pct_start schedule.div_factor schedule.final_div_factor"
    " schedule.plateau_patience schedule.plateau_cooldown schedule.plateau_threshold schedule.origin_epoch"
    # Neither what is learned nor what it costs.
    " train.threads train.precision train.deterministic train.compile train.dump_samples train.stats_samples",
    LIVE: "optim.clip_norm train.log_every train.console_every train.norm_every train.ratio_every train.val_every"
    " train.dump_every train.checkpoint_every train.checkpoint_steps train.keep_checkpoints train.early_stop"
    " train.patience train.divergence_rise train.divergence_share train.watch_drop train.watch_from_epoch",
    NEW_OPTIMIZER: "optim.name",
    # Validation looks with averaged weights, so its losses are those of another model.
    LOSS: "optim.ema_decay",
    # A new branch: another order, other noise.
    ORDER: "train.seed data.batch_size",
    ORDER_LOSS: "data.path data.seed data.subset",
}

SLOT_MODEL = {
    FUNCTION: "model.slots model.iterations model.attention_axis encoder.activation encoder.negative_slope",
    RESTART: "model.slot_size model.hidden_size encoder.channels encoder.layers decoder.channels decoder.layers",
    INITIAL: "model.slot_noise encoder.bias_init",
    RESUME: "optim.groups.encoder.lr_mult optim.groups.slots.lr_mult optim.groups.decoder.lr_mult",
}

OF_RECIPES = {
    "own": [EVERYWHERE],
    "slots": [
        EVERYWHERE,
        SLOT_MODEL,
        {
            RESTART: "encoder.kernel_px encoder.norm data.image_size",
            LIVE_LOSS: "loss.diversity_weight loss.diversity_clamp loss.spectral_weight loss.consistency_weight",
            LOSS: "data.val_scenes",
            ORDER_LOSS: "data.train_scenes data.val_share data.min_objects data.max_objects data.object_limit"
            " data.same_colour",
        },
    ],
    "counting": [
        EVERYWHERE,
        {
            RESTART: "model.backbone model.channels model.lora_rank model.features model.hidden model.memory"
            " model.foveation model.cross_attention",
            FUNCTION: "model.strided_layers model.vlm_path model.lora_alpha model.lora_dropout model.load_in_4bit"
            " model.dropout model.coord_activation model.coord_clamp",
            RESUME: "model.detach_modules data.sequence_images data.longest_sequence"
            " optim.groups.backbone.lr_mult optim.groups.x_head.lr_mult optim.groups.y_head.lr_mult"
            " optim.groups.done_head.lr_mult optim.groups.memory.lr_mult optim.groups.foveation.lr_mult"
            " optim.groups.cross_attention.lr_mult",
            NEW_OPTIMIZER: "optim.two_optimizers",
            LIVE_LOSS: "loss.coord loss.funnel_threshold loss.done_weight",
            LOSS: "loss.alternate_steps data.val_images data.fit data.done_positive_fraction",
            FUNCTION_LOSS: "data.image_size data.mark_radius_px",
            ORDER_LOSS: "data.train_images data.min_objects data.max_objects",
        },
    ],
    "arc_solver": [
        EVERYWHERE,
        {
            RESTART: "model.width model.layers",
            FUNCTION: "model.heads model.dropout",
            RESUME: "optim.groups.embed.lr_mult optim.groups.layers.lr_mult optim.groups.head.lr_mult",
            LIVE_LOSS: "loss.label_smoothing loss.pad_loss",
            LOSS: "data.val_puzzles data.demonstrations data.grid_size data.augment",
            ORDER_LOSS: "data.train_puzzles data.pairs data.largest",
        },
    ],
    "arc_slots": [
        EVERYWHERE,
        SLOT_MODEL,
        {
            RESTART: "encoder.kernel_cells decoder.one_colour data.grid_size",
            FUNCTION: "model.padding encoder.dropout",
            LIVE_LOSS: "loss.pad_loss loss.rare_colours",
            LOSS: "data.augment",
            ORDER_LOSS: "data.train_grids data.val_grids data.largest",
        },
    ],
}


@pytest.mark.parametrize("recipe", OF_RECIPES)
def test_every_setting_has_the_marks_that_its_edit_deserves(recipe):
    settings = OWN.settings if recipe == "own" else RECIPES[recipe].settings
    marked = {field.path: (field.applies, field.changes) for field in fields_of(settings)}
    wanted = {path: marks for table in OF_RECIPES[recipe] for marks, paths in table.items() for path in paths.split()}
    assert marked == wanted


def test_no_recipe_is_left_out():
    assert OF_RECIPES.keys() == {"own", *RECIPES}
