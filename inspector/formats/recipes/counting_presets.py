"""Sizes and presets of the recipe `counting`."""

from __future__ import annotations

from typing import Any

from inspector.formats.recipes.counting_modules import EXTRAS, HEADS
from inspector.formats.recipes.recipe import Preset

SIZES: dict[str, dict[str, Any]] = {
    "mini": {
        "optim.lr": 3e-3,
        "optim.weight_decay": 0.01,
        "schedule.epochs": 12,
        "schedule.warmup_epochs": 1.0,
        "train.dump_samples": 48,
        "train.val_every": 2,
    },
    "full": {
        "model.strided_layers": 3,
        "model.features": 512,
        "model.hidden": 256,
        "data.image_size": 384,
        "data.mark_radius_px": 10,
        "data.train_images": 3_659,
        "data.val_images": 1_286,
        "data.min_objects": 5,
        "data.max_objects": 50,
        "data.batch_size": 2,
        "data.longest_sequence": 100,
        "loss.done_weight": 3.0,
        "loss.alternate_steps": 1,
        "optim.lr": 5e-5,
        "schedule.epochs": 55,
        "schedule.warmup_epochs": 0.0,
        "schedule.family": "constant",
    },
}
"""Of FSC-147's training split and of the published runs: batches of 2, 5e-5, 55 epochs of phases in turns."""

_FEW_DONE = {"data.done_positive_fraction": None, "data.min_objects": 20, "data.max_objects": 24}
_TANH = {"model.coord_activation": "tanh"}
_HIGH_RATE = {
    "optim.lr": 2e-2,
    "schedule.warmup_epochs": 0.0,
    "schedule.family": "constant",
    **{f"optim.groups.{name}.lr_mult": 5.0 for name in (*HEADS, *EXTRAS)},
}
_CUT_OFF = {"model.detach_modules": True, **{f"model.{name}": True for name in EXTRAS}}
_TIGHT = {"loss.coord": "funnel", "loss.funnel_threshold": 0.1}

PRESETS: dict[str, Preset] = {
    "faulty": Preset(
        "All of it together: tanh at a rate that presses it against the border, modules that are cut off, and done"
        " samples that are few and weigh little",
        {**_FEW_DONE, **_TANH, **_HIGH_RATE, **_CUT_OFF, "loss.done_weight": 1.0, "loss.coord": "mse"},
        is_fault=True,
    ),
    "fixed": Preset(
        "One modest rate, no tanh, as many done samples as others, early stopping; and Huber's form of the loss, as a"
        " tighter funnel pulls less at the errors that it is meant for",
        {
            "loss.coord": "huber",
            "loss.funnel_threshold": 0.3,
            "data.done_positive_fraction": 0.5,
            "model.coord_activation": "none",
            "train.early_stop": True,
            "train.patience": 10,
        },
    ),
    "tanh_saturation": Preset(
        "The heads end in tanh, and steps throw them to its ends, where they get no gradient",
        {**_TANH, **_HIGH_RATE},
        is_fault=True,
    ),
    "high_rate": Preset(
        "5 times the rate for the heads and new modules, without a warm-up: 2e-2 x 5, as the small network stands the"
        " 1e-3 x 5 that broke a large one",
        _HIGH_RATE,
        is_fault=True,
    ),
    "no_done_weight": Preset(
        "One sample in 23 is done, and counts as much as any other: no is nearly always right",
        {**_FEW_DONE, "loss.done_weight": 1.0},
        is_fault=True,
    ),
    "unbalanced": Preset(
        "How many objects are marked is drawn evenly, so that one sample in 23 is done", _FEW_DONE, is_fault=True
    ),
    "tight_funnel": Preset(
        "The funnel's threshold is 0.1: beyond it the slope is 0.1, a quarter of that of 0.3 at 40 px. Adam makes steps"
        " as long of it as of any, so the small size hardly suffers: 14 px after two epochs, where Huber's form has 13",
        _TIGHT,
        is_fault=True,
    ),
    "tiny_subset": Preset(
        "One image in ten is used: places are found even so, with a validation loss over twice that of training",
        {"data.subset": 0.1, "schedule.epochs": 40, "train.val_every": 10},
        is_fault=True,
    ),
    "disconnected_modules": Preset(
        "Memory, foveation and cross-attention are computed and cut off from the loss: they never get a gradient",
        _CUT_OFF,
        is_fault=True,
    ),
}
