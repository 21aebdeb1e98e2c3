"""Sizes and presets of the recipe `counting`."""

from __future__ import annotations

from typing import Any

from inspector.formats.recipes.recipe import Preset

SIZES: dict[str, dict[str, Any]] = {
    "mini": {"optim.lr": 3e-3, "optim.weight_decay": 0.01, "train.dump_samples": 48},
    "full": {
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
        "loss.coord": "funnel",
        "loss.done_weight": 3.0,
        "loss.alternate_steps": 1,
        "optim.lr": 5e-5,
        "schedule.epochs": 10,
        "schedule.warmup_epochs": 0.0,
        "schedule.family": "constant",
        "train.early_stop": True,
        "train.patience": 5,
    },
}

_NEW_MODULES = ("x_head", "y_head", "done_head", "memory", "foveation", "cross_attention")
_HIGH_RATE = {"optim.lr": 1e-3, **{f"optim.groups.{name}.lr_mult": 5.0 for name in _NEW_MODULES}}
_RARE_DONE = {"data.done_positive_fraction": None, "data.min_objects": 20, "data.max_objects": 24}
_MODULES = {f"model.{name}": True for name in ("memory", "foveation", "cross_attention")}

PRESETS: dict[str, Preset] = {
    "fixed": Preset(
        "Huber's form instead of a tighter funnel, which would pull less; as many done samples as others instead of a"
        " heavier done loss; one rate, no tanh, early stopping",
        {
            "loss.coord": "huber",
            "loss.done_weight": 1.0,
            "data.done_positive_fraction": 0.5,
            "model.coord_activation": "none",
            "train.early_stop": True,
            "train.patience": 10,
        },
    ),
}
