"""Runs that the trainer makes of each preset: the findings that must come, and what else may rightly."""

from __future__ import annotations

_NO_RATE = ("overwritten-rate",)
_COMPOUND = ("compounded-rate",)
_BY_HEART = ("overfitting",)
_PADDED = ("padded-accuracy",)
_AXIS = ("attention-axis",)
_DEAD = ("dead-channels",)
_STUCK = ("points-collapsed",)
_SILENT = ("done-never-fires",)
_CUT_OFF = ("no-gradient",)
_TOO_FAST = ("rate-high",)

LABELS: dict[tuple[str, str], tuple[str, ...]] = {
    ("arc_slots", "faulty"): (*_AXIS, *_PADDED),
    ("arc_slots", "wrong_softmax_axis"): _AXIS,
    ("arc_slots", "dying_relu"): _DEAD,
    ("arc_slots", "padded_loss"): _PADDED,
    ("arc_slots", "high_rate"): _TOO_FAST,
    ("arc_slots", "tiny_subset"): _BY_HEART,
    ("counting", "faulty"): (*_STUCK, *_CUT_OFF, *_TOO_FAST),
    ("counting", "tanh_saturation"): (*_STUCK, *_TOO_FAST),
    ("counting", "high_rate"): (*_STUCK, *_TOO_FAST),
    ("counting", "no_done_weight"): _SILENT,
    ("counting", "unbalanced"): _SILENT,
    ("counting", "tight_funnel"): ("funnel-jump",),
    ("counting", "disconnected_modules"): _CUT_OFF,
    ("counting", "tiny_subset"): _BY_HEART,
    ("arc_solver", "faulty"): (*_NO_RATE, *_TOO_FAST, *_PADDED, "smoothing-floor"),
    ("arc_solver", "overwriting_warmup"): _NO_RATE,
    ("arc_solver", "compounding_warmup"): _COMPOUND,
    ("arc_solver", "label_smoothing"): ("smoothing-floor",),
    ("arc_solver", "padded_loss"): _PADDED,
    ("arc_solver", "no_warmup"): _TOO_FAST,
    ("arc_solver", "high_rate"): _TOO_FAST,
    ("arc_solver", "tiny_subset"): _BY_HEART,
    ("slots", "overwriting_warmup"): _NO_RATE,
    ("slots", "compounding_warmup"): _COMPOUND,
    ("slots", "same_slots"): ("slots-not-separating",),
    ("slots", "unclamped_diversity"): ("negative-loss",),
    ("slots", "dying_relu"): _DEAD,
    ("slots", "high_rate"): _DEAD,
    ("slots", "no_warmup"): _DEAD,
    ("slots", "wrong_softmax_axis"): _AXIS,
    ("slots", "faulty"): ("negative-loss", *_DEAD),
    ("slots", "slots_sample"): (*_NO_RATE, *_DEAD, "slots-not-separating"),
    ("slots", "tiny_subset"): _BY_HEART,
}
"""Quick ones first within a recipe; the epochs of each are those in which its fault shows."""

ALSO: dict[tuple[str, str], tuple[str, ...]] = {
    ("counting", "faulty"): _DEAD,
    ("counting", "tanh_saturation"): _DEAD,  # a rate of 0.02 silenced 14 of 16 channels
    ("counting", "high_rate"): _DEAD,
    ("arc_solver", "faulty"): ("below-baseline",),  # 0.48 of the cells, where the most frequent colour has 0.52
}
"""What may rightly come at severity error or above beside the labels: it was looked at in the run."""

HEALTHY_SEEDS = (0, 1, 2)
"""Each recipe's `fixed` is trained with these."""
