"""What the diagnostic rules call a setting, as the paths that recipes have.

A rule says `setting`, `op` and `value`; only what a recipe can really change is translated.
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


def edits_of_rule(setting: str, op: str, value: Any, old: Any = None) -> dict[str, Any]:
    """The settings edits that one suggested edit of a rule stands for, empty where the recipe has no such setting.

    Args:
        setting: the rule's name for it.
        op: `set`, `mul` or `div`; other operations need a person.
        value: what to set, or the factor.
        old: the value in force, which `mul` and `div` start from.
    """
    if setting in INSTEAD:
        return dict(INSTEAD[setting])
    if op == "set" and isinstance(value, str):
        return dict(WORDED.get((setting, value), {}))
    if setting not in PATHS:
        return {}
    path = PATHS[setting]
    if op == "set":
        return {path: value}
    if op in ("mul", "div") and isinstance(old, int | float):
        new = old * value if op == "mul" else old / value
        return {path: round(new) if isinstance(old, int) else new}
    return {}
