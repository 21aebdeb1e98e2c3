"""Sizes of the recipe `slots`, its faults by name, and the cure."""

from __future__ import annotations

from typing import Any

from inspector.formats.recipes.recipe import Preset

SIZES: dict[str, dict[str, Any]] = {
    "mini": {},
    "full": {
        "model.slots": 11,
        "model.slot_size": 64,
        "model.hidden_size": 128,
        "encoder.channels": 64,
        "decoder.channels": 128,
        "decoder.layers": 4,
        "data.image_size": 128,
        "data.min_objects": 3,
        "data.max_objects": 10,
        "data.train_scenes": 12_000,
        "data.val_scenes": 1_000,
        "data.batch_size": 64,
        "optim.name": "adamw",
        "optim.lr": 1e-4,
        "optim.weight_decay": 0.01,
        "schedule.epochs": 200,
        "schedule.warmup_epochs": 20.0,
    },
}
"""`full` is that of a run on CLEVR: 128 pixels, 3 to 10 objects, 11 slots, 200 epochs of 12,000 scenes."""

_FEW: dict[str, Any] = {
    "data.subset": 0.005,
    "schedule.epochs": 1500,
    "schedule.warmup_epochs": 150.0,
    "train.val_every": 75,
    "train.checkpoint_every": 375,
    "train.dump_every": 375,
}
"""Twenty scenes of the small size, one step an epoch, and as many steps as twelve whole epochs take."""

PRESETS: dict[str, Preset] = {
    "faulty": Preset(
        "A run that goes wrong in many ways: one scene in two hundred, four times the rate, no clipping, and a"
        " diversity loss that takes the total below 0",
        {
            **_FEW,
            "optim.lr": 4e-3,
            "optim.clip_norm": None,
            "loss.diversity_weight": 1.0,
            "loss.diversity_clamp": False,
        },
        is_fault=True,
    ),
    "fixed": Preset(
        "The cure: all scenes, a warm-up that multiplies, clipped gradients, channels that cannot die, and clamped"
        " diversity, with which slots parted that stayed alike without it; yet reconstruction alone is what is"
        " published, diversity that is not clamped may rightly be negative, a slot cosine of 0.99 is normal until slots"
        " part, and papers report FG-ARI, while ARI counts the background too",
        {
            "model.attention_axis": "slots",
            "model.slot_noise": 1.0,
            "encoder.activation": "leaky_relu",
            "encoder.bias_init": 0.0,
            "data.subset": 1.0,
            "optim.clip_norm": 1.0,
            "schedule.warmup": "multiply",
            "loss.diversity_weight": 0.02,
            "loss.diversity_clamp": True,
        },
    ),
    "overwriting_warmup": Preset(
        "The warm-up writes its rate over the scheduler's every step, so the rate never falls",
        {"schedule.warmup": "overwrite"},
        is_fault=True,
    ),
    "compounding_warmup": Preset(
        "The warm-up feeds its product back to the scheduler, so six epochs of it leave 1.5% of the rate for ever",
        {"schedule.warmup": "compound", "schedule.warmup_epochs": 6.0},
        is_fault=True,
    ),
    "same_slots": Preset("Slots start almost alike and stay so", {"model.slot_noise": 1e-4}, is_fault=True),
    "tiny_subset": Preset(
        "One scene in two hundred is used, so the run learns them by heart and what it makes of others gets worse",
        _FEW,
        is_fault=True,
    ),
    "high_rate": Preset(
        "The learning rate is ten times too high, and channels die while it rises", {"optim.lr": 1e-2}, is_fault=True
    ),
    "no_warmup": Preset(
        "The first step takes the full rate, and most channels of the deeper layers never fire again",
        {"schedule.warmup_epochs": 0.0},
        is_fault=True,
    ),
    "unclamped_diversity": Preset(
        "The diversity loss counts negative cosines, so the loss falls below 0; its weight is 1, a hundred times the"
        " usual, as the pictures are learned less well than large ones",
        {"loss.diversity_weight": 1.0, "loss.diversity_clamp": False},
        is_fault=True,
    ),
    "dying_relu": Preset(
        "Biases start so low that ReLU channels never fire",
        {"encoder.activation": "relu", "encoder.bias_init": -0.35},
        is_fault=True,
    ),
    "wrong_softmax_axis": Preset(
        "Attention is a softmax over positions, so slots do not compete and read sums that grow with the picture",
        {"model.attention_axis": "positions"},
        is_fault=True,
    ),
    "slots_sample": Preset(
        "The bundled sample run: few scenes, slots that start almost alike, a rate that kills channels and never falls",
        {
            "model.slot_noise": 0.02,
            "optim.lr": 6e-3,
            "schedule.warmup": "overwrite",
            "schedule.warmup_epochs": 12.0,
            "schedule.epochs": 400,
            "data.train_scenes": 160,
            "data.val_scenes": 128,
            "train.val_every": 4,
            "train.checkpoint_every": 140,
            "train.dump_every": 70,
            "train.dump_samples": 12,
        },
        is_fault=True,
    ),
}
"""Every fault shows within three minutes in the small size; `fixed` has none of them."""
