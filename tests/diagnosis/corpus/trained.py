"""Runs that the trainer makes of each preset: findings of which one at least must come, and what else may rightly."""

from __future__ import annotations

_NO_RATE = ("overwritten-rate",)
_COMPOUND = ("compounded-rate",)
_BY_HEART = ("overfitting", "memorised")
_PADDED = ("padded-accuracy", "below-baseline")
_AXIS = ("attention-axis",)
_DEAD = ("dead-channels",)
_PLACES = ("points-at-border", "points-collapsed", "below-baseline", "loss-stalled")
_DONE = ("done-rare", "done-never-fires", "done-signal")
_TOO_FAST = (
    "rate-high",
    "loss-stalled",
    "loss-diverging",
    "below-baseline",
    "initial-loss",
    "loss-noisy",
    "exploding-gradient",
)

LABELS: dict[tuple[str, str], tuple[str, ...]] = {
    ("arc_slots", "faulty"): _AXIS,
    ("arc_slots", "wrong_softmax_axis"): _AXIS,
    ("arc_slots", "dying_relu"): _DEAD,
    ("arc_slots", "padded_loss"): _PADDED,
    ("arc_slots", "high_rate"): (*_TOO_FAST, "dead-channels"),
    ("arc_slots", "tiny_subset"): _BY_HEART,
    ("counting", "faulty"): _PLACES,
    ("counting", "tanh_saturation"): _PLACES,
    ("counting", "high_rate"): (*_TOO_FAST, *_PLACES),
    ("counting", "no_done_weight"): _DONE,
    ("counting", "unbalanced"): _DONE,
    ("counting", "tight_funnel"): ("funnel-jump",),
    ("counting", "disconnected_modules"): ("no-gradient",),
    ("counting", "tiny_subset"): _BY_HEART,
    ("arc_solver", "faulty"): _NO_RATE,
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
    ("slots", "faulty"): ("negative-loss",),
    ("slots", "slots_sample"): (*_DEAD, *_NO_RATE),
    ("slots", "tiny_subset"): _BY_HEART,
}
"""Quick ones first within a recipe; the epochs of each are those in which its fault shows."""

_ALSO: dict[tuple[str, str], tuple[str, ...]] = {
    ("counting", "faulty"): ("no-gradient",),  # it has the detached modules too
    ("counting", "tanh_saturation"): _DEAD,  # a rate of 0.02 silenced up to 14 of 16 channels
    ("counting", "high_rate"): _DEAD,
    ("arc_solver", "faulty"): ("below-baseline",),  # 0.48 of the cells, where the most frequent colour has 0.52
    ("slots", "faulty"): _DEAD,  # 22 of 24 channels on no sample
}


def rightly(recipe: str, preset: str) -> frozenset[str]:
    """Findings that may rightly come at severity error or above in a run of a preset; none of a cure."""
    return frozenset(LABELS.get((recipe, preset), ()) + _ALSO.get((recipe, preset), ()))


HEALTHY_SEEDS = (0, 1, 2)
"""Each recipe's `fixed` is trained with these."""
