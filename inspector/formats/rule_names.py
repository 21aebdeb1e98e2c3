"""What the diagnostic rules call a setting, as the paths that recipes have.

Only what a recipe can really change has a path.
Source: `suggested_edits` of rules.json.
"""

from __future__ import annotations

from typing import Any

PATHS: dict[str, str] = {
    "data.batch_size": "data.batch_size",
    "data.done_positive_fraction": "data.done_positive_fraction",
    "data.subset_percent": "data.subset",
    "data.use_augmentation": "data.augment",
    "loss.diversity_weight": "loss.diversity_weight",
    "loss.done_weight": "loss.done_weight",
    "loss.label_smoothing": "loss.label_smoothing",
    "loss.spectral_weight": "loss.spectral_weight",
    "model.conv_dropout": "encoder.dropout",
    "model.coord_clamp": "model.coord_clamp",
    "optim.grad_clip": "optim.clip_norm",
    "optim.lr": "optim.lr",
    "optim.weight_decay": "optim.weight_decay",
    "schedule.warmup_epochs": "schedule.warmup_epochs",
    "train.early_stop": "train.early_stop",
    "train.early_stop_patience": "train.patience",
    "train.max_epochs": "schedule.epochs",
}
"""Same meaning, another name; the value carries over (a share stays a share of 1)."""

WORDED: dict[tuple[str, str], dict[str, Any]] = {
    ("loss.diversity_mode", "clamped"): {"loss.diversity_clamp": True},
    ("model.coord_activation", "none"): {"model.coord_activation": "none"},
    ("model.activation", "LeakyReLU(0.01)"): {"encoder.activation": "leaky_relu", "encoder.negative_slope": 0.01},
    ("model.activation", "GELU"): {"encoder.activation": "gelu"},
    ("schedule.compose", "LambdaLR product"): {"schedule.warmup": "multiply"},
    ("schedule.kind", "multiplicative_warmup"): {"schedule.warmup": "multiply"},
    ("schedule.kind", "LambdaLR(warmup*cosine)"): {"schedule.warmup": "multiply", "schedule.family": "cosine"},
}
"""Values that are words of another program."""

INSTEAD: dict[str, dict[str, Any]] = {
    # a tighter funnel was measured to pull less where errors are
    "loss.funnel_threshold": {"loss.coord": "huber"},
    "optim.new_module_lr_mult": {f"optim.groups.{head}.lr_mult": 1.0 for head in ("x_head", "y_head", "done_head")},
}
"""Settings whose every advised value stands for other edits."""
