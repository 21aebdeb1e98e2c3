"""Sizes of the recipe `arc_solver`, its faults by name, and the cure."""

from __future__ import annotations

from typing import Any

from inspector.formats.recipes.recipe import Preset

SIZES: dict[str, dict[str, Any]] = {
    "mini": {},
    "full": {
        "model.width": 256,
        "model.layers": 3,
        "model.heads": 8,
        "model.dropout": 0.1,
        "data.grid_size": 30,
        "data.largest": 30,
        "data.train_puzzles": 800,
        "data.val_puzzles": 400,
        "data.pairs": 4,
        "optim.lr": 1e-4,
        "schedule.epochs": 100,
        "schedule.warmup_epochs": 3.0,
    },
}
"""`full` has 2.4 M parameters and grids of up to 30 × 30 cells."""

_CURE: dict[str, Any] = {
    "schedule.family": "cosine",
    "schedule.warmup": "multiply",
    "loss.label_smoothing": 0.0,
    "loss.pad_loss": False,
    "data.augment": True,
    "data.subset": 1.0,
    "train.divergence_rise": 0.5,
    "train.divergence_share": 0.15,
}

_OVERWRITTEN: dict[str, Any] = {"schedule.warmup": "overwrite"}

_FEWER: dict[str, Any] = {"data.train_puzzles": 400, "schedule.epochs": 6}

_PADDED: dict[str, Any] = {
    "loss.pad_loss": True,
    # Padding makes every prompt as large as the canvas.
    **_FEWER,
    "data.grid_size": 8,
    "data.largest": 5,
}

PRESETS: dict[str, Preset] = {
    "faulty": Preset(
        "The faults of the grid solver's first version together: a warm-up that overwrites the scheduler, a rate too"
        " high, label smoothing from the start, padding in the loss, no augmentation and an alarm that passes them by;"
        " in the small size the rate is scaled up and the data down",
        {
            **_OVERWRITTEN,
            **_PADDED,
            "optim.lr": 0.1,
            "loss.label_smoothing": 0.1,
            "data.augment": False,
            "train.divergence_share": None,
        },
        is_fault=True,
    ),
    "fixed": Preset(
        "Warm-up times cosine in one closed form, where the usual advice to write get_last_lr() times the warm-up back"
        " compounds; no smoothing, all of a puzzle augmented alike, content cells only. A loss begins at ln 10 = 2.30"
        " of these; 0.60 is that of smoothed padding, whose accuracy of 0.88 is below the 0.92 of answering black",
        _CURE,
    ),
    "overwriting_warmup": Preset(
        "The warm-up writes its rate over the scheduler's every step, so the rate never falls",
        _OVERWRITTEN,
        is_fault=True,
    ),
    "compounding_warmup": Preset(
        "The product of rate and warm-up is written back and the scheduler goes on from it, so that after 5 epochs of"
        " warm-up the rate stays at 5! / 5^5 = 4% of what it should be",
        {"schedule.warmup": "compound", "schedule.warmup_epochs": 5.0, **_FEWER},
        is_fault=True,
    ),
    "high_rate": Preset(
        "The learning rate is a hundred times too high, so that copying the input beats what is learned; three times"
        " does no harm in the small size",
        {"optim.lr": 0.1, **_FEWER},
        is_fault=True,
    ),
    "label_smoothing": Preset(
        "Targets are smoothed by 0.1 from the start: the loss cannot fall below 0.50, though as many cells are right",
        {"loss.label_smoothing": 0.1},
        is_fault=True,
    ),
    "padded_loss": Preset(
        "Padding counts in the loss: half-way, nine padded cells of ten are right, and hardly more content than by"
        " copying the input; fewer puzzles on canvases of 8 × 8 cells",
        _PADDED,
        is_fault=True,
    ),
    "no_warmup": Preset(
        "The first step takes the full rate, and within five steps the loss is above where it began; thirty times the"
        " usual rate, which the small size stands with a warm-up and not without",
        {"schedule.warmup_epochs": 0.0, "optim.lr": 3e-2, **_FEWER},
        is_fault=True,
    ),
    "tiny_subset": Preset(
        "One puzzle in fifty is used and none is augmented, so the run learns them by heart and the validation loss"
        " rises",
        {"data.subset": 0.02, "data.augment": False, "schedule.epochs": 100, "train.val_every": 2},
        is_fault=True,
    ),
}
