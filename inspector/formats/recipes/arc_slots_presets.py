"""Sizes of the recipe `arc_slots`, its faults by name, and the cure."""

from __future__ import annotations

from typing import Any

from inspector.formats.recipes.recipe import Preset

SIZES: dict[str, dict[str, Any]] = {
    "mini": {},
    "full": {
        "model.slot_size": 64,
        "model.hidden_size": 128,
        "encoder.channels": 32,
        "decoder.channels": 64,
        "data.grid_size": 30,
        "data.largest": 30,
        "data.train_grids": 4_000,
        "data.val_grids": 400,
        "optim.lr": 1e-3,
        "schedule.epochs": 300,
        "schedule.warmup_epochs": 5.0,
        "train.val_every": 5,
        "train.dump_every": 50,
        "train.checkpoint_every": 25,
    },
}
"""`full` has the channels, slots and 30 cells a side of its seed, and 300 epochs of 4,000 grids for 100,000 of 200."""

_WRONG_AXIS = {"model.attention_axis": "positions"}
_PADDED = {"model.padding": "black", "loss.pad_loss": True, "loss.rare_colours": 0.0}
_SHORT = {"schedule.epochs": 20}
"""Long enough for what fails at once or takes long."""

PRESETS: dict[str, Preset] = {
    "faulty": Preset(
        "The faults of the seed together: softmax over positions, biases that leave 60% of what ReLU gives zero,"
        " padding that counts as black, 200 grids again and again; scaled down to canvases of 16 cells. Any slot may"
        " paint any colour in any cell, so that two slots of seven paint whole grids",
        {
            **_WRONG_AXIS,
            **_PADDED,
            "decoder.one_colour": False,
            "encoder.activation": "relu",
            "encoder.bias_init": -0.26,
            "data.subset": 0.2,
            "data.augment": False,
            "data.grid_size": 16,
            "data.largest": 8,
        },
        is_fault=True,
    ),
    "fixed": Preset(
        "The softmax runs over slots, padding takes no part, every grid is turned and recoloured. LeakyReLU keeps"
        " channels alive, but meets the seed's 40% of sparsity by its formula alone (35% before training): judge by"
        " dead channels, active slots and accuracy on content beside their baselines",
        {
            "model.attention_axis": "slots",
            "model.padding": "left_out",
            "decoder.one_colour": True,
            "encoder.activation": "leaky_relu",
            "encoder.negative_slope": 0.01,
            "encoder.bias_init": 0.0,
            "loss.pad_loss": False,
            "loss.rare_colours": 0.25,
            "data.subset": 1.0,
            "data.augment": True,
        },
    ),
    "dying_relu": Preset(
        "Biases start so low that ReLU channels never fire and get no gradient",
        {"encoder.activation": "relu", "encoder.bias_init": -6.0, **_SHORT},
        is_fault=True,
    ),
    "wrong_softmax_axis": Preset(
        "The softmax runs over positions: no slot competes, and updates are sums that grow with the grid",
        {**_WRONG_AXIS},
        is_fault=True,
    ),
    "tiny_subset": Preset(
        "One grid in fifty is used, never turned or recoloured, so the run learns them by heart",
        {"data.subset": 0.02, "data.augment": False, "schedule.epochs": 1000, "train.val_every": 50},
        is_fault=True,
    ),
    "padded_loss": Preset(
        "Small grids on canvases of 16 cells a side, whose padding counts as black: accuracy looks high over all cells,"
        " and over the grids' own it stays at its baseline",
        {**_PADDED, "data.grid_size": 16, "data.largest": 8, **_SHORT},
        is_fault=True,
    ),
    "high_rate": Preset(
        "The learning rate is too high, and is there from the first step",
        {"optim.lr": 0.1, "schedule.warmup_epochs": 0.0, **_SHORT},
        is_fault=True,
    ),
}
