"""Every rule of the table of rules is in a finding, or is left for a reason that is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.diagnosis.engine import CHECKS

RULES = Path(__file__).parents[2].parent / "shared/reference/rules.json"

PLACED: dict[str, tuple[str, ...]] = {
    "S0.01": ("memorised",),
    "S0.02": ("negative-loss",),
    "S0.03": ("score-collapsed",),
    "S0.04": ("score-oscillating",),
    "S0.05": ("memorised", "settings-look"),
    "S0.06": ("settings-look",),
    "S0.07": ("score-collapsed",),
    "S0.08": ("score-collapsed",),
    "S0.09": ("still-improving",),
    "S0.10": ("clip-saturation", "settings-look"),
    "S0.11a": ("slot-collapse",),
    "S0.11b": ("slot-collapse",),
    "S0.11c": ("slots-not-separating", "slot-collapse"),
    "S0.12": ("behind-course",),
    "S0.13": ("behind-course",),
    "S0.14": ("score-stagnant",),
    "S0.15": ("score-stagnant",),
    "S0.16": ("score-collapsed",),
    "S0.17": ("score-oscillating",),
    "S0.18": ("score-oscillating",),
    "S1.01": ("point-pattern", "points-collapsed"),
    "S1.02": ("loss-diverging",),
    "S1.03": ("rate-high", "rate-spike"),
    "S1.04": ("no-gradient",),
    "S1.05": ("point-pattern", "points-at-border"),
    "S1.06": ("point-pattern", "points-at-border", "points-outside"),
    "S1.08": ("vanishing-gradient",),
    "S1.09": ("exploding-gradient",),
    "S1.10": ("vanishing-gradient",),
    "S1.11": ("point-pattern", "points-collapsed"),
    "S1.12": ("loss-not-finite",),
    "S1.13": ("done-signal", "done-never-fires"),
    "S1.14": ("point-pattern", "points-collapsed"),
    "S1.15": ("no-gradient",),
    "S2.01": ("loss-threshold", "pixel-error-stuck"),
    "S2.02": ("overfitting",),
    "S2.03": ("overfitting",),
    "S2.04": ("funnel-jump", "loss-threshold"),
    "S2.05": ("overfitting",),
    "S2.06": ("done-signal", "done-never-fires"),
    "S2.07": ("done-signal", "done-never-fires", "done-rare"),
    "S2.08": ("done-signal", "done-never-fires"),
    "S2.09": ("pixel-error-stuck",),
    "S2.10": ("done-loss-stuck",),
    "S2.11": ("done-loss-stuck",),
    "S2.12": ("done-never-fires",),
    "S2.13": ("vanishing-gradient", "exploding-gradient"),
    "S2.14": ("loss-stalled",),
    "S2.15": ("exploding-gradient",),
    "S3.01": ("loss-diverging",),
    "S3.02": ("rate-not-planned", "overwritten-rate"),
    "S3.03": ("loss-diverging", "rate-high"),
    "S3.04": ("initial-loss",),
    "S3.05": ("smoothing-floor",),
    "S3.06": ("loss-diverging",),
    "S3.08": ("behind-course",),
    "S3.09": ("padded-accuracy",),
    "S3.10": ("settings-look",),
    "S3.11": ("exploding-gradient",),
    "S3.12": ("loss-diverging",),
    "S4.01": ("sparse-features",),
    "S4.02": ("sparse-features",),
    "S4.03": ("sparse-features",),
    "S4.04": ("settings-look",),
    "S4.05": ("active-slots-low",),
    "S4.06": ("grid-accuracy",),
    "S4.07": ("sparse-features",),
    "S4.08": ("sparse-features",),
    "S4.09": ("flat-features",),
    "S4.10": ("flat-features",),
    "S4.11": ("activation-scale",),
    "X.LR1": ("overwritten-rate",),
    "X.LR2": ("overwritten-rate",),
    "X.LR3": ("overwritten-rate",),
    "X.LR4": ("compounded-rate",),
    "X.LR5": ("compounded-rate",),
    "X.LR6": ("rate-written-after",),
    "X.LR7": ("groups-one-rate",),
    "X.LR8": ("schedule-unit",),
    "X.LR9": ("schedule-past-end",),
    "X.LR10": ("settings-look",),
    "X.LR11": ("rate-high", "rate-low"),
    "X.G1": ("loss-not-finite", "weights-not-finite", "moments-not-finite"),
    "X.G2": ("vanishing-gradient", "gradient-depth"),
    "X.G3": ("gradient-depth",),
    "X.G4": ("updates-long", "updates-short"),
    "X.G5": ("clip-saturation",),
    "X.G6": ("vanishing-gradient", "exploding-gradient"),
    "X.D1": ("zero-gradients",),
    "X.D2": ("dead-channels", "dead-outputs"),
    "X.D3": ("dormant-channels",),
    "X.D4": ("sparse-features",),
    "X.D5": ("saturated-channels",),
    "X.D6": ("activation-scale",),
    "X.L1": ("loss-noisy",),
    "X.L2": ("loss-stalled",),
    "X.L3": ("loss-stalled",),
    "X.L4": ("loss-diverging",),
    "X.L5": ("loss-noisy",),
    "X.L6": ("overfitting",),
    "X.L7": ("validation-ahead",),
    "X.L8": ("accuracy-gap",),
    "X.L9": ("initial-loss",),
    "X.L12": ("still-improving",),
    "X.L13": ("below-baseline", "masks-below-baseline", "grid-accuracy"),
    "X.A1": ("attention-axis",),
    "X.A2": ("slots-not-separating",),
    "X.A3": ("one-slot",),
    "X.A4": ("striped-masks",),
    "X.A5": ("scattered-background",),
    "X.R1": ("resume-rate",),
    "X.R2": ("resume-loss-jump",),
}
"""The kinds of finding that a rule went into."""

LEFT: dict[str, str] = {
    "S0.19": "a bundle of settings without a condition; the recipe's preset `fixed` has those that help",
    "S1.07": "needs the loss of one batch before and after a step on it, which no artifact holds",
    "S2.16": "says how points are drawn, which the pictures of the Points view hold",
    "S2.17": "says of a run that it is well, which is no finding",
    "S3.07": "states the rate of a healthy warm-up: the plan that rates are compared with",
    "X.L10": "needs a training on one batch alone, which no artifact holds",
    "X.L11": "needs the loss of inputs that are set to zero, which no artifact holds",
    "X.L14": "needs the loss of one batch in training and in evaluation mode, which no artifact holds",
    "X.N1": "needs the order of modules: names and shapes do not tell what follows what",
    "X.C1": "needs the gradients of single samples, which no artifact holds",
    "X.C2": "has no condition; distances between checkpoints are shown in the Weights view",
}
"""Why a rule is in no finding."""


def test_each_placed_rule_is_named_by_its_findings_and_by_no_other() -> None:
    naming: dict[str, set[str]] = {}
    for about in (about for check in CHECKS for about in check.abouts):
        for rule in about.rules:
            naming.setdefault(rule, set()).add(about.id)
    assert naming == {rule: set(kinds) for rule, kinds in PLACED.items()}


def test_what_is_left_says_why() -> None:
    assert not set(LEFT) & set(PLACED)
    assert all(len(reason) > 20 for reason in LEFT.values())


@pytest.mark.skipif(not RULES.is_file(), reason="the table of rules is not here")
def test_every_rule_is_placed_or_left() -> None:
    known = [rule["id"] for rule in json.loads(RULES.read_text())["rules"]]
    assert len(known) == 123
    assert set(known) == set(PLACED) | set(LEFT)
